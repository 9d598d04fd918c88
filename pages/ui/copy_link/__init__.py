"""The button that copies the address of this very view.

The address is taken from the browser: a slider that came to rest has changed it, and the sidebar is not drawn
again for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pages.ui.components import component

FOLDER = Path(__file__).parent


def show(means: str, usual: Mapping[str, str] | None = None) -> None:
    """The button; pressed, it says what travels with the link.

    Args:
        means: the sentence that says so.
        usual: on a page whose address has settings and a run, those settings that the address leaves out. A
            second button then copies the settings without the run.
    """
    component(FOLDER, ".copy-link")(key="copy-link", data={"means": means, "usual": usual and {**usual}})
