"""Every failure really fails in the words of its card, and every fix really fixes."""

import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import pytest
import tensorflow as tf

from core.gallery.cards import Card, Outcome, cards
from core.gallery.search import find
from core.tf import gallery
from tests.gallery.expected import FIXED, WRONG

CARDS = cards()
FAILURES = [card for card in CARDS if card.error]
Action = Literal["fail", "fix"]


@dataclass(frozen=True)
class Done:
    """What an action did, and what it left behind."""

    outcome: Outcome
    files: list[str]
    folder: Path
    threads: set[threading.Thread]


@cache
def done(slug: str, action: Action) -> Done:
    """Each action runs once for all tests, in a folder of its own."""
    before, threads, temporary = Path.cwd(), set(threading.enumerate()), tempfile.tempdir
    with tempfile.TemporaryDirectory() as created:
        folder = Path(created).resolve()
        for name in ("here", "temporary"):
            (folder / name).mkdir()
        os.chdir(folder / "here")
        tempfile.tempdir = str(folder / "temporary")
        try:
            found = gallery.run(slug, action)
            left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))
            # Autograph keeps what it generated, once a process, until the process ends.
            left = [path for path in left if "__autograph_generated_file" not in path]
            assert Path.cwd() == folder / "here"
        finally:
            tempfile.tempdir = temporary
            os.chdir(before)
    return Done(found, left, folder, set(threading.enumerate()) - threads)


def outcome(slug: str, action: Action) -> Outcome:
    return done(slug, action).outcome


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
def test_the_fix_fixes(card: Card) -> None:
    seen = outcome(card.slug, "fix")
    assert seen.error is None
    assert seen.seconds > 0
    assert FIXED[card.slug].items() <= dict(seen.seen).items()


@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_the_actions_show_what_the_card_declares(card: Card) -> None:
    for action in ("fail", "fix"):
        assert tuple(outcome(card.slug, action).seen) == card.shows[action]


@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_a_card_was_run_since_its_code_changed(card: Card) -> None:
    assert card.ran_with.keys() == {"TensorFlow", "Keras"}, "run `make cards`"


def test_an_outcome_says_with_which_versions_it_ran() -> None:
    seen = outcome("no_file_of_that_name", "fail")
    assert seen.versions == {"TensorFlow": tf.version.VERSION, "Keras": tf.keras.__version__}


def test_adam_goes_on_from_the_restored_values() -> None:
    seen = outcome("optimizer_changed", "fix").seen
    before = float(seen["cost before the first step with Adam"])
    after = float(seen["cost after it"])
    assert before == pytest.approx(0.01**2 + 0.04**2, rel=1e-4)
    assert after < before


def test_keys_of_a_checkpoint_by_object_are_attributes() -> None:
    keys = outcome("object_based", "fix").seen["keys in by_object"]
    assert "h_est/.ATTRIBUTES/VARIABLE_VALUE" in keys
    assert "hor_estimate" not in keys


@pytest.mark.parametrize("action", ["fail", "fix"])
@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_an_action_leaves_nothing_behind(card: Card, action: Action) -> None:
    ran = done(card.slug, action)
    assert ran.files == ["here", "temporary"]
    assert ran.threads == set()
    assert tf.executing_eagerly()
    assert tf.compat.v1.get_default_graph().get_operations() == []
    assert tf.compat.v1.get_default_session() is None
    assert str(ran.folder) not in ran.outcome.text


def test_actions_in_several_threads_do_not_disturb_one_another() -> None:
    actions: list[tuple[str, Action]] = []
    for card in CARDS[::9]:
        actions += [(card.slug, "fail"), (card.slug, "fix")]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda action: gallery.run(*action), actions))
    for (slug, action), seen in zip(actions, together, strict=True):
        alone = outcome(slug, action)
        assert (seen.error, seen.seen.keys()) == (alone.error, alone.seen.keys())
        if action == "fix":
            assert FIXED[slug].items() <= dict(seen.seen).items()


def test_an_unknown_card_is_named_in_the_error() -> None:
    with pytest.raises(ValueError, match=r"^There is no card 'no_such_card' in the gallery\.$"):
        gallery.run("no_such_card", "fail")


def test_a_shared_module_is_not_a_card() -> None:
    with pytest.raises(ValueError, match="no card '_scene'"):
        gallery.run("_scene", "fail")


def test_an_action_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="'prepare' was asked"):
        gallery.run("wrong_tag", "prepare")  # type: ignore[arg-type]


def test_the_source_that_is_shown_has_every_name_that_it_uses_and_no_other_import(tmp_path: Path) -> None:
    for card in CARDS:
        assert "core.tf" not in card.setup_source
        (tmp_path / f"{card.slug}.py").write_text(card.script, encoding="utf-8")
    ruff = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F",
        "--output-format",
        "concise",
    ]
    checked = subprocess.run([*ruff, str(tmp_path)], capture_output=True, text=True, check=False)
    assert checked.stdout.strip() == "All checks passed!"


@pytest.mark.parametrize("card", CARDS[::9], ids=slug)
def test_the_source_that_is_shown_runs_as_a_script(card: Card, tmp_path: Path) -> None:
    script: dict[str, object] = {}
    exec(compile(card.script, card.slug, "exec"), script)
    if "prepare" in script:
        script["prepare"](tmp_path)  # type: ignore[operator]
    seen: Mapping[str, str] = script["fix"](tmp_path)  # type: ignore[operator]
    assert FIXED[card.slug].items() <= seen.items()


@pytest.mark.parametrize("card", CARDS, ids=slug)
def test_the_shown_code_is_short_enough_to_read(card: Card) -> None:
    for source in (card.prepare_source, card.fail_source, card.fix_source):
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
        f"{card.fail_source if card.slug in OF_ANYTHING else ''}\n"
        f"{card.error}: {pasted(outcome(card.slug, 'fail').text)}\n"
    )


# What Python and the system say of anything is about saving only beside the call that raised it.
OF_ANYTHING = ("h5py_strings", "disk_full", "pickled", "file_name_not_utf8")


@pytest.mark.parametrize("card", [card for card in FAILURES if card.slug not in OF_ANYTHING], ids=slug)
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
