"""Each way to train here beside the recipe's own loop: every file with values, byte by byte."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from core.checkpoint import DATA, FINAL, INDEX, ITER, UPDATE
from core.data import Sample, make_sample
from core.pool.training import train_run
from core.run.manifest import FINISHED
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweep, Sweeps
from core.sweep.grid import Axis, Grid
from core.sweep.script import script_of_sweep
from core.tf.first_pass import save_first_pass
from core.tf.training import train
from core.training.fork import fork, fork_settings
from core.training.script import script_of
from tests.conftest import train_all
from tests.elsewhere import execute
from tests.recipe import run_recipe

RATE = 0.001


@dataclass(frozen=True)
class Compared:
    """How many files were compared, and the names of those that differ or are missing."""

    files: int
    differ: tuple[str, ...]


@dataclass(frozen=True)
class Bits:
    """One optimizer trained in every way.

    Attributes:
        optimizers: of the sweep; `optimizer` is one of them.
        folder: an empty one.
        samples, iterations: of every training.
    """

    optimizer: str
    optimizers: Sequence[str]
    folder: Path
    samples: int
    iterations: int

    @property
    def _fork_at(self) -> int:
        """The fork begins after Adam's first power has come to zero, so that its first pass is there too."""
        return self.iterations * 9 // 10

    @cached_property
    def recipe(self) -> Path:
        """What the recipe's own loop saves: each iteration, and each update of the fork's first pass."""
        folder = self.folder / "recipe"
        folder.mkdir()
        run_recipe(
            self._sample.x,
            self._sample.y,
            self.optimizer,
            self.iterations,
            RATE,
            folder,
            each_update_of=self._fork_at + 1,
        )
        return folder

    def training(self) -> Compared:
        """One run from its start to its end."""
        return self.compare(self._run.checkpoints, 0)

    def sweep(self) -> Compared:
        """A cell of a sweep over all optimizers."""
        return self.compare(self._cell.checkpoints, 0)

    def resume(self) -> Compared:
        """Stopped twice and resumed."""
        run = self.fresh()
        manifest = run.manifest()
        for count in (self.iterations // 3, self.iterations // 2, self.iterations):
            with closing(train(run, manifest.train, run.sample())) as steps:
                for _ in islice(steps, count):
                    pass
        return self.compare(run.checkpoints, 0)

    def fork(self) -> Compared:
        """Forked near the end, with nothing changed."""
        return self.compare(self._fork.checkpoints, self._fork_at + 1)

    def first_pass(self) -> Compared:
        """Each update of the fork's first pass."""
        assert save_first_pass(self._fork) == self.samples
        names = [f"{UPDATE}-{number}" for number in range(1, self.samples + 1)]
        return self._compare_names(self._fork.first_pass, names)

    def script(self) -> Compared:
        """The script of the run."""
        elsewhere = self.folder / "script"
        assert "same bits" in execute(script_of(self._run), elsewhere)
        return self.compare(elsewhere / "checkpoints", 0)

    def script_of_sweep(self) -> Compared:
        """The script of the sweep over all optimizers."""
        elsewhere = self.folder.parent / "script of the sweep"
        if not elsewhere.exists():
            execute(script_of_sweep(self._sweep), elsewhere)
        return self.compare(elsewhere / self._cell.id / "checkpoints", 0)

    @property
    def ways(self) -> dict[str, Callable[[], Compared]]:
        """Every way by its name."""
        return {
            "training": self.training,
            "sweep": self.sweep,
            "resume": self.resume,
            "fork": self.fork,
            "first pass": self.first_pass,
            "script": self.script,
            "script of the sweep": self.script_of_sweep,
        }

    @cached_property
    def _data(self) -> DataSettings:
        return DataSettings(samples=self.samples)

    @cached_property
    def _sample(self) -> Sample:
        return make_sample(self._data)

    @cached_property
    def _settings(self) -> TrainSettings:
        return TrainSettings(self.optimizer, RATE, iterations=self.iterations)

    def fresh(self) -> Run:
        """A run that nobody has trained."""
        return Runs(self.folder / "runs").create(self._sample, self._settings, self._data)

    @cached_property
    def _run(self) -> Run:
        run = self.fresh()
        assert train_run(str(run.directory)) == FINISHED
        return run

    @cached_property
    def _fork(self) -> Run:
        at = self._fork_at
        settings = fork_settings(self._settings, at, self.iterations - at - 1)
        runs = Runs(self.folder / "runs")
        child = fork(runs, self._run, f"{ITER}-{at}", at, settings, self._sample, self._data)
        assert train_run(str(child.directory)) == FINISHED
        return child

    @cached_property
    def _sweep(self) -> Sweep:
        """One for all optimizers, beside the folders of each."""
        sweeps = Sweeps(Runs(self.folder.parent / "sweep"))
        known = sweeps.records()
        if known:
            return sweeps.open(known[0].id)
        axis = Axis("optimizer", tuple(self.optimizers))
        sweep = sweeps.create(Grid((axis,), self._data, self._settings))
        train_all(sweep)
        return sweep

    @cached_property
    def _cell(self) -> Run:
        return next(run for cell, run in self._sweep.cells() if cell.train.optimizer == self.optimizer)

    def compare(self, folder: Path, first: int) -> Compared:
        """All checkpoints of a run from iteration `first` on."""
        names = [f"{ITER}-{iteration}" for iteration in range(first, self.iterations)]
        return self._compare_names(folder, [*names, FINAL])

    def _compare_names(self, folder: Path, names: list[str]) -> Compared:
        wanted = {name + suffix for name in names for suffix in (DATA, INDEX)}
        found = {path.name for path in folder.iterdir() if path.name.endswith((DATA, INDEX))}
        both = wanted & found
        other = [name for name in both if (folder / name).read_bytes() != (self.recipe / name).read_bytes()]
        return Compared(len(both), tuple(sorted([*other, *(wanted ^ found)])))
