"""A directory of anybody's checkpoints, read in processes of its own; answers are kept by file stamps."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.bundle.values import Array
from core.checkpoint import CheckpointError, Fault, Missing
from core.inspect import over_time
from core.inspect.code.block import Block
from core.inspect.compare import Comparison, Tolerance
from core.inspect.confined import ask
from core.inspect.diagnosis import Finding
from core.inspect.find import Checkpoint, Found, stamp
from core.inspect.graphs import Graph
from core.inspect.look import Look, Numbers, side_of
from core.inspect.model import Listing
from core.inspect.over_time import Measured
from core.inspect.verdict.verdict import Choice, Verdict

_FIRST, _BATCH = 1.0, 8.0  # seconds of measuring after which there is something to show, and more of it
_TEXT = 25  # a graph as text takes so many times as long as its bytes would (2.3 MB a second)
_GRAPH = 300_000_000  # bytes; a larger graph is not parsed
_MOST = 50_000  # answers about single checkpoints that are kept


class Folder:
    """A directory that is looked into. Safe to use from several threads."""

    def __init__(self, root: Path, *, below: bool = True) -> None:
        """Args:
        below: look into the directories in it, too.
        """
        self.root = root
        self._below = below
        self._kept: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._lock = threading.Lock()

    def find(self) -> Found:
        """What lies in it now.

        Raises:
            CheckpointError: it cannot be read.
        """
        # A look at names and times is cheaper than a process, and a page asks at every click.
        now = stamp(self.root, below=self._below)
        known = self._get("find")
        if known is None or known[0] != now:
            known = self._keep((now, ask("find", str(self.root), self._below, files=5)), "find")
        return known[1]

    def listing(self, checkpoint: Checkpoint) -> Listing:
        """What one checkpoint holds.

        Raises:
            CheckpointError: it cannot be listed.
        """
        (answer,) = self.listings([checkpoint])
        if isinstance(answer, Fault):
            raise answer.error()
        return answer

    def listings(self, checkpoints: Sequence[Checkpoint]) -> tuple[Listing | Fault, ...]:
        """What each checkpoint holds, or why it cannot be listed."""
        wanted = [each for each in checkpoints if self._get("list", each) is None]
        if wanted:
            size = sum(each.bytes for each in wanted)
            try:
                answers = ask("list_all", str(self.root), wanted, size=size, files=len(wanted))
            except CheckpointError as error:
                # One of them took the process down: each by itself, so that the others are seen.
                answers = (
                    [Fault.of(error)] if len(wanted) == 1 else [self.listings([each])[0] for each in wanted]
                )
            for checkpoint, answer in zip(wanted, answers, strict=True):
                self._keep(answer, "list", checkpoint)
        return tuple(self._get("list", each) for each in checkpoints)

    def forget(self, checkpoint: Checkpoint) -> None:
        """Look at a checkpoint again, though its files have the stamps that they had."""
        with self._lock:
            self._kept.pop(("list", checkpoint), None)

    def measure(self, series: Sequence[Checkpoint]) -> tuple[tuple[Measured, ...], int]:
        """Measure a series, as much as a few seconds allow; and how many are still to do.

        Ask again for the rest: what is known, by path, size and time of every file, is not read twice.
        """
        pairs = [*zip(series, [None, *series[:-1]], strict=True)]
        todo = [pair for pair in pairs if self._get("measure", *pair) is None]
        if todo:
            some = todo[:200]
            size = sum(a.bytes + (b.bytes if b else 0) for a, b in some)
            seconds = min(_BATCH if len(todo) < len(pairs) else _FIRST, 1.5 * len(some))
            largest = max(a.bytes for a, _ in some)
            try:
                answers = ask(
                    "measure", str(self.root), some, seconds, size=size, largest=largest, files=len(some)
                )
            except CheckpointError as error:
                some = some[:1]
                answers = [(Measured.unreadable(*some[0], error), False)]
                if len(todo) > 1:
                    answers = self._measured_alone(some[0])
            self._keep_measured(some, answers)
        return self.known(series)

    def known(self, series: Sequence[Checkpoint]) -> tuple[tuple[Measured, ...], int]:
        """What is measured of a series from its beginning on, and how many are to do; nothing is read."""
        done = [self._get("measure", *pair) for pair in zip(series, [None, *series[:-1]], strict=True)]
        first_missing = next((n for n, each in enumerate(done) if each is None), len(done))
        return tuple(done[:first_missing]), len(done) - first_missing

    def compare(
        self,
        first: Checkpoint,
        second: Checkpoint,
        other: Folder | None = None,
        tolerance: Tolerance | None = None,
    ) -> Comparison:
        """Compare two checkpoints; the second may lie in another folder.

        Raises:
            CheckpointError: one of them cannot be opened.
        """
        there = other or self
        key = ("compare", first, there.root, second, tolerance or Tolerance())
        arguments = (first, str(there.root), second, tolerance or Tolerance())
        size, largest = 2 * (first.bytes + second.bytes), max(first.bytes, second.bytes)
        return self._once(key, *arguments, size=size, largest=largest, files=2)

    def diagnose(self, found: Found, *, every_byte: bool = True) -> tuple[Finding, ...]:
        """What is wrong with it; the worst first.

        Raises:
            CheckpointError: the files killed the process that looked for it.
        """
        key = ("diagnose", found, every_byte)
        if (known := self._get(*key)) is not None:
            return known
        largest = max((each.bytes for each in found.checkpoints), default=0)
        size = sum(_as_read(self.root / each.path, each.bytes) for each in found.checkpoints)
        return self._once(key, *key[1:], size=size, largest=largest, files=len(found.checkpoints))

    def would_load(
        self,
        checkpoint: Checkpoint,
        into: Checkpoint | str,
        other: Folder | None = None,
        choice: Choice | None = None,
    ) -> Verdict:
        """What happens when a checkpoint is loaded into a target.

        Args:
            into: a checkpoint, SavedModel or Keras file of the target, or the path of a `.meta` file or of a
                Keras model's configuration.
            other: the folder that `into` lies in, if it is another one.

        Raises:
            CheckpointError: the target cannot be read.
        """
        there = (other or self).root
        try:
            status = None if isinstance(into, Checkpoint) else (there / into).stat()
        except OSError:
            raise Missing(f"{into} is missing.") from None
        size = into.bytes if isinstance(into, Checkpoint) else status.st_size if status else 0
        key = ("would_load", checkpoint, there, into, status and status.st_mtime_ns, size, choice or Choice())
        name = into.path if isinstance(into, Checkpoint) else into
        size = checkpoint.bytes + 2 * _as_read(there / name, size)
        arguments = (checkpoint, str(there), into, choice or Choice())
        return self._once(key, *arguments, size=size, largest=4 * min(size, _GRAPH), files=2)

    def code(self, checkpoint: Checkpoint, path: str) -> tuple[Block, ...]:
        """The code that loads a checkpoint, which it calls by this path.

        Raises:
            CheckpointError: it cannot be read.
        """
        size = sum(size * (_TEXT if name.endswith(".pbtxt") else 1) for name, size, _ in checkpoint.files)
        return self._once(
            ("code", checkpoint, path), checkpoint, path, size=size, largest=4 * min(size, _GRAPH)
        )

    def graphs(self, path: str, size: int) -> tuple[Graph, ...]:
        """The graphs of a `.meta` file or SavedModel of so many bytes.

        Raises:
            CheckpointError: it cannot be parsed.
        """
        place = self.root / path
        try:
            inside = place.iterdir() if place.is_dir() else [place]
            stamps = tuple(sorted((each.name, each.stat().st_mtime_ns) for each in inside))
        except OSError:
            raise Missing(f"{path} is missing.") from None
        key = ("graphs", path, size, stamps)
        return self._once(key, path, size=_as_read(place, size), largest=4 * size)

    def look(self, series: Sequence[Measured], key: str, plane: int = 0) -> Look:
        """One tensor over the series: its histograms and pictures.

        Raises:
            CheckpointError: it can be read at no step.
        """
        checkpoints = tuple(each.checkpoint for each in series)
        known = self._get("look", checkpoints, key, plane)
        if known is None:
            with np.errstate(all="ignore"):
                low = np.nanmin([*over_time.column(series, key, "min"), np.inf])
                high = np.nanmax([*over_time.column(series, key, "max"), -np.inf])
            # What a file claims is no reason to grant it time: never more than it has.
            sizes = [
                min(tensor.bytes, each.checkpoint.bytes)
                for each in series
                for tensor in each.listing.tensors
                if tensor.key == key
            ]
            answer = ask(
                *("look", str(self.root), checkpoints, key, float(low), float(high), plane),
                size=4 * sum(sizes),
                largest=2 * max(sizes, default=0),
                files=len(checkpoints),
            )
            known = self._keep(answer, "look", checkpoints, key, plane)
        return known

    def numbers(self, checkpoint: Checkpoint, key: str, plane: int, steps: int, wanted: str) -> Numbers:
        """The exact numbers of a tensor: those of its picture in a series of so many steps, and of a slice.

        Raises:
            CheckpointError: it cannot be read, or is too large.
        """
        question = ("numbers", checkpoint, key, plane, side_of(steps), wanted)
        size = 4 * checkpoint.bytes
        return self._once(question, *question[1:], size=size, largest=size)

    def entries(self, checkpoint: Checkpoint) -> tuple[tuple[Any, ...], ...]:
        """The rows of the index, as `core.bundle.Entry` orders them.

        Raises:
            CheckpointError: it cannot be listed.
        """
        return self._once(("entries", checkpoint), checkpoint, size=checkpoint.bytes)

    def first_bytes(self, checkpoint: Checkpoint, key: str) -> str:
        """The first bytes of a tensor's values, as a hexadecimal dump.

        Raises:
            CheckpointError: it cannot be read.
        """
        size = checkpoint.bytes
        return self._once(("first_bytes", checkpoint, key), checkpoint, key, size=size, largest=size)

    def arrays(self, checkpoint: Checkpoint, keys: Sequence[str]) -> Mapping[str, Array]:
        """The values of some tensors.

        Raises:
            CheckpointError: one cannot be read.
        """
        size = 4 * checkpoint.bytes
        return ask("arrays", str(self.root), checkpoint, tuple(keys), size=size, largest=size)

    def _measured_alone(self, pair: tuple[Checkpoint, Checkpoint | None]) -> Sequence[tuple[Measured, bool]]:
        size = pair[0].bytes + (pair[1].bytes if pair[1] else 0)
        try:
            return ask("measure", str(self.root), [pair], 60.0, size=size, largest=pair[0].bytes)
        except CheckpointError as error:
            return [(Measured.unreadable(*pair, error), False)]

    def _keep_measured(
        self, pairs: Sequence[tuple[Checkpoint, Checkpoint | None]], answers: Sequence[tuple[Measured, bool]]
    ) -> None:
        """A thousand steps of one model share one list of tensors."""
        before: Measured | None = None
        for pair, (measured, same) in zip(pairs, answers, strict=False):
            if same and before is not None:
                measured = replace(
                    measured, listing=replace(measured.listing, tensors=before.listing.tensors)
                )
            self._keep(measured, "measure", *pair)
            before = measured

    def _once(self, key: tuple[Any, ...], *arguments: object, **bounds: int) -> Any:
        """What the job that `key` begins with answers about this folder; it is asked once."""
        known = self._get(*key)
        if known is None:
            known = self._keep(ask(key[0], str(self.root), *arguments, **bounds), *key)
        return known

    def _get(self, *key: object) -> Any:
        with self._lock:
            return self._kept.get(key)

    def _keep(self, answer: Any, *key: object) -> Any:
        with self._lock:
            self._kept[key] = answer
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return answer


def _as_read(path: Path, size: int) -> int:
    """Bytes of values whose reading would take as long as parsing this graph."""
    return size * (_TEXT if (path / "saved_model.pbtxt").is_file() else 1)
