"""Card 83: the loaded model predicts something else."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from core.tf.gallery._scene import Seen, line, shown

GROUP = "silent"
TITLE = "Accuracy or predictions differ after loading, though the weights are the same"
ERROR = None
MESSAGE = "prediction after loading: -1.96"
WHY = (
    "The file has the weights, not what was done to the data before. Here training scaled by its mean, and "
    "the new program scales by the mean of one sample."
)
CHECK = (
    "`get_weights` of both models are equal. Then give both the very same input: if `predict` agrees, the "
    "data differ."
)
FIX = (
    "Put the preparation into the model, as a `Normalization` layer. Or save its values beside the model "
    "and load both."
)
MORE = (
    "Other causes are another order of the classes, a vocabulary that was built again, and "
    "`load_weights(…, skip_mismatch=True)`. A metric called `accuracy` may also "
    "be computed in another way; `predict` decides."
)
SEARCH = (
    "accuracy is different after load_model, predictions differ after loading the saved model",
    "loaded keras model gives random or different results than before saving",
    "load model accuracy drops to chance",
)
RELATED = ("keras_slots_lost", "values_not_used", "initializer_after_restore", "restoration_deferred")
SHOWS = {
    "fail": ("weights are equal", "prediction before saving", "prediction after loading"),
    "fix": ("prediction before saving", "prediction after loading", "mean in the file"),
}

X = np.array([[1.0], [3.0], [5.0]], np.float32)


def prepare(directory: Path) -> None:
    line().save(f"{directory}/model.keras")


def fail(directory: Path) -> Seen:
    trained, loaded = line(), tf.keras.models.load_model(f"{directory}/model.keras")
    sample = X[2:]
    equal = all(map(np.array_equal, trained.get_weights(), loaded.get_weights()))
    return {
        "weights are equal": str(equal),
        "prediction before saving": shown(trained(sample - X.mean()).numpy()[:, 0]),
        "prediction after loading": shown(loaded(sample - sample.mean()).numpy()[:, 0]),
    }


def fix(directory: Path) -> Seen:
    scale = tf.keras.layers.Normalization(mean=X.mean(), variance=1.0)
    trained = tf.keras.Sequential([tf.keras.Input((1,)), scale, line()])
    trained.save(f"{directory}/whole.keras")
    loaded = tf.keras.models.load_model(f"{directory}/whole.keras")
    return {
        "prediction before saving": shown(trained(X[2:]).numpy()[:, 0]),
        "prediction after loading": shown(loaded(X[2:]).numpy()[:, 0]),
        "mean in the file": str(float(loaded.layers[0].mean[0, 0])),
    }
