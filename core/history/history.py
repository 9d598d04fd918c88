"""The history of a run: every readable checkpoint, from the files in its directory alone.

Not from the `checkpoint` state file, which forgets, and not from memory. A file that is missing, torn
or vanishing costs its own row, with the reason, never the table.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from core import data
from core.bundle import read_with_contents
from core.checkpoint import DATA, INDEX, CheckpointError, H, Unreadable, V, is_ours, iteration_of
from core.data import Sample
from core.run.digests import digest_of
from core.run.runs import CHECKPOINTS, Run
from core.run.step_log import iterations_done

COLUMNS = ("name", "step", "h", "v", "cost")

Stamp = tuple[tuple[int, int] | None, tuple[int, int] | None]


@dataclass(frozen=True)
class Lost:
    """A checkpoint that is there and cannot be read, and why.

    Attributes:
        torn: whether its files are incomplete or damaged; else the disk did not give them.
    """

    name: str
    step: int
    reason: str
    torn: bool = True


@dataclass(frozen=True, eq=False)
class History:
    """Every checkpoint of a run.

    Attributes:
        table: one row a readable checkpoint, by step: name, step, h, v (float32), cost (float64, on
            the run's data), then one column for every other saved tensor, such as a slot.
            `model_final` has the step after the last `model_iter`.
        lost: checkpoints that are torn.
        gone: steps that were trained and have no files any more, deleted by retention.
        rows: name to the row's values and the stamps (modification time in ns, size) of index and data
            by which the row is known again.
        trained: iterations that were done.
        sample: the data that the costs are of.
    """

    table: pd.DataFrame
    lost: tuple[Lost, ...]
    gone: tuple[int, ...]
    rows: dict[str, tuple[Stamp, dict[str, np.float32]]] = field(repr=False)
    trained: int
    sample: Sample = field(repr=False)

    @property
    def steps(self) -> list[int]:
        """The readable steps, in order."""
        return [int(step) for step in self.table["step"]]

    def row(self, step: int) -> pd.Series:
        """The row of this step.

        Raises:
            KeyError: no readable checkpoint has this step.
        """
        rows = self.table[self.table["step"] == step]
        if rows.empty:
            raise KeyError(step)
        return rows.iloc[0]

    def nearest(self, step: int) -> int | None:
        """The readable step closest to `step`; None when there is none."""
        return min(self.steps, key=lambda each: abs(each - step), default=None)


def read_history(run: Run, sample: Sample, known: History | None = None) -> History:
    """Read the run's checkpoints; rows of `known` whose files have not changed are taken over.

    Where nothing has changed the answer is `known` itself.

    Raises:
        RunNotFound: the run is gone.
    """
    try:
        found = _checkpoints(run.checkpoints)
    except (FileNotFoundError, NotADirectoryError):
        if not os.path.lexists(run.directory / "run.json"):
            raise run.gone() from None
        found = {}  # somebody removed the checkpoints alone
    on_disk = [iteration for name in found if (iteration := iteration_of(name)) is not None]
    manifest = run.manifest()
    # Neither a stray file nor a line of the log makes the run longer than it can be.
    trained = max(iterations_done(run.steps_file), max(on_disk, default=-1) + 1)
    trained = min(trained, manifest.train.iterations)
    rows: dict[str, tuple[Stamp, dict[str, np.float32]]] = {}
    steps: list[int] = []
    lost: list[Lost] = []
    before = {} if known is None else known.rows
    unread = {name for name, stamp in found.items() if name not in before or before[name][0] != stamp}
    same = not unread and before.keys() == found.keys()
    if same and known and not known.lost and (known.sample is sample and known.trained == trained):
        return known
    recorded = run.recorded([f"{CHECKPOINTS}/{name}{suffix}" for name in unread for suffix in (INDEX, DATA)])
    for name, stamp in found.items():
        iteration = iteration_of(name)
        step = trained if iteration is None else iteration
        if name not in unread:
            rows[name] = before[name]
        else:
            try:
                rows[name] = stamp, row_of(run, CHECKPOINTS, name, recorded)
            except CheckpointError as error:
                lost.append(Lost(name, step, str(error), not isinstance(error, Unreadable)))
                continue
        steps.append(step)
    values = pd.DataFrame([row for _, row in rows.values()], columns=None if rows else ["h", "v"])
    table = pd.concat([pd.DataFrame({"name": [*rows], "step": steps}), values], axis=1)
    table = table.sort_values("step", ignore_index=True)
    table["cost"] = data.cost(sample, table["h"], table["v"])
    there = {*table["step"], *(each.step for each in lost)}
    # A fork counts on from its parent's step; only forks have a start/ to look for.
    parent = manifest.parent if run.start.is_dir() else None
    first = 0 if parent is None else parent.iteration + 1
    gone = tuple(step for step in range(first, trained) if step not in there)
    lost.sort(key=lambda each: (each.step, each.name))  # they came in the order of the directory
    return History(table, tuple(lost), gone, rows, trained, sample)


def _checkpoints(directory: Path) -> dict[str, Stamp]:
    """Names of the checkpoints that have an index or data, with the stamps of both files."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    with os.scandir(directory) as files:
        for file in files:
            for suffix in (INDEX, DATA):
                if file.name.endswith(suffix):
                    try:
                        status = file.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    name = file.name.removesuffix(suffix)
                    found.setdefault(name, {})[suffix] = (status.st_mtime_ns, status.st_size)
    return {name: (stamps.get(INDEX), stamps.get(DATA)) for name, stamps in found.items() if is_ours(name)}


def row_of(run: Run, folder: str, name: str, recorded: Mapping[str, str]) -> dict[str, np.float32]:
    """h, v and every other variable of one checkpoint.

    Args:
        folder: of the run's directory, in which it lies.
        recorded: path in the run's directory to SHA-256. A file that is not in it is read all the same:
            it is being written, or it is of version 1.0.

    Raises:
        CheckpointError: it cannot be read, is not the one that the run wrote, or is not one of this model.
    """
    values, contents = read_with_contents(run.directory / folder / name)
    for file, content in contents.items():
        written = recorded.get(f"{folder}/{file}")
        if written is not None and digest_of(content) != written:
            raise CheckpointError(
                f"{file} is whole, but not the file that this run wrote (the recorded SHA-256 is another)."
            )
    row: dict[str, np.float32] = {}
    for variable, value in values.items():
        if value.dtype != np.float32 or value.shape != () or variable in COLUMNS:
            raise CheckpointError(
                f"{name} holds {variable!r} as {value.dtype} {value.shape}; this model has float32 scalars, "
                f"named {H}, {V} and after their slots."
            )
        row[variable] = np.float32(value)
    try:
        return {"h": row.pop(H), "v": row.pop(V), **row}
    except KeyError:
        raise CheckpointError(
            f"{name} holds {', '.join(sorted(values)) or 'nothing'}, not {H} and {V}."
        ) from None
