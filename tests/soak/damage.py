"""What can become of a file in a run's directory: torn, swapped, crafted, or no file at all."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

KINDS = (
    *("flip", "cut", "grow", "empty", "gone", "random", "words", "swap", "copy"),
    *("directory", "pipe", "loop", "link", "huge", "unreadable", "deep"),
)
HUGE = 1 << 40  # bytes of a file that is a hole


def damage(directory: Path, chance: random.Random) -> str:
    """Do something to one of the run's files; in words what."""
    files = sorted(path for path in directory.rglob("*") if path.is_file())
    # Half of the times one of the few files that are the run's own, not one of its many checkpoints'.
    own = [path for path in files if path.parent == directory]
    path = chance.choice(own if chance.random() < 0.5 else files)
    kind = chance.choice(KINDS)
    _DO[kind](path, chance.choice(files), chance)
    return f"{kind} of {path.relative_to(directory)}"


def _rewrite(path: Path, content: bytes | bytearray) -> None:
    """Replace a file by another one: `.meta` has many names, and only this one is meant."""
    path.unlink()
    path.write_bytes(content)


def _flip(path: Path, other: Path, chance: random.Random) -> None:
    content = bytearray(path.read_bytes() or b"\0")
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    _rewrite(path, content)


def _cut(path: Path, other: Path, chance: random.Random) -> None:
    content = path.read_bytes()
    _rewrite(path, content[: chance.randrange(len(content) + 1)])


def _grow(path: Path, other: Path, chance: random.Random) -> None:
    _rewrite(path, path.read_bytes() + chance.randbytes(chance.randrange(1, 2000)))


def _words(path: Path, other: Path, chance: random.Random) -> None:
    """Numbers and words where they do not belong, in files that are text."""
    text = path.read_bytes()
    wrong = chance.choice(
        (b"1e400", b"NaN", b"-1", b"null", b"[]", b"{}", b'"x"', b"true", b"99999999999999999999")
    )
    places = [at for at, byte in enumerate(text) if byte in b"0123456789"] or [0]
    at = chance.choice(places)
    _rewrite(path, text[:at] + wrong + text[at + 1 :])


def _swap(path: Path, other: Path, chance: random.Random) -> None:
    mine, theirs = path.read_bytes(), other.read_bytes()
    _rewrite(path, theirs)
    _rewrite(other, mine)


def _directory(path: Path, other: Path, chance: random.Random) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path, other: Path, chance: random.Random) -> None:
    path.unlink()
    os.mkfifo(path)


def _loop(path: Path, other: Path, chance: random.Random) -> None:
    path.unlink()
    path.symlink_to(path)


def _link(path: Path, other: Path, chance: random.Random) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def _huge(path: Path, other: Path, chance: random.Random) -> None:
    _rewrite(path, b"")
    os.truncate(path, HUGE)


def _unreadable(path: Path, other: Path, chance: random.Random) -> None:
    """The folder around it cannot be looked into; to an administrator's account nothing is forbidden."""
    _rewrite(path, b"\xff\xfe\0" * 50)
    path.chmod(0)


def _deep(path: Path, other: Path, chance: random.Random) -> None:
    _rewrite(path, b"[" * 100_000 + b"]" * 100_000)


_DO = {
    "flip": _flip,
    "cut": _cut,
    "grow": _grow,
    "empty": lambda path, other, chance: _rewrite(path, b""),
    "gone": lambda path, other, chance: path.unlink(),
    "random": lambda path, other, chance: _rewrite(path, chance.randbytes(len(path.read_bytes()))),
    "words": _words,
    "swap": _swap,
    "copy": lambda path, other, chance: _rewrite(path, other.read_bytes()),
    "directory": _directory,
    "pipe": _pipe,
    "loop": _loop,
    "link": _link,
    "huge": _huge,
    "unreadable": _unreadable,
    "deep": _deep,
}


def damaged(original: Path, folder: Path, seed: int) -> tuple[Path, str]:
    """A copy of a run's directory in a folder of runs, with one thing done to it, and what that was."""
    copy = folder / original.name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(original, copy)
    return copy, damage(copy, random.Random(seed))
