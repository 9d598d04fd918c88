"""Training many runs one after another: what is the same from run to run is made once.

A run alone spends a fifth of its time on building its graph and on the session's first run of it. Runs that
differ only in their data, their order or their number of iterations share a graph: here its session
and its Saver stand from cell to cell, and every variable is set to its start before each. The files are the
same, byte for byte.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Hashable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.checkpoint import name_of
from core.data import Sample
from core.files import state_file
from core.run.runs import Run
from core.settings import TrainSettings
from core.tf.model import Model, build, epoch_of, prepared, session
from core.tf.saving import CheckpointWriter, make_saver
from core.tf.training import iterate
from core.training.step import Step


@dataclass(frozen=True, eq=False)
class _Standing:
    """What stands while the graph stays the same."""

    graph: Hashable
    model: Model
    opened: Any
    saver: Any
    run_epoch: Any


class _QuickSaver:
    """A Saver whose save in between is its own save operation and nothing else.

    `Saver.save` spends half of its time in Python: it looks for what it wrote, keeps its list and writes the
    state file. Where neither is asked for, the operation alone leaves the same two files.
    """

    def __init__(self, saver: Any) -> None:
        self._saver = saver
        self._write: Any = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._saver, name)

    def prepare(self, opened: Any) -> None:
        """Make the save operation callable in this session."""
        names = self._saver.saver_def
        self._write = prepared(opened, [names.filename_tensor_name], [names.save_tensor_name])

    def save(
        self, opened: Any, path: str, global_step: int | None, write_meta_graph: bool, write_state: bool
    ) -> None:
        """As `Saver.save` does."""
        if write_state or write_meta_graph or global_step is None:
            self._saver.save(opened, path, global_step, None, "meta", write_meta_graph, write_state)
        else:
            self._write(np.array(f"{path}-{global_step}", object))


class Workbench(AbstractContextManager["Workbench"]):
    """Trains fresh runs, keeping graph, session and Saver for as long as the next run has the same.

    Attributes:
        epochs: seconds spent in passes over samples, without saves, in all runs so far.
    """

    def __init__(self) -> None:
        self.epochs = 0.0
        self._stack = ExitStack()
        self._standing: _Standing | None = None

    def __exit__(self, *exception: object) -> None:
        self._standing = None
        self._stack.close()

    def train(
        self, run: Run, graph: Hashable, settings: TrainSettings, sample: Sample, seed: int
    ) -> Generator[Step, None, None]:
        """Train a run that has no checkpoint yet, as `core.tf.training.train` does, with the same files.

        The state file is written at the end, where a Saver that keeps every checkpoint leaves the same
        one; when the iterator is closed before, it names the last checkpoint.

        Args:
            run: its directory; the caller holds `run.exclusive()`.
            graph: equal for runs that can share a graph and a Saver.

        Raises:
            TrainingError: as there.
        """
        standing = self._stand(graph, settings)
        # A Saver that deletes remembers what it saved, and its own state file decides what that is.
        keeps_all = settings.max_to_keep is None
        writer = CheckpointWriter(run, standing.model, settings, standing.saver, each_state=not keeps_all)
        standing.opened.run(standing.model.init)
        last = ""
        try:
            for step in iterate(standing.opened, standing.run_epoch, writer, settings, sample, seed, 0):
                last = name_of(step.iteration)
                yield step
            last = ""
        finally:
            if last and keeps_all:
                state_file.write_state(writer.directory, [last])
            if not keeps_all:
                self._clear()

    def _stand(self, graph: Hashable, settings: TrainSettings) -> _Standing:
        if self._standing is not None and self._standing.graph == graph:
            return self._standing
        self._clear()
        model = build(settings)
        opened = self._stack.enter_context(session(model.graph, chain=True))
        saver = _QuickSaver(make_saver(settings))
        run_epoch = epoch_of(opened, model)
        saver.prepare(opened)

        def timed(*points: Any) -> Any:
            began = time.perf_counter()
            found = run_epoch(*points)
            self.epochs += time.perf_counter() - began
            return found

        self._standing = _Standing(graph, model, opened, saver, timed)
        return self._standing

    def _clear(self) -> None:
        self._standing = None
        self._stack.close()
