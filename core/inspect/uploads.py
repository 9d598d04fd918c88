"""What visitors upload to look into: taken as a whole or not at all, and deleted when its time is over."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

from core import environment
from core.checkpoint import CheckpointError
from core.inspect import confined
from core.inspect.archives import MOST_FILES, PIECE, Room, is_archive, kept_not, too_large
from core.inspect.places import KEPT_HOURS, Place, age_of, place_of
from core.run.disk import UPLOADS
from core.run.reservation import NoRoom, Reservation, reserve
from core.run.runs import Runs

USUAL_UPLOAD_MB = 500.0
SPARED = 3600.0  # seconds for which no other upload takes the room of one
BLOCK = 4096  # bytes that a file may take on the disk beyond its own


def upload_limit() -> int:
    """Bytes that one upload may take, unpacked: CHECKPOINT_EXPLORER_UPLOAD_MB, else 500 MB."""
    return int(environment.number(environment.UPLOAD_MB, USUAL_UPLOAD_MB, 0) * 1e6)


def take(files: Iterable[tuple[str, IO[bytes]]], runs: Runs, limit: int | None = None) -> Place:
    """Keep what a visitor uploads: archives unpacked, loose files as they are.

    No link, device or name that leads out is ever unpacked, and no more than the limit.

    Args:
        files: name and content of each.

    Raises:
        CheckpointError: too large, too many, damaged, nothing in it, or no room for it on the server.
    """
    sweep(runs)
    most = upload_limit() if limit is None else limit
    token = secrets.token_urlsafe(16)
    try:
        with reserve(runs) as room:
            _write(files, room, most)
            room.keep(room.folder / "files", runs.root / UPLOADS / token)
    except NoRoom as error:
        raise CheckpointError(str(error)) from None
    except OSError as error:
        raise kept_not(error) from None
    return place_of(f"upload-{token}", runs)


def sweep(runs: Runs) -> None:
    """Remove uploads whose time is over."""
    with suppress(FileNotFoundError):
        for each in (runs.root / UPLOADS).iterdir():
            if age_of(each, runs) > KEPT_HOURS * 3600:
                shutil.rmtree(each, ignore_errors=True)


def _write(files: Iterable[tuple[str, IO[bytes]]], reserved: Reservation, most: int) -> None:
    """Write everything into the reserved folder, for which there is room before a byte of it is written."""
    packed, root = reserved.folder / "packed", reserved.folder / "files"
    for each in (packed, root):
        each.mkdir(mode=0o700)
    room, archived, size = Room(root, most, most), 0, 0
    names: list[str] = []
    for name, content in files:
        base = re.split(r"[\\/]", name)[-1]
        start = content.read(4)
        length = content.seek(0, os.SEEK_END)
        content.seek(0)
        size += length + BLOCK
        if min(room.left, most - archived) < length:
            raise too_large(most)
        reserved.hold(size, spared=SPARED)
        if not is_archive(base, start):
            room.write(base, content)
            continue
        archived += length
        with (packed / str(len(names))).open("xb") as file:
            shutil.copyfileobj(content, file, PIECE)
        names.append(base)
    if names:
        _unpack(packed, names, room, reserved, size)
    if not room.files:
        raise CheckpointError("There is no file in what was uploaded.")


def _unpack(packed: Path, names: Sequence[str], room: Room, reserved: Reservation, size: int) -> None:
    """Unpack archives, with room for all that may come or, where runs would leave for it, for what comes."""
    unpack = partial(confined.unpack, packed, room.root, names, room.most)
    try:
        reserved.hold(size + room.left + MOST_FILES * BLOCK, evict=False)
    except NoRoom:
        files, left = unpack(room.left, room.files, keeps=False)
        reserved.hold(size + room.left - left + (files - room.files) * BLOCK, spared=SPARED)
        room.left -= left
        room.files, _ = unpack(room.left, room.files)
    else:
        room.files, room.left = unpack(room.left, room.files)
