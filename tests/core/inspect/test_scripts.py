"""Every script reads back what it wrote, counts it, and fails when something is lost."""

from pathlib import Path

import pytest
import tensorflow as tf

from core.inspect import scripts
from core.inspect.folder import Folder
from core.inspect.model import Listing
from core.inspect.scripts import Script
from tests import elsewhere

v1 = tf.compat.v1


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Saver's checkpoint with slots and a string, and one of objects."""
    root = tmp_path_factory.mktemp("scripts")
    with tf.Graph().as_default(), v1.Session() as session:
        kernel = v1.get_variable("kernel", initializer=tf.ones([2, 3]))
        v1.Variable(tf.constant(["a", "bc"]), name="words", trainable=False)
        v1.train.AdamOptimizer().minimize(tf.reduce_sum(kernel**2), var_list=[kernel])
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(root / "named"))
    module = tf.Module()
    module.w = tf.Variable(tf.ones([4]))
    tf.train.Checkpoint(module).write(str(root / "objects"))
    return root


def listing(root: Path, name: str) -> Listing:
    folder = Folder(root)
    (found,) = [each for each in folder.find().checkpoints if each.path == name]
    return folder.listing(found)


def test_a_script_counts_what_came_back(root: Path) -> None:
    done = elsewhere.run(scripts.drop_slots(listing(root, "named"), "named").text, root)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "named-without-slots: 4 of 4 weights came back" in done.stdout


def test_a_script_fails_when_a_weight_did_not_come_back(root: Path) -> None:
    text = scripts.rename(listing(root, "named"), "named", {"kernel": "dense/kernel"}).text
    lossy = text.replace("tensors=values", "tensors=[tf.zeros_like(each) for each in values]")
    assert lossy != text
    done = elsewhere.run(lossy, root)
    assert done.returncode != 0
    assert "These did not come back: " in done.stderr
    assert "dense/kernel" in done.stderr


def test_no_script_drops_an_object_graph(root: Path) -> None:
    found = listing(root, "objects")
    said = "objects has an object graph, and this script would drop it"
    with pytest.raises(ValueError, match=said):
        scripts.to_saved_model(found, "objects", {}, {})
    with pytest.raises(ValueError, match=said):
        scripts.restore_matching(found, "objects", {})
    assert "GRAPH" in scripts.rename(found, "objects", {"w": "x"}).text
    assert isinstance(scripts.list_names(found, "objects"), Script)
