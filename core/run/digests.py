"""`SHA256SUMS`, a run's record of its data and of the files that TensorFlow wrote for it: one line a file.

The format is that of `sha256sum`, so `sha256sum --check SHA256SUMS` in a run's directory tells what was
changed. Lines are only ever added while a run trains; of several for one path, the last one counts.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from core.storage import alone, read_own, write_atomically

FILE = "SHA256SUMS"
MANY = 30  # paths that are looked for one by one

_HEX = 64


def digest_of(content: bytes | memoryview) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


APPENDS = 0.25  # seconds to wait for a lock: a training appends after each save, and appending needs none


def lines_of(found: Mapping[str, str]) -> bytes:
    """Path to digest, as lines of the file."""
    return "".join(f"{digest}  {path}\n" for path, digest in found.items()).encode()


def begin(directory: Path, found: Mapping[str, str]) -> None:
    """Begin a run's record, unless there is one.

    Raises:
        OSError: the disk does not take it.
    """
    with contextlib.suppress(FileExistsError), (directory / FILE).open("xb", buffering=0) as file:
        file.write(lines_of(found))


def record(directory: Path, found: Mapping[str, str]) -> None:
    """Add to a run's record, in one write.

    Raises:
        OSError: the disk does not take it.
    """
    lines = lines_of(found)
    with alone(directory / FILE, APPENDS), (directory / FILE).open("ab", buffering=0) as file:
        if file.write(lines) != len(lines):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def recorded(directory: Path, paths: Iterable[str] | None = None) -> dict[str, str]:
    """The recorded digest of each path, or of those named; what is not recorded is left out.

    Raises:
        OSError: the record cannot be read.
    """
    try:
        content = read_own(directory / FILE)
    except FileNotFoundError:
        return {}
    paths = None if paths is None else [*paths]
    if paths is None or len(paths) > MANY:
        found = {}
        for line in content.split(b"\n")[:-1]:
            if len(line) > _HEX + 2:
                found[line[_HEX + 2 :].decode(errors="replace")] = line[:_HEX].decode(errors="replace")
        return found if paths is None else {path: found[path] for path in paths if path in found}
    found = {}
    for path in paths:
        # A restored checkpoint needs three lines of 60,000: look for them alone, the last of each.
        at = content.rfind(b"  " + path.encode() + b"\n")
        if at >= _HEX:
            found[path] = content[at - _HEX : at].decode(errors="replace")
    return found


def digests_of(directory: Path, folders: Iterable[str]) -> dict[str, str]:
    """SHA-256 of every file now below these folders of `directory`, by path with forward slashes.

    Hidden files, which are being written, are left out, and so is what cannot be read.
    """
    found: dict[str, str] = {}
    seen: dict[int, str] = {}  # hard links share an inode, so .meta is read once
    for folder in folders:
        for path in sorted((directory / folder).rglob("*")):
            inside = path.relative_to(directory)
            if any(part.startswith(".") for part in inside.parts):
                continue
            with contextlib.suppress(OSError):
                inode = path.lstat().st_ino
                if inode not in seen:
                    seen[inode] = digest_of(read_own(path))
                found[inside.as_posix()] = seen[inode]
    return found


def tidy(directory: Path) -> None:
    """Drop lines that are torn, of files that are gone, as retention deletes them, and replaced ones.

    Raises:
        OSError: the record cannot be read or written.
    """
    with alone(directory / FILE):
        there = {path: each for path, each in recorded(directory).items() if (directory / path).exists()}
        write_atomically(directory / FILE, lines_of(there))
