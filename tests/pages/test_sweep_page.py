"""The page Sweep without a browser: what it foretells, starts, shows and refuses."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import environment
from core.pool.queue import QueueFull
from core.pool.workers import Pool
from core.run.manifest import FAILED, FINISHED, QUEUED
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.estimate import Rates
from core.sweep.folder import Sweep, Sweeps
from core.sweep.grid import Axis, Grid
from core.sweep.results import read_results
from core.sweep.view import packed_view
from pages.parts.sweep import steering
from pages.ui import services
from tests.conftest import train_all
from tests.pages.conftest import words
from tests.pages.test_pages import Open

SMALL = DataSettings(samples=31, seed=3)
RATES = Axis("learning_rate", (0.001, 0.01, 9.0))


@pytest.fixture
def submitted(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> list[Sweep]:
    """The sweeps that the page has handed to the pool."""
    found: list[Sweep] = []
    monkeypatch.setattr(pool, "submit_sweep", lambda sweep, address="": found.append(sweep))
    return found


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "owner", lambda: "me")


def made(runs: Runs, *axes: Axis, trained: bool = True, iterations: int = 5) -> Sweep:
    grid = Grid(axes or (RATES, Axis("seed", (1, 2))), SMALL, TrainSettings(iterations=iterations))
    sweep = Sweeps(runs).create(grid, owner="me")
    if trained:
        train_all(sweep)
    return sweep


def keys(test: AppTest) -> set[str | None]:
    return {each.key for each in test.button}


def drawn(test: AppTest, sweep: Sweep | None = None) -> dict[str, Any]:
    """What the page handed to the browser, of a sweep that rests by its address alone."""
    protos = [each.proto for each in test.get("bidi_component")]
    (data,) = [json.loads(proto.json) for proto in protos if "distance" in proto.json or "held" in proto.json]
    if sweep is None:
        return dict(data)
    assert data.keys() == {"held", "step", "cell"}
    return packed_view(sweep, read_results(sweep), None, None, False)


def test_it_foretells_what_a_sweep_takes_and_starts_it(
    application: Open, empty_runs: Runs, submitted: list[Sweep], mine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = Rates(run=0.2, update=1e-5, checkpoint=2e-3, bytes=10_000, cells=5)
    monkeypatch.setattr(steering, "measured_rates", lambda runs: rates)
    test = application("sweep")
    test.session_state["explorer"].train = TrainSettings(iterations=50)
    test.session_state["explorer"].data = DataSettings(samples=100)
    test.run()
    assert "6 × 6 = 36 runs" in words(test)
    seconds = 36 * (0.2 + 50 * (2e-3 + 100 * 1e-5)) / 2
    assert f"about {round(seconds)} second" in words(test)
    assert "about 18 MB" in words(test)
    assert "(measured here)" in words(test)
    test.button(key="start-sweep").click().run()
    assert not test.exception
    (sweep,) = submitted
    record = sweep.record()
    assert record.owner == "me"
    assert [axis.name for axis in record.grid.axes] == ["learning_rate", "optimizer"]
    assert record.grid.train.iterations == 50
    assert record.grid.data == DataSettings(samples=100)
    assert [cell["status"] for cell in drawn(test, sweep)["cells"]] == [QUEUED] * 36
    assert test.session_state["explorer"].sweep == sweep.id


def test_values_can_be_listed_and_a_second_axis_left_out(
    application: Open, submitted: list[Sweep], mine: None
) -> None:
    test = application("sweep")
    test.selectbox(key="sweep-down").select("nothing else").run()
    test.selectbox(key="sweep-across").select("noise").run()
    test.segmented_control(key="sweep-across-noise-how").set_value("a list").run()
    test.text_input(key="sweep-across-noise-list").input("0, 0.5; 2").run()
    assert "**3 runs**" in words(test)
    test.text_input(key="sweep-across-noise-list").input("0, half").run()
    assert "Noise: 'half' is no number" in words(test)
    assert not [each for each in test.button if each.key == "start-sweep"]
    test.text_input(key="sweep-across-noise-list").input("0, 0.5").run()
    test.button(key="start-sweep").click().run()
    assert submitted[0].record().grid.axes == (Axis("noise", (0.0, 0.5)),)


def test_too_many_runs_or_too_much_disk_are_refused_before_they_start(
    application: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = application("sweep")
    test.number_input(key="sweep-across-learning_rate-count").set_value(40).run()
    assert "40 × 6 are 240 runs; at most 100" in words(test)
    test.number_input(key="sweep-across-learning_rate-count").set_value(6).run()
    monkeypatch.setenv(environment.DISK_MB, "5")
    test.run()
    assert "all runs together may take 5 MB" in words(test)
    assert environment.DISK_MB in words(test)


def test_a_finished_sweep_is_shown_by_its_link(application: Open, empty_runs: Runs) -> None:
    sweep = made(empty_runs)
    test = application("sweep", sweep=sweep.id)
    assert not test.exception
    assert "Diverges at 9 and above." in words(test)
    assert "Somebody else made this sweep." in words(test)
    data = drawn(test, sweep)
    assert data["axes"][0] == {"label": "Learning rate", "values": ["0.001", "0.01", "9"]}
    assert [cell["status"] for cell in data["cells"]] == [FINISHED, FINISHED, "diverged"] * 2
    assert data["seeds"] == 1
    assert data["surface"] is None
    import base64

    h = np.frombuffer(base64.b64decode(data["h"]), "<f4").reshape(6, 5)
    run = empty_runs.open(sweep.record().runs[4])
    assert h[4].tobytes() == run.steps()["h"].to_numpy(np.float32).tobytes()
    assert np.isnan(h[5]).all()
    assert not test.dataframe
    test.session_state["sweep-table"] = True
    table = test.run().dataframe[0].value
    assert list(table["run"]) == list(sweep.record().runs)
    assert list(table["Learning rate"]) == ["0.001", "0.01", "9"] * 2


def test_cells_of_one_sample_share_a_surface(application: Open, empty_runs: Runs) -> None:
    sweep = made(empty_runs, RATES)
    data = drawn(application("sweep", sweep=sweep.id), sweep)
    assert len(data["points"]) == 1
    assert data["seeds"] is None
    assert data["surface"] is not None


def test_the_script_and_the_file_are_made_when_they_are_wanted(application: Open, empty_runs: Runs) -> None:
    sweep = made(empty_runs, Axis("batch", (1, 0)))
    test = application("sweep", sweep=sweep.id)
    test.button(key="prepare-sweep-script").click().run()
    assert not test.exception
    assert len(test.get("download_button")) == 2
    test.button(key="prepare-sweep-html").click().run()
    assert not test.exception
    assert "Save as one HTML file, " in str(test.get("download_button")[-1])


def test_a_sweep_that_was_interrupted_says_so_and_goes_on(
    application: Open, empty_runs: Runs, submitted: list[Sweep], mine: None
) -> None:
    sweep = made(empty_runs, trained=False)
    test = application("sweep", sweep=sweep.id)
    assert "interrupted after 0 of 6 runs" in words(test)
    test.button(key="resume-sweep").click().run()
    assert [each.id for each in submitted] == [sweep.id]


def test_one_that_finds_no_place_says_so_and_is_paused(
    application: Open, empty_runs: Runs, pool: Pool, mine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(sweep: Sweep, address: str = "") -> None:
        raise QueueFull("You have 20 trainings waiting.")

    monkeypatch.setattr(pool, "submit_sweep", full)
    sweep = made(empty_runs, trained=False)
    test = application("sweep", sweep=sweep.id)
    test.button(key="resume-sweep").click().run()
    assert "You have 20 trainings waiting." in words(test)
    assert "interrupted" not in words(test.run())
    assert "resume-sweep" in keys(test)
    assert steering.standing_of(sweep, read_results(sweep)).kind == "paused"


@pytest.mark.parametrize("error", [QueueFull("no place"), OSError(errno.ENOSPC, "No space left on device")])
def test_one_that_is_refused_leaves_nothing_behind(
    application: Open,
    empty_runs: Runs,
    pool: Pool,
    mine: None,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def refuse(sweep: Sweep, address: str = "") -> None:
        raise error

    monkeypatch.setattr(pool, "submit_sweep", refuse)
    test = application("sweep")
    before = len(empty_runs.manifests())
    test.button(key="start-sweep").click().run()
    assert ("no place" if isinstance(error, QueueFull) else "No space left") in words(test)
    assert len(empty_runs.manifests()) == before
    assert Sweeps(empty_runs).records() == []


def test_a_sweep_of_which_no_run_came_to_its_end_says_so(
    application: Open, empty_runs: Runs, mine: None
) -> None:
    sweep = made(empty_runs, trained=False)
    for _, run in sweep.cells():
        run.update(status=FAILED, note="The file is damaged.")
    assert "No run reached its end." in words(application("sweep", sweep=sweep.id))


def test_its_owner_can_pause_stop_and_delete_it(
    application: Open, empty_runs: Runs, pool: Pool, mine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = made(empty_runs, trained=False)
    place = {sweep.id: 0}
    monkeypatch.setattr(pool, "place", place.get)
    test = application("sweep", sweep=sweep.id)
    test.button(key="pause-sweep").click().run()
    assert sweep.control().wish == "pause"
    place.clear()
    test.run()
    assert {"resume-sweep", "stop-sweep", "delete-sweep"} <= keys(test)
    test.button(key="stop-sweep").click().run()
    assert sweep.control().wish == "stop"
    assert {"resume-sweep", "delete-sweep"} <= keys(test)
    assert "stop-sweep" not in keys(test)
    test.button(key="delete-sweep").click().run()
    assert test.button(key="delete-sweep-confirmed").label == "Delete"
    assert "all its 6 runs are removed" in words(test)


def test_a_sweep_that_is_gone_leaves_the_page_whole(application: Open) -> None:
    test = application("sweep", sweep="0123456789abcdef")
    assert "There is no sweep '0123456789abcdef' here" in words(test)
    assert test.button(key="start-sweep")


def test_a_cell_that_was_deleted_says_so_in_its_place(application: Open, empty_runs: Runs) -> None:
    sweep = made(empty_runs)
    empty_runs.delete(sweep.record().runs[0])
    test = application("sweep", sweep=sweep.id)
    assert not test.exception
    assert drawn(test, sweep)["cells"][0]["status"] == "deleted"


def test_the_sidebar_lists_runs_of_their_own_and_the_cell_that_is_looked_at(
    application: Callable[..., AppTest], empty_runs: Runs
) -> None:
    sweep = made(empty_runs)
    run = empty_runs.open(sweep.record().runs[1])
    test = application("history", run)
    assert not test.exception
    (listed,) = [each for each in test.selectbox if str(each.key).startswith("runs-")]
    assert len(listed.options) == 2, "the cell and the recipe"


def test_a_run_whose_turn_in_its_sweep_has_not_come_is_not_interrupted(
    pool: Pool, empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep = made(empty_runs, trained=False)
    run = Run(empty_runs.root / sweep.record().runs[-1])
    monkeypatch.setattr(services, "pool", lambda: pool)
    assert services.condition(run, run.manifest()).kind == "interrupted", "no server trains the sweep"
    monkeypatch.setattr(pool, "place", lambda asked: 0 if asked == sweep.id else None)
    found = services.condition(run, run.manifest())
    assert found.kind == "waits"
    assert found.words() in ("waiting for its turn in the sweep", "TensorFlow is loading")


def test_a_sweep_trains_on_the_points_that_the_playground_shows_to_who_comes_back(
    application: Open, train: Callable[..., Run], mine: None
) -> None:
    run = train(iterations=3, optimizer="Adam")
    run.update(owner="me", data=DataSettings(h=2, seed=4))
    assert "points of h 2, v -2" in words(application("sweep"))
    test = application("sweep")
    assert test.session_state["explorer"].swept == TrainSettings(iterations=3, optimizer="Adam")


def test_what_stays_the_same_in_a_sweep_is_not_changed_on_the_playground(application: Open) -> None:
    test = application("sweep")
    field = next(
        each for each in test.number_input if (each.key or "").startswith("setting-swept-iterations")
    )
    test = field.set_value(7).run()
    current = test.session_state["explorer"]
    assert (current.swept.iterations, current.train.iterations) == (7, TrainSettings().iterations)
    assert "7 iterations each" in words(test)
    current.train = TrainSettings(optimizer="Adam")
    test.run()
    assert current.swept == TrainSettings(optimizer="Adam"), "the next sweep begins with the Playground's"
