"""From a sweep's results to what the browser draws."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.data import Sample, make_sample
from core.history.surface import loss_surface
from core.history.view import packed_surface
from core.packing import packed
from core.run.manifest import QUEUED, RUNNING
from core.sweep.folder import Sweep
from core.sweep.grid import text_of
from core.sweep.results import Results, ends_well, label_of

POINTS = 67  # of each sample that are drawn into a cell of a hundred pixels


def packed_view(
    sweep: Sweep, results: Results, step: int | None, cell: int | None, live: bool
) -> dict[str, Any]:
    """What `model.js` unpacks: plain JSON values, arrays as base64 of little-endian numbers.

    Args:
        step, cell: where the visitor stood last; taken when the browser starts, later it knows better.
    """
    grid = results.record.grid
    samples = _samples(sweep, results)
    places = {data: place for place, data in enumerate(samples)}
    names = [axis.name for axis in grid.axes]
    several = "seed" in names and len(grid.axes[names.index("seed")].values) > 1
    final = [each.final[2] if each.final else math.nan for each in results.cells]
    distance = [math.nan if each.distance is None else each.distance for each in results.cells]
    truth = [each.truth or (math.nan, math.nan) for each in results.cells]
    return {
        "sweep": results.record.id,
        "axes": [
            {"label": axis.label, "values": [text_of(value, axis.name) for value in axis.values]}
            for axis in grid.axes
        ],
        "cells": [
            {
                "label": label_of(results, each),
                "short": text_of(each.cell.values[0], names[0]),
                "status": each.status,
                "done": each.done,
                "bad": each.diverges or not ends_well(each.status),
                "outcome": "" if each.outcome is None else each.outcome.name,
                "points": places[each.cell.data],
            }
            for each in results.cells
        ],
        "points": [_points(sample) for sample in samples.values()],
        "steps": packed(results.steps, "<i4"),
        **{
            name: packed(np.stack([getattr(each, name) for each in results.cells]), "<f4")
            for name in ("h", "v", "cost")
        },
        "truth": packed(np.array(truth), "<f4"),
        "final": packed(np.array(final), "<f4"),
        "distance": packed(np.array(distance), "<f4"),
        "surface": _surface(results, next(iter(samples.values()))) if len(samples) == 1 else None,
        "seeds": names.index("seed") if several else None,
        "live": live,
        "step": step,
        "cell": cell,
    }


def _samples(sweep: Sweep, results: Results) -> dict[object, Sample]:
    """Each distinct sample once, by the settings that made it."""
    found: dict[object, Sample] = {}
    for each in results.cells:
        data = each.cell.data
        if data not in found:
            found[data] = make_sample(data) if data else sweep.points() or sweep.runs.open(each.run).sample()
    return found


def _points(sample: Sample) -> dict[str, str]:
    stride = max(1, -(-len(sample) // POINTS))
    return {"x": packed(sample.x[::stride], "<f4"), "y": packed(sample.y[::stride], "<f4")}


def _surface(results: Results, sample: Sample) -> dict[str, Any] | None:
    """The loss surface around every path that did not run away, and the start."""
    calm = [each for each in results.cells if each.final is not None or each.status in (QUEUED, RUNNING)]
    values = []
    for name in ("h", "v"):
        row = np.concatenate([[0.0], *(getattr(each, name) for each in calm)])
        values.append(row[np.isfinite(row)])
    return packed_surface(loss_surface(sample, *values))
