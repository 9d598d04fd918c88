"""The scrubber: statistics of every tensor at every step, redrawn in the browser while its slider is dragged.

As in the time machine, all steps travel to the browser once, and no message reaches the server during a drag;
one says where it came to rest, and one which tensor is to be looked at closely.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.inspect.view import liveliest, tensors_of, to_json
from pages.ui.components import component

__all__ = ["Answer", "asked", "liveliest", "scrubber", "tensors_of", "to_json"]
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Answer:
    """What the visitor did: where the slider rests, and which tensor is to be looked at; None before that."""

    step: int | None
    look: str | None


def asked(key: str, tensor: str) -> tuple[int | None, str]:
    """The step on which the slider rests, and the slice of this tensor that is asked for; None, "" before."""
    said = st.session_state.get(key) or {}
    step, wanted = said.get("step"), said.get("slice")
    of, text = (wanted.get("of"), wanted.get("text")) if isinstance(wanted, dict) else ("", "")
    here = int(step) if isinstance(step, int | float) else None
    return here, text[:200] if of == tensor and isinstance(text, str) else ""


def scrubber(data: dict[str, Any], *, key: str) -> Answer:
    """Show the scrubber; what the visitor last did there."""
    result = component(FOLDER, ".sc")(
        key=key,
        data=data,
        default={"step": None, "look": None, "slice": None},
        on_step_change=lambda: None,
        on_look_change=lambda: None,
        on_slice_change=lambda: None,
    )
    step = result.step
    return Answer(
        int(step) if isinstance(step, int | float) else None,
        result.look if isinstance(result.look, str) else None,
    )
