"""What a command answers, and its three forms: tables for people, Markdown, and strict JSON.

Names come from strangers' files: no escape sequence reaches a terminal, and no markup a pull request.
"""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import IO, Any, TypeAlias

import numpy as np

from core.words import printable

GOOD, BAD, UNREADABLE = 0, 1, 2  # the exit status: same or good, different or bad, cannot be read
_COLORS = {"wrong": "bold red", "warning": "yellow", "note": "dim", "good": "green", "bad": "bold red"}


@dataclass(frozen=True)
class Table:
    """Rows under names of columns.

    Attributes:
        numbers: columns that are aligned to the right.
        levels: of each row what colors it, a key of _COLORS; empty when none is colored.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One sentence, with what colors it."""

    text: str
    level: str = ""


@dataclass(frozen=True)
class Heading:
    """A title above what follows."""

    text: str


@dataclass(frozen=True)
class Code:
    """Text that is shown as it is, in a language of Markdown's fences."""

    text: str
    language: str = ""


Part: TypeAlias = Table | Line | Heading | Code


@dataclass(frozen=True)
class Told:
    """An answer.

    Attributes:
        data: the same as values, for JSON.
        parts: for people and for Markdown.
        status: GOOD, BAD or UNREADABLE.
    """

    data: Mapping[str, Any]
    parts: Sequence[Part] = field(default=())
    status: int = GOOD


def as_json(told: Told) -> str:
    """The values as JSON that every reader takes: what is no finite number is text, such as "NaN"."""
    return json.dumps(plain(told.data), indent=2, allow_nan=False, ensure_ascii=False)


def plain(value: Any) -> Any:
    """Records, arrays and numbers as JSON has them."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    if isinstance(value, complex):
        return [plain(value.real), plain(value.imag)]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    return value


def as_markdown(told: Told) -> str:
    """For a pull request."""
    return "\n\n".join(_markdown(part) for part in told.parts) + "\n"


def _markdown(part: Part) -> str:
    if isinstance(part, Heading):
        return f"### {_marked(part.text)}"
    if isinstance(part, Line):
        return f"**{_marked(part.text)}**" if part.level in ("good", "bad") else _marked(part.text)
    if isinstance(part, Code):
        longest = max((len(run) for run in re.findall("`+", part.text)), default=0)
        fence = "`" * max(3, longest + 1)
        return f"{fence}{part.language}\n{_lines(part.text)}\n{fence}"
    rule = ["---:" if at in part.numbers else "---" for at in range(len(part.columns))]
    rows = [part.columns, tuple(rule), *(tuple(map(_marked, row)) for row in part.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _marked(text: str) -> str:
    """Text that no reader of Markdown takes for markup, an address, or a mention of somebody."""
    escaped = re.sub(r"([\\`*_{}\[\]()<>+!|~&$])", r"\\\1", printable(text).strip())
    escaped = re.sub(r"([@#]|://|www\.)", "\\1\N{ZERO WIDTH SPACE}", escaped)
    indent = len(text) - len(text.lstrip(" "))
    return "&nbsp;" * indent + escaped


def for_people(told: Told, file: IO[str]) -> None:
    """Tables with colors in a terminal; in a pipe, whole lines without."""
    from rich import box
    from rich.console import Console
    from rich.table import Table as Drawn
    from rich.text import Text

    terminal = file.isatty()
    drawn = file if terminal else io.StringIO()
    console = Console(
        file=drawn, highlight=False, markup=False, emoji=False, width=None if terminal else 10_000
    )
    for at, part in enumerate(told.parts):
        if isinstance(part, Heading):
            if at:
                console.print()
            console.print(Text(printable(part.text), "bold"))
        elif isinstance(part, Line):
            console.print(Text(printable(part.text), _COLORS.get(part.level, "")))
        elif isinstance(part, Code):
            console.print(Text(_lines(part.text)), soft_wrap=True)
        else:
            table = Drawn(box=box.SIMPLE_HEAD if terminal else None, pad_edge=False, header_style="bold")
            for column, name in enumerate(part.columns):
                right = column in part.numbers
                table.add_column(name, justify="right" if right else "left", no_wrap=right, overflow="fold")
            for row, level in zip(part.rows, part.levels or [""] * len(part.rows), strict=True):
                table.add_row(*(Text(printable(each)) for each in row), style=_COLORS.get(level, ""))
            console.print(table)
    if isinstance(drawn, io.StringIO):
        file.writelines(f"{line.rstrip()}\n" for line in drawn.getvalue().splitlines())


def _lines(text: str) -> str:
    return "\n".join(map(printable, text.splitlines()))


def number(value: float | None) -> str:
    """A number with as many digits as people compare; nothing for what is not known."""
    return "" if value is None or math.isnan(value) else f"{value:.4g}"


def share(value: float | None) -> str:
    """A part of a whole in per cent; nothing for what is not known."""
    if value is None or math.isnan(value):
        return ""
    if math.isinf(value):
        return "from 0"
    return f"{100 * value:,.0f}%" if 9.995 <= value < 1e6 else f"{100 * value:.3g}%"


def shape(value: Sequence[int]) -> str:
    """Such as 3×4; a scalar has none."""
    return "×".join(map(str, value)) or "scalar"
