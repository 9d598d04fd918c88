"""What the pages give to the time machine, from the files of runs."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import data
from core.data import make_sample
from core.history.history import read_history
from core.pool.training import train_run
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.training.fork import fork
from pages.ui import tracks
from tests.pages.conftest import words


def test_a_second_run_is_judged_by_the_points_that_are_shown(train: Callable[..., Run]) -> None:
    run = train(iterations=3)
    other = train(make_sample(DataSettings(h=0.2, seed=5)), iterations=3)
    other.update(colour=3)
    first, second = tracks.history_view(run, [other], step=None, revision=0, live=False).runs
    assert (first.other_points, second.other_points) == (False, True)
    assert first.colour != second.colour
    assert np.array_equal(second.cost, data.cost(run.sample(), second.h, second.v))
    alone = tracks.history_view(other, (), step=None, revision=0, live=False).runs[0]
    assert alone.colour == other.manifest().colour == second.colour, "wherever it is drawn"
    assert tracks.live_view(other, live=False).runs[0].colour == second.colour
    assert np.array_equal(alone.cost, data.cost(other.sample(), alone.h, alone.v))
    assert not np.allclose(alone.cost, second.cost)


def test_the_stop_after_the_last_iteration_is_the_final_checkpoint_where_there_is_one(
    train: Callable[..., Run],
) -> None:
    run = train(iterations=3)
    (track,) = tracks.history_view(run, step=None, revision=0, live=False).runs
    assert track.steps.tolist() == [0, 1, 2, 3]
    assert track.final_step == 3
    for path in run.checkpoints.glob("model_final*"):
        path.unlink()
    (track,) = tracks.history_view(run, step=None, revision=0, live=False).runs
    assert track.steps.tolist() == [0, 1, 2]
    assert track.final_step is None


def test_a_run_starts_at_0_and_a_fork_at_the_checkpoint_it_was_given(
    train: Callable[..., Run], empty_runs: Runs
) -> None:
    run = train(iterations=4)
    child = fork(empty_runs, run, "model_iter-2", 2, TrainSettings(iterations=6), run.sample(), None)
    train_run(str(child.directory))
    row = read_history(run, run.sample()).row(2)
    for each, start in ((run, (0.0, 0.0)), (child, (row["h"], row["v"]))):
        view = tracks.history_view(each, (), step=None, revision=0, live=False)
        assert view.runs[0].start == pytest.approx(start)
        assert view.surface is not None
        assert view.surface.h[0] < start[0] < view.surface.h[-1]
        live = tracks.live_view(each, live=False)
        assert live.runs[0].start == pytest.approx(start)
        assert not live.controls


def test_a_run_without_its_first_pass_says_how_to_get_it_and_the_slider_then_has_it(
    application: Callable[..., AppTest], train: Callable[..., Run]
) -> None:
    run = train(iterations=3)
    test = application("history", run)
    assert "The first iteration has 201 updates. Only the last is saved." in words(test)
    test.button(key="save-first-pass").click().run()
    assert "Each of the 201 stops is a checkpoint" in words(test)
    (track,) = tracks.history_view(run, (), step=None, revision=0, live=False).runs
    assert track.inner is not None
    assert (track.inner.h[-1], track.inner.v[-1]) == (track.h[0], track.v[0])
