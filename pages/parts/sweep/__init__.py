"""All runs of a sweep at one step, redrawn in the browser while its slider is dragged.

The values of all cells travel to the browser as packed numbers, and it alone draws from then on: while cells
are trained with each change, and when all rest once, however often the page runs. The JavaScript lies beside
this module; what it shares with the time machine it imports from there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import runtime

from pages.ui.components import component
from pages.ui.timemachine import FOLDER as TIME_MACHINE

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Rest:
    """Where the visitor came to rest: the step, and the cell that they chose; None before the first time."""

    step: int | None
    cell: int | None


def sweep_machine(data: dict[str, Any], *, key: str) -> Rest:
    """Show a sweep; `data` as `core.sweep.view.packed_view` makes it.

    The browser sends one message when a drag, a key or the playing comes to rest at another step, or when a
    cell is chosen.
    """
    result = component(FOLDER, ".tm", TIME_MACHINE / "timemachine.css")(
        key=key,
        data=data if data["live"] else _held(data, key),
        default={"rest": None},
        on_rest_change=lambda: None,
    )
    found = result.rest if isinstance(result.rest, Mapping) else {}
    return Rest(*(None if found.get(name) is None else int(found[name]) for name in ("step", "cell")))


def _held(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Where the browser fetches what does not change, by its content, and what does."""
    moves = {name: data[name] for name in ("step", "cell")}
    content = json.dumps({name: value for name, value in data.items() if name not in moves}).encode()
    address = runtime.get_instance().media_file_mgr.add(content, "application/json", key)
    path = str(st.get_option("server.baseUrlPath")).strip("/")
    return {"held": f"/{path}{address}" if path else address, **moves}
