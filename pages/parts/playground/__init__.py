"""The Playground as one component: settings, one slider over all checkpoints, and the files of the step.

What moves under a hand moves in the browser: the truth, its points, the slider. The server hears of a setting
when the hand rests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.history.view import TimeMachineData
from pages.ui.components import component, scripts
from pages.ui.timemachine import FOLDER as TIME_MACHINE
from pages.ui.timemachine import SCOPE, TRANSPORT

FOLDER = Path(__file__).parent
_STYLES, _PARTS = (TIME_MACHINE / "timemachine.css",), (TRANSPORT,)


@dataclass(frozen=True)
class Panel:
    """What stands beside the charts.

    Attributes:
        fields: the settings as the panel offers them, see `fields.py`.
        values: name to value of each of them.
        heard: the number of the last settings that the browser told; older answers are not obeyed.
        points: how many points there are, in words.
        own: whether the points are the visitor's own, so that nobody can drag their truth.
        status: how the run is doing: words, done, total, can (what its owner may do now), trouble.
        outcome: what became of the run, in a few words.
    """

    fields: list[dict[str, Any]]
    values: dict[str, Any]
    heard: int
    points: str
    own: bool
    status: dict[str, Any]
    outcome: str = ""

    def to_json(self) -> dict[str, Any]:
        """The panel for `panel.js`."""
        return {
            "fields": self.fields,
            "values": self.values,
            "heard": self.heard,
            "words": {"points": self.points, "own": self.own},
            "status": self.status,
            "outcome": self.outcome,
        }


def declare() -> list[str]:
    """Have the server offer the scripts before the page asks for them; where, below the server's root."""
    component(FOLDER, SCOPE, *_STYLES, parts=_PARTS)
    return scripts(FOLDER, TIME_MACHINE)


def playground(
    view: TimeMachineData,
    panel: Panel,
    disk: dict[str, Any],
    maker: dict[str, str] | None,
    *,
    key: str,
    stepped: Callable[[], None],
    settled: Callable[[], None],
    asked: Callable[[], None],
) -> int | None:
    """Show it; returns the step where the slider last came to rest, None before the first time.

    Args:
        disk: the sizes of each step's files, as `view.sizes` gives them.
        maker: what the browser makes points of, as `view.maker` gives it; None for the visitor's own.
        stepped: called when the slider has come to rest at another step.
        settled: called when the browser has told other settings; they are in the session under `key`.
        asked: called when a button was pressed.
    """
    result = component(FOLDER, SCOPE, *_STYLES, parts=_PARTS)(
        key=key,
        data={**view.to_json(), "panel": panel.to_json(), "disk": disk, "maker": maker},
        default={"step": None, "settings": None},
        on_step_change=stepped,
        on_settings_change=settled,
        on_action_change=asked,
    )
    return None if result.step is None else int(result.step)
