"""The script repeats the run byte for byte, far from the project."""

import ast
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.bundle import read_index
from core.checkpoint import DATA, INDEX
from core.data import Sample, make_sample
from core.pool.training import train_run
from core.run.manifest import STOPPED, Control
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.training.script import keeps_by_the_clock, script_of
from tests.elsewhere import execute

SMALL = DataSettings(samples=41, seed=3)

CASES: dict[str, tuple[DataSettings | None, TrainSettings]] = {
    "the recipe, a few iterations": (DataSettings(), TrainSettings(iterations=6)),
    "max_to_keep 5": (SMALL, TrainSettings(iterations=9, max_to_keep=5)),
    "Momentum, shuffled, other noise": (
        DataSettings(samples=41, seed=7, noise=1.5, h=0.1, v=0.7, x_min=-1.3, x_max=2.9),
        TrainSettings(optimizer="Momentum", iterations=5, order="shuffled", momentum=0.85),
    ),
    "Adam, batches with a rest": (
        SMALL,
        TrainSettings(optimizer="Adam", iterations=5, batch=7, learning_rate=0.03),
    ),
    "Momentum, all at once": (SMALL, TrainSettings(optimizer="Momentum", iterations=5, batch=0)),
    "own points": (None, TrainSettings(iterations=4, order="shuffled", learning_rate=0.01)),
}


def own_points() -> Sample:
    random = np.random.default_rng(11)
    x = random.normal(size=60).astype(np.float32)
    return Sample(x, (x**2 + random.normal(size=60) / 3).astype(np.float32))


def trained(tmp_path: Path, data: DataSettings | None, settings: TrainSettings) -> Run:
    sample = own_points() if data is None else make_sample(data)
    run = Runs(tmp_path / "runs").create(sample, settings, data)
    train_run(str(run.directory))
    return run


def assert_same_checkpoints(run: Run, folder: Path) -> None:
    names = {path.name for path in run.checkpoints.iterdir()}
    assert {path.name for path in folder.iterdir()} == names
    assert any(name.endswith(DATA) for name in names)
    for name in names:
        if name.endswith((DATA, INDEX)):
            assert (folder / name).read_bytes() == (run.checkpoints / name).read_bytes(), name
        if name.endswith(INDEX):
            prefix = name.removesuffix(INDEX)
            assert read_index(folder / prefix) == read_index(run.checkpoints / prefix)


@pytest.mark.parametrize("case", CASES)
def test_the_script_repeats_the_run_byte_for_byte(case: str, tmp_path: Path) -> None:
    data, settings = CASES[case]
    run = trained(tmp_path, data, settings)
    script = script_of(run)
    printed = execute(script, tmp_path / "elsewhere")
    assert_same_checkpoints(run, tmp_path / "elsewhere" / "checkpoints")
    files = sum(path.name.endswith((DATA, INDEX)) for path in run.checkpoints.iterdir())
    assert f"The same bits as in the run, in all {files} files." in printed


def test_the_script_of_a_stopped_run_goes_as_far_as_the_run_did(tmp_path: Path) -> None:
    run = Runs(tmp_path / "runs").create(make_sample(SMALL), TrainSettings(iterations=50), SMALL)
    run.steer(Control("stop"))
    assert train_run(str(run.directory)) == STOPPED
    assert "FIRST, END = 0, 50\n" in script_of(run)  # nothing was done: what was meant
    run.steer(Control())
    _stop_after(run, 4)
    script = script_of(run)
    assert "FIRST, END = 0, 4  # of 50" in script
    assert "model_final" not in script
    execute(script, tmp_path / "elsewhere")
    assert_same_checkpoints(run, tmp_path / "elsewhere" / "checkpoints")


def _stop_after(run: Run, iterations: int) -> None:
    from core.tf.training import train

    manifest = run.manifest()
    steps = train(run, manifest.train, run.sample())
    for _ in range(iterations):
        next(steps)
    steps.close()


def test_the_script_is_short_says_where_it_comes_from_and_needs_only_two_packages(tmp_path: Path) -> None:
    run = Runs(tmp_path).create(make_sample(DataSettings()), TrainSettings(), DataSettings())
    script = script_of(run)
    assert len(script.splitlines()) <= 120
    assert max(map(len, script.splitlines())) <= 110
    assert run.id in script
    assert "«" not in script
    imported = {
        name.name
        for node in ast.walk(ast.parse(script))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported == {"hashlib", "os", "numpy", "tensorflow"}


def test_own_points_survive_the_script_bit_for_bit(tmp_path: Path) -> None:
    sample = own_points()
    script = script_of(Runs(tmp_path).create(sample, TrainSettings()))
    start, end = script.index("x = np.array"), script.index("graph = tf.Graph()")
    scope: dict[str, object] = {"np": np}
    exec(script[start:end], scope)
    assert np.asarray(scope["x"]).tobytes() == sample.x.tobytes()
    assert np.asarray(scope["y"]).tobytes() == sample.y.tobytes()


def test_a_script_does_not_compare_what_the_clock_decides(tmp_path: Path) -> None:
    by_the_hour = TrainSettings(iterations=12, max_to_keep=3, keep_checkpoint_every_n_hours=1e-6)
    run = trained(tmp_path, DataSettings(), by_the_hour)
    assert keeps_by_the_clock(run.manifest())
    printed = execute(script_of(run), tmp_path / "script")
    assert "same bits" not in printed
    assert "after 12 iterations" in printed
    for usual in (TrainSettings(max_to_keep=3), TrainSettings(keep_checkpoint_every_n_hours=1e-6)):
        assert not keeps_by_the_clock(replace(run.manifest(), train=usual))


def test_a_run_that_diverged_before_its_first_checkpoint_is_repeated_as_that(
    empty_runs: Runs, tmp_path: Path
) -> None:
    sample = make_sample(SMALL)
    run = empty_runs.create(sample, TrainSettings(iterations=4, learning_rate=10), SMALL)
    assert train_run(str(run.directory)) == "diverged"
    execute(script_of(run), tmp_path / "elsewhere")
    assert not [*(tmp_path / "elsewhere").rglob("*.index")]
