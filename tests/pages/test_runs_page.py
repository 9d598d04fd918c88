"""The page Runs: what each run came to, and what can be done with those that are ticked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core import palette
from core.pool.workers import Pool
from core.run.runs import Run, RunNotFound, Runs
from pages.ui import services
from tests.pages.conftest import alone, fine, words

OWNER = "me"


@pytest.fixture
def page(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(services, "pool", lambda: pool)
    monkeypatch.setattr(services, "owner", lambda: OWNER)
    return alone("runs")


def mine(run: Run, **changes: object) -> Run:
    run.update(owner=OWNER, **changes)
    return run


def test_without_runs_it_says_how_to_get_one(page: AppTest, empty_runs: Runs) -> None:
    page = fine(page.run())
    assert "No runs yet" in page.info[0].value


def test_every_run_has_its_row_its_name_and_its_outcome(page: AppTest, train: Callable[..., Run]) -> None:
    first = mine(train(iterations=5), colour=1)
    second = mine(train(iterations=3, optimizer="Adam"), colour=2)
    page = fine(page.run())
    table = page.dataframe[0].value
    assert list(table["name"]) == ["Adam 0.001", "gradient descent 0.001"]
    assert list(table["iterations"]) == ["3 of 3", "5 of 5"]
    last = first.steps().iloc[-1]
    assert table["final cost"].iloc[1] == last["cost"]
    assert table["distance from the truth"].iloc[1] == pytest.approx(
        ((last["h"] - 1) ** 2 + (last["v"] + 2) ** 2) ** 0.5
    )
    assert len(set(table["colour"])) == 2
    assert second.manifest().colour in range(len(palette.RUNS))


def test_each_deletion_can_be_undone_by_its_owner(
    page: AppTest, train: Callable[..., Run], empty_runs: Runs
) -> None:
    first, second, other = (mine(train(iterations=n), name=f"run {n}") for n in (2, 3, 4))
    train(iterations=1).update(owner="somebody else", name="not mine")
    empty_runs.discard(next(each.id for each in empty_runs.manifests("somebody else")))
    for run in (first, second):
        empty_runs.discard(run.id)
    assert [each.id for each in empty_runs.manifests(OWNER)] == [other.id]
    with pytest.raises(RunNotFound):
        empty_runs.open(first.id)
    page = fine(page.run())  # as after a reload: nothing is remembered but the visitor
    assert "You can bring these back" in words(page)
    undo = [each for each in page.button if each.key and each.key.startswith("runs-undo-")]
    assert {each.label for each in undo} == {"run 2", "run 3", "All 2"}
    page = fine(next(each for each in undo if each.label == "run 2").click().run())
    assert {each.id for each in empty_runs.manifests(OWNER)} == {first.id, other.id}
    assert empty_runs.open(first.id).steps()["iteration"].tolist() == [0, 1]
    assert [each.id for each in empty_runs.discarded(OWNER)] == [second.id]


def test_the_runs_of_sweeps_are_listed_when_they_are_asked_for(
    page: AppTest, train: Callable[..., Run]
) -> None:
    mine(train(iterations=2), name="alone")
    mine(train(iterations=2), name="a cell", sweep="0" * 16)
    page = fine(page.run())
    assert list(page.dataframe[0].value["name"]) == ["alone"]
    page = fine(page.toggle(key="runs-of-sweeps").set_value(True).run())
    assert set(page.dataframe[0].value["name"]) == {"alone", "a cell"}


def test_who_is_to_leave_is_named_beforehand(
    page: AppTest, train: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = mine(train(iterations=3), name="precious")
    monkeypatch.setenv("CHECKPOINT_EXPLORER_DISK_MB", str(run.manifest().bytes / 1e6))
    page = fine(page.run())
    assert "These are deleted next" in page.warning[0].value
    assert "precious" in page.warning[0].value
    run.update(kept=True)
    page = fine(page.run())
    assert not page.warning


def test_undo_does_not_last_for_ever(train: Callable[..., Run], empty_runs: Runs) -> None:
    run = train(iterations=1)
    empty_runs.discard(run.id)
    empty_runs.empty_trash(0.0)
    with pytest.raises(RunNotFound, match="cannot be brought back"):
        empty_runs.bring_back(run.id)
