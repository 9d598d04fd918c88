"""Patterns of names: `*/kernel` as a shell has it, or a part of a name."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from core.inspect.model import Tensor


def kept(tensors: Sequence[Tensor], include: Sequence[str], exclude: Sequence[str]) -> list[Tensor]:
    """Those that `wanted` lets through, by name and key."""
    return [each for each in tensors if wanted((each.name, each.key), include, exclude)]


def wanted(names: Sequence[str], include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Whether `include`, where it has a pattern, has one that matches a name, and `exclude` has none."""
    asked = not include or any(matches(pattern, *names) for pattern in include)
    return asked and not any(matches(pattern, *names) for pattern in exclude)


def matches(pattern: str, *names: str) -> bool:
    """Whether one of the names is so, or has the pattern as a part where it has no wildcard."""
    wild = any(each in pattern for each in "*?[")
    return any(fnmatchcase(name, pattern) if wild else pattern in name for name in names)
