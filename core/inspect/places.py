"""Where the page Open may look: folders that the server allows, uploads by unguessable links, our own runs.

Nothing else can be named: a link holds a word for a place, never a path.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from lzma import LZMAError
from pathlib import Path
from typing import IO

from core import environment
from core.checkpoint import CheckpointError
from core.run.disk import disk_limit, make_room
from core.run.runs import RunNotFound, Runs
from core.storage import disk_bytes

UPLOADS = ".opened"  # in the folder of runs, whose limit of disk they share
KEPT_HOURS = 24
USUAL_UPLOAD_MB = 500.0
_MOST_FILES = 10_000
_RATIO = 200  # an archive's file may unpack to so many times its size, and a megabyte
_DAMAGED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_PIECE = 1 << 20


@dataclass(frozen=True)
class Place:
    """A directory that may be looked into.

    Attributes:
        word: what a link calls it.
        title: what the page calls it.
        until: when it will be deleted, in words; "" for what stays.
    """

    word: str
    title: str
    root: Path
    until: str = ""


def folders() -> tuple[Place, ...]:
    """The folders that CHECKPOINT_EXPLORER_OPEN names."""
    named = [each for each in os.environ.get(environment.OPEN, "").split(os.pathsep) if each.strip()]
    return tuple(
        Place(f"folder-{n}", Path(each).name or each, Path(each).resolve()) for n, each in enumerate(named)
    )


def place_of(word: str, runs: Runs) -> Place:
    """The place that a link names.

    Raises:
        CheckpointError: there is none of that name, or it is gone.
    """
    kind, _, rest = word.partition("-")
    if kind == "folder":
        for each in folders():
            if each.word == word:
                return each
    elif kind == "run":
        with suppress(RunNotFound):
            run = runs.open(rest)
            return Place(word, f"run {rest[:6]}", run.directory)
    elif kind == "upload" and _TOKEN.fullmatch(rest):
        root = runs.root / UPLOADS / rest
        if root.is_dir() and not root.is_symlink():
            made, kept = root.stat().st_mtime, KEPT_HOURS * 3600
            return Place(word, f"your upload of {_at(made)}", root, _at(made + kept))
        raise CheckpointError(
            f"This upload is gone: uploads are kept for {KEPT_HOURS} hours, or less when the disk is full. "
            "Upload it again."
        )
    raise CheckpointError("The link names no folder that this server opens. Choose one below.")


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
    root = runs.root / UPLOADS / secrets.token_urlsafe(16)
    root.mkdir(parents=True, mode=0o700)
    room = _Room(root, most, most)
    try:
        for name, content in files:
            _unpack(name, content, room)
        if not room.files:
            raise CheckpointError("There is no file in what was uploaded.")
    except CheckpointError:
        shutil.rmtree(root, ignore_errors=True)
        raise
    except _DAMAGED as error:
        shutil.rmtree(root, ignore_errors=True)
        reason = getattr(error, "strerror", None) or "it cannot be unpacked"
        raise CheckpointError(f"The upload could not be kept: {reason}.") from None
    return place_of(f"upload-{root.name}", runs)


def _at(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%d %b %H:%M UTC")


def sweep(runs: Runs) -> None:
    """Remove uploads whose time is over."""
    with suppress(FileNotFoundError):
        for each in (runs.root / UPLOADS).iterdir():
            if time.time() - each.lstat().st_mtime > KEPT_HOURS * 3600:
                shutil.rmtree(each, ignore_errors=True)


@dataclass
class _Room:
    """Where an upload goes, how many bytes it may take, and how many more may come."""

    root: Path
    most: int
    left: int
    files: int = 0

    def write(self, name: str, content: IO[bytes], packed: int | None = None) -> None:
        """Write one file below the root; `packed` is how many bytes of the archive it comes from."""
        parts = [part for part in re.split(r"[\\/]", name) if part not in ("", ".")]
        if not parts or ".." in parts or any("\0" in part or len(part.encode()) > 255 for part in parts):
            raise CheckpointError(f"{name[:80]!r} would lie outside of the upload; nothing was unpacked.")
        self.files += 1
        if self.files > _MOST_FILES:
            raise CheckpointError(f"The upload holds more than {_MOST_FILES:,} files.")
        path = self.root.joinpath(*parts)
        written = 0
        with self._new(path, name) as file:
            while piece := content.read(_PIECE):
                self.left -= len(piece)
                written += len(piece)
                if self.left < 0:
                    most = f"{self.most / 1e6:,.1f} MB"
                    raise CheckpointError(
                        f"The upload is larger, unpacked, than the {most} that this server takes: upload "
                        "fewer steps, or leave out what is not of the checkpoint."
                    )
                if packed is not None and written > _RATIO * packed + _PIECE:
                    raise CheckpointError(f"{name[:80]!r} unpacks to far more than its size explains.")
                file.write(piece)

    def _new(self, path: Path, name: str) -> IO[bytes]:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb")
        except (FileExistsError, NotADirectoryError):
            raise CheckpointError(
                f"{name[:80]!r} is there twice, as two files or as a file and a folder; nothing was kept. "
                "Rename one of them and upload again."
            ) from None


def _unpack(name: str, content: IO[bytes], room: _Room) -> None:
    base = re.split(r"[\\/]", name)[-1]
    if base.lower().endswith(".zip") and not zipfile.is_zipfile(content):
        raise CheckpointError(f"{base[:80]!r} is no whole zip: its end is missing or damaged. Pack it again.")
    if zipfile.is_zipfile(content) and not base.endswith(".keras"):
        content.seek(0)
        with zipfile.ZipFile(content) as archive:
            for member in archive.infolist():
                link = (member.external_attr >> 16) & 0o170000 == 0o120000
                if not member.is_dir() and not link:
                    with archive.open(member) as file:
                        room.write(member.filename, file, member.compress_size)
        return
    content.seek(0)
    if base.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")):
        with tarfile.open(fileobj=content, mode="r|*") as tape:
            for each in _regular(tape):
                unpacked = tape.extractfile(each)
                if unpacked is not None:
                    room.write(each.name, unpacked)
        return
    room.write(base, content)


def _regular(tape: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for number, each in enumerate(tape):
        if number > 10 * _MOST_FILES:
            raise CheckpointError("The archive has too many entries.")
        if each.isfile() and not each.issparse():
            yield each
