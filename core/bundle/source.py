"""One file of a checkpoint, read by ranges: regular files only, never waiting, never following a link."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

from core.checkpoint import CheckpointError, Missing, TooLarge, Unreadable, Unsupported

_WHOLE = 1 << 20  # a file up to this size is read at once
_AHEAD = 1 << 18  # a small read of a larger file takes what follows along


class Source:
    """A file that is open for reading.

    Attributes:
        name: of the file, for sentences.
        size: in bytes, when it was opened.
        whole: all of it, if it is small enough to be read at once.
    """

    whole: memoryview | None = None

    def __init__(self, path: str | Path, most: int | None = None) -> None:
        """Open the file.

        Args:
            most: more bytes than this are refused.

        Raises:
            CheckpointError: missing, no regular file, or larger than `most`.
            Unreadable: the system does not give it.
        """
        self.name = os.path.basename(path)
        flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._descriptor = os.open(path, flags)
        except FileNotFoundError:
            raise Missing(f"{self.name} is missing.") from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise Unsupported(f"{self.name} is a symbolic link; links are not followed.") from None
            raise Unreadable(f"{self.name} cannot be read: {error.strerror}.") from None
        self._start, self._window = 0, memoryview(b"")
        try:
            status = os.fstat(self._descriptor)
            self.size = status.st_size
            if stat.S_ISDIR(status.st_mode):
                raise Unsupported(f"{self.name} is a folder, not a file.")
            if not stat.S_ISREG(status.st_mode):
                raise Unsupported(f"{self.name} is not a regular file.")
            if most is not None and self.size > most:
                raise TooLarge(f"{self.name} is larger than {most:,} bytes.")
            if self.size <= _WHOLE:
                self._load(0, self.size)
                self.whole = self._window
        except BaseException:
            self.close()
            raise

    def read(self, offset: int, size: int) -> memoryview:
        """The bytes from `offset`; fewer than `size` where the file ends."""
        at = offset - self._start
        if at >= 0 and at + size <= len(self._window):
            return self._window[at : at + size]
        size = max(0, min(size, self.size - offset))
        if size == 0:
            return memoryview(b"")
        if size <= _AHEAD:
            self._load(offset, _AHEAD)
            return self._window[:size]
        whole = memoryview(bytearray(size))
        return whole[: self.read_into(offset, whole)]

    def read_into(self, offset: int, into: memoryview) -> int:
        """Fill `into` with the bytes from `offset`; how many there were."""
        done = 0
        try:
            while done < len(into):
                count = os.preadv(self._descriptor, [into[done:]], offset + done)
                if count == 0:
                    break
                done += count
        except OSError as error:
            raise Unreadable(f"{self.name} cannot be read: {error.strerror}.") from None
        return done

    def close(self) -> None:
        """Give the file back; a second time does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _load(self, offset: int, size: int) -> None:
        try:
            window = os.pread(self._descriptor, size, offset)
        except OSError as error:
            raise Unreadable(f"{self.name} cannot be read: {error.strerror}.") from None
        self._start, self._window = offset, memoryview(window)


def json_object(path: Path, most: int, called: str = "") -> dict[str, Any]:
    """The JSON object that a file of at most `most` bytes is.

    Args:
        called: what sentences call it, if not by its name alone.

    Raises:
        CheckpointError: it is missing, too large or no JSON object.
    """
    with Source(path, most) as source:
        content = bytes(source.read(0, source.size))
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise CheckpointError(f"{called or path.name} is damaged: it is not JSON.")
    return found
