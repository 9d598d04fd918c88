"""Five ways to keep the model, each written as its users write it: offer, read, and read without the code.

Every way is offered everything: h and v, the optimizer's slots, a graph or a function to call, a
signature, an asset. What it takes of that is its own affair; `core.tf.matrix` looks at what comes back.
The functions are shown on the page as they stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core.data import Floats
from core.history import H, V
from core.settings import TrainSettings
from core.tf.model import build, session

v1 = tf.compat.v1

SERVE, TRAIN = "serve", "train"
SIGNATURE = "serving_default"


@dataclass(frozen=True, eq=False)
class Material:
    """What every way is offered.

    Attributes:
        values: every variable of the checkpoint, float32.
        updates: how many updates the optimizer has made.
        about: path of the asset.
        x: float32 [samples], to predict on.
    """

    settings: TrainSettings
    values: Mapping[str, np.float32]
    updates: int
    about: Path
    x: Floats

    @property
    def slots(self) -> dict[str, np.float32]:
        return {name: value for name, value in self.values.items() if name not in (H, V)}


@dataclass(frozen=True, eq=False)
class Brought:
    """What came back.

    Attributes:
        h, v: float32.
        prediction: float32 [samples].
        slots: by the name in the checkpoint.
        signatures: name to what calling it with the run's x gave.
        assets: file name to text.
        assets_how: how the asset was looked for.
    """

    h: np.float32
    v: np.float32
    prediction: Floats
    slots: Mapping[str, np.float32] = field(default_factory=dict)
    signatures: Mapping[str, Floats] = field(default_factory=dict)
    assets: Mapping[str, str] = field(default_factory=dict)
    assets_how: str = ""


Save = Callable[[Path], object]


# --- Saver ----------------------------------------------------------------------------------------


@contextmanager
def offer_to_saver(material: Material) -> Iterator[Save]:
    model = build(material.settings)
    with session(model.graph, chain=True) as opened:
        opened.run(model.init)
        for variable in v1.global_variables():
            variable.load(material.values[variable.op.name], opened)
        v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, tf.constant(str(material.about)))
        saver = v1.train.Saver(save_relative_paths=True)
        yield lambda directory: saver.save(opened, str(directory / "model"))


def read_with_saver(directory: Path, material: Material) -> Brought:
    graph = tf.Graph()
    with session(graph) as opened:
        saver = v1.train.import_meta_graph(str(directory / "model.meta"))
        saver.restore(opened, str(directory / "model"))
        values = opened.run({each.op.name: each for each in v1.global_variables()})
        prediction = opened.run("prediction:0", {"X:0": material.x})
        listed = opened.run(v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS))
    meta = v1.MetaGraphDef.FromString((directory / "model.meta").read_bytes())
    signatures: dict[str, Floats] = {}
    for name, each in meta.signature_def.items():
        with session(graph) as opened:
            saver.restore(opened, str(directory / "model"))
            signatures[name] = opened.run(each.outputs["y"].name, {each.inputs["x"].name: material.x})
    return Brought(
        values.pop(H),
        values.pop(V),
        prediction,
        values,
        signatures,
        {Path(path.decode()).name: text for path in listed if (text := text_of(Path(path.decode())))},
        f"the graph's collection of assets lists {len(listed)} path, where the file was when it was saved",
    )


def saver_without_code(directory: str, x: Any) -> Any:
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        saver = v1.train.import_meta_graph(directory + "/model.meta")
        saver.restore(session, directory + "/model")
        return session.run("prediction:0", {"X:0": x})


# --- the v1 SavedModel, two tags ------------------------------------------------------------------


@contextmanager
def offer_to_builder(material: Material) -> Iterator[Save]:
    model = build(material.settings)
    serving = tf.Graph()
    with serving.as_default():
        h, v = (v1.Variable(0.0, name=name, use_resource=True) for name in (H, V))
        x = v1.placeholder(tf.float32, [None], name="x")
        y = tf.add(tf.square(x - h), v, name="y")
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
        v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, tf.constant(str(material.about)))
    with session(model.graph, chain=True) as opened:
        opened.run(model.init)
        for variable in v1.global_variables():
            variable.load(material.values[variable.op.name], opened)

        def save(directory: Path) -> None:
            builder = v1.saved_model.Builder(str(directory))
            # The variables are written once, from the training graph; the serving graph shares them.
            builder.add_meta_graph_and_variables(opened, [TRAIN])
            with serving.as_default():
                builder.add_meta_graph(
                    [SERVE],
                    {SIGNATURE: signature},
                    assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS),
                )
            builder.save()

        yield save


def read_with_loader(directory: Path, material: Material) -> Brought:
    with session(tf.Graph()) as opened:
        v1.saved_model.loader.load(opened, [TRAIN], str(directory))
        values = opened.run({each.op.name: each for each in v1.global_variables()})
        prediction = opened.run("prediction:0", {"X:0": material.x})
    with session(tf.Graph()) as opened:
        loaded = v1.saved_model.loader.load(opened, [SERVE], str(directory))
        signatures = {
            name: opened.run(each.outputs["y"].name, {each.inputs["x"].name: material.x})
            for name, each in loaded.signature_def.items()
        }
    assets = {}
    for packed in loaded.collection_def["saved_model_assets"].any_list.value:
        asset = v1.MetaGraphDef().asset_file_def.add()
        packed.Unpack(asset)
        assets[asset.filename] = text_of(directory / "assets" / asset.filename)
    how = "the loaded graph lists its assets, and each was read from assets/"
    return Brought(values.pop(H), values.pop(V), prediction, values, signatures, assets, how)


def builder_without_code(directory: str, x: Any) -> Any:
    import tensorflow as tf

    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        loaded = v1.saved_model.loader.load(session, ["serve"], directory)
        signature = loaded.signature_def["serving_default"]
        return session.run(signature.outputs["y"].name, {signature.inputs["x"].name: x})


# --- tf.train.Checkpoint and CheckpointManager ----------------------------------------------------


@contextmanager
def offer_to_checkpoint(material: Material) -> Iterator[Save]:
    checkpoint = tf.train.Checkpoint(
        hor_estimate=tf.Variable(material.values[H]),
        ver_estimate=tf.Variable(material.values[V]),
        slots={name: tf.Variable(value) for name, value in material.slots.items()},
    )
    yield lambda directory: tf.train.CheckpointManager(checkpoint, str(directory), max_to_keep=5).save()


def read_with_checkpoint(directory: Path, material: Material) -> Brought:
    h, v = tf.Variable(0.0), tf.Variable(0.0)
    slots = {name: tf.Variable(0.0) for name in material.slots}
    checkpoint = tf.train.Checkpoint(hor_estimate=h, ver_estimate=v, slots=slots)
    manager = tf.train.CheckpointManager(checkpoint, str(directory), max_to_keep=5)
    checkpoint.restore(manager.latest_checkpoint).assert_consumed()
    prediction = tf.square(material.x - h) + v
    return Brought(
        h.numpy(),
        v.numpy(),
        prediction.numpy(),
        {name: slot.numpy() for name, slot in slots.items()},
        getattr(checkpoint, "signatures", {}),
        assets_how="a Checkpoint takes variables only: there is no call that would hand it the file",
    )


def checkpoint_without_code(directory: str, x: Any) -> Any:
    import tensorflow as tf

    checkpoint = tf.train.Checkpoint()
    checkpoint.restore(tf.train.latest_checkpoint(directory)).expect_partial()
    return checkpoint.predict(x)


# --- tf.saved_model.save of a tf.Module -----------------------------------------------------------


def parabola_module(material: Material) -> Any:
    class Parabola(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hor_estimate = tf.Variable(material.values[H])
            self.ver_estimate = tf.Variable(material.values[V])
            self.slots = {name: tf.Variable(value) for name, value in material.slots.items()}
            self.about = tf.saved_model.Asset(str(material.about))

        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])  # type: ignore[untyped-decorator]
        def predict(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
            return {"y": tf.square(x - self.hor_estimate) + self.ver_estimate}

    return Parabola()


@contextmanager
def offer_to_saved_model(material: Material) -> Iterator[Save]:
    module = parabola_module(material)
    yield lambda directory: tf.saved_model.save(
        module, str(directory), signatures={SIGNATURE: module.predict}
    )


def read_with_load(directory: Path, material: Material) -> Brought:
    loaded = tf.saved_model.load(str(directory))
    x = tf.constant(material.x)
    path = Path(loaded.about.asset_path.numpy().decode())
    return Brought(
        loaded.hor_estimate.numpy(),
        loaded.ver_estimate.numpy(),
        loaded.predict(x)["y"].numpy(),
        {name: slot.numpy() for name, slot in loaded.slots.items()},
        {name: call(x=x)["y"].numpy() for name, call in loaded.signatures.items()},
        {path.name: text_of(path)},
        "the loaded object's asset_path leads into its own assets/, wherever that is now",
    )


def saved_model_without_code(directory: str, x: Any) -> Any:
    import tensorflow as tf

    loaded = tf.saved_model.load(directory)
    return loaded.signatures["serving_default"](x=tf.constant(x))["y"].numpy()


# --- Keras ----------------------------------------------------------------------------------------


def parabola_layer() -> Any:
    class Parabola(tf.keras.layers.Layer):  # type: ignore[misc]
        about = ""

        def build(self, input_shape: Any) -> None:
            self.hor_estimate = self.add_weight(shape=(), initializer="zeros", name=H)
            self.ver_estimate = self.add_weight(shape=(), initializer="zeros", name=V)

        def call(self, x: Any) -> Any:
            return tf.square(x - self.hor_estimate) + self.ver_estimate

        def save_assets(self, dir_path: str) -> None:
            Path(dir_path, "about.txt").write_text(self.about, encoding="utf-8")

        def load_assets(self, dir_path: str) -> None:
            self.about = Path(dir_path, "about.txt").read_text(encoding="utf-8")

    return Parabola


def keras_optimizer(settings: TrainSettings) -> Any:
    """Keras's optimizer of the same rule."""
    if settings.optimizer == "Adam":
        return tf.keras.optimizers.Adam(settings.learning_rate)
    momentum = settings.momentum if settings.optimizer == "Momentum" else 0.0
    return tf.keras.optimizers.SGD(settings.learning_rate, momentum=momentum)


def keras_slots(optimizer: Any) -> dict[str, Any]:
    """The optimizer's variables by the names that their counterparts have in the checkpoint."""
    adam = isinstance(optimizer, tf.keras.optimizers.Adam)
    endings = {"momentum": "Adam", "velocity": "Adam_1"} if adam else {"momentum": "Momentum"}
    return {
        f"{name}/{slot}": variable
        for variable in optimizer.variables
        for name in (H, V)
        for ending, slot in endings.items()
        if variable.path.endswith(f"{name}_{ending}")
    }


def in_keras_form(material: Material) -> dict[str, np.float32]:
    """The slots as Keras counts them: its SGD keeps -rate × accumulator; Adam counts its updates itself."""
    if material.settings.optimizer == "Momentum":
        rate = np.float32(material.settings.learning_rate)
        return {name: np.float32(-rate * value) for name, value in material.slots.items()}
    return {name: value for name, value in material.slots.items() if "/" in name}


@contextmanager
def offer_to_keras(material: Material) -> Iterator[Save]:
    x = tf.keras.Input((), name="x")
    layer = parabola_layer()(name="parabola")
    model = tf.keras.Model(x, layer(x))
    layer.hor_estimate.assign(material.values[H])
    layer.ver_estimate.assign(material.values[V])
    layer.about = text_of(material.about)
    optimizer = keras_optimizer(material.settings)
    model.compile(optimizer=optimizer, loss="mse")
    optimizer.build(model.trainable_variables)
    optimizer.iterations.assign(material.updates)
    for name, variable in keras_slots(optimizer).items():
        variable.assign(in_keras_form(material)[name])

    def save(directory: Path) -> None:
        directory.mkdir()
        model.save(directory / "model.keras")

    yield save


def read_with_keras(directory: Path, material: Material) -> Brought:
    known = {"Parabola": parabola_layer()}
    model = tf.keras.models.load_model(directory / "model.keras", custom_objects=known)
    layer = model.get_layer("parabola")
    return Brought(
        layer.hor_estimate.numpy(),
        layer.ver_estimate.numpy(),
        model(material.x).numpy(),
        {name: variable.numpy() for name, variable in keras_slots(model.optimizer).items()},
        getattr(model, "signatures", {}),
        {"about.txt": layer.about},
        "the layer's own load_assets read it from the archive, so this too needs the layer's code",
    )


def keras_without_code(directory: str, x: Any) -> Any:
    import tensorflow as tf

    return tf.keras.models.load_model(directory + "/model.keras")(x).numpy()


def as_saved(material: Material) -> dict[str, np.float32]:
    """The slots as they are in the checkpoint."""
    return material.slots


@dataclass(frozen=True)
class Way:
    """One way: how it is offered the material, how it is read, and how somebody without the code would."""

    title: str
    offer: Callable[[Material], AbstractContextManager[Save]]
    read: Callable[[Path, Material], Brought]
    without_code: Callable[[str, Floats], Floats]
    needs: str
    parts: tuple[Callable[..., Any], ...] = ()
    slots: Callable[[Material], dict[str, np.float32]] = as_saved


WAYS = (
    Way("Saver", offer_to_saver, read_with_saver, saver_without_code, "the code that builds the graph"),
    Way(
        "SavedModel (v1)",
        offer_to_builder,
        read_with_loader,
        builder_without_code,
        "the code that builds the graph",
    ),
    Way(
        "tf.train.Checkpoint",
        offer_to_checkpoint,
        read_with_checkpoint,
        checkpoint_without_code,
        "the objects and the formula",
    ),
    Way(
        "tf.saved_model.save",
        offer_to_saved_model,
        read_with_load,
        saved_model_without_code,
        "the module's class",
        (parabola_module,),
    ),
    Way(
        "Keras .keras",
        offer_to_keras,
        read_with_keras,
        keras_without_code,
        "the layer's class",
        (parabola_layer, keras_optimizer, keras_slots, in_keras_form),
        in_keras_form,
    ),
)


def text_of(path: Path) -> str:
    """The text of a file; empty when it is not there."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""
