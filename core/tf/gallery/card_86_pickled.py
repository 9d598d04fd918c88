"""Card 86: an object with a model, pickled."""

import pickle
import threading
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "A model cannot be pickled: cannot pickle '_thread.lock' object"
ERROR = "TypeError"
MESSAGE = "cannot pickle '_thread.lock' object"
WHY = (
    "`pickle` copies an object with everything that it has. Locks, sessions and graphs belong to this "
    "process, and cannot be written to a file."
)
CHECK = "Pickle the attributes one by one. The one that fails has a lock, a session, a graph or a lambda."
FIX = (
    "Save the model with `model.save`, and pickle only the rest. Return just that rest from `__getstate__`, "
    "and make locks again in `__setstate__`."
)
MORE = (
    "Keras 2 models had such locks themselves. A Keras 3 model pickles, but loading needs the classes of "
    "its layers. `copy.deepcopy`, `joblib.dump` and `multiprocessing` pickle too. What `tf.saved_model.load` "
    "returned is never pickled: load it in each process."
)
SEARCH = (
    "pickle or joblib dump of a keras model fails",
    "deepcopy or multiprocessing with a tensorflow model, cannot pickle",
)
CAUSES = (
    {
        "message": "cannot pickle '{class}' object",
        "only": r"keras|tensorflow|\btf\.|model|'Graph'",
    },
    {
        "message": "can't pickle {class} objects",
        "only": r"keras|tensorflow|\btf\.|model",
    },
    {
        "message": "h5py objects cannot be pickled",
    },
    {
        "message": "Can't pickle local object 'Loader._recreate_base_user_object.<locals>._UserObject'",
    },
)
RELATED = ("other_thread", "not_serializable", "user_object")
SHOWS = {
    "fail": (),
    "fix": ("weights of the model", "calls counted before", "pickle of the Keras model alone"),
}


class Service:
    def __init__(self) -> None:
        self.model, self.calls, self.lock = line(), 3, threading.Lock()


class Saved(Service):
    def __getstate__(self) -> dict[str, Any]:
        return {"calls": self.calls}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.calls, self.lock = state["calls"], threading.Lock()


def fail(directory: Path) -> Seen:
    return {"bytes": str(len(pickle.dumps(Service())))}


def fix(directory: Path) -> Seen:
    service = Saved()
    service.model.save(f"{directory}/model.keras")
    again = pickle.loads(pickle.dumps(service))
    again.model = tf.keras.models.load_model(f"{directory}/model.keras")
    return {
        "weights of the model": weights(again.model),
        "calls counted before": str(again.calls),
        "pickle of the Keras model alone": weights(pickle.loads(pickle.dumps(service.model))),
    }
