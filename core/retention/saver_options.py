"""Saver options, a list or a dict of variables: what was saved in one way and restored in another.

TensorFlow-free records; `core.tf.saver_options` fills them from real Savers and real files.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.words import listed


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
