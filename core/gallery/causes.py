"""What a message may come from: each card says which messages lead to it, and what decides.

Several cards can share a message: `Key … not found in checkpoint` has four causes. Each has a question that
tells it from the others. Where the pasted text answers it, nobody needs to be asked.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.gallery.folded import Folded
from core.gallery.templates import Occurrence, Template

TEXT = "text"  # in WHEN: not a hole of the message, but all that was pasted
KEYS = {"message", "when", "only", "ask"}


@dataclass(frozen=True)
class Cause:
    """One message that leads to a card.

    `when` are patterns that answer `ask` with yes: of a hole of the message, or of the whole text. Without
    any the cause is the usual one of its message. `only` is what the text must have for the message to be
    about saving at all.
    """

    message: str
    template: Template
    when: tuple[tuple[str, re.Pattern[str]], ...] = ()
    only: re.Pattern[str] | None = None
    ask: str = ""

    def answer(self, occurrences: Sequence[Occurrence], text: Folded) -> bool | None:
        """Whether the text answers the question with yes, with no, or not at all (None).

        A hole answers either way: it is there to be looked at. What the rest of the text lacks may not have
        been pasted.
        """
        answers = [self._one(field, pattern, occurrences, text) for field, pattern in self.when]
        if False in answers:
            return False
        return True if answers and None not in answers else None

    def _one(
        self, field: str, pattern: re.Pattern[str], occurrences: Sequence[Occurrence], text: Folded
    ) -> bool | None:
        if field == TEXT:
            return True if text.says(pattern) else None
        fits = {bool(pattern.search(found.holes[field])) for found in occurrences if field in found.holes}
        return next(iter(fits)) if len(fits) == 1 else None


def cause_of(written: Mapping[str, Any]) -> Cause:
    """The cause that a card's literal says.

    Raises ValueError when a key is unknown, or a pattern is for a hole that the message does not have.
    """
    if unknown := set(written) - KEYS:
        raise ValueError(f"A cause has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(KEYS))}.")
    template = Template.of(written["message"])
    when: Mapping[str, str] = written.get("when", {})
    if unknown := set(when) - {*template.holes, TEXT}:
        raise ValueError(f"The message {written['message']!r} has no hole {', '.join(sorted(unknown))}.")
    return Cause(
        message=written["message"],
        template=template,
        when=tuple((field, re.compile(pattern, re.MULTILINE)) for field, pattern in when.items()),
        only=re.compile(written["only"], re.IGNORECASE | re.MULTILINE) if "only" in written else None,
        ask=written.get("ask", ""),
    )
