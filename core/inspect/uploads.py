"""What visitors upload to look into: taken as a whole or not at all, and deleted when its time is over."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from core import environment
from core.checkpoint import CheckpointError
from core.inspect import confined
from core.inspect.archives import PIECE, Room, is_archive, kept_not, too_large
from core.inspect.places import KEPT_HOURS, UPLOADS, Place, place_of
from core.run.disk import disk_limit, make_room
from core.run.runs import Runs
from core.storage import disk_bytes

USUAL_UPLOAD_MB = 500.0
_COMING = "coming-"  # how the folder of an upload is called that is still being written


def upload_limit() -> int:
    """Bytes that one upload may take, unpacked: CHECKPOINT_EXPLORER_UPLOAD_MB, else 500 MB."""
    return int(environment.number(environment.UPLOAD_MB, USUAL_UPLOAD_MB, 0) * 1e6)


def take(files: Iterable[tuple[str, IO[bytes]]], runs: Runs, limit: int | None = None) -> Place:
    """Keep what a visitor uploads: archives unpacked, loose files as they are.

    No link, device or name that leads out is ever unpacked, and no more than the limit.

    Args:
        files: name and content of each.

    Raises:
        CheckpointError: too large, too many, damaged, or nothing in it.
    """
    sweep(runs)
    most = upload_limit() if limit is None else limit
    taken = disk_bytes(runs.root)
    if taken + most > disk_limit():
        make_room(runs, max(0, disk_limit() - most))
        if disk_bytes(runs.root / UPLOADS) + most > disk_limit():
            raise CheckpointError("The server has no room for an upload now. Try again later.")
    token = secrets.token_urlsafe(16)
    try:
        with _coming(runs.root / UPLOADS) as folder:
            _write(files, folder, most)
            (folder / "files").rename(runs.root / UPLOADS / token)
    except OSError as error:
        raise kept_not(error) from None
    return place_of(f"upload-{token}", runs)


def sweep(runs: Runs) -> None:
    """Remove uploads whose time is over, and halves of those whose server was killed."""
    with suppress(FileNotFoundError):
        for each in (runs.root / UPLOADS).iterdir():
            if each.name.startswith(_COMING):
                with suppress(OSError), _locked(each):
                    shutil.rmtree(each, ignore_errors=True)
            elif time.time() - each.lstat().st_mtime > KEPT_HOURS * 3600:
                shutil.rmtree(each, ignore_errors=True)


def _write(files: Iterable[tuple[str, IO[bytes]]], folder: Path, most: int) -> None:
    packed, root = folder / "packed", folder / "files"
    for each in (packed, root):
        each.mkdir(mode=0o700)
    room, archived = Room(root, most, most), 0
    names: list[str] = []
    for name, content in files:
        base = re.split(r"[\\/]", name)[-1]
        start = content.read(4)
        content.seek(0)
        if not is_archive(base, start):
            room.write(base, content)
            continue
        with (packed / str(len(names))).open("xb") as file:
            while piece := content.read(PIECE):
                archived += len(piece)
                if archived > most:
                    raise too_large(most)
                file.write(piece)
        names.append(base)
    count = confined.unpack(packed, root, names, most, room.left, room.files) if names else room.files
    if not count:
        raise CheckpointError("There is no file in what was uploaded.")


@contextmanager
def _coming(uploads: Path) -> Iterator[Path]:
    """A folder to write into, which is gone afterwards; nobody else removes it while this process lives."""
    uploads.mkdir(parents=True, mode=0o700, exist_ok=True)
    with ExitStack() as stack:
        while True:
            folder = uploads / f"{_COMING}{secrets.token_hex(8)}"
            folder.mkdir(mode=0o700)
            with suppress(BlockingIOError, FileNotFoundError):  # another process swept it first
                stack.enter_context(_locked(folder))
                break
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder that is being written.

    Raises:
        BlockingIOError: somebody else has it.
        FileNotFoundError: the folder was removed.
    """
    path = folder / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if path.stat().st_ino != os.fstat(descriptor).st_ino:
            raise FileNotFoundError(path)
        yield
    finally:
        os.close(descriptor)
