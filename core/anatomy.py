"""What a run's files hold, read without TensorFlow; and the records of what only TensorFlow can decode.

The readers here answer for every file of a run's directory that is there now: which kind it is, whether it
is the one that `run.json` records, what the `checkpoint` state file lists and what it forgets, which bytes
of a data file are which variable. `core.tf.anatomy` decodes the protocol buffers into the same records.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.runs import FINAL, ITER, Manifest, Run
from core.tensor_bundle import DATA, INDEX, META, CheckpointError, Entry, masked_crc32c, read_index

STATE_FILE = "checkpoint"
STATE, IDX, VALUES, GRAPH = "state file", "index", "data", "meta"
SAVED_MODEL, OWN = "SavedModel", "run's own"
KINDS = {
    STATE: "text: which checkpoints a Saver remembers",
    IDX: "which tensor lies where",
    VALUES: "the values themselves",
    GRAPH: "the graph, without values",
    SAVED_MODEL: "an export that serves by itself",
    OWN: "written by this application, not by TensorFlow",
}

MATCH, DIFFERS, UNRECORDED = "matches", "differs", "not recorded"

_DIGITS = re.compile(r"(\d+)")

LARGEST_TEXT = 1 << 20  # a state file of 20,000 entries is half of this


@dataclass(frozen=True)
class File:
    """One file of a run.

    Attributes:
        path: in the run's directory, with forward slashes.
        kind: one of `KINDS`.
        size: in bytes.
        modified: seconds since 1970.
        names: how many directory entries share its bytes (hard links), itself included.
    """

    path: str
    kind: str
    size: int
    modified: float
    names: int

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


@dataclass(frozen=True)
class Listed:
    """One checkpoint that a state file names, as written there, and whether it is on disk."""

    path: str
    exists: bool

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class StateFile:
    """What the `checkpoint` file says, beside what is on disk.

    Attributes:
        text: the file as it is.
        latest: what `latest_checkpoint` would answer with; None when the file names none.
        listed: every entry, oldest first.
        unlisted: checkpoints on disk that it does not list, in order of their step.
    """

    text: str
    latest: Listed | None
    listed: tuple[Listed, ...]
    unlisted: tuple[str, ...]

    def conclusion(self) -> str:
        """What exists, what does not, and what was forgotten, in plain sentences."""
        count = _count(len(self.listed), "checkpoint")
        missing = sum(not each.exists for each in self.listed)
        if missing:
            sentence = f"It lists {count}, {missing} of which {_is(missing)} not on disk. "
        else:
            sentence = f"It lists {count}, {'which is' if len(self.listed) == 1 else 'all'} on disk. "
        if not self.unlisted:
            return sentence + "Every checkpoint on disk is listed."
        return (
            sentence + f"{_count(len(self.unlisted), 'more checkpoint')} on disk "
            f"{_is(len(self.unlisted))} not listed: readable all the same, "
            "but no Saver remembers them."
        )


@dataclass(frozen=True)
class Region:
    """The bytes of one tensor in a data file.

    Attributes:
        entry: what the index says about it.
        raw: the bytes; fewer than `entry.size` when the file is too short.
        intact: whether their checksum is the index's.
    """

    entry: Entry
    raw: bytes
    intact: bool

    @property
    def value(self) -> str:
        """The bytes as numbers, the shortest digits that give the same bits back."""
        try:
            numbers = np.frombuffer(self.raw, np.dtype(self.entry.dtype).newbyteorder("<"))
        except ValueError:
            return "cannot be decoded"
        return ", ".join(str(number) for number in numbers)


@dataclass(frozen=True)
class DataFile:
    """A data file: all its bytes, and which of them are which tensor (in order of their offset)."""

    content: bytes
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class SharedBytes:
    """One variable in the Saver's data file and in the SavedModel's.

    Attributes:
        saver, saved: its bytes there; `saved` is None for a slot, which a SavedModel leaves out.
    """

    saver: Region
    saved: Region | None

    @property
    def equal(self) -> bool:
        return self.saved is not None and self.saver.raw == self.saved.raw


@dataclass(frozen=True)
class SameBytes:
    """The Saver's `.data` file beside the SavedModel's `variables.data` file.

    Attributes:
        variables: every variable of the Saver's file.
        saver_bytes, saved_bytes: sizes of the two files.
        identical: whether the two data files are the same, byte for byte.
        index_identical: the same question for the two index files, in which the names stand.
    """

    variables: tuple[SharedBytes, ...]
    saver_bytes: int
    saved_bytes: int
    identical: bool
    index_identical: bool

    def conclusion(self) -> str:
        """Which bytes are equal, in plain sentences."""
        shared = [each for each in self.variables if each.saved is not None]
        slots = len(self.variables) - len(shared)
        if self.identical:
            sentence = f"The two data files are the same {self.saver_bytes} bytes."
        elif all(each.equal for each in shared):
            sentence = (
                f"h and v are the same bytes in both. The Saver's file has {self.saver_bytes} bytes, the "
                f"SavedModel's {self.saved_bytes}: the Saver also kept {_count(slots, 'variable')} of the "
                "optimizer, which serving does not need."
            )
        else:
            sentence = "The two files hold different values."
        if not self.index_identical:
            sentence += (
                " The index files differ, because the names of the variables stand there: the export "
                "named its own h and v with a 2 at the end."
            )
        return sentence


@dataclass(frozen=True)
class Group:
    """Nodes of a graph that belong together.

    Attributes:
        name: such as model, gradients or optimizer (`core.tf.anatomy.GROUPS`), or "signature …".
        nodes: how many nodes it has; a signature has none, it only names some.
        examples: names of a few of them.
    """

    name: str
    nodes: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
    """What flows from one group to another: how many tensors, and how many "only after" orders."""

    source: str
    target: str
    tensors: int
    controls: int


@dataclass(frozen=True)
class Decoded:
    """A `.meta` or `saved_model.pb` file, decoded.

    Attributes:
        message: the protocol buffer's type, such as MetaGraphDef.
        size: of the file, in bytes.
        text: TensorFlow's text form, whole.
        facts: what stands out, as (what, answer).
        groups, edges: its graph, grouped.
    """

    message: str
    size: int
    text: str
    facts: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    edges: tuple[Edge, ...]

    def describe_graph(self) -> str:
        """The drawing in words."""
        boxes = ", ".join(f"{group.name} ({_count(group.nodes, 'node')})" for group in self.groups)
        flows = ", ".join(
            f"{edge.source} to {edge.target} ({_flow(edge)})"
            for edge in sorted(self.edges, key=lambda e: (-e.tensors, -e.controls, e.source, e.target))
        )
        return f"Groups: {boxes}. What flows: {flows or 'nothing between groups'}."


@dataclass(frozen=True)
class Found:
    """Lines of a text around those that hold what was searched for.

    Attributes:
        lines: (line number from 1, line, whether it is a hit); consecutive numbers belong together.
        hits: how many lines matched in the whole text.
        shown: how many of them are among `lines`.
    """

    lines: tuple[tuple[int, str, bool], ...]
    hits: int
    shown: int


def list_files(run: Run) -> tuple[File, ...]:
    """Every file of the run that is there now, by path; one that vanishes meanwhile is left out."""
    found = []
    for folder, _, names in os.walk(run.directory):
        # Plain strings: a long run has 60,000 files, and a Path for each would take a second.
        inside = folder[len(str(run.directory)) + 1 :].replace(os.sep, "/")
        for name in names:
            path = f"{inside}/{name}" if inside else name
            try:
                status = os.lstat(f"{folder}/{name}")
            except FileNotFoundError:
                continue
            found.append(File(path, kind_of(path), status.st_size, status.st_mtime, status.st_nlink))
    return tuple(sorted(found, key=lambda file: natural(file.path)))


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A sort key by which model_iter-9 comes before model_iter-10, and model_final last."""
    parts = _DIGITS.split(text.replace(FINAL, f"{ITER}-{sys.maxsize}"))
    # Text and digits alternate: every odd part is a number.
    return tuple((int(part), "") if n % 2 else (0, part) for n, part in enumerate(parts))


def kind_of(path: str) -> str:
    """Which of `KINDS` a file is, from its path in the run's directory."""
    folder, _, name = path.rpartition("/")
    if folder.partition("/")[0] == "saved_model":
        return SAVED_MODEL
    if folder == "checkpoints":
        if name == STATE_FILE:
            return STATE
        for suffix, kind in ((INDEX, IDX), (DATA, VALUES), (META, GRAPH)):
            if name.endswith(suffix):
                return kind
    return OWN


def belongs(file: File, name: str) -> bool:
    """Whether `file` is part of the checkpoint `name` or of its export."""
    if file.folder == "checkpoints":
        return file.name in (name + META, name + INDEX, name + DATA)
    return file.path.startswith(f"saved_model/{name}/")


def digest(run: Run, path: str, recorded: Mapping[str, str]) -> str:
    """Whether a file is the one that run.json records: MATCH, DIFFERS or UNRECORDED.

    Raises:
        CheckpointError: the file is gone.
    """
    written = recorded.get(path)
    if written is None:
        return UNRECORDED
    try:
        content = (run.directory / path).read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"{path} is missing.") from None
    return MATCH if hashlib.sha256(content).hexdigest() == written else DIFFERS


def digest_all(run: Run, manifest: Manifest) -> dict[str, str]:
    """For every file that TensorFlow wrote or run.json records: one of the words, or "missing".

    Raises:
        CheckpointError: a file vanished while it was read, as it may while training goes on.
    """
    try:
        now = run.digests()
    except FileNotFoundError as error:
        raise CheckpointError(f"{error.filename} vanished while it was read. Try again.") from None
    answers = {}
    for path in sorted({*now, *manifest.sha256}, key=natural):
        if path not in now:
            answers[path] = "missing"
        elif path not in manifest.sha256:
            answers[path] = UNRECORDED
        else:
            answers[path] = MATCH if now[path] == manifest.sha256[path] else DIFFERS
    return answers


def read_state(directory: Path) -> StateFile:
    """The `checkpoint` file of a directory, beside what is on disk.

    Source of the format: `CheckpointState` in tensorflow/python/training/checkpoint_state.proto, as text.

    Raises:
        CheckpointError: there is none, or it is not text.
    """
    path = directory / STATE_FILE
    try:
        with path.open("rb") as file:
            text = file.read(LARGEST_TEXT + 1).decode()
    except FileNotFoundError:
        raise CheckpointError(
            "There is no file named checkpoint; no Saver has finished a save here."
        ) from None
    except UnicodeDecodeError:
        raise CheckpointError("The file checkpoint is not UTF-8 text.") from None
    if len(text) > LARGEST_TEXT:
        raise CheckpointError(f"The file checkpoint is larger than {LARGEST_TEXT:,} bytes.")
    present = on_disk(directory)

    def listed(written: str) -> Listed:
        prefix = Path(written)
        inside = directory.resolve() == (directory / prefix).parent.resolve()
        return Listed(written, inside and prefix.name in present)

    latest: Listed | None = None
    entries: list[Listed] = []
    for field, quoted in re.findall(r'^(\w+): "((?:[^"\\]|\\.)*)"\s*$', text, re.MULTILINE):
        if field == "model_checkpoint_path":
            latest = listed(_unquoted(quoted))
        elif field == "all_model_checkpoint_paths":
            entries.append(listed(_unquoted(quoted)))
    names = {each.name for each in entries if each.exists}
    return StateFile(text, latest, tuple(entries), tuple(name for name in present if name not in names))


def on_disk(directory: Path) -> tuple[str, ...]:
    """Names of the checkpoints with both an index and a data file, in order of their step."""
    with os.scandir(directory) as files:
        names = {file.name for file in files}
    complete = {n.removesuffix(INDEX) for n in names if n.endswith(INDEX)}
    return tuple(sorted((n for n in complete if n + DATA in names), key=natural))


def read_data(prefix: Path) -> DataFile:
    """All bytes of `prefix.data-…`, and which tensor each of them belongs to.

    Raises:
        CheckpointError: a file is missing, or the index is damaged. Damaged values are no error here:
            they are what the page is for, and their region says so.
    """
    entries = read_index(prefix)
    path = prefix.with_name(prefix.name + DATA)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise CheckpointError(f"{path.name} is missing.") from None
    regions = []
    for entry in sorted(entries, key=lambda each: each.offset):
        raw = content[entry.offset : entry.offset + entry.size]
        intact = len(raw) == entry.size and masked_crc32c(raw) == entry.crc32c
        regions.append(Region(entry, raw, intact))
    return DataFile(content, tuple(regions))


def same_bytes(run: Run, name: str) -> SameBytes:
    """Compare the data of checkpoint `name` with the variables of its SavedModel.

    Raises:
        CheckpointError: one of the two is missing or damaged.
    """
    saver, saved = run.checkpoints / name, run.saved_model / name / "variables" / "variables"
    ours, theirs = read_data(saver), read_data(saved)
    # The export names its variables after the Saver's, with a 2 at the end, as the recipe does.
    exported = {region.entry.name.removesuffix("2"): region for region in theirs.regions}
    indexes = [path.with_name(path.name + INDEX).read_bytes() for path in (saver, saved)]
    return SameBytes(
        variables=tuple(SharedBytes(region, exported.get(region.entry.name)) for region in ours.regions),
        saver_bytes=len(ours.content),
        saved_bytes=len(theirs.content),
        identical=ours.content == theirs.content,
        index_identical=indexes[0] == indexes[1],
    )


def find_lines(text: str, wanted: str, context: int = 2, most: int = 200) -> Found:
    """The lines that hold `wanted` (upper and lower case alike), each with `context` lines around it.

    Args:
        most: at most so many lines come back; all hits are counted. Without anything wanted,
            the first `most` lines come back.
    """
    lines = text.splitlines()
    needle = wanted.strip().lower()
    if not needle:
        return Found(tuple((n + 1, line, False) for n, line in enumerate(lines[:most])), 0, 0)
    hits = [number for number, line in enumerate(lines) if needle in line.lower()]
    matching = set(hits)
    chosen: list[int] = []
    for hit in hits:
        first = max(0, hit - context, chosen[-1] + 1 if chosen else 0)
        around = range(first, min(len(lines), hit + context + 1))
        if len(chosen) + len(around) > most:
            break
        chosen.extend(around)
    shown = tuple((number + 1, lines[number], number in matching) for number in chosen)
    return Found(shown, len(hits), sum(hit for _, _, hit in shown))


def _unquoted(text: str) -> str:
    """A string of the protocol buffers' text format: C escapes over UTF-8 bytes."""
    return text.encode().decode("unicode_escape").encode("latin-1").decode(errors="replace")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _flow(edge: Edge) -> str:
    parts = [_count(edge.tensors, "tensor")] if edge.tensors else []
    if edge.controls:
        parts.append(f"{edge.controls} only order")
    return ", ".join(parts)
