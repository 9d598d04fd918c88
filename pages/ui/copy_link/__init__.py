"""The button that copies the address of this very view.

The address is taken from the browser: a slider that came to rest has changed it, and the sidebar is not drawn
again for that.
"""

from __future__ import annotations

from pathlib import Path

from pages.ui.components import component

FOLDER = Path(__file__).parent


def show() -> None:
    """The button; pressed, it says what travels with the link."""
    component(FOLDER, ".copy-link")(key="copy-link")
