"""`tf.train.Checkpoint` in its normal use: what was saved by objects, and what came back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ByObject:
    """Saved by one program, restored by another that gave its variables no names.

    Attributes:
        keys: names in the file.
        files: of the folder at the end.
        saved, restored: h and v before and after.
        latest: the checkpoint that the manager calls the latest.
        save_code, restore_code: the source that ran.
    """

    keys: tuple[str, ...]
    files: tuple[str, ...]
    saved: tuple[float, float]
    restored: tuple[float, float]
    latest: str
    save_code: str
    restore_code: str
