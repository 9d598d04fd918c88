"""What the cards say about neighboring cases is tried, so that it is noticed when it is no longer so."""

import threading
from pathlib import Path

import pytest
import tensorflow as tf
from google.protobuf.message import DecodeError

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


def cut(prefix: str) -> None:
    data = Path(f"{prefix}.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:4])


def test_a_checkpoint_by_object_that_was_cut_off_fails_as_card_18_says(tmp_path: Path) -> None:
    value = tf.Variable([1.0, 2.0])
    prefix = tf.train.Checkpoint(value=value).write(f"{tmp_path}/ckpt")
    cut(prefix)
    with pytest.raises(IndexError, match="Read less bytes than requested"):
        tf.train.Checkpoint(value=value).read(prefix)


def test_a_saver_makes_one_folder_and_blames_it_for_other_errors_as_card_63_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        _scene.model()
        saver = tf.compat.v1.train.Saver()
        with pytest.raises(ValueError, match="Parent directory of model doesn't exist") as raised:
            saver.save(sess, "model")  # the variables have no values yet
        assert isinstance(raised.value.__context__, tf.errors.FailedPreconditionError)
        sess.run(tf.compat.v1.global_variables_initializer())
        saver.save(sess, "new/model")
        with pytest.raises(ValueError, match="Parent directory of two/new/model doesn't exist"):
            saver.save(sess, "two/new/model")
    assert (tmp_path / "new/model.index").exists()
    assert not (tmp_path / "two").exists()


@pytest.mark.parametrize("ending", [".index", ".data-00000-of-00001"])
def test_without_the_rename_the_values_are_not_there_as_card_64_says(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"ckpt{ending}" / "in the way").mkdir(parents=True)
    with pytest.raises(tf.errors.FailedPreconditionError, match="MergeV2Checkpoints"):
        tf.train.Checkpoint(value=tf.Variable(1.0)).write(f"{tmp_path}/ckpt")
    assert (tmp_path / "ckpt_temp").is_dir()
    assert not (tmp_path / "ckpt.index").is_file()


def test_loading_does_not_compare_the_fingerprint_as_card_23_says(tmp_path: Path) -> None:
    module = tf.Module()
    module.one = tf.function(lambda: tf.constant(1.25), input_signature=[])
    tf.saved_model.save(module, str(tmp_path))
    graph = tmp_path / "saved_model.pb"
    changed = graph.read_bytes().replace(b"\x00\x00\xa0\x3f", b"\x00\x00\x20\x40")
    assert changed != graph.read_bytes()
    graph.write_bytes(changed)
    assert (tmp_path / "fingerprint.pb").exists()
    assert float(tf.saved_model.load(str(tmp_path)).one()) == 2.5


def test_max_to_keep_deletes_nothing_in_brackets_as_card_36_says(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.compat.v1.Session() as sess:
        _scene.model()
        sess.run(tf.compat.v1.global_variables_initializer())
        saver = tf.compat.v1.train.Saver(max_to_keep=1)
        for step in range(3):
            saver.save(sess, f"{tmp_path}/run_[1]/model_iter", global_step=step)
    assert len(list((tmp_path / "run_[1]").glob("*.index"))) == 3


def test_only_the_index_is_looked_for_as_card_39_says(tmp_path: Path) -> None:
    prefix = _scene.save_trained(f"{tmp_path}/model_final")
    Path(f"{prefix}.data-00000-of-00001").unlink()
    assert tf.compat.v1.train.checkpoint_exists(prefix)


def test_a_smaller_data_file_is_too_short_as_card_40_says(tmp_path: Path) -> None:
    prefix = _scene.save_trained(f"{tmp_path}/model_final")
    cut(prefix)
    assert "Read less bytes than requested" in str(restore_error(prefix).value)


def test_a_path_to_a_file_is_no_saved_model_as_card_58_says(tmp_path: Path) -> None:
    file = tmp_path / "model.h5"
    file.write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(OSError, match=r"SavedModel file does not exist at: .*/model\.h5"):
        tf.saved_model.load(str(file))


def test_a_pointer_is_no_graph_either_as_card_60_says() -> None:
    with pytest.raises(DecodeError, match="Error parsing message"):
        tf.compat.v1.GraphDef.FromString(b"version https://git-lfs.github.com/spec/v1\n")


def test_what_a_saver_wrote_is_not_consumed_as_card_20_says(tmp_path: Path) -> None:
    prefix = _scene.save_trained(f"{tmp_path}/model_final")
    status = tf.train.Checkpoint(h=tf.Variable(0.0)).read(prefix)
    with pytest.raises(AssertionError):
        status.assert_consumed()
    assert "_CHECKPOINTABLE_OBJECT_GRAPH" not in dict(tf.train.list_variables(prefix))


def test_devices_can_be_left_out_when_the_graph_is_exported_as_card_35_says(tmp_path: Path) -> None:
    with tf.Graph().as_default(), tf.device("/device:GPU:7"):
        _scene.model()
        meta = tf.compat.v1.train.export_meta_graph(f"{tmp_path}/model.meta", clear_devices=True)
    assert {node.device for node in meta.graph_def.node} == {""}


@pytest.mark.parametrize("ending", [".meta", ".index"])
def test_a_file_that_is_opened_as_text_is_not_utf8_as_card_97_says(ending: str, tmp_path: Path) -> None:
    prefix = _scene.save_trained(f"{tmp_path}/model_final")
    with pytest.raises(UnicodeDecodeError, match="'utf-8' codec can't decode byte"):
        Path(f"{prefix}{ending}").read_text(encoding="utf-8")


def test_a_function_without_a_graph_lists_none_as_card_98_says() -> None:
    function = tf.function(lambda x: x)
    before = len(function._list_all_concrete_functions())
    function(1.0)
    assert (before, len(function._list_all_concrete_functions())) == (0, 1)


def test_what_a_tracked_dictionary_takes_as_card_102_says(tmp_path: Path) -> None:
    class Own:
        parts: dict[object, tf.Variable]

    module = tf.Module()
    module.parts = {1: tf.Variable(1.0)}
    with pytest.raises(ValueError, match="dictionary wrapper constructed automatically"):
        tf.train.Checkpoint(module=module).write(f"{tmp_path}/numbered")
    module, own = tf.Module(), Own()
    own.parts = {1: tf.Variable(1.0)}
    module.own = own
    prefix = tf.train.Checkpoint(module=module).write(f"{tmp_path}/own")
    assert [name for name, _ in tf.train.list_variables(prefix) if "VALUE" in name] == []


def test_a_plain_number_is_not_trackable_as_card_105_says() -> None:
    with pytest.raises(ValueError, match="expecting step to be a trackable object"):
        tf.train.Checkpoint(step=7)
