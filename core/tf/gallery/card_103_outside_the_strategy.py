"""Card 103: a model that was loaded outside the strategy."""

from pathlib import Path

import tensorflow as tf

from core.tf.gallery._scene import Seen, line, weights

GROUP = "error"
TITLE = "MirroredStrategy: a model that was loaded outside the scope cannot train inside it"
ERROR = "ValueError"
MESSAGE = "must only be passed a variable created in this tf.distribute.Strategy.scope()"
WHY = (
    "A strategy keeps one copy of each variable on each device. The variables of this model were made "
    "before, without copies; the optimizer needs them in the scope."
)
CHECK = "`type(model.weights[0].value).__name__` is not `MirroredVariable`."
FIX = (
    "Load inside: `with strategy.scope(): model = load_model(path)`. `compile`, and building the optimizer, "
    "belong in the scope too."
)
MORE = (
    "Keras may raise only an empty `AssertionError` from `fit`. The saved file is the same with and without "
    "a strategy. In Keras 2.15, `load_weights` of `.weights.h5` fails in a scope: `unsupported operand "
    "type(s) for /: 'Dataset' and 'int'`. Keras 3 can."
)
SEARCH = ("load a model for several GPUs with MirroredStrategy, strategy scope",)
CAUSES = (
    {
        "message": "must only be passed a variable created in this tf.distribute.Strategy.scope()",
    },
    {
        "message": "Mixing different tf.distribute.Strategy objects: {one} is not {other}",
        "only": "keras|load|restore|checkpoint|optimizer",
    },
    {
        "message": "unsupported operand type(s) for /: 'Dataset' and 'int'",
        "only": r"load_weights|MirroredStrategy|\.h5",
    },
)
RELATED = ("keras_slots_lost", "other_thread", "other_graph")
SHOWS = {
    "fail": (),
    "fix": ("kind of the variables", "variables of the optimizer", "weights"),
}


def prepare(directory: Path) -> None:
    line().save(f"{directory}/model.keras")


def fail(directory: Path) -> Seen:
    strategy = tf.distribute.MirroredStrategy(["cpu:0"])
    loaded = tf.keras.models.load_model(f"{directory}/model.keras")
    with strategy.scope():
        loaded.compile(optimizer="adam", loss="mse")
        loaded.optimizer.build(loaded.trainable_variables)
    return {"variables of the optimizer": str(len(loaded.optimizer.variables))}


def fix(directory: Path) -> Seen:
    strategy = tf.distribute.MirroredStrategy(["cpu:0"])
    with strategy.scope():
        loaded = tf.keras.models.load_model(f"{directory}/model.keras")
        loaded.compile(optimizer="adam", loss="mse")
        loaded.optimizer.build(loaded.trainable_variables)
    return {
        "kind of the variables": type(loaded.weights[0].value).__name__,
        "variables of the optimizer": str(len(loaded.optimizer.variables)),
        "weights": weights(loaded),
    }
