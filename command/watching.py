"""`watch`: each checkpoint as soon as it is whole; one that is half-written waits."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from command.place import expanded
from command.told import GOOD, plain
from core.checkpoint import CheckpointError, Fault, Missing, Unreadable
from core.inspect.find import ITSELF, Checkpoint, File
from core.inspect.folder import Folder
from core.inspect.model import Listing
from core.words import counted, in_bytes, printable

PATIENCE = 10.0  # seconds that files which no longer change may stay unreadable before it is said


@dataclass(frozen=True)
class Seen:
    """A checkpoint that is whole, or has stayed broken for long."""

    checkpoint: Checkpoint
    listing: Listing | Fault


def run(asked: argparse.Namespace) -> int:
    """Print a line for each, until Ctrl+C or until `--for` seconds are over."""
    root = expanded(asked.path)
    try:
        there = root.is_dir()
    except OSError as error:
        raise Unreadable(f"{asked.path} cannot be looked at: {error.strerror}.") from None
    if not there:
        raise Missing(f"There is no folder {asked.path}.")
    end = None if asked.seconds is None else time.monotonic() + asked.seconds
    for seen in watched(Folder(root.resolve()), asked.every, end, asked.new):
        line = _json(seen) if asked.json else _line(seen)
        print(line, flush=True)
        if asked.once:
            break
    return GOOD


def watched(folder: Folder, every: float, end: float | None = None, new: bool = False) -> Iterator[Seen]:
    """Checkpoints in the order in which they become whole.

    Args:
        every: seconds between two looks.
        end: when to stop, on the clock of `time.monotonic`; None for never.
        new: leave out those that are there at the start.
    """
    told: dict[str, tuple[File, ...]] = {}
    waiting: dict[str, tuple[tuple[File, ...], float]] = {}
    first = True
    while True:
        try:
            found = folder.find().checkpoints
        except CheckpointError:
            found = ()  # it is being made, or moved
        now = time.monotonic()
        fresh = []
        for each in found:
            if told.get(each.path) == each.files:
                continue
            if first and new:
                told[each.path] = each.files
                continue
            files, since = waiting.get(each.path, ((), now))
            if files != each.files:
                waiting[each.path] = (each.files, now)
                files, since = each.files, now
                if not first:
                    continue  # it changed just now: once more, whether it still does
            fresh.append((each, since))
        for each, since in fresh:
            (answer,) = (
                folder.listings([each]) if each.has_values else (Fault("missing", "It has no values."),)
            )
            if isinstance(answer, Fault) and each.has_values and now - since < PATIENCE:
                folder.forget(each)
                continue
            told[each.path] = each.files
            waiting.pop(each.path, None)
            yield Seen(each, answer)
        first = False
        if end is not None and time.monotonic() >= end:
            return
        time.sleep(every)


def _line(seen: Seen) -> str:
    each, listing = seen.checkpoint, seen.listing
    stamp = time.strftime("%H:%M:%S")
    step = "" if each.step is None else f" step {each.step:,},"
    if isinstance(listing, Fault):
        return printable(f"{stamp} {each.path or ITSELF}:{step} {listing.sentence}")
    what = f"{counted(len(listing.tensors), 'tensor')}, {counted(listing.parameters, 'parameter')}"
    return printable(f"{stamp} {each.path or ITSELF}:{step} {what}, {in_bytes(each.bytes)}")


def _json(seen: Seen) -> str:
    each, listing = seen.checkpoint, seen.listing
    row: dict[str, object] = {"command": "watch", "path": each.path, "kind": each.kind, "step": each.step}
    row |= {"bytes": each.bytes, "tensors": None, "parameters": None, "problem": ""}
    if isinstance(listing, Listing):
        row |= {"tensors": len(listing.tensors), "parameters": listing.parameters}
    else:
        row["problem"] = listing.sentence
    return json.dumps(plain(row), allow_nan=False)
