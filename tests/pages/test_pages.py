"""Every page says what to do when there is nothing yet, and shows what there is."""

import errno
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import Sample, make_sample
from core.packing import packed
from core.pool.queue import QueueFull
from core.pool.training import train_run
from core.pool.workers import Pool
from core.run.manifest import DIVERGED, QUEUED, RUNNING
from core.run.runs import Run, Runs
from core.run.status import Condition
from core.settings import DataSettings, TrainSettings
from pages.parts.history.overlay import on_chips
from pages.ui import live, services
from tests.pages.conftest import APP, fine, words

PAGES = sorted(path.stem for path in Path("pages").glob("*.py") if path.stem != "__init__")
LOOKING_BACK = ("playground", "history", "compare", "export", "files", "resume")
Open = Callable[..., AppTest]
Train = Callable[..., Run]


def time_machine(test: AppTest) -> dict[str, object]:
    """What the page handed to the time machine."""
    protos = [each.proto for each in test.get("bidi_component")]
    (data,) = [json.loads(p.json) for p in protos if "optimum" in p.json]
    return dict(data)


def test_another_own_file_is_shown_and_is_not_what_the_run_trained_on(
    application: Open, empty_runs: Runs
) -> None:
    first, second = (
        Sample(np.array([0, 1, 2], np.float32), np.array(y, np.float32)) for y in ([1, 0, 1], [4, 5, 8])
    )
    run = empty_runs.create(first, TrainSettings(iterations=3))
    train_run(str(run.directory))
    test = application("playground", run)
    assert not time_machine(test)["runs"][0]["otherPoints"]  # type: ignore[index]
    test.session_state["explorer"].own = second
    data = time_machine(test.run())
    assert data["y"] == packed(second.y, "<f4")
    assert data["runs"][0]["otherPoints"]  # type: ignore[index]
    assert "These points are new" in data["panel"]["status"]["words"]  # type: ignore[index]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_a_run(page: str, application: Open) -> None:
    test = application(page)
    assert not test.exception
    assert test.title
    assert len(words(test)) > 60


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_a_finished_run(page: str, application: Open, train: Train) -> None:
    test = application(page, train(iterations=6), step=3)
    assert not test.exception
    assert not test.error


@pytest.mark.parametrize(
    ("page", "calls"),
    [
        ("history", ("import_meta_graph(", "saver.restore(opened")),
        ("resume", ("self.saver.restore(opened", "v1.train.Saver([model.h, model.v]).restore")),
    ],
)
def test_the_calls_that_a_page_is_about_stand_on_it(
    page: str, calls: tuple[str, ...], application: Open, train: Train
) -> None:
    code = "\n".join(each.value for each in application(page, train(iterations=2)).code)
    assert not [call for call in calls if call not in code]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_survives_a_run_that_is_gone(page: str, application: Open, train: Train) -> None:
    run = train(iterations=1)
    run.directory.rename(run.directory.with_name("moved away"))
    test = application(page, run, mine=False)
    assert not test.exception
    if page in LOOKING_BACK:
        assert f"There is no run '{run.id}' here" in words(test)


def test_a_run_that_cannot_be_read_is_told_to_its_owner_and_breaks_nobodys_page(
    application: Open, train: Train
) -> None:
    run, other = train(iterations=1), train(iterations=2)
    test = application("playground", other)
    run.update(owner="me", name="my first")
    assert len(Runs(run.directory.parent).manifests("me")) == 2
    (run.directory / "run.json").unlink()
    (run.directory / "run.json").mkdir()
    Runs(run.directory.parent).index.refresh(now=True)
    test.run()
    assert not test.exception
    assert not test.error
    assert "The run.json of “my first” cannot be read (Is a directory)" in words(test)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_survives_a_run_without_checkpoints(page: str, application: Open, train: Train) -> None:
    run = train(learning_rate=9.0)
    assert run.manifest().status == DIVERGED
    test = application(page, run)
    assert not test.exception


def test_history_draws_the_files_and_restores_the_step(application: Open, train: Train) -> None:
    run = train(iterations=5)
    test = application("history", run, step=2)
    assert time_machine(test)["step"] == 2
    assert "model_iter-2, restored" in words(test)
    assert "They equal those drawn, bit for bit." in words(test)


def test_history_says_why_a_torn_step_cannot_be_restored(application: Open, train: Train) -> None:
    run = train(iterations=5)
    (run.checkpoints / "model_iter-2.data-00000-of-00001").write_bytes(b"12345678")
    test = application("history", run, step=2)
    assert "model_iter-2 cannot be restored" in words(test)
    assert "the checksum of hor_estimate" in words(test)


def test_a_changed_file_is_not_handed_to_tensorflow(application: Open, train: Train) -> None:
    run = train(iterations=3)
    (run.checkpoints / "model_iter-1.meta").unlink()
    (run.checkpoints / "model_iter-1.meta").write_bytes(b"hostile")
    for page in ("history", "compare"):
        test = application(page, run, step=1)
        assert not test.exception
        assert "is not the file that this run wrote" in words(test)


@pytest.mark.parametrize("instead", ["nothing", "a file"])
def test_a_run_whose_checkpoints_were_removed_is_still_a_run(
    application: Open, train: Train, instead: str
) -> None:
    run = train(iterations=3)
    shutil.rmtree(run.checkpoints)
    if instead == "a file":
        run.checkpoints.touch()
    for page in ("playground", "history", "files", "resume"):
        test = application(page, run)
        assert not test.exception
        assert "Something went wrong" not in words(test)
        assert "There is no run" not in words(test)


def test_a_runs_name_is_text_to_whoever_opens_its_link(application: Open, train: Train) -> None:
    run = train(iterations=3)
    run.update(name="**b** ![x](http://a.example/x.png)")
    for page in ("history", "compare", "export", "playground"):
        test = application(page, run)
        assert "![x](" not in words(test)


def test_compare_concludes_from_what_it_measured(application: Open, train: Train) -> None:
    test = application("compare", train(iterations=3, optimizer="Momentum"), step=3)
    assert "Same h, same v, same 201 predictions, bit for bit." in words(test)
    table = test.table[0].value
    assert "2 slots" in str(table.loc["Can continue training", "Saver"])
    assert table.loc["Tags", "SavedModel"] == "serve"
    assert "Value of h" not in table.index  # the same on both sides
    assert any("saver.restore(session" in code.value for code in test.code)


def test_a_link_that_asks_for_nonsense_is_followed_as_far_as_possible(application: Open) -> None:
    test = application("playground", h="7", noise="much", samples="1", step="-3", colour="red")
    state = test.session_state["explorer"]
    assert state.data == DataSettings(h=7)
    test = application("playground", h="7", noise="much", samples="1", step="x")
    assert test.session_state["explorer"].step is None


@pytest.mark.parametrize("page", LOOKING_BACK)
def test_a_run_that_vanishes_under_an_open_page_is_one_sentence(
    page: str, application: Open, train: Train
) -> None:
    run = train(iterations=2)
    test = application(page, run)
    run.directory.rename(run.directory.with_name("gone"))
    test.run()
    assert not test.exception
    assert not [each.value for each in test.error if "Something went wrong" in each.value]
    assert f"There is no run '{run.id}' here" in words(test)


def test_runs_on_one_slider_are_each_as_far_from_the_truth_as_their_own_points_say(
    application: Open, empty_runs: Runs
) -> None:
    runs = []
    for data in (DataSettings(), DataSettings(h=-1.0)):
        runs.append(empty_runs.create(make_sample(data), TrainSettings(iterations=3), data))
        train_run(str(runs[-1].directory))
    test = application("history", runs[0])
    test.session_state["explorer"].others = (runs[1].id,)
    test.run()
    said = next(each.value for each in test.caption if "from the truth of a run's own points" in each.value)
    for run in runs:
        h, v = run.steps()[["h", "v"]].iloc[-1]
        truth = run.sample().truth
        assert truth is not None
        assert f" {((h - truth[0]) ** 2 + (v - truth[1]) ** 2) ** 0.5:.3f}" in said
    away, other = (float(number) for number in re.findall(r"” (\d\.\d{3})", said))
    assert f"is nearer, by {abs(away - other):.3f}." in said, "the difference is that of the numbers shown"
    assert len(set(re.findall("“(.*?)”", said))) == 2, "runs of other owners have names of their own too"


@pytest.mark.parametrize(("ready", "said"), [(False, "TensorFlow is loading. Training starts"), (True, "")])
def test_a_training_that_waits_for_tensorflow_says_so(
    ready: bool, said: str, application: Open, train: Train, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train(iterations=2)
    test = application("playground", run)
    run.update(status=QUEUED)
    monkeypatch.setattr(pool, "place", lambda _: 1)
    monkeypatch.setattr(pool, "wait", lambda timeout=None: ready)
    shown = "".join(each.proto.json for each in test.run().get("bidi_component"))
    assert (said or "Waiting, number 1 in the queue") in shown
    assert ("TensorFlow is loading" in shown) is not ready


def test_who_waits_looks_less_often_than_who_trains_and_never_after_more_than_three_seconds(
    empty_runs: Runs, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = empty_runs.create(make_sample(DataSettings()), TrainSettings())
    monkeypatch.setattr(services, "pool", lambda: pool)
    for load in (1, 5, 20, 400):
        monkeypatch.setattr(pool, "load", lambda load=load: load)
        trains = live.seconds_between(run, Condition("trains", RUNNING, 0, True))
        waits = live.seconds_between(run, Condition("waits", QUEUED, load, True))
        loads = live.seconds_between(run, Condition("waits", QUEUED, load, True, loading=True))
        assert loads == trains, "its training begins any moment"
        assert trains < waits <= 3 or trains == waits == 3


def test_a_run_whose_name_is_emptied_is_called_by_its_settings(application: Open, train: Train) -> None:
    run = train(iterations=3)
    run.update(name="mine")
    test = application("history", run)
    (name,) = [each for each in test.text_input if each.label == "Name of this run"]
    test = name.set_value("").run()
    (name,) = [each for each in test.text_input if each.label == "Name of this run"]
    assert "gradient descent" in str(name.value)
    fine(name.set_value("").run())
    assert "restored" in words(test), "the page is there"
    assert run.manifest().name == ""


# No test without a browser can press what a component draws: what it would call is called.
PRESSED = """
import runpy
from types import SimpleNamespace
import streamlit as st
page = runpy.run_path({path!r})
told = {{"playground": SimpleNamespace(action="train")}}
page["asked"].__globals__["st"] = SimpleNamespace(session_state=told)
page["asked"]()
st.code(told["playground-trouble"])
"""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "This could not be saved (No space left on device)",
        ),
        (QueueFull("You have 20 trainings waiting."), "You have 20 trainings waiting."),
    ],
)
def test_what_a_press_of_train_meets_is_said_in_the_panel_and_leaves_no_run(
    application: Open,
    empty_runs: Runs,
    pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    def refuse(run: Run, address: str = "") -> None:
        raise error

    monkeypatch.setattr(pool, "submit", refuse)
    fine(application("playground"))
    before = len(empty_runs.manifests())
    pressed = fine(
        AppTest.from_string(PRESSED.format(path=str(APP.parent / "pages" / "playground.py"))).run(timeout=60)
    )
    assert said in pressed.code[-1].value
    assert len(empty_runs.manifests()) == before


def test_runs_that_are_called_nearly_the_same_have_chips_of_their_own() -> None:
    names = [f"Nesterov momentum 0.001 ({n})" for n in (2, 3)]
    names += [f"a{'x' * 40}{n}z{'y' * 20}" for n in "12"]  # they differ where the names are cut
    called = on_chips(["Adam 0.05", *names])
    assert called[0] == "Adam 0.05"
    assert len({*called}) == len(called)
    assert called[1].endswith("0.001 (2)")
