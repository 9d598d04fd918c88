"""SavedModel's way out and back: a fresh graph with tags, a signature and an asset, then the loader."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core.checkpoint import H2, V2
from core.tf.model import session

v1 = tf.compat.v1

ASSET = "about.txt"


def export_saved_model(directory: Path, h: np.float32, v: np.float32, about: str) -> None:
    """Export a serving model: the tag serve, a signature x → y and an asset that describes it."""
    graph = tf.Graph()
    with graph.as_default():
        h_est = v1.Variable(h, name=H2, use_resource=False)
        v_est = v1.Variable(v, name=V2, use_resource=False)
        X = v1.placeholder(tf.float32, name="X")
        y = tf.add(tf.square(X - h_est), v_est, name="prediction")
        signature = v1.saved_model.predict_signature_def(inputs={"x": X}, outputs={"y": y})
        note = directory.with_name(f".{directory.name}.{ASSET}") / ASSET
        note.parent.mkdir()
        note.write_text(about, encoding="utf-8")
        asset = tf.constant(str(note), name="about")
        v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, asset)
        try:
            with session(graph) as opened:
                opened.run(v1.global_variables_initializer())
                builder = v1.saved_model.Builder(str(directory))
                builder.add_meta_graph_and_variables(
                    opened,
                    [v1.saved_model.tag_constants.SERVING],
                    signature_def_map={"serving_default": signature},
                    assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS),
                )
                builder.save()
        finally:
            shutil.rmtree(note.parent)


def export_bare_model(directory: Path, h: np.float32, v: np.float32) -> None:
    """The recipe's own export: the tag train, no signature, no asset."""
    graph = tf.Graph()
    with graph.as_default():
        v1.Variable(h, name=H2, use_resource=False)
        v1.Variable(v, name=V2, use_resource=False)
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            builder = v1.saved_model.builder.SavedModelBuilder(str(directory))
            builder.add_meta_graph_and_variables(
                opened,
                [v1.saved_model.tag_constants.TRAINING],
                signature_def_map=None,
                assets_collection=None,
            )
            builder.save()


def load_saved_model(opened: Any, directory: Path, tags: list[str]) -> Any:
    """Load what was exported into the session's graph; the MetaGraphDef with its signatures."""
    return v1.saved_model.loader.load(opened, tags, str(directory))


def read_values(opened: Any) -> tuple[np.float32, np.float32]:
    """h and v of a loaded model, by the recipe's own call."""
    return opened.run("hor_estimate2:0"), opened.run("ver_estimate2:0")


def call_signature(opened: Any, loaded: Any, x: np.ndarray) -> np.ndarray:
    """Call the model by its signature alone: no tensor name is known in advance."""
    signature = loaded.signature_def["serving_default"]
    feed = {signature.inputs["x"].name: x}
    return opened.run(signature.outputs["y"].name, feed)


def read_assets(loaded: Any, directory: Path) -> dict[str, str]:
    """The text of every asset, found through the loaded MetaGraphDef's own list of them.

    The path that the asset's tensor holds is still that of the export; the loader feeds the new one
    only to the graph's initializer, for tables that read their vocabulary there.
    """
    assets = {}
    for packed in loaded.collection_def["saved_model_assets"].any_list.value:
        asset = v1.MetaGraphDef().asset_file_def.add()
        packed.Unpack(asset)
        path = directory / "assets" / asset.filename
        assets[asset.filename] = path.read_text(encoding="utf-8")
    return assets


@contextmanager
def published(directory: Path) -> Iterator[Path]:
    """A temporary directory that becomes `directory` in one step when all went well.

    SavedModelBuilder writes in place: a reader could meet half of it.
    """
    temporary = directory.with_name(f".{directory.name}.{secrets.token_hex(4)}")
    directory.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield temporary
        temporary.rename(directory)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
