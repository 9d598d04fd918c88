"""Saver options, a list or a dict of variables: what was saved in one way and restored in another.

TensorFlow-free records; `core.tf.saver_options` fills them from real Savers and real files.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from core.sources import parsed
from core.words import listed

RENAMED = ("shift", "height")  # the variables of the graph with other names
LONGEST = 80  # characters of a name that somebody writes
MOST = 10  # entries of a dict that somebody writes


class NotADict(ValueError):
    """What was written is no dict of names to variables; the message says why."""


def read_dict(text: str) -> tuple[tuple[str, str], ...]:
    """A dict of names in the file to variables, as `{"hor_estimate": shift}`; nothing is evaluated.

    Raises:
        NotADict: it is something else.
    """
    try:
        tree = parsed(text.strip()[:2000]).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise NotADict("This is not Python. Check quotes, commas and braces.") from None
    value = tree[0].value if len(tree) == 1 and isinstance(tree[0], ast.Expr) else None
    if isinstance(value, ast.Call) and len(value.args) == 1:
        value = value.args[0]  # Saver({...})
    if not isinstance(value, ast.Dict) or not 1 <= len(value.keys) <= MOST:
        raise NotADict('This is not a dict. Begin with { and end with }: {"name": variable}.')
    pairs = []
    for key, variable in zip(value.keys, value.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise NotADict("The left side is the name in the file, in quotes.")
        if not isinstance(variable, ast.Name) or variable.id not in RENAMED:
            raise NotADict("The right side is a variable of the program, without quotes: shift or height.")
        pairs.append((key.value[:LONGEST], variable.id))
    return tuple(pairs)


@dataclass(frozen=True)
class Match:
    """Saved in one way, restored in another into a graph of its own: what was found, what missing.

    Attributes:
        saved, restored: what was saved, and where it was restored, in words.
        tensors: name in the file to value.
        asked: names that the restoring Saver looks for.
        values: variable to the value that it has afterwards; None while it is not initialized.
        error: TensorFlow's exception and message, empty when there was none.
        save_code, restore_code: the source that ran.
    """

    saved: str
    restored: str
    tensors: dict[str, float]
    asked: tuple[str, ...]
    values: dict[str, float | None]
    error: str
    save_code: str
    restore_code: str

    @property
    def found(self) -> tuple[str, ...]:
        """Names that were asked for and are in the file."""
        return tuple(name for name in self.asked if name in self.tensors)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names that were asked for and are not in the file."""
        return tuple(name for name in self.asked if name not in self.tensors)

    @property
    def unused(self) -> tuple[str, ...]:
        """Names in the file that nobody asked for."""
        return tuple(name for name in self.tensors if name not in self.asked)

    @property
    def restores_all(self) -> bool:
        """Whether every variable has a value afterwards, and none of them a wrong one."""
        return not self.error and list(self.values.values()) == list(self.tensors.values())

    def conclusion(self) -> str:
        """What was found, in plain sentences."""
        parts = [f"In the file: {listed(self.tensors)}. Asked for: {listed(self.asked)}."]
        if self.missing:
            parts.append(f"Missing: {listed(self.missing)}.")
        if self.unused:
            parts.append(f"Left unread: {listed(self.unused)}.")
        if self.error:
            parts.append("TensorFlow restored nothing.")
        empty = tuple(name for name, value in self.values.items() if value is None)
        if empty:
            parts.append(f"Without a value afterwards: {listed(empty)}.")
        else:
            parts.append("Every variable has its value.")
        return " ".join(parts)
