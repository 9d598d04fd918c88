"""Message templates: the fixed parts of a message, the holes between them, and where a text has them.

A template is written as the message is, with `{name}` for what differs each time, or `…` for what nobody
asks about: `Key {key} not found in checkpoint`. A text has it when all fixed parts are there, whole and in
their order. Only at the two ends of a text may a part be cut off, since people copy half a line.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from core.gallery.folded import Folded, fold

HOLE = re.compile(r"\{([a-z_]*)\}|…")
FARTHEST = 3000  # letters that may be in a hole: Keras puts a layer's whole configuration into one
# Of a message that was cut off: so many letters, and so much of it, or enough to know it anyway.
ENOUGH, SHARE, PLENTY = 15, 0.6, 30
LEAST = 10  # letters of the part in which a text begins


@dataclass(frozen=True)
class Occurrence:
    """Where a text has a template: its first letter, the one after its last, and what is in the holes.

    `whole` says that no part was cut off; `letters` is how many letters of fixed parts were found.
    """

    start: int
    end: int
    holes: Mapping[str, str]
    whole: bool
    letters: int


@dataclass(frozen=True)
class Template:
    """The fixed parts of a message, and the names of the holes between them.

    There is a hole between each two parts; a message that begins or ends with a hole has an empty part there.
    """

    parts: tuple[str, ...]
    holes: tuple[str, ...]

    @staticmethod
    def of(message: str) -> "Template":
        """The template of a message with `{name}` or `…` in the places of its holes."""
        parts = HOLE.split(message)
        return Template(tuple(parts[::2]), tuple(name or "" for name in parts[1::2]))

    def __str__(self) -> str:
        return "".join(
            part + ("…" if index < len(self.holes) else "") for index, part in enumerate(self.parts)
        )

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return tuple(fold(part).letters for part in self.parts)

    @cached_property
    def anchor(self) -> int:
        """The index of the longest part."""
        return max(range(len(self.parts)), key=lambda index: len(self.folded[index]))

    def occurrences(self, text: Folded) -> Iterator[Occurrence]:
        """Every place where the text has the template whole."""
        longest, start = self.folded[self.anchor], 0
        while longest and (start := text.letters.find(longest, start)) >= 0:
            spans = self._around(text, start)
            if spans:
                yield self._occurrence(text, spans, whole=True)
            start = max(start + 1, spans[-1][1] if spans else 0)

    def cut(self, text: Folded) -> Occurrence | None:
        """The template where the text ends, or begins, in the middle of it."""
        parts = [part for part in self.folded if part]
        inside = next((index for index, part in enumerate(parts) if text.letters in part), None)
        ways = (
            (inside or 0, [(0, len(text.letters))] if inside is not None else []),
            (0, _ends_inside(text.letters, parts)),
            _begins_inside(text.letters, parts),
        )
        for index, spans in ways:
            found = sum(end - start for start, end in spans)
            if found >= PLENTY or (found >= ENOUGH and found >= SHARE * sum(map(len, parts))):
                # The first part may be an empty one, which was not looked for.
                return self._occurrence(text, spans, index + (not self.folded[0]), whole=False)
        return None

    def _around(self, text: Folded, start: int) -> list[tuple[int, int]]:
        """Where each part is, when the longest begins at `start`; empty when one is not there."""
        spans = [(start, start + len(self.folded[self.anchor]))]
        for part in reversed(self.folded[: self.anchor]):
            after = spans[0][0]
            before = text.letters.rfind(part, max(0, after - FARTHEST - len(part)), after) if part else after
            if before < 0:
                return []
            spans.insert(0, (before, before + len(part)))
        for part in self.folded[self.anchor + 1 :]:
            before = spans[-1][1]
            after = text.letters.find(part, before, before + FARTHEST + len(part)) if part else before
            if after < 0:
                return []
            spans.append((after, after + len(part)))
        return spans

    def _occurrence(
        self, text: Folded, spans: list[tuple[int, int]], first: int = 0, *, whole: bool
    ) -> Occurrence:
        """What is in the holes between parts that are there, of which `first` is the first."""
        holes: dict[str, str] = {}
        for name, before, after in zip(self.holes[first:], spans, spans[1:], strict=False):
            last = after[0] == after[1]
            inside = text.to_line_end(before[1]) if last else text.between(before[1], after[0])
            if name and (whole or not last):
                holes.setdefault(name, inside)
        return Occurrence(spans[0][0], spans[-1][1], holes, whole, sum(end - start for start, end in spans))


def _ends_inside(letters: str, parts: list[str]) -> list[tuple[int, int]]:
    """The parts up to the one in which the letters end, of which its beginning."""
    first = letters.rfind(parts[0])
    spans = [(first, first + len(parts[0]))] if first >= 0 else []
    for part in parts[len(spans) :]:
        after = spans[-1][1] if spans else 0
        at = letters.find(part, after, after + FARTHEST + len(part)) if spans else -1
        if at < 0:
            size = _overlap(letters[after:], part)
            return [*spans, (len(letters) - size, len(letters))] if size or spans else []
        spans.append((at, at + len(part)))
    return spans


def _begins_inside(letters: str, parts: list[str]) -> tuple[int, list[tuple[int, int]]]:
    """The parts from the one in which the letters begin, of which its end; and the index of that one."""
    for index, part in enumerate(parts):
        spans = [(0, _overlap(part, letters))]
        if spans[0][1] < LEAST:
            continue
        for later in parts[index + 1 :]:
            at = letters.find(later, spans[-1][1], spans[-1][1] + FARTHEST + len(later))
            if at < 0:
                break
            spans.append((at, at + len(later)))
        if len(spans) == len(parts) - index:
            return index, spans
    return 0, []


def _overlap(first: str, second: str) -> int:
    """How many letters at the end of the first are the beginning of the second."""
    sizes = range(min(len(first), len(second)), 0, -1)
    return next((size for size in sizes if first.endswith(second[:size])), 0)
