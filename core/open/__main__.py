"""`python -m core.open DIR`: what lies in a directory, what is wrong with it, how two steps differ.

The exit status is 0 when nothing is wrong, 1 when something is (or two differ), 2 when it cannot be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.checkpoint import CheckpointError
from core.open.compare import SAME
from core.open.diagnosis import WRONG, Finding, would_restore
from core.open.find import SAVED_MODEL, Checkpoint, Found
from core.open.folder import Folder
from core.open.tensors import Listing
from core.words import counted


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was asked for; the exit status says whether something is wrong."""
    asked = _parser().parse_args(arguments)
    folder = Folder(Path(asked.directory).resolve())
    try:
        found = folder.find()
        if asked.compare:
            first, second = (_choose(found, path) for path in asked.compare)
            comparison = folder.compare(first, second)
            text = [comparison.conclusion()] + [_row(row) for row in comparison.rows if row.kind != SAME]
            _print(asked.json, {"compare": asdict(comparison)}, text)
            return int(any(row.kind != SAME for row in comparison.rows))
        if asked.into:
            there, into = asked.into
            checkpoint = _choose(found, there)
            size = _size(folder.root / into)
            findings = [
                each
                for graph in folder.graphs(into, size)
                for each in would_restore(folder.listing(checkpoint), graph)
            ]
            _print(
                asked.json, {"findings": [asdict(each) for each in findings]}, [_finding(f) for f in findings]
            )
            return int(any(each.level == WRONG for each in findings))
        answers = folder.listings(found.checkpoints)
        findings = [*folder.diagnose(found, every_byte=not asked.quick)]
    except CheckpointError as error:
        _print(asked.json, {"error": str(error)}, [f"error: {error}"])
        return 2
    told = {"overview": _overview(found, answers), "findings": [asdict(each) for each in findings]}
    lines = _overview_lines(found, answers) + [""] + [_finding(each) for each in findings]
    _print(asked.json, told, lines)
    return int(any(each.level == WRONG for each in findings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.open", description=__doc__)
    parser.add_argument("directory", help="a directory of checkpoints, SavedModels or Keras files")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--quick", action="store_true", help="do not verify the checksum of every value")
    parser.add_argument("--compare", nargs=2, metavar=("A", "B"), help="compare two checkpoints of it")
    parser.add_argument(
        "--into",
        nargs=2,
        metavar=("A", "GRAPH"),
        help="would checkpoint A restore into this .meta or SavedModel?",
    )
    return parser


def _choose(found: Found, path: str) -> Checkpoint:
    """The checkpoint of this path, prefix or file."""
    for each in found.checkpoints:
        if path.rstrip("/") in (each.path, *(file for file, _, _ in each.files)):
            return each
    names = ", ".join(each.path for each in found.checkpoints[:5]) or "none"
    raise CheckpointError(f"No checkpoint is called {path}; there are: {names}.")


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(each.stat().st_size for each in path.glob("saved_model.*"))
    return path.stat().st_size if path.is_file() else 0


def _overview(found: Found, answers: Sequence[Listing | str]) -> list[dict[str, Any]]:
    rows = []
    for checkpoint, answer in zip(found.checkpoints, answers, strict=True):
        row: dict[str, Any] = {"path": checkpoint.path, "kind": checkpoint.kind, "step": checkpoint.step}
        row["bytes"] = checkpoint.bytes
        if isinstance(answer, Listing):
            row |= {"tensors": len(answer.tensors), "parameters": answer.parameters}
            row |= {"bytes of values": answer.bytes, "bytes of slots": answer.slot_bytes}
        else:
            row["problem"] = answer
        rows.append(row)
    return rows


def _overview_lines(found: Found, answers: Sequence[Listing | str]) -> list[str]:
    count = counted(len(found.checkpoints), "checkpoint")
    lines = [f"{count} in {counted(found.files, 'file')}, {found.bytes:,} bytes"]
    for checkpoint, answer in zip(found.checkpoints, answers, strict=True):
        if isinstance(answer, str):
            kind = "a graph without variables" if checkpoint.kind == SAVED_MODEL else answer
            lines.append(f"{checkpoint.path}: {kind}")
            continue
        slots = f", {answer.slot_bytes:,} of them slots" if answer.slot_bytes else ""
        lines.append(
            f"{checkpoint.path}: {checkpoint.kind}, {counted(len(answer.tensors), 'tensor')}, "
            f"{counted(answer.parameters, 'parameter')}, {answer.bytes:,} bytes{slots}"
        )
    return [_one_line(line) for line in lines]


def _row(row: Any) -> str:
    names = row.first if row.first == row.second else f"{row.first or '–'} → {row.second or '–'}"
    change = (
        f"norm {row.norm:.6g}, largest {row.largest:.6g}, {row.share:.1%}" if row.norm == row.norm else ""
    )
    return _one_line(f"{row.kind}: {names} {change} {row.sentence}".rstrip())


def _finding(each: Finding) -> str:
    return _one_line(f"{each.level}: {each.sentence} {each.advice}")


def _one_line(text: str) -> str:
    """Names come from files: no escape sequence of theirs reaches the terminal."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def _print(as_json: bool, told: dict[str, Any], lines: Sequence[str]) -> None:
    print(json.dumps(told, indent=2, allow_nan=True) if as_json else "\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
