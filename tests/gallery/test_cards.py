"""Every failure really fails in the words of its card, and every repair really repairs."""

import ast
import re
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
import tensorflow as tf

from core.gallery.cards import Card, Outcome, cards
from core.gallery.search import find
from core.tf import gallery as lab
from core.tf.gallery import _scene
from tests.gallery.expected import REPAIRED, WRONG

CARDS = cards()
FAILURES = [card for card in CARDS if card.error]
SILENT = [card for card in CARDS if not card.error]


@cache
def outcome(slug: str, action: Literal["fail", "repair"]) -> Outcome:
    """Each action runs once for all tests."""
    return lab.run(slug, action)


def slug(card: Card) -> str:
    return card.slug


@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_the_failure_is_the_declared_one_in_its_telling_words(card: Card) -> None:
    seen = outcome(card.slug, "fail")
    assert seen.error == card.error
    assert card.message in seen.text
    assert bool(seen.seen) == (card.error is None)


@pytest.mark.parametrize("slug", WRONG)
def test_a_silent_failure_gives_the_wrong_result(slug: str) -> None:
    assert WRONG[slug].items() <= dict(outcome(slug, "fail").seen).items()


@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_the_repair_repairs(card: Card) -> None:
    seen = outcome(card.slug, "repair")
    assert seen.error is None
    assert seen.seconds > 0
    assert REPAIRED[card.slug].items() <= dict(seen.seen).items()


def test_adam_goes_on_from_the_restored_values() -> None:
    seen = outcome("optimizer_changed", "repair").seen
    before = float(seen["cost before the first step with Adam"])
    after = float(seen["cost after it"])
    assert before == pytest.approx(0.01**2 + 0.04**2, rel=1e-4)
    assert after < before


def test_keys_of_a_checkpoint_by_object_are_attributes() -> None:
    keys = outcome("object_based", "repair").seen["keys in by_object"]
    assert "h_est/.ATTRIBUTES/VARIABLE_VALUE" in keys
    assert "hor_estimate" not in keys


@pytest.mark.parametrize("action", ["fail", "repair"])
@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_an_action_leaves_nothing_behind(
    card: Card,
    action: Literal["fail", "repair"],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "temporary").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    threads = set(threading.enumerate())

    seen = lab.run(card.slug, action)

    assert sorted(tmp_path.rglob("*")) == [tmp_path / "here", tmp_path / "temporary"]
    assert Path.cwd() == tmp_path / "here"
    assert set(threading.enumerate()) <= threads
    assert tf.executing_eagerly()
    assert tf.compat.v1.get_default_graph().get_operations() == []
    assert tf.compat.v1.get_default_session() is None
    assert str(tmp_path) not in seen.text


def test_actions_in_several_threads_do_not_disturb_one_another() -> None:
    actions: list[tuple[str, Literal["fail", "repair"]]] = []
    for card in CARDS[::3]:
        actions += [(card.slug, "fail"), (card.slug, "repair")]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda action: lab.run(*action), actions))
    for (slug, action), seen in zip(actions, together, strict=True):
        alone = outcome(slug, action)
        assert (seen.error, seen.seen.keys()) == (alone.error, alone.seen.keys())
        if action == "repair":
            assert REPAIRED[slug].items() <= dict(seen.seen).items()


def test_an_unknown_card_is_named_in_the_error() -> None:
    with pytest.raises(ValueError, match=r"^There is no card 'no_such_card' in the lab\.$"):
        lab.run("no_such_card", "fail")


def test_a_shared_module_is_not_a_card() -> None:
    with pytest.raises(ValueError, match="no card '_scene'"):
        lab.run("_scene", "fail")


def test_an_action_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'prepare' was asked"):
        lab.run("wrong_tag", "prepare")  # type: ignore[arg-type]


@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_the_source_that_is_shown_is_a_complete_script(card: Card, tmp_path: Path) -> None:
    shown = [card.setup_source, card.prepare_source, card.fail_source, card.repair_source]
    script: dict[str, object] = {}
    exec(compile("\n\n\n".join(shown), card.slug, "exec"), script)
    if "prepare" in script:
        script["prepare"](tmp_path)  # type: ignore[operator]
    seen = script["repair"](tmp_path)  # type: ignore[operator]
    assert REPAIRED[card.slug].items() <= seen.items()
    assert "core.tf" not in card.setup_source


@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_the_shown_code_is_short_enough_to_read(card: Card) -> None:
    for source in (card.prepare_source, card.fail_source, card.repair_source):
        assert len(source.splitlines()) <= 22


# Pasted messages

OTHER_NAMES = {
    "hor_estimate": "dense/kernel",
    "ver_estimate": "encoder/bias",
    "model_iter": "weights",
    "model_final": "my_model",
    "SavedModel/1": "exports/latest",
    "save/RestoreV2": "save_3/RestoreV2",
}


def pasted(text: str) -> str:
    """The message as another program, on another machine, would have printed it."""
    for ours, theirs in OTHER_NAMES.items():
        text = text.replace(ours, theirs)
    text = re.sub(r"(?<![\w.])\./", "/home/ana/projects/mnist-2/", text)
    text = re.sub(r"(?<=[ :-])\d\d+", "4711", text)
    return re.sub(r"(.{60,}?) ", r"\1\n    ", text)


# TensorFlow says the same for several causes, so one of them may come after the most frequent.
TWINS = {
    "mixed_pair": "torn_data",
    "state_file_unreadable": "directory_moved",
    "step_left_out": "no_file_of_that_name",
    "automatic_names": "classes_changed",
    "other_shape": "classes_changed",
    "slots_in_another_order": "object_other_shape",
}


def first(text: str, twin: str = "") -> list[str]:
    """The slug of the best card; if that is the twin, the next two as well."""
    found = [match.card.slug for match in find(text, CARDS).matches[:3]]
    return found if twin and found[:1] == [twin] else found[:1]


def traceback(card: Card) -> str:
    return (
        "Traceback (most recent call last):\n"
        '  File "/home/ana/projects/mnist-2/train.py", line 57, in <module>\n'
        "    main(args)\n"
        '  File "/usr/lib/python3.10/site-packages/tensorflow/python/client/session.py", line 972\n'
        "    result = self._run(None, fetches, feed_dict, options_ptr, run_metadata_ptr)\n"
        f"{card.error}: {pasted(outcome(card.slug, 'fail').text)}\n"
    )


@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_a_message_from_elsewhere_finds_its_card_first(card: Card) -> None:
    assert card.slug in first(pasted(outcome(card.slug, "fail").text), TWINS.get(card.slug, ""))


@pytest.mark.parametrize("card", FAILURES, ids=slug)
def test_a_whole_traceback_finds_its_card_first(card: Card) -> None:
    assert card.slug in first(traceback(card), TWINS.get(card.slug, ""))


@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_the_title_and_every_fragment_find_their_card(card: Card) -> None:
    assert first(card.title)[0] == card.slug
    for fragment in card.search:
        assert card.slug in [match.card.slug for match in find(fragment, CARDS).matches[:3]], fragment


# What the cards say in passing about neighbouring cases


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


def test_the_constants_of_a_card_are_plain_literals() -> None:
    for path in Path(lab.__file__).parent.glob("[!_]*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                ast.literal_eval(node.value)
