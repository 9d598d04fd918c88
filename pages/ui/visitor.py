"""What the browser does for every page: it remembers who a visitor is, so that a reload keeps their runs.

Not a login: a random number in the browser's own storage, never in a link.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.state import state

_component = st.components.v2.component(
    "checkpoint_explorer_visitor",
    html="<span></span>",
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)


def _leave_projector() -> None:
    state().projector = False


def remember(page: str) -> None:
    """Give the browser this visitor's number, or take the one that it has kept; fold the menu away.

    Args:
        page: the one that is shown.
    """
    current = state()
    kept = _component(
        key="visitor",
        data={"proposed": current.visitor, "page": page, "folded": current.projector},
        on_id_change=lambda: None,
        on_left_change=_leave_projector,
        height=1,
    ).id
    if isinstance(kept, str) and len(kept) == 32 and kept != current.visitor:
        current.visitor = kept
