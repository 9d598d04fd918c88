"""Whether a checkpoint would restore into a SavedModel's objects: the verdict is TensorFlow's own."""

import json
from pathlib import Path

import pytest
import tensorflow as tf

from core.inspect.__main__ import main
from core.inspect.diagnosis import WRONG, Finding
from core.inspect.folder import Folder

v1 = tf.compat.v1


class Layer(tf.Module):  # type: ignore[misc]
    """A kernel and a bias, one level down."""

    def __init__(self, width: int = 3, bias: bool = True) -> None:
        super().__init__()
        self.kernel = tf.Variable(tf.ones([2, width]), name="kernel")
        self.inner = tf.Module()
        if bias:
            self.inner.bias = tf.Variable(tf.zeros([3]), name="bias")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SavedModel, and below `saved` the checkpoints of several models."""
    root = tmp_path_factory.mktemp("restoring")
    tf.saved_model.save(Layer(), str(root / "model"))
    (root / "saved").mkdir()
    parts = {
        "alone": tf.train.Checkpoint(Layer()),
        "inside": tf.train.Checkpoint(model=Layer(), step=tf.Variable(1)),
        "without": tf.train.Checkpoint(Layer(bias=False)),
        "wider": tf.train.Checkpoint(Layer(width=5)),
        "other": tf.train.Checkpoint(something=tf.Variable(1.0)),
    }
    for name, checkpoint in parts.items():
        checkpoint.write(str(root / "saved" / name))
    with tf.Graph().as_default(), v1.Session() as session:
        v1.get_variable("kernel", initializer=tf.ones([2, 3]))
        v1.get_variable("bias", initializer=tf.ones([3]))
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(root / "saved" / "named"), write_meta_graph=False)
    return root


def findings(root: Path, name: str) -> list[Finding]:
    here, there = Folder(root / "saved"), Folder(root)
    (checkpoint,) = [each for each in here.find().checkpoints if each.name == name]
    (model,) = [each for each in there.find().checkpoints if each.path == "model"]
    return list(here.would_restore(checkpoint, model, there))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("alone", "alone has every name that model asks for, with the same shape and dtype"),
        ("inside", "inside has every name that model asks for, with the same shape and dtype"),
        ("without", "model asks for 1 name that without lacks: inner/bias."),
        (
            "wider",
            "1 variable would have another shape in model: kernel ((2, 5) in the checkpoint, (2, 3) there).",
        ),
        ("other", "model asks for 2 names that other lacks: kernel and inner/bias."),
    ],
)
def test_the_verdict_is_what_loading_and_restoring_gives(root: Path, name: str, said: str) -> None:
    loaded = tf.saved_model.load(str(root / "model"))
    into = tf.train.Checkpoint(model=loaded) if name == "inside" else tf.train.Checkpoint(loaded)
    try:
        into.read(str(root / "saved" / name)).assert_existing_objects_matched()
        restored = True
    except (AssertionError, ValueError):
        restored = False
    found = findings(root, name)
    assert (WRONG not in {each.level for each in found}) == restored
    assert any(said in each.sentence for each in found), found


def test_a_savers_checkpoint_finds_variables_by_their_own_names(root: Path) -> None:
    loaded = tf.saved_model.load(str(root / "model"))
    tf.train.Checkpoint(loaded).restore(str(root / "saved" / "named"))
    assert loaded.inner.bias.numpy().tolist() == [1, 1, 1]
    (only,) = findings(root, "named")
    assert "named has every name that model asks for" in only.sentence


def test_another_export_is_a_target_and_a_source(root: Path) -> None:
    folder = Folder(root)
    (model,) = [each for each in folder.find().checkpoints if each.path == "model"]
    assert "model has every name that model asks for" in folder.would_restore(model, model)[0].sentence


def test_the_command_compares_and_restores_across_directories(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, against = str(root / "saved"), ["--against", str(root)]
    assert main([saved, "--into", "alone", "model", *against]) == 0
    assert main([saved, "--into", "without", "model", *against]) == 1
    assert "inner/bias" in capsys.readouterr().out
    assert main([saved, "--json", "--compare", "wider", "saved/alone", *against]) == 1
    rows = {row["first"]: row["kind"] for row in json.loads(capsys.readouterr().out)["compare"]["rows"]}
    assert rows["kernel/.ATTRIBUTES/VARIABLE_VALUE"] == "other shape"
    assert rows["inner/bias/.ATTRIBUTES/VARIABLE_VALUE"] == "same"
    assert main([str(root / "model"), "--against", str(root / "model")]) == 0
    assert "the folder itself and the folder itself: All 3 tensors are the same" in capsys.readouterr().out
    assert main([saved, "--against", str(root / "nothing")]) == 2
    assert "nothing is not a directory" in capsys.readouterr().out
