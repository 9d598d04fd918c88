"""Numbers, lists and values in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_NUMBERS = re.compile(r"(\d+)")


def counted(number: int, what: str) -> str:
    """So many of `what`: "1 file", "3 files"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def are(number: int) -> str:
    """The verb after so many things."""
    return "is" if number == 1 else "are"


def listed(words: Iterable[str], nothing: str = "none") -> str:
    """The words as a list in a sentence: "a", "a and b", "a, b and c"; `nothing` for none."""
    *first, last = [*words] or [nothing]
    return f"{', '.join(first)} and {last}" if first else last


def first_few(words: Sequence[str], most: int = 5) -> str:
    """The first words as a list in a sentence, and how many more there are."""
    more = [f"{len(words) - most:,} more"] if len(words) > most else []
    return listed([*words[:most], *more])


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A sort key by which model_iter-9 comes before model_iter-10."""
    parts = _NUMBERS.split(text)  # text and digits alternate: every odd part is a number
    return tuple((int(part[:18]), "") if n % 2 else (0, part) for n, part in enumerate(parts))


def printable(text: str) -> str:
    """Somebody's text with what cannot be printed, or what a terminal takes for a command, written out."""
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text
    )


def brief(value: object) -> str:
    """A value that somebody gave, as Python writes it, of which 40 characters tell enough."""
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def as_code(text: str) -> str:
    """The text as inline code in Markdown, whatever backquotes it holds."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if text[:1] in ("", " ", "`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def in_bytes(size: float) -> str:
    """A number of bytes in the unit that people read: "8 B", "29.9 kB", "500 MB"."""
    for unit, digits in (("B", 0), ("kB", 1), ("MB", 1)):
        if size < 1000:
            return f"{size:.{digits}f}".removesuffix(".0") + f" {unit}"
        size /= 1000
    return f"{size:.1f}".removesuffix(".0") + " GB"


def short_count(number: int) -> str:
    """A number of things in three or four places: "7,562", "10.3 M", "1.76 B"."""
    if number < 100_000:
        return f"{number:,}"
    size = float(number)
    for unit in ("k", "M", "B"):
        size /= 1000
        if size < 999.5 or unit == "B":
            break
    return f"{size:.3g} {unit}"
