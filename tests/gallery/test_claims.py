"""What the cards say about neighboring cases is tried, so that it is noticed when it is no longer so."""

import threading
from pathlib import Path

import pytest
import tensorflow as tf

from core.tf.gallery import _scene


def restore_error(prefix: str, use_resource: bool = True) -> pytest.ExceptionInfo[Exception]:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        _scene.model(use_resource)
        with pytest.raises(tf.errors.OpError) as raised:
            tf.compat.v1.train.Saver().restore(sess, prefix)
    return raised


def test_data_and_index_given_to_restore_fail_as_card_21_says(tmp_path: Path) -> None:
    prefix = _scene.save_trained(f"{tmp_path}/model_final")
    data = restore_error(f"{prefix}.data-00000-of-00001")
    assert data.type is tf.errors.DataLossError
    assert "too short to be an sstable" in str(data.value)
    index = restore_error(f"{prefix}.index")
    assert index.type is tf.errors.NotFoundError
    assert 'Tensor name "hor_estimate" not found in checkpoint files' in str(index.value)


def test_a_data_file_that_was_cut_off_fails_as_card_18_says(tmp_path: Path) -> None:
    prefix = _scene.save_trained(f"{tmp_path}/model_final")
    data = Path(f"{prefix}.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:4])
    torn = restore_error(prefix)
    assert torn.type is tf.errors.OutOfRangeError
    assert "Read less bytes than requested" in str(torn.value)


def test_an_empty_signature_fails_late_as_card_15_says(tmp_path: Path) -> None:
    _scene.export(f"{tmp_path}/SavedModel", ["serve"])
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        loader = tf.compat.v1.saved_model.loader
        signature = loader.load(sess, ["serve"], f"{tmp_path}/SavedModel").signature_def["predict"]
        x, y = signature.inputs["x"].name, signature.outputs["y"].name
        with pytest.raises(TypeError, match="The name '' looks like an"):
            sess.run(y, {x: 3.0})
    with pytest.raises(KeyError, match="predict"):
        tf.saved_model.load(f"{tmp_path}/SavedModel").signatures["predict"]


def test_the_string_finds_its_own_letters_as_card_22_says(tmp_path: Path) -> None:
    _scene.export(f"{tmp_path}/SavedModel", "train")  # type: ignore[arg-type]
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tf.compat.v1.saved_model.loader.load(sess, "train", f"{tmp_path}/SavedModel")
        assert sess.run("prediction:0", {"X:0": 3.0}) == pytest.approx(2.0001)


def test_a_list_of_variables_in_a_thread_fails_as_card_24_says(tmp_path: Path) -> None:
    prefix = _scene.save_trained(f"{tmp_path}/model_final")
    raised: list[Exception] = []

    def make_saver(variables: list[tf.Variable]) -> None:
        try:
            tf.compat.v1.train.Saver(variables).restore(None, prefix)
        except ValueError as error:
            raised.append(error)

    with tf.Graph().as_default():
        thread = threading.Thread(target=make_saver, args=(list(_scene.model()),))
        thread.start()
        thread.join()
    assert "Can only save/restore ResourceVariables when executing eagerly" in str(raised[0])


def test_a_saver_in_a_function_finds_no_session_as_card_28_says(tmp_path: Path) -> None:
    prefix = _scene.save_trained(f"{tmp_path}/model_final")
    h_est = tf.Variable(0.0, name="hor_estimate")

    @tf.function  # type: ignore[untyped-decorator]
    def restore() -> None:
        tf.compat.v1.train.Saver([h_est]).restore(None, prefix)

    with pytest.raises(AttributeError, match="'NoneType' object has no attribute 'run'"):
        restore()


def test_a_reference_variable_without_a_value_fails_as_card_26_says() -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        h_est, _ = _scene.model(use_resource=False)
        with pytest.raises(
            tf.errors.FailedPreconditionError,
            match="Attempting to use uninitialized value hor_estimate",
        ):
            sess.run(h_est)


def test_a_saver_made_between_two_variables_saves_the_first_as_card_27_says(
    tmp_path: Path,
) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        tf.compat.v1.Variable(0.0, name="hor_estimate")
        saver = tf.compat.v1.train.Saver()
        tf.compat.v1.Variable(0.0, name="ver_estimate")
        sess.run(tf.compat.v1.global_variables_initializer())
        path = saver.save(sess, f"{tmp_path}/model_final")
    assert tf.train.list_variables(path) == [("hor_estimate", [])]


def test_the_optimizer_lists_what_it_remembers_as_card_10_says() -> None:
    remembered = {}
    for name in ("GradientDescent", "Momentum", "Adam"):
        with tf.Graph().as_default():
            h_est, _ = _scene.model()
            arguments = (0.05, 0.9) if name == "Momentum" else (0.05,)
            optimizer = getattr(tf.compat.v1.train, f"{name}Optimizer")(*arguments)
            optimizer.minimize(tf.square(h_est - 1.0))
            remembered[name] = [variable.op.name for variable in optimizer.variables()]
    assert remembered["GradientDescent"] == []
    assert remembered["Momentum"] == ["hor_estimate/Momentum"]
    assert {"beta1_power", "beta2_power", "hor_estimate/Adam", "hor_estimate/Adam_1"} <= set(
        remembered["Adam"]
    )
