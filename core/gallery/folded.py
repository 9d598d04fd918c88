"""A pasted text without what changes on the way from a terminal to a clipboard.

A message arrives wrapped at another width, in other quotes, with Windows' backslashes, between the bars of a
traceback in a box, in color. So texts and templates are compared by their letters alone: without spaces and
quotes, in lower case, with one kind of slash. Each letter knows its place in the text, by which a name is
found again.
"""

import re
from dataclasses import dataclass
from functools import cached_property

LONGEST = 40_000  # characters; of more the beginning and the end are read, where messages are
# What only frames a text: replaced by spaces, so that every place stays what it was.
FRAMES = re.compile(
    r"\x1b\[[0-9;]*[A-Za-z]"  # color
    r"|\\[nrt](?=\\|\s|[A-Z'\"]|$)"  # a line's end, written out by repr
    r"|^[ \t]*[>│┃|]+"  # quoted in a mail or a thread, or in a box
    r"|[│┃|╭╮╰╯─]+[ \t]*$",
    re.MULTILINE,
)
_PLAIN = str.maketrans({**dict.fromkeys("‘’‚", "'"), **dict.fromkeys("“”„", '"'), "\u00a0": " "})
DROPPED = frozenset("'\"`´‘’‚“”„«»*​‌﻿")


@dataclass(frozen=True)
class Folded:
    """A text, the letters by which it is compared, and the place in the text of each letter."""

    text: str
    letters: str
    places: tuple[int, ...]

    def between(self, start: int, end: int) -> str:
        """The text from one letter up to another, as it was pasted, without quotes around it."""
        if start >= end:
            return ""
        inside = self.text[self.places[start] : self.places[end - 1] + 1]
        # A name that was wrapped is one word.
        return re.sub(r"\s*\n\s*", "", inside).strip(" \t\r\n'\"`*.,;")

    def to_line_end(self, start: int) -> str:
        """The text from a letter to the end of its line."""
        if start >= len(self.places):
            return ""
        line = self.text[self.places[start] :].partition("\n")[0]
        return line.strip(" \t\r\n'\"`*")

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern that looks at paths and calls is in the text, wherever its lines end."""
        return bool(pattern.search(self._joined))

    @cached_property
    def _joined(self) -> str:
        """The text on one line, with one kind of slash and of quotes, without its frames."""
        plain = FRAMES.sub(lambda match: " " * len(match[0]), self.text)
        return " ".join(plain.replace("\\", "/").translate(_PLAIN).split())


def fold(text: str) -> Folded:
    """The letters of a text; of a text beyond LONGEST those of its beginning and its end."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n{text[-LONGEST // 2 :]}"
    plain = FRAMES.sub(lambda match: " " * len(match[0]), text)
    letters, places = [], []
    for place, letter in enumerate(plain):
        if letter in DROPPED or letter.isspace():
            continue
        lower = letter.lower()
        letters.append("/" if letter == "\\" else lower if len(lower) == 1 else letter)
        places.append(place)
    return Folded(text, "".join(letters), tuple(places))
