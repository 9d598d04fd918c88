"""What a checkpoint is called and made of, and when its files are trusted.

A *prefix* such as `checkpoints/model_iter-12` is no file itself: it stands for the three files that a Saver
writes, and `checkpoint`, the state file beside them, lists the recent prefixes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.storage import read_own

_DIGITS = 9  # of an iteration's number, at most
ITER, FINAL = "model_iter", "model_final"  # the recipe's names: after every iteration, and at the end
UPDATE = "model_update"  # after every update of a pass, counted from 1
H, V = "hor_estimate", "ver_estimate"  # the recipe's variables
H2, V2 = "hor_estimate2", "ver_estimate2"  # as its SavedModel names them

INDEX, DATA, META = ".index", ".data-00000-of-00001", ".meta"
SUFFIXES = (META, INDEX, DATA)
STATE_FILE = "checkpoint"


class CheckpointError(Exception):
    """A checkpoint's files cannot be used; the message says which and why.

    Attributes:
        kind: what is the matter with them, one of KINDS; decide by it, never by the message.
    """

    kind = "damaged"


class Missing(CheckpointError):
    """A file or a tensor is not there."""

    kind = "missing"


class WrongChecksum(CheckpointError):
    """The bytes are others than those that were written."""

    kind = "checksum"


class Unsupported(CheckpointError):
    """It may be whole, and this application does not read its kind."""

    kind = "unsupported"


class TooLarge(CheckpointError):
    """It takes or claims more bytes or time than is granted."""

    kind = "too large"


class Unreadable(CheckpointError):
    """The system did not give a file that is there; it may well be whole."""

    kind = "unreadable"


KINDS: Mapping[str, type[CheckpointError]] = {
    each.kind: each for each in (CheckpointError, Missing, WrongChecksum, Unsupported, TooLarge, Unreadable)
}


@dataclass(frozen=True)
class Fault:
    """What an error said, as a record that can be kept and sent.

    Attributes:
        kind: one of KINDS.
        sentence: its message.
    """

    kind: str
    sentence: str

    @classmethod
    def of(cls, error: CheckpointError) -> Fault:
        """What this error said."""
        return cls(error.kind, str(error))

    def error(self) -> CheckpointError:
        """The error again."""
        return KINDS.get(self.kind, CheckpointError)(self.sentence)


def name_of(iteration: int) -> str:
    """The checkpoint that is saved after this iteration."""
    return f"{ITER}-{iteration}"


def iteration_of(name: str) -> int | None:
    """The iteration after which `name` was saved; None for `model_final` and for names that are not ours."""
    base, _, number = name.rpartition("-")
    ours = base == ITER and len(number) <= _DIGITS and number.isdecimal()
    return int(number) if ours and name == name_of(int(number)) else None


def is_ours(name: str) -> bool:
    """Whether a run of this application gives this name to a checkpoint."""
    return name == FINAL or iteration_of(name) is not None


def files_of(name: str) -> tuple[str, ...]:
    """The names of the files of one checkpoint."""
    return tuple(name + suffix for suffix in SUFFIXES)


def optimizer_words(variables: Iterable[str]) -> str:
    """What an optimizer keeps beside h and v, counted: "4 slots and 2 powers", "2 slots", "nothing".

    A slot belongs to one variable and carries its name (`hor_estimate/Adam`); Adam's powers, `beta1_power`
    and `beta2_power`, belong to all.
    """
    names = [name for name in variables if name not in (H, V)]
    slots = sum("/" in name for name in names)
    powers = len(names) - slots
    parts = [f"{slots} slot{'' if slots == 1 else 's'}"] if slots else []
    parts += [f"{powers} power{'' if powers == 1 else 's'}"] if powers else []
    return " and ".join(parts) or "nothing"


def content_of(directory: Path, path: str) -> bytes:
    """One file of a run, whole.

    Args:
        path: in `directory`, with forward slashes.

    Raises:
        CheckpointError: it is missing.
        Unreadable: it is no regular file, is far larger than any of ours, or the system does not give it.
    """
    try:
        return read_own(directory / path)
    except FileNotFoundError:
        raise Missing(f"{path} is missing.") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None


def verify(directory: Path, paths: Iterable[str], recorded: Mapping[str, str]) -> dict[str, bytes]:
    """The contents of files, each with the SHA-256 that was recorded when this application wrote it.

    Only such files may reach TensorFlow's readers and loaders: crafted ones can abort the process or worse.

    Args:
        paths: in `directory`, with forward slashes.
        recorded: path to SHA-256, in hexadecimal.

    Raises:
        CheckpointError: a file is missing, was changed, or is not recorded at all.
    """
    contents = {}
    for path in paths:
        content = content_of(directory, path)
        if path not in recorded:
            raise CheckpointError(
                f"{path} is not among the files that this run has recorded as its own, so it is not handed "
                "to TensorFlow."
            )
        if hashlib.sha256(content).hexdigest() != recorded[path]:
            raise WrongChecksum(
                f"{path} is not the file that this run wrote (its SHA-256 differs from the recorded one), "
                "so it is not handed to TensorFlow."
            )
        contents[path] = content
    return contents
