"""The verdict on a pair, from its files alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.inspect.find import Checkpoint, find
from core.inspect.verdict.judging import verdict
from core.inspect.verdict.verdict import Choice, Verdict


def judged(spec: Mapping[str, Any], folder: Path, happened: Mapping[str, Any]) -> Verdict:
    """What is said of a pair."""
    call = spec["call"]
    into: Checkpoint | str = happened["target"]
    if not happened["target"].endswith((".meta", "target.json")):
        into = _checkpoint(folder, happened["target"])
    choice = Choice(
        optimizer=bool(spec["target"]["arch"].get("optimizer")),
        by_name=bool(call.get("by_name")),
        skip_mismatch=bool(call.get("skip_mismatch")),
    )
    return verdict(folder, _checkpoint(folder, happened["source"]), folder, into, choice)


def _checkpoint(folder: Path, path: str) -> Checkpoint:
    found = find(folder)
    return next(each for each in found.checkpoints if each.path == path)
