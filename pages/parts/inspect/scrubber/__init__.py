"""The scrubber: statistics of every tensor at every step, redrawn in the browser while its slider is dragged.

As in the time machine, all steps travel to the browser once, and no message reaches the server during a drag;
one says where it came to rest, and one which tensor is to be looked at closely.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.inspect.view import liveliest, shown, tensors_of, to_json
from pages.ui.components import component

__all__ = ["Answer", "liveliest", "scrubber", "shown", "tensors_of", "to_json"]
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Answer:
    """What the visitor did: where the slider rests, and which tensor is to be looked at; None before that."""

    step: int | None
    look: str | None


def scrubber(data: dict[str, Any], *, key: str) -> Answer:
    """Show the scrubber; what the visitor last did there."""
    result = component(FOLDER, ".sc")(
        key=key,
        data=data,
        default={"step": None, "look": None},
        on_step_change=lambda: None,
        on_look_change=lambda: None,
    )
    step = result.step
    return Answer(
        int(step) if isinstance(step, int | float) else None,
        result.look if isinstance(result.look, str) else None,
    )
