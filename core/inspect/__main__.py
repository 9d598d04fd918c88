"""`python -m core.inspect DIR`: what lies in a directory, what is wrong with it, how two checkpoints differ.

The exit status is 0 when nothing is wrong, 1 when something is (or two differ), 2 when nothing can be read.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.checkpoint import CheckpointError, Fault, Missing
from core.inspect.compare import SAME, Difference
from core.inspect.diagnosis import WRONG, Finding
from core.inspect.find import ITSELF, SAVED_MODEL, Checkpoint, Found
from core.inspect.folder import Folder
from core.inspect.model import Listing
from core.inspect.verdict.records import LOADED, LOADS, Choice, Row, Verdict
from core.words import counted


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was asked for; the exit status says whether something is wrong."""
    asked = _parser().parse_args(arguments)
    folder = Folder(Path(asked.directory).resolve())
    try:
        found = folder.find()
        other = Folder(Path(asked.against).resolve()) if asked.against else folder
        there = other.find() if asked.against else found
        if asked.into:
            path, into = asked.into
            target = into if into in there.graphs or into.endswith(".json") else _choose(there, into)
            choice = Choice(not asked.model_alone, asked.by_name, asked.skip_mismatch)
            verdict = folder.would_load(_choose(found, path), target, other, choice)
            _print(asked.json, {"verdict": asdict(verdict)}, _verdict_lines(verdict))
            return int(verdict.level != LOADS)
        if asked.compare or asked.against:
            a, b = asked.compare or (None, None)
            comparison = folder.compare(_choose(found, a), _choose(there, b), other)
            rows = [row for row in comparison.rows if row.kind != SAME or row.not_finite]
            text = [
                f"{comparison.first or ITSELF} and {comparison.second or ITSELF}: {comparison.conclusion()}"
            ]
            _print(asked.json, {"compare": asdict(comparison)}, text + [_row(row) for row in rows])
            return int(bool(rows))
        answers = folder.listings(found.checkpoints)
        findings = folder.diagnose(found, every_byte=not asked.quick)
    except CheckpointError as error:
        _print(asked.json, {"error": str(error)}, [f"error: {error}"])
        return 2
    told = {"overview": _overview(found, answers), "findings": [asdict(each) for each in findings]}
    lines = _overview_lines(found, answers) + [""] + [_finding(each) for each in findings]
    _print(asked.json, told, lines)
    if not any(map(_was_read, found.checkpoints, answers)):
        return 2
    return int(any(each.level == WRONG for each in findings))


def _was_read(checkpoint: Checkpoint, answer: Listing | Fault) -> bool:
    return isinstance(answer, Listing) or _is_graph_alone(checkpoint)


def _is_graph_alone(checkpoint: Checkpoint) -> bool:
    return checkpoint.kind == SAVED_MODEL and not checkpoint.has_values


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core.inspect", description=__doc__)
    parser.add_argument("directory", help="a directory of checkpoints, SavedModels or Keras files")
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")
    parser.add_argument("--quick", action="store_true", help="do not verify the checksum of every value")
    parser.add_argument("--compare", nargs=2, metavar=("A", "B"), help="compare two checkpoints of it")
    parser.add_argument(
        "--into",
        nargs=2,
        metavar=("A", "GRAPH"),
        help="would checkpoint A load into this .meta, SavedModel, Keras file or other checkpoint?",
    )
    parser.add_argument("--model-alone", action="store_true", help="with --into: without the optimizer")
    parser.add_argument(
        "--by-name", action="store_true", help="with --into: Keras' by_name=True, of .h5 files"
    )
    parser.add_argument("--skip-mismatch", action="store_true", help="with --into: Keras' skip_mismatch=True")
    parser.add_argument(
        "--against",
        metavar="DIR",
        help="B or GRAPH lies in another directory; alone, it compares the newest checkpoints of the two",
    )
    return parser


def _choose(found: Found, path: str | None) -> Checkpoint:
    """The checkpoint of this path, prefix or file; the newest, if none is named."""
    newest = found.newest()
    if path is None and newest is not None:
        return newest
    path = "" if path in (None, ".") else path.rstrip("/")
    for each in found.checkpoints:
        if path in (each.path, *(file for file, _, _ in each.files)):
            return each
    names = ", ".join(each.path for each in found.checkpoints[:5]) or "none"
    raise Missing(f"No checkpoint is called {path}; there are: {names}.")


def _overview(found: Found, answers: Sequence[Listing | Fault]) -> list[dict[str, Any]]:
    rows = []
    for checkpoint, answer in zip(found.checkpoints, answers, strict=True):
        row: dict[str, Any] = {"path": checkpoint.path, "kind": checkpoint.kind, "step": checkpoint.step}
        row["bytes"] = checkpoint.bytes
        if isinstance(answer, Listing):
            row |= {"tensors": len(answer.tensors), "parameters": answer.parameters}
            row |= {"bytes of values": answer.bytes, "bytes of slots": answer.slot_bytes}
        else:
            row["problem"] = answer.sentence
        rows.append(row)
    return rows


def _overview_lines(found: Found, answers: Sequence[Listing | Fault]) -> list[str]:
    count = counted(len(found.checkpoints), "checkpoint")
    lines = [f"{count} in {counted(found.files, 'file')}, {found.bytes:,} bytes"]
    for checkpoint, answer in zip(found.checkpoints, answers, strict=True):
        if isinstance(answer, Fault):
            kind = "a graph without variables" if _is_graph_alone(checkpoint) else answer.sentence
            lines.append(f"{checkpoint.path or ITSELF}: {kind}")
            continue
        slots = f", {answer.slot_bytes:,} of them slots" if answer.slot_bytes else ""
        lines.append(
            f"{checkpoint.path or ITSELF}: {checkpoint.kind}, {counted(len(answer.tensors), 'tensor')}, "
            f"{counted(answer.parameters, 'parameter')}, {answer.bytes:,} bytes{slots}"
        )
    return [_one_line(line) for line in lines]


def _row(row: Difference) -> str:
    change = f"norm {row.norm:.6g}, largest {row.largest:.6g}, {row.share:.1%}" if row.norm > 0 else ""
    return _one_line(f"{row.kind}: {row.name} {change} {row.sentence}".rstrip())


def _verdict_lines(found: Verdict) -> list[str]:
    lines = [found.call, found.conclusion(), found.cause]
    lines += [f"{found.error}: {line}" for line in found.message.splitlines() if line.strip()]
    lines += [f"warning: {each}" for each in found.warnings]
    lines += [
        f"{each.name}() {'passes' if each.passes else f'raises: {each.message}'}" for each in found.assertions
    ]
    lines += [_verdict_row(row) for row in found.rows if row.outcome != LOADED or row.note]
    lines += list(found.not_known)
    for fix in found.fixes:
        lines += ["", f"{fix.title} ({counted(fix.loads, 'weight')}):", *fix.code.splitlines()]
    return [_one_line(line) for line in lines]


def _verdict_row(row: Row) -> str:
    here = f" {row.dtype} {list(row.shape or ())}" if row.dtype and row.target else ""
    there = (
        f" from {row.source} {row.stored_dtype} {list(row.stored_shape or ())}"
        if row.source and row.target
        else ""
    )
    return f"{row.outcome}: {row.name}{here}{there}{f' ({row.note})' if row.note else ''}"


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
