"""The time machine: every view of one checkpoint step, redrawn in the browser while its slider is dragged.

The values of all checkpoints travel to the browser once, as packed numbers. From then on the browser
alone draws: no message reaches the server during a drag, and one says where the drag came to rest.
The JavaScript lies beside this module, one idea a file.
"""

from __future__ import annotations

from pathlib import Path

from core.history.view import TimeMachineData
from pages.ui.components import component, scripts

FOLDER = Path(__file__).parent
SCOPE = ".tm"
TRANSPORT = FOLDER / "transport.html"  # the slider and its buttons, which other components show too


def declare() -> list[str]:
    """Have the server offer the scripts before a page asks for them; where, below the server's root."""
    component(FOLDER, SCOPE, parts=(TRANSPORT,))
    return scripts(FOLDER)


def timemachine(data: TimeMachineData, *, key: str) -> int | None:
    """Show the time machine; returns the step where it last came to rest, None before the first time.

    The browser sends one message when a drag, a key or the playing comes to rest at another step than the
    one last sent or asked for; the script runs then.
    """
    result = component(FOLDER, SCOPE, parts=(TRANSPORT,))(
        key=key,
        data=data.to_json(),
        default={"step": None},
        on_step_change=lambda: None,
    )
    return None if result.step is None else int(result.step)
