"""How this application opens and replaces its own files, whatever somebody has put in their place.

A folder of runs lies open to whoever has an account on the machine: where a file of ours should be there can
be a directory, a link that leads in a circle, a pipe that never ends, or ten gigabytes.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

LARGEST = 1 << 26  # bytes; of a run's files its record is the largest: 20,000 iterations take 7 MB
FULL = (errno.ENOSPC, errno.EDQUOT)  # why a disk takes nothing more
UNCHANGEABLE = (*FULL, errno.EROFS, errno.EACCES, errno.EPERM)  # why nothing in a folder can be changed
LEAST = 2_000_000  # bytes; a run's first checkpoints and its records take less
PATIENCE = 1.5  # seconds to wait for a lock; ours are held for milliseconds
GLANCE = 0.005  # seconds between two tries


def read_own(path: Path, most: int = LARGEST) -> bytes:
    """The content of a regular file of at most `most` bytes; never waits, never follows a link.

    Raises:
        FileNotFoundError: there is none.
        OSError: it is no regular file, is larger, or the system does not give it.
    """
    with os.fdopen(open_own(path), "rb") as file:
        descriptor = file.fileno()
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        if status.st_size > most:
            raise OSError(errno.EFBIG, f"it has more than {most:,} bytes", str(path))
        # Not `most`: a buffer of that size was made first, which took half of a history's time.
        return file.read(status.st_size)


def open_own(path: Path, flags: int = os.O_RDONLY) -> int:
    """The descriptor of a file of ours, never waiting for a pipe's other end, never following a link.

    Raises:
        OSError: the system does not give it.
    """
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file in one step: a reader sees the old content or the new one, never half of it.

    Raises:
        OSError: the disk does not take it; nothing is left behind.
    """
    try:
        _replace(path, content)
    except FileNotFoundError:
        # Whoever takes over a run removes what looks half written; that may have been ours.
        _replace(path, content)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)  # on a full disk, even this much room is needed
        raise


@contextlib.contextmanager
def alone(path: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Read, change and replace a file while nobody else does so, in this process or another.

    The lock is on the file itself, so none is left over, and none has to be made on a full disk. As the file
    is replaced, who gets the lock looks whether the path still leads to what is locked. After `patience`
    seconds it goes on without: a stranger who only has the right to read can hold a lock for ever.
    """
    end = time.monotonic() + patience
    held = None
    while held is None and time.monotonic() < end:
        try:
            held = _lock(path)
        except OSError:
            break  # it is gone, or no file: the caller finds out by reading it
        if held is None:
            time.sleep(GLANCE)
    try:
        yield
    finally:
        if held is not None:
            os.close(held)


def lock(descriptor: int, patience: float = PATIENCE) -> bool:
    """Lock a file until it is closed; whether that succeeded within `patience` seconds."""
    end = time.monotonic() + patience
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(GLANCE)


def _lock(path: Path) -> int | None:
    """The descriptor of the file, locked; None when somebody else holds it or has just replaced it.

    Raises:
        OSError: it cannot be opened or locked.
    """
    descriptor = open_own(path, os.O_RDWR)  # some network file systems lock only what may be written
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), os.lstat(path)):
            return descriptor
    except BlockingIOError:
        pass
    except OSError:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def is_full(directory: Path, more: int = 0) -> bool:
    """Whether the disk has no room for another run after `more` bytes.

    Raises:
        OSError: there is no such directory.
    """
    return shutil.disk_usage(directory).free < LEAST + more


def disk_bytes(directory: Path) -> int:
    """Disk blocks below a directory; a file with several names, as `.meta` has, counts once."""
    inodes: dict[int, int] = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                status = os.lstat(os.path.join(folder, name))
                inodes[status.st_ino] = status.st_blocks * 512
    return sum(inodes.values())
