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
ENOUGH = 20  # letters of a message of which a part was cut off


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
        """Every place where the text has the template, whole; else where it was cut off, at most one."""
        found = False
        longest, start = self.folded[self.anchor], 0
        while longest and (start := text.letters.find(longest, start)) >= 0:
            spans = self._around(text, start)
            if spans:
                found = True
                yield self._occurrence(text, spans, whole=True)
                start = max(start + 1, spans[-1][1])
            else:
                start += 1
        if not found and (cut := self._cut(text)):
            yield cut

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

    def _cut(self, text: Folded) -> Occurrence | None:
        """The template where the text ends, or begins, in the middle of it."""
        parts = [part for part in self.folded if part]
        for spans in (_ends_inside(text.letters, parts), _begins_inside(text.letters, parts)):
            if sum(end - start for start, end in spans) >= ENOUGH:
                return self._occurrence(text, spans, whole=False)
        return None

    def _occurrence(self, text: Folded, spans: list[tuple[int, int]], *, whole: bool) -> Occurrence:
        """What is in the holes is known of a whole message only."""
        holes: dict[str, str] = {}
        if whole:
            for name, before, after in zip(self.holes, spans, spans[1:], strict=False):
                last = after[0] == after[1]
                inside = text.to_line_end(before[1]) if last else text.between(before[1], after[0])
                if name:
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
            size = next(
                (n for n in range(min(len(part), len(letters) - after), 0, -1) if letters.endswith(part[:n])),
                0,
            )
            return [*spans, (len(letters) - size, len(letters))] if size or spans else []
        spans.append((at, at + len(part)))
    return spans


def _begins_inside(letters: str, parts: list[str]) -> list[tuple[int, int]]:
    """The parts from the one in which the letters begin, of which its end."""
    for index, part in enumerate(parts):
        size = next(
            (n for n in range(min(len(part), len(letters)), 9, -1) if letters.startswith(part[-n:])), 0
        )
        spans = [(0, size)]
        for later in parts[index + 1 :] if size else []:
            at = letters.find(later, spans[-1][1], spans[-1][1] + FARTHEST + len(later))
            if at < 0:
                break
            spans.append((at, at + len(later)))
        if size and len(spans) == len(parts) - index:
            return spans
    return []
