"""The page Resume interrupts trainings, forks runs, and says what became of it."""

import hashlib
import json
import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.data import make_sample
from core.history.history import read_history
from core.pool.workers import Pool
from core.run.manifest import FINISHED, Parent
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from pages.ui import services
from tests.conftest import wait_until
from tests.pages.conftest import VISITOR, alone, fine, look_at, made


@pytest.fixture
def page(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(services, "pool", lambda: pool)
    return alone("resume", 120)


def test_a_run_without_checkpoints_can_be_interrupted_but_not_forked(page: AppTest, empty_runs: Runs) -> None:
    page = look_at(page, empty_runs.create(make_sample(DataSettings()), TrainSettings(), DataSettings()))
    assert "no readable checkpoint to start from yet" in page.info[0].value
    assert page.button(key="cut")


def test_interrupting_shows_which_optimizer_needs_its_slots(page: AppTest, train: Callable[..., Run]) -> None:
    run = train(iterations=8)
    page = look_at(page, run)
    page.pills(key="cut-optimizers").set_value(["gradient descent", "Momentum", "Adam"])
    page.number_input(key=f"cut-rate-{run.id}").set_value(0.001)
    page = fine(page.number_input(key=f"cut-iterations-{run.id}").set_value(8).run())
    page.slider[0].set_value(3)
    page = fine(page.button(key="cut").click().run())
    results = page.dataframe[0].value.set_index(["optimizer", "restored"])["result"]
    assert dict(results) == {
        ("gradient descent", "every variable"): "bit-identical",
        ("gradient descent", "h and v only"): "h and v bit-identical",
        ("Momentum", "every variable"): "bit-identical",
        ("Momentum", "h and v only"): "departs at iteration 4",
        ("Adam", "every variable"): "bit-identical",
        ("Adam", "h and v only"): "departs at iteration 4",
    }
    assert "Momentum keeps 2 slots beside h and v. It was stopped after iteration 3" in said(page)
    (chart,) = page.get("plotly_chart")
    names = [trace["name"] for trace in json.loads(chart.proto.spec)["data"]]
    assert names[0] == "uninterrupted"
    assert not page.warning
    page = fine(page.segmented_control[1].set_value("Adam").run())
    assert "Adam keeps 4 slots and 2 powers beside h and v" in said(page)


def test_what_is_offered_first_shows_a_jump_and_other_settings_mark_it(
    page: AppTest, train: Callable[..., Run]
) -> None:
    run = train(iterations=2)
    page = look_at(page, run)
    page = fine(page.button(key="cut").click().run())
    assert re.search(
        r"Without its slots, Adam has cost \d\.\d+ in iteration 61, with them 0\.1\d+", said(page)
    )
    assert not page.warning
    page = fine(page.number_input(key=f"cut-rate-{run.id}").set_value(0.1).run())
    assert "of other settings: learning rate 0.3, 100 iterations, interrupted after iteration 60" in (
        page.warning[0].value
    )
    page = fine(page.button(key="cut").click().run())
    assert not page.warning


def test_a_training_that_diverges_is_said_in_a_sentence(page: AppTest, train: Callable[..., Run]) -> None:
    page = look_at(page, train(iterations=4, learning_rate=5.0, optimizer="Adam"))
    page.pills(key="cut-optimizers").set_value(["gradient descent"])
    page.number_input(key=f"cut-rate-{page.session_state['explorer'].run}").set_value(5.0)
    page = fine(page.button(key="cut").click().run())
    assert "h stopped being finite" in page.warning[0].value


def test_a_fork_trains_and_joins_the_family(page: AppTest, train: Callable[..., Run], pool: Pool) -> None:
    parent = train(iterations=8, optimizer="Momentum")
    page = look_at(page, parent, step=3)
    assert "hor_estimate/Momentum and ver_estimate/Momentum of Momentum" in page.info[0].value
    page.selectbox(key=f"fork-optimizer-{parent.id}").set_value("Adam")
    page.number_input(key=f"fork-more-{parent.id}").set_value(6)
    page = fine(page.run())
    assert "only hor_estimate and ver_estimate are restored from model_iter-3" in page.info[0].value
    page = fine(page.button(key="fork").click().run())
    (child,) = (each for each in Runs(parent.directory.parent).manifests() if each.parent)
    assert child.parent == Parent(parent.id, 3)
    assert (child.train.optimizer, child.train.iterations) == ("Adam", 10)
    assert child.owner == hashlib.sha256(VISITOR.encode()).hexdigest()
    family = page.dataframe[0].value
    assert list(family["forked after iteration"]) == ["–", "3"]
    assert page.button(key="fork-history")
    run = Runs(parent.directory.parent).open(child.id)
    wait_until(lambda: run.manifest().status == FINISHED)
    assert read_history(run, run.sample()).steps == [4, 5, 6, 7, 8, 9, 10]


def test_too_many_iterations_are_said_in_a_sentence(page: AppTest, train: Callable[..., Run]) -> None:
    run = train(iterations=4)
    page = look_at(page, run, step=2)
    page.number_input(key=f"fork-more-{run.id}").set_value(20_000)
    page = fine(page.button(key="fork").click().run())
    assert "a run counts 20,000 iterations at most" in page.error[0].value
    assert [each.id for each in made(Runs(run.directory.parent))] == [run.id]


def said(page: AppTest) -> str:
    return "\n".join(str(each.value) for each in (*page.caption, *page.markdown))
