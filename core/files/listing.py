"""The files of a run's directory: which kind each is, and whether it is the one that the run recorded."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.checkpoint import DATA, FINAL, INDEX, ITER, META, STATE_FILE, CheckpointError, content_of, files_of
from core.run.digests import digest_of
from core.run.runs import CHECKPOINTS, FIRST_PASS, Run
from core.words import natural

SAVED_MODEL_FILE = "saved_model.pb"
STATE, IDX, VALUES, GRAPH = "state file", "index", "data", "meta"
SAVED_MODEL, OWN = "SavedModel", "run's own"
KINDS = {
    STATE: "text: which checkpoints a Saver remembers",
    IDX: "where each tensor is",
    VALUES: "the values themselves",
    GRAPH: "the graph, without values",
    SAVED_MODEL: "an export that serves by itself",
    OWN: "written by this application, not by TensorFlow",
}

MATCH, DIFFERS, UNRECORDED = "matches", "differs", "not recorded"


@dataclass(frozen=True)
class File:
    """One file of a run.

    Attributes:
        path: in the run's directory, with forward slashes.
        kind: one of `KINDS`.
        size: in bytes.
        modified: seconds since 1970.
        names: how many directory entries share its bytes (hard links), itself included.
        inode: tells the bytes apart from other files'.
        blocks: bytes of disk that they take, whatever the number of names.
    """

    path: str
    kind: str
    size: int
    modified: float
    names: int
    inode: int = 0
    blocks: int = 0

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


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
            blocks = status.st_blocks * 512
            found.append(
                File(
                    path,
                    kind_of(path),
                    status.st_size,
                    status.st_mtime,
                    status.st_nlink,
                    status.st_ino,
                    blocks,
                )
            )
    return tuple(sorted(found, key=lambda file: in_order(file.path)))


def bytes_on_disk(files: Iterable[File]) -> int:
    """Disk space of the files; what several of them share counts once."""
    return sum({file.inode: file.blocks for file in files}.values())


def in_order(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key by which model_iter-9 comes before model_iter-10, and model_final last."""
    return natural(name.replace(FINAL, f"{ITER}-{sys.maxsize}"))


def kind_of(path: str) -> str:
    """Which of `KINDS` a file is, from its path in the run's directory."""
    folder, _, name = path.rpartition("/")
    if folder.partition("/")[0] == "saved_model":
        return SAVED_MODEL
    if folder in (CHECKPOINTS, FIRST_PASS):
        if name == STATE_FILE:
            return STATE
        for suffix, kind in ((INDEX, IDX), (DATA, VALUES), (META, GRAPH)):
            if name.endswith(suffix):
                return kind
    return OWN


def belongs(file: File, name: str) -> bool:
    """Whether `file` is part of the checkpoint `name` or of its export."""
    if file.folder == CHECKPOINTS:
        return file.name in files_of(name)
    return file.path.startswith(f"saved_model/{name}/")


def digest(run: Run, path: str, recorded: Mapping[str, str]) -> str:
    """Whether a file is the one that the run recorded: MATCH, DIFFERS or UNRECORDED.

    Raises:
        CheckpointError: the file is gone, or cannot be read.
    """
    written = recorded.get(path)
    if written is None:
        return UNRECORDED
    return MATCH if digest_of(content_of(run.directory, path)) == written else DIFFERS


def digest_all(run: Run) -> dict[str, str]:
    """For every file that TensorFlow wrote or the run recorded: one of the words, or "missing".

    Raises:
        CheckpointError: a file vanished while it was read, as it may while training goes on.
    """
    try:
        now = run.digests()
    except FileNotFoundError as error:
        raise CheckpointError(f"{error.filename} vanished while it was read. Try again.") from None
    recorded = run.recorded()
    answers = {}
    for path in sorted({*now, *recorded}, key=in_order):
        if path not in now:
            answers[path] = "missing"
        elif path not in recorded:
            answers[path] = UNRECORDED
        else:
            answers[path] = MATCH if now[path] == recorded[path] else DIFFERS
    return answers
