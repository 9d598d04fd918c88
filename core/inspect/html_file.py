"""A series of anybody's checkpoints as one HTML file, drawn by the modules that the page Inspect serves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from core import palette
from core.bundle.source import Source
from core.inspect.look import Look
from core.inspect.over_time import Mark, Measured
from core.inspect.view import to_json
from core.standalone import joined, page
from core.words import counted, printable

FOLDER = Path(__file__).parents[2] / "pages" / "parts" / "inspect" / "scrubber"
_PIECE = 1 << 20
_MANY = 50_000  # tensors times steps, from which on numbers have four digits
_FOUR_DIGITS = 12  # bits of a mantissa


def of_series(
    title: str,
    root: Path,
    series: Sequence[Measured],
    marks: Sequence[Mark],
    look: Look | None = None,
    below: str = "",
    css: str = "",
) -> str:
    """The file: every statistic of every tensor at every step, its curves, its slider.

    Args:
        title: what is shown, as text.
        look: the histogram and the picture of one tensor.
        below: HTML of our own, for under the slider, with everything from files escaped; `css` is its style.

    Raises:
        CheckpointError: a file of the series cannot be read.
    """
    several = counted(len(series), "checkpoint")
    record = hashlib.sha256(record_of(root, series).encode()).hexdigest()
    group = printable(series[0].checkpoint.group)
    about = f"{several} of {group}. SHA-256 of their files' SHA-256s: {record}."
    many = len(series) * max(len(each.listing.tensors) for each in series) > _MANY
    return page(
        title,
        about,
        (FOLDER / "scrubber.html").read_text(encoding="utf-8") + below,
        palette.css(".sc") + (FOLDER / "scrubber.css").read_text(encoding="utf-8") + css,
        joined(FOLDER / "main.js", "Scrubber"),
        to_json(series, marks, look, bits=_FOUR_DIGITS if many else None),
    )


def record_of(root: Path, series: Sequence[Measured]) -> str:
    """What `sha256sum` prints of the series' files, in the order of their paths.

    Raises:
        CheckpointError: one cannot be read.
    """
    paths = sorted({path for each in series for path, _, _ in each.checkpoint.files})
    return "".join(f"{_digest(root / path)}  {path}\n" for path in paths)


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with Source(path) as source:
        for at in range(0, source.size, _PIECE):
            found.update(source.read(at, min(_PIECE, source.size - at)))
    return found.hexdigest()
