"""Landlock: from now on this process reaches only the folders that it is given, and nobody over the network.

Source: the kernel's Documentation/userspace-api/landlock.rst. The kernel must be Linux 5.13 or later; what a
later one adds (moving files, truncating, TCP, signals) is refused where it is known. It holds until the
process ends, and needs no privilege.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

# Rights on files, one bit each, in the order of the kernel's header.
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_MAKE_FOLDER, _MAKE_FILE = 1 << 7, 1 << 8
READ = _EXECUTE | _READ | _LIST
WRITE = _WRITE | _READ | _LIST | _MAKE_FOLDER | _MAKE_FILE
_KNOWN = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # by the version of the interface: how many rights on files
_TCP = 0b11  # to bind and to connect, from version 4
_SCOPES = 0b11  # abstract sockets and signals, from version 6

# The system calls have these numbers on every architecture.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_BENEATH = 1
_NO_NEW_PRIVILEGES = 38


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of the interface that this kernel has; 0 where there is none, or it is not allowed."""
    if not hasattr(os, "O_PATH"):
        return 0
    return max(0, _libc().syscall(_CREATE, None, 0, 1))


def confine(read: Iterable[Path], write: Iterable[Path] = ()) -> bool:
    """Keep this process from all files but those below the folders named.

    Args:
        read: folders whose files may be read, or run.
        write: folders in which files and folders may be made.

    Returns:
        Whether the kernel does it.

    Raises:
        OSError: it should, and does not.
    """
    known = version()
    if not known:
        return False
    libc = _libc()
    asked = _Ruleset((1 << _KNOWN[min(known, 5)]) - 1, _TCP, _SCOPES)
    size = 8 if known < 4 else 16 if known < 6 else 24
    rules = _done(libc.syscall(_CREATE, ctypes.byref(asked), size, 0))
    try:
        for folders, rights in ((read, READ), (write, WRITE)):
            for folder in folders:
                _allow(libc, rules, folder, rights)
        _done(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _done(libc.syscall(_RESTRICT, rules, 0))
    finally:
        os.close(rules)
    return True


def _allow(libc: ctypes.CDLL, rules: int, folder: Path, rights: int) -> None:
    try:
        descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    try:
        beneath = _Beneath(rights, descriptor)
        _done(libc.syscall(_ADD, rules, _BENEATH, ctypes.byref(beneath), 0))
    finally:
        os.close(descriptor)


def _done(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
