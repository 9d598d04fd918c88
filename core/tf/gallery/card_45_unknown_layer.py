"""Card 45: Keras does not know a class of one's own."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen

GROUP = "error"
TITLE = "Unknown layer: Keras does not know your own layer when it loads"
ERROR = "ValueError"
MESSAGE = "Unknown layer: 'Parabola'"
WHY = (
    "A file has the name and the arguments of each layer's class, not its code. Keras looks for the "
    "name `Parabola` among its own layers only."
)
CHECK = "The name in the message is a class of yours, or of a library."
FIX = (
    "Pass the class: `load_model(path, custom_objects={'Parabola': Parabola})`. For good, decorate "
    "it with `@keras.saving.register_keras_serializable()`, and import it before loading."
)
MORE = (
    "A `.keras` file says `Could not locate class 'Parabola'`, often at the end of a long `could not "
    "be deserialized properly`. A function says `Could not locate function`. A class with arguments "
    "also needs `get_config`."
)
SEARCH = (
    "Unknown layer: KerasLayer in load_model",
    "custom_objects for a custom layer when loading a model",
)
CAUSES = (
    {
        "message": "Could not locate function '{name}'. Make sure custom classes",
        "when": {
            "text": r"'activation': ?(\{[^{}]*'class_name': 'function'|'(?!linear|relu|tanh|sigmoid|softmax)\w+')"
        },
        "ask": "Is it an activation of your own?",
    },
    {
        "message": "Unknown layer: {name}",
        "when": {
            "name": r"^\W*(?!(Functional|Sequential|Model|TensorFlowOpLayer|TFOpLambda|SlicingOpLambda|Conv2D|Dense|BatchNormalizationV[12]|RMSNormalization|EinsumDense|Rescaling|GroupNormalization|UnitNormalization)\b)"
        },
        "ask": "Is it a layer class of your own, or of a library that was not imported?",
    },
    {
        "message": "Could not locate class '{name}'. Make sure custom classes",
        "ask": "Is it a layer or model class of your own?",
    },
    {
        "message": "<class '{model}'> could not be deserialized properly. Please ensure that components that are Python object instances",
        # It only introduces another message, which may be cut off.
        "only": r"\A(?![\s\S]*Exception encountered:)|Could not locate",
        "ask": "Does the model have a layer of your own that is not registered?",
    },
    {
        "message": "Unable to restore a layer of class {name}. Layers of class",
        "ask": "Is it a layer class of your own?",
    },
    {
        "message": "Unable to restore custom object of type {name}",
        "ask": "Is it a layer class of your own?",
    },
    {
        "message": "Unable to restore custom object of class {name}",
        "ask": "Is it a layer class of your own?",
    },
    {
        "message": "Cannot deserialize object of type `{name}`. If `{again}` is a custom class",
        "ask": "Is it a class of your own?",
    },
    {
        "message": "Unknown activation function '{name}' cannot be deserialized",
        "ask": "Is it a function of your own?",
    },
    {
        "message": "Unknown activation function: {name}",
        "ask": "Is it a function of your own?",
    },
)
RELATED = ("unknown_optimizer", "needs_get_config", "lambda_refused")
SHOWS = {
    "fail": (),
    "fix": ("class of the layer", "h"),
}
YOURS = """model = tf.keras.models.load_model(path, custom_objects={{"{class_name}": {class_name}}})"""


class Parabola(tf.keras.layers.Layer):  # type: ignore[misc]
    def build(self, shape: tuple[int, ...]) -> None:
        self.h = self.add_weight(name="h", shape=(), initializer="zeros")

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return (x - self.h) ** 2


def prepare(directory: Path) -> None:
    built = tf.keras.Sequential([tf.keras.Input((1,)), Parabola()])
    built.layers[0].h.assign(1.01)
    built.save(f"{directory}/model.h5")


def fail(directory: Path) -> Seen:
    loaded = tf.keras.models.load_model(f"{directory}/model.h5")
    return {"h": str(loaded.layers[0].h.numpy())}


def fix(directory: Path) -> Seen:
    own = {"Parabola": Parabola}
    loaded = tf.keras.models.load_model(f"{directory}/model.h5", custom_objects=own)
    return {"class of the layer": type(loaded.layers[0]).__name__, "h": str(loaded.layers[0].h.numpy())}
