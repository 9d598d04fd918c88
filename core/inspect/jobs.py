"""What the confined process can be asked for, each one function of plain arguments and records."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from core.bundle.values import Array
from core.checkpoint import CheckpointError, Fault, Unsupported
from core.inspect import compare, diagnosis, find, look, over_time, tensors
from core.inspect.code.block import Block
from core.inspect.diagnosis import Finding
from core.inspect.find import SAVED_MODEL, Checkpoint, Found
from core.inspect.graphs import Graph
from core.inspect.model import Listing, Tensor
from core.inspect.over_time import Measured
from core.inspect.verdict.verdict import Choice, Verdict


def list_one(root: str, checkpoint: Checkpoint) -> Listing:
    """What one checkpoint holds."""
    with tensors.opened(Path(root), checkpoint) as values:
        return tensors.listing(checkpoint, values)


def list_all(root: str, checkpoints: Sequence[Checkpoint]) -> tuple[Listing | Fault, ...]:
    """What each checkpoint holds, or why it cannot be listed."""
    found: list[Listing | Fault] = []
    for checkpoint in checkpoints:
        try:
            found.append(list_one(root, checkpoint))
        except CheckpointError as error:
            found.append(Fault.of(error))
    return tuple(found)


def measure(
    root: str, pairs: Sequence[tuple[Checkpoint, Checkpoint | None]], seconds: float
) -> tuple[tuple[Measured, bool], ...]:
    """Measure checkpoints, each with the one before it, as many as the seconds allow, at least one.

    With each goes whether its tensors are the same as those of the one before it in the answer: then they are
    left out, since a thousand steps of one model have one list.
    """
    end = time.monotonic() + seconds
    done: list[tuple[Measured, bool]] = []
    before: tuple[Tensor, ...] | None = None
    for checkpoint, earlier in pairs:
        found = over_time.measure_one(Path(root), checkpoint, earlier)
        tensors_ = found.listing.tensors
        same = tensors_ == before
        done.append((replace(found, listing=replace(found.listing, tensors=())) if same else found, same))
        before = tensors_
        if time.monotonic() > end:
            break
    return tuple(done)


def arrays(root: str, checkpoint: Checkpoint, keys: Sequence[str]) -> Mapping[str, Array]:
    """The values of some tensors; types that NumPy does not know by itself come as float32, text as bytes."""
    found: dict[str, Array] = {}
    with tensors.opened(Path(root), checkpoint) as values:
        for key in keys:
            value = values.read(values.named(key))
            if value.dtype == object:
                if any(text.endswith(b"\0") for text in value.flat):
                    raise Unsupported(f"{key} has texts that end in NUL, which an array cannot keep.")
                value = value.astype("S")
            elif value.dtype.name.startswith(
                ("bfloat", "float8", "float4", "int4", "uint4", "int2", "uint2")
            ):
                value = value.astype(np.float32)
            found[key] = value
    return found


def entries(root: str, checkpoint: Checkpoint) -> tuple[tuple[Any, ...], ...]:
    """The rows of the index."""
    with tensors.opened(Path(root), checkpoint) as values:
        return tuple(tuple(entry) for entry in values.entries)


def first_bytes(root: str, checkpoint: Checkpoint, key: str) -> str:
    """A hexadecimal dump of the first bytes of a tensor's values, sixteen a line."""
    with tensors.opened(Path(root), checkpoint) as values:
        entry = values.named(key)
        if entry.dtype == "string":
            raw = b"".join(values.read(entry).reshape(-1)[:64])[:256]
        else:
            raw = next(iter(values.pieces(entry)), np.empty(0)).tobytes()[:256]
    lines = []
    for at in range(0, len(raw), 16):
        part = raw[at : at + 16]
        text = "".join(chr(each) if 32 <= each < 127 else "." for each in part)
        lines.append(f"{at:06x}  {part.hex(' '):<47}  {text}")
    return "\n".join(lines) or "no bytes"


def graphs(root: str, path: str) -> tuple[Graph, ...]:
    """The graphs of a `.meta` file or SavedModel."""
    from core.tf.inspect import graphs_of

    return graphs_of(Path(root), path)


def diagnose(root: str, found: Found, every_byte: bool) -> tuple[Finding, ...]:
    """What is wrong with a directory, the graphs of its SavedModels included."""
    findings = [*diagnosis.diagnose(Path(root), found, every_byte=every_byte)]
    for model in _models(found):
        try:
            graphs(root, model.path)
        except CheckpointError as error:
            findings.append(diagnosis.unread(model, error))
    return diagnosis.worst_first(findings)


def _models(found: Found) -> list[Checkpoint]:
    return [each for each in found.checkpoints if each.kind == SAVED_MODEL]


def would_load(
    root: str, checkpoint: Checkpoint, other: str, into: Checkpoint | str, choice: Choice
) -> Verdict:
    """What happens when a checkpoint is loaded into a target."""
    from core.inspect.verdict.judging import verdict

    return verdict(Path(root), checkpoint, Path(other), into, choice)


def code(root: str, checkpoint: Checkpoint, path: str) -> tuple[Block, ...]:
    """The code that loads a checkpoint."""
    from core.inspect.code.written import code_of

    return code_of(Path(root), checkpoint, path)


JOBS: Mapping[str, Callable[..., Any]] = {
    "find": lambda root, below: find.find(Path(root), below=below),
    "list_all": list_all,
    "measure": measure,
    "arrays": arrays,
    "entries": entries,
    "first_bytes": first_bytes,
    "graphs": graphs,
    "would_load": would_load,
    "code": code,
    "compare": lambda a, first, b, second, tolerance: compare.compare(
        (Path(a), first), (Path(b), second), tolerance
    ),
    "diagnose": diagnose,
    "numbers": lambda root, checkpoint, key, plane, side, wanted: look.numbers(
        Path(root), checkpoint, key, plane, side, wanted
    ),
    "look": lambda root, series, key, low, high, plane: look.look(Path(root), series, key, low, high, plane),
}


def wants_graphs(job: str, arguments: Sequence[Any]) -> bool:
    """Whether a job reads graphs, for which the classes of their messages are needed."""
    return job in ("graphs", "would_load", "code") or (job == "diagnose" and bool(_models(arguments[1])))


def prepare() -> None:
    """Import what jobs need, in the process that stays."""
    import core.inspect.keras  # noqa: F401


def prepare_graphs() -> None:
    """Load the verdict, and the messages of graphs where they are installed, before a process is limited."""
    import core.inspect.code.written
    import core.inspect.verdict.judging  # noqa: F401
    from core.tf.inspect import prepare as load_messages

    with suppress(CheckpointError):
        load_messages()
