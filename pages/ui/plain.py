"""Text that is not ours, shown as text: from a link, a file's name or header, or a message of TensorFlow's.

Whatever Streamlit writes as Markdown would otherwise fetch pictures, make links, set formulas and draw icons
that somebody else has put into a link.
"""

from __future__ import annotations

import re

from core.words import as_code

VALUE = 40  # characters of a value, of which the beginning tells enough
SENTENCE = 1000  # characters of a message

# A backslash before one of these makes it a character like others: CommonMark 0.31, 2.4, and, for $ and |,
# the tables and formulas that are added to it.
_MARKS = re.compile(r"([\\`*\[\]<>~$&|#]|(?<![^\W_])_|_(?![^\W_]))")

# These are looked for after backslashes are gone, in the finished text: addresses, :icons:, arrows, dashes.
# A word joiner, which has no width, keeps the two characters apart, and the beginning from being a list.
_PAIRS = re.compile(
    r"(?<=:)(?=\S)|(?<=@)(?=\S)|(?<=www)(?=\.)|(?<=[-<>~])(?=[-=>])|^(?=[-+=]|\d{1,9}[.)])", re.IGNORECASE
)
_JOINER = "\u2060"


def plain(text: object, most: int = VALUE) -> str:
    """The text on one line, cut to `most` characters, so that Markdown shows it as it is."""
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    short = line if len(line) <= most else f"{line[: most - 1]}…"
    # Joiners first: a backslash between the two characters of a pair would hide it here, and not there.
    return _MARKS.sub(r"\\\1", _PAIRS.sub(_JOINER, short))


def sentence(error: object) -> str:
    """An error's or a run's own words, which may quote what somebody else wrote."""
    return plain(error, SENTENCE)


def code(text: object, most: int = VALUE) -> str:
    """The text as inline code, whatever backticks it holds."""
    return as_code(" ".join(str(text).split())[:most])
