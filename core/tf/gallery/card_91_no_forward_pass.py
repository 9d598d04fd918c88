"""Card 91: a model whose parts were called, but not the model."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "Model cannot be saved: its forward pass was never run"
ERROR = "ValueError"
MESSAGE = "The model provided has not yet been built. It must be built before export."
WHY = (
    "To export a model, Keras needs its input shape, which it learns when the model itself is called. Here "
    "only `encoder` was called, a part of it."
)
CHECK = "`model.built` is `False`, although its layers have weights. Training used the parts directly."
FIX = (
    "Give the model a `call` method, and call it once before saving: `model(batch)`. Or save the parts "
    "that you use: `model.encoder.export(path)`."
)
MORE = (
    "Keras 2 says `cannot be saved either because the input shape is not available or because the forward "
    "pass of the model is not defined`. `model.save('m.keras')` of such a model only warns."
)
SEARCH = ("save a VAE or GAN model with encoder and decoder, forward pass of the model is not defined",)
CAUSES = (
    {
        "message": "cannot be saved either because the input shape is not available or because the forward pass of the model is not defined",
    },
    {
        "message": "The model provided has not yet been built. It must be built before export",
    },
    {
        "message": "The model provided has never called. It must be called at least once before export.",
    },
    {
        "message": "cannot be saved because the input shapes have not been set",
        "ask": "Did you call only parts of the model?",
    },
    {
        "message": "You are saving a model that has not yet been built. It might not contain any weights yet.",
    },
)
RELATED = ("not_built_yet", "get_save_spec", "no_signatures")
SHOWS = {
    "fail": (),
    "fix": ("built before the call, after it", "y at x = 0, whole model", "y at x = 0, encoder alone"),
}


class Coder(tf.keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.encoder = tf.keras.Sequential([tf.keras.layers.Dense(1, bias_initializer="ones")])
        self.decoder = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones")])

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.decoder(self.encoder(x))


def fail(directory: Path) -> Seen:
    model = Coder()
    model.encoder(tf.zeros((1, 1)))
    model.export(f"{directory}/SavedModel", verbose=False)
    return {"saved": "SavedModel"}


def fix(directory: Path) -> Seen:
    model, x = Coder(), tf.zeros((1, 1))
    before = model.built
    model(x)
    model.export(f"{directory}/whole", verbose=False)
    model.encoder.export(f"{directory}/encoder", verbose=False)
    whole, encoder = (tf.saved_model.load(f"{directory}/{name}") for name in ("whole", "encoder"))
    return {
        "built before the call, after it": f"{before}, {model.built}",
        "y at x = 0, whole model": str(whole.serve(x).numpy()[0, 0]),
        "y at x = 0, encoder alone": str(encoder.serve(x).numpy()[0, 0]),
    }
