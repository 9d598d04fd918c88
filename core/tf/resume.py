"""Interrupts a training, restores it in two ways, and lays it beside the one that nobody interrupted.

`python -m core.tf.resume DIRECTORY` trains the run in DIRECTORY and prints each iteration's number
when its checkpoint is on disk: the process to be killed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from core.bundle import read_index
from core.checkpoint import DATA, FINAL, INDEX, META, H, V, name_of
from core.data import Floats, Sample, cost, optimum
from core.history.history import read_history
from core.run.runs import CHECKPOINTS, Run, Runs
from core.settings import TrainSettings
from core.tf.model import build, epoch_of, session
from core.tf.training import sample_order, shuffle_seed, train
from core.training.resume import Interruption, Resumed

v1 = tf.compat.v1

KILLED_WITHIN = 60.0  # seconds that a killed process is waited for; it imports TensorFlow first


def interrupt(origin: Run, train_settings: TrainSettings, iteration: int, kill: bool) -> Interruption:
    """Train on the run's points, interrupt after `iteration`, restore and go on.

    All of it happens in a temporary directory; `origin` is only read.

    Args:
        train_settings: how to train; every checkpoint is kept, whatever `max_to_keep` says.
        iteration: 0 … iterations - 2.
        kill: train in a process of its own and end it with SIGKILL, instead of stopping.

    Raises:
        TrainingError: this training cannot be done.
    """
    settings = replace(train_settings, max_to_keep=None)
    sample, seed = origin.sample(), shuffle_seed(origin.manifest().data)
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(Path(folder))
        data = origin.manifest().data
        undisturbed = runs.create(sample, settings, data)
        whole = _estimates(undisturbed, settings, sample, seed)
        cut = runs.create(sample, settings, data)
        if kill:
            _train_and_kill(cut, iteration)
        else:
            _train_and_stop(cut, settings, sample, seed, iteration)
        left_over = _left_over(cut)
        rows = read_history(cut, sample).table
        latest = str(rows["name"].iloc[-1])
        first = min(int(rows["step"].iloc[-1]) + 1, settings.iterations)  # `model_final` is no iteration
        prefix = cut.checkpoints / latest
        held = [entry.name for entry in read_index(prefix)]
        # Without the slots first: going on with them writes into the same directory.
        without = go_on_without_slots(prefix, settings, sample, seed, first)
        within = _estimates(cut, settings, sample, seed)[first:]
        files, differing = _compare_files(cut, undisturbed, first, settings.iterations)
        return Interruption(
            optimizer=settings.optimizer,
            wished=iteration,
            killed=kill,
            latest=latest,
            left_over=left_over,
            h=whole[:, 0],
            v=whole[:, 1],
            cost=cost(sample, whole[:, 0], whole[:, 1]),
            least=optimum(sample).cost,
            begun=float(cost(sample, np.zeros(1, np.float32), np.zeros(1, np.float32))[0]),
            slots=tuple(name for name in held if name not in (H, V)),
            with_slots=Resumed.beside(True, first, within, whole, sample, files, differing),
            without_slots=Resumed.beside(False, first, without, whole, sample),
        )


def go_on_without_slots(
    prefix: Path, settings: TrainSettings, sample: Sample, seed: int, first: int
) -> Floats:
    """Restore h and v alone, let all other variables start fresh, and train to the end.

    Returns:
        h and v after each iteration from `first` on, float32 [iterations - first, 2].
    """
    model = build(settings)
    with session(model.graph, chain=True) as opened:
        opened.run(model.init)
        v1.train.Saver([model.h, model.v]).restore(opened, str(prefix))
        run_epoch = epoch_of(opened, model)
        found = []
        for iteration in range(first, settings.iterations):
            order = sample_order(settings, len(sample), iteration, seed)
            found.append(run_epoch(sample.x[order], sample.y[order]))
    return np.array(found, np.float32).reshape(-1, 2)


def _compare_files(cut: Run, whole: Run, first: int, iterations: int) -> tuple[int, int | None]:
    """How many files with values were saved from iteration `first` on, and the first that has another one.

    The digests are recorded as each file is saved. `model_final` counts as saved in the last iteration.
    """
    mine, theirs = cut.recorded(), whole.recorded()
    files, differing = 0, []
    for iteration in range(first, iterations + 1):
        name = name_of(iteration) if iteration < iterations else FINAL
        for suffix in (DATA, INDEX):
            path = f"{CHECKPOINTS}/{name}{suffix}"
            files += 1
            if mine.get(path) != theirs[path]:
                differing.append(min(iteration, iterations - 1))
    return files, min(differing, default=None)


def _estimates(run: Run, settings: TrainSettings, sample: Sample, seed: int) -> Floats:
    """Train to the end; h and v as every checkpoint holds them, float32 [iterations, 2]."""
    for _ in train(run, settings, sample, seed):
        pass
    table = read_history(run, sample).table
    return table[["h", "v"]].to_numpy(np.float32)[: settings.iterations]


def _train_and_stop(run: Run, settings: TrainSettings, sample: Sample, seed: int, iteration: int) -> None:
    with closing(train(run, settings, sample, seed)) as steps:
        for done in steps:
            if done.iteration == iteration:
                return


def _train_and_kill(run: Run, iteration: int) -> None:
    """Train in another process and end it with SIGKILL as soon as it has saved `iteration`."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", __name__, str(run.directory)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=root,
        env={**os.environ, **quiet},
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= iteration:
                break
        process.send_signal(signal.SIGKILL)
        process.wait(KILLED_WITHIN)


def _left_over(run: Run) -> tuple[str, ...]:
    """Files that belong to no whole checkpoint."""
    there = {path.name for path in run.checkpoints.iterdir()}
    whole = {"checkpoint"}
    for name in there:
        prefix = name.removesuffix(INDEX)
        files = {prefix + suffix for suffix in (META, INDEX, DATA)}
        if name.endswith(INDEX) and files <= there:
            whole |= files
    return tuple(sorted(there - whole))


def main(directory: str) -> None:
    """Train the run in `directory`; print each iteration that is on disk."""
    run = Run(Path(directory))
    manifest = run.manifest()
    for step in train(run, manifest.train, run.sample(), shuffle_seed(manifest.data)):
        print(step.iteration, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
