"""`inspect`: what is in a file or a folder, one tensor of it, or all of it over time."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from command.patterns import kept
from command.place import Named, named, nearest_tensor
from command.progress import measured
from command.told import BAD, GOOD, UNREADABLE, Code, Heading, Line, Part, Table, Told, number, shape
from core.checkpoint import CheckpointError, Fault, Unsupported
from core.inspect import diagnosis
from core.inspect.find import ITSELF, SAVED_MODEL, Checkpoint, best_of
from core.inspect.look import sliced, written
from core.inspect.model import SLOT, WEIGHT, Layer, Listing, Tensor
from core.inspect.over_time import STILL, Measured, marks
from core.inspect.statistics import COLUMNS, histogram, span
from core.words import counted, in_bytes

_SHOWN = 20  # checkpoints of a folder that are told without --all
_BINS = 16  # of a histogram that is drawn as text


def run(asked: argparse.Namespace) -> Told:
    """What the command line asks for."""
    place = named(asked.path)
    if asked.over_time:
        return over_time(place, asked)
    if asked.tensor:
        return tensor(place, asked)
    if asked.code:
        return code(place, asked)
    return contents(place, asked)


def contents(place: Named, asked: argparse.Namespace) -> Told:
    """The checkpoints of a folder, and the layers of one."""
    checkpoints = place.only().checkpoints
    answers = place.folder.listings(checkpoints)
    rows = [_overview(each, answer) for each, answer in zip(checkpoints, answers, strict=True)]
    data: dict[str, Any] = {"command": "inspect", "path": asked.path, "checkpoints": rows}
    parts: list[Part] = []
    bad = [row for row in rows if row["problem"]]
    if not rows or len(bad) == len(rows):
        findings = place.folder.diagnose(place.only(), every_byte=False)
        sentences = [each.sentence for each in findings if each.kind != "unverified"]
        data["problems"] = sentences
        return Told(data, [Line(each, "wrong") for each in sentences], UNREADABLE)
    if place.one is None and len(rows) > 1:
        parts += [Heading(_summary(place)), _table(rows, asked.all)]
        left = len(rows) - _SHOWN
        if left > 0 and not asked.all:
            parts.append(Line(f"{left:,} more in between; --all lists every one.", "note"))
        series = place.found.groups().values()
        data["best"] = [_best(best) for group in series if (best := best_of(group))]
        parts += [line for group in series for line in _best_said(group)]
    one = place.one or _readable(place, checkpoints, answers)
    graphs = [each.path or ITSELF for each in checkpoints if not each.has_values and each.kind == SAVED_MODEL]
    parts += [Line(f"{each} keeps no variables: a graph is all that it has.", "note") for each in graphs]
    if one is not None and one.has_values:
        listing = place.folder.listing(one)
        data["checkpoint"] = _described(listing, one)
        parts += described(listing, one, asked)
        if asked.include or asked.exclude:
            some = kept(listing.tensors, asked.include, asked.exclude)
            data["checkpoint"]["tensors"] = [_tensor(each) for each in some]
    return Told(data, parts, BAD if bad else GOOD)


def _readable(
    place: Named, checkpoints: Sequence[Checkpoint], answers: Sequence[Listing | Fault]
) -> Checkpoint | None:
    """The newest checkpoint, or the last that can be listed."""
    newest = place.found.newest()
    good = [each for each, answer in zip(checkpoints, answers, strict=True) if isinstance(answer, Listing)]
    return newest if newest in good else good[-1] if good else None


def _summary(place: Named) -> str:
    found = place.found
    count = counted(len(found.checkpoints), "checkpoint")
    return f"{place.text}: {count} in {counted(found.files, 'file')}, {in_bytes(found.bytes)}"


def _best(checkpoint: Checkpoint) -> dict[str, Any]:
    told = {"series": checkpoint.group, "path": checkpoint.path, "step": checkpoint.step}
    return told | {"metric": checkpoint.metric}


def _best_said(group: Sequence[Checkpoint]) -> list[Part]:
    return [Line(f"{each.sentence} {each.advice}", "good") for each in diagnosis.best(group)]


def _overview(checkpoint: Checkpoint, answer: Listing | Fault) -> dict[str, Any]:
    row: dict[str, Any] = {"path": checkpoint.path, "kind": checkpoint.kind, "step": checkpoint.step}
    row |= {"bytes": checkpoint.bytes, "tensors": None, "parameters": None, "optimizer_bytes": None}
    row["problem"] = ""
    if isinstance(answer, Listing):
        row |= {"tensors": len(answer.tensors), "parameters": answer.parameters}
        row["optimizer_bytes"] = answer.slot_bytes
    elif checkpoint.kind != SAVED_MODEL or checkpoint.has_values:
        row["problem"] = answer.sentence
    return row


def _table(rows: Sequence[dict[str, Any]], whole: bool) -> Table:
    if len(rows) > _SHOWN and not whole:
        rows = [*rows[: _SHOWN // 2], *rows[-_SHOWN // 2 :]]
    told: tuple[tuple[str, ...], ...] = tuple(
        (
            row["path"] or ITSELF,
            row["kind"],
            "" if row["step"] is None else str(row["step"]),
            "" if row["tensors"] is None else f"{row['tensors']:,}",
            "" if row["parameters"] is None else f"{row['parameters']:,}",
            in_bytes(row["bytes"]),
            in_bytes(row["optimizer_bytes"]) if row["optimizer_bytes"] else "",
            row["problem"],
        )
        for row in rows
    )
    columns: tuple[str, ...] = (
        "checkpoint",
        "kind",
        "step",
        "tensors",
        "parameters",
        "size",
        "optimizer",
        "problem",
    )
    if not any(row["problem"] for row in rows):
        columns, told = columns[:-1], tuple(row[:-1] for row in told)
    levels = tuple("wrong" if row["problem"] else "" for row in rows)
    return Table(columns, told, (2, 3, 4, 5, 6), levels)


def _described(listing: Listing, checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "path": listing.path,
        "kind": listing.kind,
        "step": checkpoint.step,
        "writer": listing.writer,
        "parameters": listing.parameters,
        "unsure": listing.unsure,
        "bytes": listing.bytes,
        "optimizer_bytes": listing.slot_bytes,
        "layers": [_layer(each) for each in listing.tree().layers],
        "tensors": [_tensor(each) for each in listing.tensors],
        "damaged": listing.damaged,
        "notes": [each.sentence for each in listing.notes],
    }


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "path": layer.path,
        "kind": layer.kind,
        "parameters": layer.parameters,
        "weights": [each.name for each in layer.weights],
        "layers": [_layer(each) for each in layer.layers],
    }


def _tensor(each: Tensor) -> dict[str, Any]:
    told = {"key": each.key, "name": each.name, "layer": each.layer, "role": each.role, "slot": each.slot}
    return told | {
        "dtype": each.dtype,
        "shape": each.shape,
        "elements": each.elements,
        "bytes": each.bytes,
    }


def described(
    listing: Listing, checkpoint: Checkpoint, asked: argparse.Namespace | None = None
) -> list[Part]:
    """The layers of a checkpoint, or the tensors that are asked for, under a heading."""
    name = checkpoint.path or ITSELF
    writer = f", written by {' and '.join(listing.writer)}" if listing.writer else ""
    parts: list[Part] = [Heading(f"{name}: {listing.kind}{writer}")]
    if asked is not None and (asked.all or asked.include or asked.exclude):
        some = kept(listing.tensors, asked.include, asked.exclude)
        parts.append(_tensors(some))
        if len(some) < len(listing.tensors):
            parts.append(Line(f"{len(some):,} of {counted(len(listing.tensors), 'tensor')}."))
    else:
        parts.append(Table(*_tree(listing), numbers=(3, 4)))
    parts.append(Line(_total(listing)))
    parts += [Line(listing.unsure, "warning")] if listing.unsure else []
    parts += [Line(each.sentence, "note") for each in listing.notes]
    parts += [Line(sentence, "wrong") for sentence in list(listing.damaged.values())[:_SHOWN]]
    return parts


def _tensors(tensors: Sequence[Tensor]) -> Table:
    rows = tuple(
        (
            each.name,
            each.role,
            each.dtype,
            shape(each.shape),
            f"{each.elements:,}",
            in_bytes(each.bytes),
            each.key,
        )
        for each in tensors
    )
    return Table(("tensor", "role", "type", "shape", "elements", "size", "key"), rows, (4, 5))


def _tree(listing: Listing) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    rows = [*_rows(listing.tree(), -1)]
    for role, tensors in listing.beside().items():
        size = in_bytes(sum(each.bytes for each in tensors))
        name = "optimizer slots" if role == SLOT else f"{role}s" if len(tensors) > 1 else role
        rows.append((f"({name})", counted(len(tensors), "tensor"), "", "", size))
    return ("layer", "kind or shape", "type", "parameters", "size"), tuple(rows)


def _rows(layer: Layer, depth: int) -> Iterator[tuple[str, ...]]:
    """A layer, its weights below it, and the layers inside it."""
    start = "  " * depth
    if depth >= 0:
        yield f"{start}{layer.name}", layer.kind, "", f"{layer.parameters:,}", in_bytes(_bytes(layer))
    for each in layer.weights:
        name = each.name.removeprefix(f"{layer.path}/")
        size = in_bytes(each.bytes)
        yield f"{start}  {name}", shape(each.shape), each.dtype, f"{each.elements:,}", size
    for inside in layer.layers:
        yield from _rows(inside, depth + 1)


def _bytes(layer: Layer) -> int:
    return sum(each.bytes for each in layer.weights) + sum(map(_bytes, layer.layers))


def _total(listing: Listing) -> str:
    weights = sum(each.bytes for each in listing.weights())
    total = f"{counted(listing.parameters, 'parameter')}, {in_bytes(weights)}."
    if not listing.slot_bytes:
        return f"{total} No optimizer slots."
    without = in_bytes(listing.bytes - listing.slot_bytes)
    return (
        f"{total} The optimizer's slots are {in_bytes(listing.slot_bytes)}; without them {without} are left."
    )


def tensor(place: Named, asked: argparse.Namespace) -> Told:
    """One tensor: its statistics, its histogram and the numbers of a slice."""
    one = place.chosen()
    listing = place.folder.listing(one)
    found = find_tensor(listing, asked.tensor)
    place.need([one], [found.key])
    (value,) = place.folder.arrays(one, [found.key]).values()
    data: dict[str, Any] = {"command": "inspect", "path": asked.path, "tensor": _tensor(found)}
    parts: list[Part] = [Heading(f"{found.name} in {one.path or ITSELF}")]
    parts.append(Line(f"{found.dtype}, {shape(found.shape)}, {in_bytes(found.bytes)}, key {found.key}"))
    if value.dtype.kind in "biuf":
        facts, histogram = _statistics(value)
        data |= {"statistics": facts, "histogram": histogram}
        parts.append(
            Table(tuple(facts), (tuple(number(each) for each in facts.values()),), tuple(range(len(facts))))
        )
        parts.append(_drawn(histogram))
    part = value[sliced(asked.slice, value.shape)] if asked.slice else value
    if asked.slice or value.size <= 100:
        parts.append(Code(written(part)))
        data["values"] = part
    return Told(data, parts)


def code(place: Named, asked: argparse.Namespace) -> Told:
    """The code that loads the checkpoint that is meant."""
    if place.mirror is not None:
        raise Unsupported("The code is for files on this machine. Copy them first.")
    one = place.chosen()
    parts: list[Part] = []
    blocks = place.folder.code(one, place.written(one))
    for each in blocks:
        parts += [Heading(each.title), *([Line(each.note, "warning")] if each.note else [])]
        parts.append(Code(each.text, each.language))
    return Told({"command": "inspect", "path": asked.path, "code": blocks}, parts)


def find_tensor(listing: Listing, name: str) -> Tensor:
    """The tensor of this key or name, or the only one whose name ends so.

    Raises:
        CheckpointError: there is none, or more than one.
    """
    exact = [each for each in listing.tensors if name == each.key]
    exact = exact or [each for each in listing.tensors if name == each.name and each.role != "copy"]
    ending = exact or [
        each for each in listing.tensors if each.role == WEIGHT and each.name.endswith(f"/{name}")
    ]
    if len(ending) == 1:
        return ending[0]
    names = [each.name for each in listing.tensors]
    if ending:
        raise CheckpointError(
            f"{name} may be {', '.join(each.key for each in ending[:5])}. Name one by its key."
        )
    raise nearest_tensor(name, [*dict.fromkeys([*names, *(each.key for each in listing.tensors)])])


def _statistics(value: np.ndarray[Any, Any]) -> tuple[dict[str, float], dict[str, Any]]:
    numbers = value.reshape(-1).astype(np.float64)
    good = numbers[np.isfinite(numbers)]
    facts = {
        "norm": float(np.linalg.norm(good)),
        "mean": float(good.mean()) if good.size else np.nan,
        "std": float(good.std()) if good.size else np.nan,
        "min": float(good.min()) if good.size else np.nan,
        "max": float(good.max()) if good.size else np.nan,
        "zeros": int(np.count_nonzero(numbers == 0)),
        "nan": int(np.count_nonzero(np.isnan(numbers))),
        "inf": int(np.count_nonzero(np.isinf(numbers))),
    }
    if not good.size:
        return facts, {"counts": [], "edges": []}
    low, high = span(facts["min"], facts["max"])
    edges = 2 * np.linspace(low / 2, high / 2, _BINS + 1)
    return facts, {"counts": histogram(good, _BINS, low, high).tolist(), "edges": edges.tolist()}


def _drawn(histogram: dict[str, Any]) -> Table:
    """A histogram as bars of text."""
    counts, edges = histogram["counts"], histogram["edges"]
    most = max(counts, default=1)
    rows = tuple(
        (number(low), number(high), f"{count:,}", "█" * round(30 * count / most))
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    )
    return Table(("from", "to", "elements", ""), rows, (0, 1, 2))


def over_time(place: Named, asked: argparse.Namespace) -> Told:
    """Every tensor from the first to the last step of a series, and what stands out."""
    series = series_of(place)
    place.need(series)
    done = measured(place.folder, series)
    names = {each.key: each for step in done for each in step.listing.tensors}
    wanted = kept(list(names.values()), asked.include, asked.exclude)
    if not (asked.include or asked.exclude or asked.all):
        wanted = [each for each in wanted if each.role == WEIGHT]
    steps = [each.checkpoint.step for each in done]
    found = marks(done)
    columns = {each.key: _columns(done, each.key) for each in wanted}
    data: dict[str, Any] = {"command": "inspect", "path": asked.path}
    data["over_time"] = {
        "series": series[0].group,
        "checkpoints": [each.checkpoint.path for each in done],
        "steps": steps,
        "tensors": [_tensor(each) | {"statistics": columns[each.key]} for each in wanted],
        "marks": [{**_mark(each, done)} for each in found],
    }
    best = best_of(series)
    data["over_time"]["best"] = None if best is None else _best(best)
    heading = f"{series[0].group}: {counted(len(done), 'checkpoint')}"
    rows = tuple(_stepped(each, columns[each.key], done) for each in wanted)
    table = ("tensor", "norm at first", "at last", "smallest", "largest", "last changed at", "NaN since")
    parts: list[Part] = [Heading(heading), Table(table, rows, (1, 2, 3, 4))]
    parts += _best_said(series)
    if found:
        told = tuple((done[each.step].checkpoint.name, each.kind, each.sentence) for each in found[:200])
        parts += [Heading("Notable changes"), Table(("checkpoint", "what", "in words"), told)]
    else:
        stopped = "no layer that stopped, " if len(done) > STILL else ""
        parts.append(Line(f"No NaN, {stopped}no name that changed.", "good"))
    if len(done) <= STILL:
        parts.append(Line("Too few checkpoints to say which layers stopped changing.", "note"))
    return Told(data, parts, BAD if any(each.kind == "unreadable" for each in found) else GOOD)


def series_of(place: Named) -> tuple[Checkpoint, ...]:
    """The series of the checkpoint that is named; of a folder the longest.

    Raises:
        CheckpointError: there is none.
    """
    chosen = place.chosen()
    group = place.found.groups()[chosen.group]
    return tuple(each for each in group if each.has_values)


def _columns(done: Sequence[Measured], key: str) -> dict[str, list[float | None]]:
    """Each statistic at each step; None where there is none."""
    rows = []
    for each in done:
        at = next((n for n, tensor in enumerate(each.listing.tensors) if tensor.key == key), None)
        rows.append(None if at is None else each.table[at])
    return {
        name: [None if row is None or np.isnan(row[place]) else float(row[place]) for row in rows]
        for place, name in enumerate(COLUMNS)
        if name != "digest"
    }


def _mark(mark: Any, done: Sequence[Measured]) -> dict[str, Any]:
    checkpoint = done[mark.step].checkpoint
    told = {"kind": mark.kind, "path": checkpoint.path, "step": checkpoint.step}
    return told | {"tensor": mark.tensor, "sentence": mark.sentence}


def _stepped(
    tensor: Tensor, columns: dict[str, list[float | None]], done: Sequence[Measured]
) -> tuple[str, ...]:
    """Name, norms, and the checkpoints at which it changed last and was first not finite."""
    changed = [at for at, count in enumerate(columns["changed"]) if count]
    bad = [
        at
        for at, (nan, inf) in enumerate(zip(columns["nan"], columns["inf"], strict=True))
        if (nan or 0) + (inf or 0) > 0
    ]
    norms = columns["norm"]
    known = [each for each in norms if each is not None]
    ends = (number(norms[0] if norms else None), number(norms[-1] if norms else None))
    range_ = (number(min(known, default=None)), number(max(known, default=None)))
    last = done[changed[-1]].checkpoint.name if changed else "never"
    return (tensor.name, *ends, *range_, last, done[bad[0]].checkpoint.name if bad else "")
