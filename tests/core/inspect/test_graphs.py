"""Graphs in other forms than saved_model.pb: as text, in chunks, or as something else altogether."""

from pathlib import Path

import pytest
import tensorflow as tf

from core.checkpoint import CheckpointError
from core.inspect.diagnosis import NOTE, WRONG
from core.inspect.find import SAVED_MODEL
from core.inspect.folder import Folder

v1 = tf.compat.v1
# The first 64 bytes of every file of Riegeli records, as its specification prints them.
CHUNKS = bytes.fromhex(
    "83af70d10d884a3f 0000000000000000 4000000000000000 91bac23c9287e1a9"
    "0000000000000000 e19f13c0e9b1c372 7300000000000000 0000000000000000"
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A SavedModel that TensorFlow wrote as text, with an asset."""
    (tmp_path / "words.txt").write_text("one\n")
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 2], name="x")
        y = x @ v1.get_variable("kernel", initializer=tf.ones([2, 3]))
        v1.add_to_collection(v1.GraphKeys.ASSET_FILEPATHS, tf.constant(str(tmp_path / "words.txt")))
        session.run(v1.global_variables_initializer())
        builder = v1.saved_model.Builder(str(tmp_path / "model"))
        builder.add_meta_graph_and_variables(
            session,
            ["serve"],
            {"serving_default": v1.saved_model.predict_signature_def({"x": x}, {"y": y})},
            assets_collection=v1.get_collection(v1.GraphKeys.ASSET_FILEPATHS),
        )
        builder.save(as_text=True)
    return tmp_path / "model"


def test_a_graph_as_text_is_read(model: Path) -> None:
    folder = Folder(model)
    (found,) = folder.find().checkpoints
    assert found.kind == SAVED_MODEL
    (graph,) = folder.graphs(found.path, 1 << 20)
    assert (graph.tags, graph.assets) == (("serve",), ("words.txt",))
    assert [each.key for each in graph.saver] == ["kernel"]
    assert graph.signatures[0].inputs == ("x: float32 [?, 2]",)
    assert folder.would_load(found, found).conclusion() == "Loads: 1 of 1 weight."


def test_what_is_no_graph_as_text_is_said(model: Path) -> None:
    (model / "saved_model.pbtxt").write_text("meta_graphs { nothing of the kind")
    with pytest.raises(
        CheckpointError, match=r"saved_model\.pbtxt is damaged: it is not the text of a SavedModel"
    ):
        Folder(model).graphs("", 1 << 20)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            CHUNKS + bytes(1000),
            "saved_model.cpb is a graph in chunks, as TensorFlow's experimental_image_format",
        ),
        (b"<html>", "saved_model.cpb is damaged: it is not a SavedModel in chunks"),
        (b"", "saved_model.cpb is damaged"),
    ],
)
def test_of_a_graph_in_chunks_the_values_are_read_and_the_rest_is_said(
    model: Path, content: bytes, said: str
) -> None:
    (model / "saved_model.pbtxt").unlink()
    (model / "saved_model.cpb").write_bytes(content)
    folder = Folder(model)
    (found,) = folder.find().checkpoints
    assert folder.arrays(found, ["kernel"])["kernel"].tolist() == [[1, 1, 1], [1, 1, 1]]
    with pytest.raises(CheckpointError, match=said):
        folder.graphs(found.path, 1 << 20)
    (finding,) = [each for each in folder.diagnose(folder.find()) if "cpb" in each.sentence]
    assert finding.level == (NOTE if content.startswith(CHUNKS) else WRONG)


def test_a_graph_that_was_cut_off_is_diagnosed(tmp_path: Path) -> None:
    tf.saved_model.save(tf.Module(), str(tmp_path))
    path = tmp_path / "saved_model.pb"
    path.write_bytes(path.read_bytes()[:-7])
    (finding,) = [each for each in Folder(tmp_path).diagnose(Folder(tmp_path).find()) if each.level == WRONG]
    assert finding.sentence == "saved_model.pb is damaged: it is not a SavedModel."
