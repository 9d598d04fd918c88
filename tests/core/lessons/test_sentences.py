"""What lessons say beyond what their steps run, done by TensorFlow."""

from pathlib import Path

import pytest
import tensorflow as tf

v1 = tf.compat.v1


def saved(folder: Path, **values: list[float]) -> str:
    """A Saver's checkpoint of variables with these values."""
    with tf.Graph().as_default(), v1.Session() as session:
        for name, value in values.items():
            v1.get_variable(name, initializer=tf.constant(value))
        session.run(v1.global_variables_initializer())
        return str(v1.train.Saver().save(session, str(folder / "model")))


def test_a_saver_goes_by_names_in_the_graph_and_leaves_out_what_the_graph_does_not_have(
    tmp_path: Path,
) -> None:
    prefix = saved(tmp_path, kernel=[1.0, 2.0], more=[3.0])
    with tf.Graph().as_default(), v1.Session() as session:
        python_calls_it_otherwise = v1.get_variable("kernel", [2])
        v1.train.Saver().restore(session, prefix)
        assert session.run(python_calls_it_otherwise).tolist() == [1.0, 2.0]


def test_in_a_copied_folder_the_latest_is_that_of_the_old_one(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    prefix = saved(old, kernel=[1.0])
    new.mkdir()
    for path in old.iterdir():
        (new / path.name).write_bytes(path.read_bytes())
    assert tf.train.latest_checkpoint(str(new)) == prefix


def test_tensorflow_2_replaces_an_export_without_a_question(tmp_path: Path) -> None:
    for value in (1.0, 2.0):
        module = tf.Module()
        module.kernel = tf.Variable(value)
        tf.saved_model.save(module, str(tmp_path / "export"))
    assert tf.saved_model.load(str(tmp_path / "export")).kernel.numpy() == 2.0


def test_a_renamed_attribute_keeps_its_start_value_and_each_check_says_so(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(encoder=tf.Variable(1.0)).save(str(tmp_path / "model"))
    renamed = tf.Variable(0.0)
    status = tf.train.Checkpoint(enc=renamed).restore(path)
    assert renamed.numpy() == 0.0
    for check in (status.assert_existing_objects_matched, status.assert_consumed):
        with pytest.raises(AssertionError):
            check()


def test_only_one_check_complains_of_a_value_that_was_not_used(tmp_path: Path) -> None:
    path = tf.train.Checkpoint(h=tf.Variable(1.0), v=tf.Variable(2.0)).save(str(tmp_path / "model"))
    status = tf.train.Checkpoint(h=tf.Variable(0.0)).restore(path)
    status.assert_existing_objects_matched()
    with pytest.raises(AssertionError):
        status.assert_consumed()
