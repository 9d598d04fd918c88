"""Patterns of names: `*/kernel` as a shell has it, or a part of a name."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Protocol, TypeVar


class Called(Protocol):
    """What has a name and a key."""

    @property
    def name(self) -> str: ...
    @property
    def key(self) -> str: ...


Item = TypeVar("Item", bound=Called)


def kept(items: Sequence[Item], include: Sequence[str], exclude: Sequence[str]) -> list[Item]:
    """Those that a pattern of `include` matches, if there is one, and none of `exclude`."""
    return [
        each
        for each in items
        if (not include or any(matches(pattern, each.name, each.key) for pattern in include))
        and not any(matches(pattern, each.name, each.key) for pattern in exclude)
    ]


def matches(pattern: str, *names: str) -> bool:
    """Whether one of the names is so, or has the pattern as a part where it has no wildcard."""
    wild = any(each in pattern for each in "*?[")
    return any(fnmatchcase(name, pattern) if wild else pattern in name for name in names)
