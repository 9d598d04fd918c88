"""A run's directory, corrupted thousands of times, through everything that reads one."""

from __future__ import annotations

import io
import signal
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from bench.places import fresh
from bench.report import Check, Table
from core.checkpoint import CheckpointError, files_of
from core.data import DataError
from core.files import listing
from core.files.state_file import read_state
from core.files.tensor_bytes import read_data, same_bytes
from core.history.history import read_history
from core.pool.training import train_run
from core.run.export import contents, history_csv, write_zip
from core.run.runs import Run, RunNotFound, Runs
from core.run.step_log import iterations_done
from core.storage import disk_bytes
from core.training.script import script_of
from tests.soak.damage import damaged
from tests.soak.progress import progress

EXPECTED = (RunNotFound, CheckpointError, DataError)  # a sentence of our own for the page
PATIENCE = 20  # seconds after which a reader is taken to hang
NAME = "model_iter-3"
SHOWN = 5  # failures in the table

READERS: dict[str, Callable[[Run], object]] = {
    "run.json": Run.manifest,
    "control.json": Run.control,
    "data.csv": Run.sample,
    "steps.csv": Run.steps,
    "the end of steps.csv": lambda run: iterations_done(run.steps_file),
    "SHA256SUMS": Run.recorded,
    "its lock": Run.is_training,
    "verifying": lambda run: run.verify(NAME),
    "the list of files": listing.list_files,
    "all digests": listing.digest_all,
    "the state file": lambda run: read_state(run.checkpoints),
    "a data file": lambda run: read_data(run.checkpoints / NAME),
    "where bytes are shared": lambda run: same_bytes(run, NAME),
    "the zip": lambda run: write_zip(run, io.BytesIO()),
    "the zip's size": contents,
    "the script": script_of,
    "disk space": lambda run: disk_bytes(run.directory),
    "the list of runs": lambda run: Runs(run.directory.parent).manifests(),
    "problems": lambda run: Runs(run.directory.parent).problems("me"),
    "one file": lambda run: run.contents([f"checkpoints/{file}" for file in files_of(NAME)]),
}


def measure(count: int) -> Sequence[Table]:
    """`count` corruptions, each read by every reader."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        run = original(Runs(folder / "whole"))
        right = {row["name"]: _bits(row) for _, row in _table(run).iterrows()}
        readers = READERS | {"the history": partial(_values, right)}
        answers: Counter[str] = Counter()
        wrong: list[str] = []
        for seed in range(count):
            copy, done = damaged(run.directory, folder / "runs", seed)
            Runs(copy.parent).index.refresh(now=True)
            for what, read in readers.items():
                answers[_outcome(read, Run(copy), f"{what}, {done}", wrong)] += 1
            progress(f"{seed + 1} of {count} corruptions, {len(wrong)} not caught", seed + 1, count)
    return [
        Table(
            "Corruptions of a run's directory, through the readers",
            "One file of a finished run torn, swapped, crafted or replaced by a directory, a pipe or a link; "
            f"{len(readers)} readers each. A reader answers, or raises a sentence of ours.",
            ("what", "times"),
            (
                ("corruptions", str(count)),
                *((what, f"{times:,}") for what, times in answers.most_common()),
            ),
            (Check(f"{count:,} corruptions: none uncaught, no wrong value", shown(wrong), not wrong),),
        )
    ]


def original(runs: Runs) -> Run:
    """A finished run with slots, whose owner is "me"."""
    run = fresh(runs, iterations=8, optimizer="Momentum")
    run.update(owner="me")
    train_run(str(run.directory))
    return run


def shown(wrong: Sequence[str]) -> str:
    """How many failures, and the first of them."""
    return f"{len(wrong)} failures" + "".join(f"; {each[:200]}" for each in wrong[:SHOWN])


def _outcome(read: Callable[[Run], object], run: Run, what: str, wrong: list[str]) -> str:
    try:
        with _patience():
            read(run)
    except EXPECTED:
        return "refused with a sentence"
    except Exception as error:
        wrong.append(f"{what}: {type(error).__name__}: {error}")
        return "uncaught"
    return "answered"


def _values(right: dict[str, bytes], run: Run) -> None:
    """Every value of the history is one that was saved under that name."""
    history = read_history(run, run.sample())
    history_csv(history)
    for _, row in history.table.iterrows():
        if right.get(row["name"]) != _bits(row):
            raise ValueError(f"{row['name']} is drawn with values that it never had")


def _table(run: Run) -> pd.DataFrame:
    return read_history(run, run.sample()).table


def _bits(row: pd.Series) -> bytes:
    return b"".join(np.float32(row[name]).tobytes() for name in ("h", "v"))


class Hangs(Exception):
    """No answer for long; not a TimeoutError, which is one of the system's errors that a reader may catch."""


@contextmanager
def _patience() -> Iterator[None]:
    def give_up(*_: object) -> None:
        raise Hangs(f"no answer within {PATIENCE} s")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
