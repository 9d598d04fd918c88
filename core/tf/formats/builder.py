"""A SavedModel of TensorFlow 1, with two tags."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.checkpoint import H, V
from core.tf.formats.material import SERVE, SIGNATURE, TRAIN, Brought, Calls, Material, Save, text_of
from core.tf.model import build, session

v1 = tf.compat.v1


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


WAY = Calls(
    "SavedModel (v1)",
    offer_to_builder,
    read_with_loader,
    builder_without_code,
    "the code that builds the graph",
)
