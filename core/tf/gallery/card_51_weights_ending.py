"""Card 51: the ending that Keras 3 wants for weights."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, names, weights

GROUP = "versions"
TITLE = "Keras 3 wants .weights.h5 for weights"
ERROR = "ValueError"
MESSAGE = "the filepath provided must end in `.weights.h5` (Keras weights format)"
WHY = (
    "Keras 3 writes weights in one format, and knows it by the ending `.weights.h5`. Keras 2 wrote "
    "TensorFlow's checkpoint format under other names."
)
CHECK = "`tf.keras.__version__` is 3 or later, and the name ends in `.ckpt` or in nothing."
FIX = (
    "Where you save: end the name in `.weights.h5`, or write TensorFlow's format by "
    "`tf.train.Checkpoint(model)`. Weights that Keras 2 saved as a checkpoint: read them with Keras 2, and "
    "save them so."
)
MORE = (
    "`model.save_weights` says `The filename must end in .weights.h5`. `load_weights` says `File format not "
    "supported`: it does not read TensorFlow's format. Keras 2 is `pip install tf_keras`, with "
    "`TF_USE_LEGACY_KERAS=1` set before TensorFlow is imported."
)
SEARCH = ("load_weights of a TensorFlow checkpoint cp.ckpt in Keras 3",)
CAUSES = (
    {
        "message": "When using `save_weights_only=True` in `ModelCheckpoint`, the filepath provided must end in `.weights.h5`",
    },
    {
        "message": "The filename must end in `.weights.h5`. Received: filepath={path}",
    },
    {
        "message": "File format not supported: filepath={path} Keras 3 only supports V3 `.keras` and `.weights.h5` files",
    },
    {
        "message": "File format not supported: filepath={path} Keras 3 only supports V3 `.keras` files, `.weights.h5` files",
    },
)
RELATED = ("keras_ending", "no_model_config", "keras_refuses")
SHOWS = {
    "fail": (),
    "fix": ("weights loaded", "by tf.train.Checkpoint"),
}
YOURS = """# In the program that has the weights:
model.save_weights({stem} + ".weights.h5")"""


def fail(directory: Path) -> Seen:
    callback = tf.keras.callbacks.ModelCheckpoint(f"{directory}/cp.ckpt", save_weights_only=True)
    return {"callback": type(callback).__name__}


def fix(directory: Path) -> Seen:
    built = line()
    built.compile(optimizer="sgd", loss="mse")
    path = f"{directory}/cp.weights.h5"
    callback = tf.keras.callbacks.ModelCheckpoint(path, save_weights_only=True)
    built.fit(tf.zeros((4, 1)), tf.fill((4, 1), -1.96), verbose=0, callbacks=[callback])
    fresh = line(units=1)
    fresh.load_weights(path)
    prefix = tf.train.Checkpoint(fresh).write(f"{directory}/cp.ckpt")
    return {
        "weights loaded": weights(fresh),
        "by tf.train.Checkpoint": names(sorted(directory.glob(f"{Path(prefix).name}.*"))),
    }
