"""Unpacks a stranger's zip or tar. It runs in the confined process and nowhere else.

Everything that a header can claim is bounded before it is believed: how much is read at once, how much comes
out of how little, how many files and folders there are. Zip: APPNOTE.TXT 6.3.10, of which only members that
are stored or deflated are taken, since only these are expanded piece by piece. Tar: POSIX.1-2008 pax and the
headers of GNU, read by `tarfile` from a tape that gives little at once.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from core.checkpoint import CheckpointError

MOST_FILES = 10_000  # of one upload
MOST_FOLDERS = 2_000  # making one takes a disk as long as many files
RATIO = 200  # an archive may unpack to this many times its size, and one piece
PIECE = 1 << 18  # bytes that are read at once; also the largest header of a tar, a name or a pax record
_DIRECTORY = 4 << 20  # bytes; the list at the end of a zip with 10,000 long names is smaller
_HEADERS = 32 << 20  # bytes; the headers of a tar with 10,000 files are smaller
_DEPTH = 40  # folders in folders
SPEED = 50e6  # bytes a second that are unpacked or written, even by a slow disk and a slow processor
SLOW = 2.5e6  # the same of what bzip2 or xz has packed
_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_DAMAGED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)


def is_archive(name: str, start: bytes) -> bool:
    """Whether an uploaded file is one to unpack, by its name and its first bytes. A `.keras` file is not."""
    lower = name.lower()
    if lower.endswith((".zip", *_TAR)):
        return True
    return start.startswith((b"PK\3\4", b"PK\5\6")) and not lower.endswith(".keras")


def _free(seconds: float) -> None:
    """What is written in the server takes no time from anybody's bounds."""


@dataclass
class Room:
    """Where an upload goes, how many bytes it may take in all, and how many more may come.

    Attributes:
        earn: told of the seconds of computing that an honest file explains.
        keeps: whether files are written; else they are only counted.
    """

    root: Path
    most: int
    left: int
    files: int = 0
    earn: Callable[[float], None] = _free
    keeps: bool = True
    _folders: set[Path] = field(default_factory=set)

    def write(self, name: str, content: IO[bytes], packed: int | None = None) -> None:
        """Write one file below the root; `packed` is how many bytes of a zip it comes from.

        Raises:
            CheckpointError: it leads out, is there twice, or is too much.
            OSError: the disk does not take it.
        """
        path = self.place(name)
        self.files += 1
        self._count_folders(path.parent)
        if self.files > MOST_FILES:
            raise _too_many()
        written = 0
        with self._new(path, name) if self.keeps else _Nowhere() as file:
            while piece := content.read(PIECE):
                self.left -= len(piece)
                written += len(piece)
                if self.left < 0:
                    raise too_large(self.most)
                if packed is not None and written > RATIO * packed + PIECE:
                    raise _unexplained(name)
                file.write(piece)
                self.earn(len(piece) / SPEED)

    def place(self, name: str) -> Path:
        """Where a file of this name goes.

        Raises:
            CheckpointError: it leads out, or goes too deep.
        """
        parts = [part for part in re.split(r"[\\/]", name) if part not in ("", ".")]
        if not parts or ".." in parts or any("\0" in part or len(part.encode()) > 255 for part in parts):
            raise CheckpointError(f"{name[:80]!r} would be outside of the upload; nothing was unpacked.")
        if len(parts) > _DEPTH:
            raise CheckpointError(f"{name[:80]!r} is more than {_DEPTH} folders deep; nothing was unpacked.")
        return self.root.joinpath(*parts)

    def _count_folders(self, folder: Path) -> None:
        while folder != self.root and folder not in self._folders:
            self._folders.add(folder)
            folder = folder.parent
        if len(self._folders) > MOST_FOLDERS:
            raise _too_many()

    def _new(self, path: Path, name: str) -> IO[bytes]:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb")
        except (FileExistsError, NotADirectoryError):
            raise CheckpointError(
                f"{name[:80]!r} is there twice, as two files or as a file and a folder; nothing was kept. "
                "Rename one of them and upload again."
            ) from None


class _Nowhere(io.RawIOBase):
    """A file that takes everything and keeps nothing."""

    def write(self, content: object, /) -> int:
        assert isinstance(content, bytes)
        return len(content)


def too_large(most: int) -> CheckpointError:
    """The refusal of an upload of more than `most` bytes."""
    return CheckpointError(
        f"The upload is larger, unpacked, than the {most / 1e6:,.1f} MB that this server takes: upload "
        "fewer steps, or leave out what is not of the checkpoint."
    )


def kept_not(error: Exception) -> CheckpointError:
    """The refusal of what cannot be unpacked or written; only the system's own reason is told."""
    reason = getattr(error, "strerror", None) or "it cannot be unpacked"
    return CheckpointError(f"The upload could not be kept: {reason}.")


def unpack(
    packed: str,
    root: str,
    names: Sequence[str],
    most: int,
    left: int,
    files: int,
    keeps: bool = True,
    earn: Callable[[float], None] = _free,
) -> tuple[int, int]:
    """Unpack archives below a root.

    Args:
        packed: the folder of the archives, which are called "0", "1" and so on there.
        names: what each was called when it was uploaded.
        most, left, files, keeps, earn: the room that they share with what is there already.

    Returns:
        How many files there are then, and how many more bytes may come.

    Raises:
        CheckpointError: too large, too many, damaged, or a name that leads out.
    """
    room = Room(Path(root), most, left, files, earn, keeps)
    for number, name in enumerate(names):
        with Path(packed, str(number)).open("rb") as content:
            try:
                _unpack(re.split(r"[\\/]", name)[-1], content, room)
            except CheckpointError:
                raise
            except _DAMAGED as error:
                raise kept_not(error) from None
    return room.files, room.left


class _Bounded(io.RawIOBase):
    """A stream that refuses to give too much at once, or in all."""

    def __init__(self, stream: IO[bytes], at_once: int, refusal: CheckpointError, in_all: int) -> None:
        self._stream, self._at_once, self._refusal, self._left = stream, at_once, refusal, in_all

    def read(self, size: int = -1, /) -> bytes:
        if size > self._at_once:
            raise _large_header()
        got = self._stream.read(self._at_once + 1 if size < 0 else size)
        self._left -= len(got)
        if len(got) > self._at_once or self._left < 0:
            raise self._refusal
        return got

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True


class _Tape(_Bounded):
    """The same, for a tar: it only goes forward, since what goes back would be expanded once more.

    Attributes:
        headers: how many bytes may be read before the next file, by as many headers as there are.
    """

    headers = PIECE

    def read(self, size: int = -1, /) -> bytes:
        got = super().read(size)
        self.headers -= len(got)
        if self.headers < 0:
            raise _large_header()
        return got

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence != io.SEEK_SET or offset < self.tell():
            raise tarfile.ReadError("it leads back")
        while (missing := offset - self.tell()) > 0 and super().read(min(missing, PIECE)):
            pass
        return self.tell()


def _unpack(name: str, content: IO[bytes], room: Room) -> None:
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    if name.lower().endswith(_TAR):
        _unpack_tar(name, content, size, room)
    else:
        _unpack_zip(name, content, size, room)


def _unpack_zip(name: str, content: IO[bytes], size: int, room: Room) -> None:
    # What is read of a zip is read from the file itself, so that in all it has no bound of its own.
    bounded = _Bounded(content, _DIRECTORY, _too_many(), 1 << 62)
    if not zipfile.is_zipfile(bounded):
        raise CheckpointError(f"{name[:80]!r} is no whole zip: its end is missing or damaged. Pack it again.")
    with zipfile.ZipFile(bounded) as archive:
        members = [each for each in archive.infolist() if not each.is_dir() and not _is_link(each)]
        if len(members) > MOST_FILES - room.files:
            raise _too_many()
        for each in members:
            if each.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise CheckpointError(
                    f"{each.filename[:80]!r} is packed in an unusual way. Pack the zip again, by “deflate”."
                )
            if each.flag_bits & 1:
                raise CheckpointError(f"{each.filename[:80]!r} needs a password. Pack it without one.")
            if each.file_size > RATIO * each.compress_size + PIECE:
                raise _unexplained(each.filename)
            room.place(each.filename)
        if sum(each.compress_size for each in members) > size:
            raise _unexplained(name)
        if sum(each.file_size for each in members) > room.left:
            raise too_large(room.most)
        for each in members:
            with archive.open(each) as file:
                room.write(each.filename, file, each.compress_size)


def _is_link(member: zipfile.ZipInfo) -> bool:
    return (member.external_attr >> 16) & 0o170000 == 0o120000


def _unpack_tar(name: str, content: IO[bytes], size: int, room: Room) -> None:
    start = content.read(6)
    content.seek(0)
    if start.startswith((b"BZh", b"\xfd7zXZ\0")):
        room.earn(size / SLOW)
    explained, fits = RATIO * size + PIECE, room.left + _HEADERS
    refusal = _unexplained(name) if explained < fits else too_large(room.most)
    tape = _Tape(_expanded(start, content), PIECE, refusal, min(explained, fits))
    archive = tarfile.TarFile(fileobj=tape)
    passed = 0
    while (each := archive.next()) is not None:
        archive.members.clear()  # type: ignore[attr-defined]  # they would all be kept
        passed += 1
        if passed > MOST_FILES:
            raise _too_many()
        if each.isfile() and not each.issparse() and (file := archive.extractfile(each)) is not None:
            tape.headers = room.most + PIECE
            room.write(each.name, file)
        tape.headers = PIECE


def _expanded(start: bytes, content: IO[bytes]) -> IO[bytes]:
    if start.startswith(b"\x1f\x8b"):
        return cast(IO[bytes], gzip.GzipFile(fileobj=content))
    if start.startswith(b"BZh"):
        return bz2.BZ2File(content)
    if start == b"\xfd7zXZ\0":
        return lzma.LZMAFile(content)
    return content


def _large_header() -> CheckpointError:
    return CheckpointError("A header of the archive is larger than any that is needed.")


def _too_many() -> CheckpointError:
    return CheckpointError(f"The upload has more than {MOST_FILES:,} files or {MOST_FOLDERS:,} folders.")


def _unexplained(name: str) -> CheckpointError:
    return CheckpointError(f"{name[:80]!r} unpacks to far more than its size explains.")
