"""A Saver's checkpoint, with the graph in its `.meta`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.checkpoint import H, V
from core.data import Floats
from core.tf.formats.material import Brought, Calls, Material, Save, text_of
from core.tf.model import build, session

v1 = tf.compat.v1


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


WAY = Calls("Saver", offer_to_saver, read_with_saver, saver_without_code, "the code that builds the graph")
