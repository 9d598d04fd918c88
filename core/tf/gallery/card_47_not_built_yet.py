"""Card 47: weights for a model that has no variables yet."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, weights

GROUP = "error"
TITLE = "A subclassed model has no variables before its first call"
ERROR = "ValueError"
MESSAGE = "You are loading weights into a model that has not yet been built"
WHY = (
    "A subclassed model makes its variables at its first call, when it learns the input shape. "
    "Before that, there is nothing to load weights into."
)
CHECK = "`model.built` is `False`, or `model.count_params()` fails."
FIX = "Call the model once with data of the right shape, or `model.build(shape)`. Then load the weights."
MORE = (
    "`save_weights` and the callback `BackupAndRestore` refuse an unbuilt model too. Keras 2 said "
    "`Unable to load weights saved in HDF5 format into a subclassed Model`."
)
SEARCH = ("This model has not yet been built",)
CAUSES = (
    {
        "message": "You are loading weights into a model that has not yet been built",
    },
    {
        "message": "You are saving a model that has not yet been built",
    },
    {
        "message": "Unable to load weights saved in HDF5 format into a subclassed Model which has not created its variables yet",
    },
    {
        "message": "Weights for model {name} have not yet been created",
    },
    {
        "message": "Weights for sequential model have not yet been created",
    },
    {
        "message": "model must be built before you call `fit()`. Model {model} is unbuilt. You can build it beforehand by calling it on a batch of data",
    },
    {
        "message": "cannot be saved because the input shapes have not been set",
        "ask": "Is the model new, and never called?",
    },
    {
        "message": "cannot be saved because the input shape is not available",
    },
    {
        "message": "was never built and thus it doesn't have any variables. However the weights file lists",
    },
)
RELATED = ("restoration_deferred", "needs_get_config", "layer_count")
SHOWS = {
    "fail": (),
    "fix": ("variables before the first call", "variables after it", "weights"),
}


class Line(tf.keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.dense = tf.keras.layers.Dense(1)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.dense(x)


def prepare(directory: Path) -> None:
    built = Line()
    built(tf.zeros((1, 1)))
    built.set_weights([tf.constant([[1.01]]), tf.constant([-1.96])])
    built.save_weights(f"{directory}/model.weights.h5")


def fail(directory: Path) -> Seen:
    fresh = Line()
    fresh.load_weights(f"{directory}/model.weights.h5")
    return {"weights": weights(fresh)}


def fix(directory: Path) -> Seen:
    fresh = Line()
    before = len(fresh.variables)
    fresh(tf.zeros((1, 1)))
    after = len(fresh.variables)
    fresh.load_weights(f"{directory}/model.weights.h5")
    return {
        "variables before the first call": str(before),
        "variables after it": str(after),
        "weights": weights(fresh),
    }
