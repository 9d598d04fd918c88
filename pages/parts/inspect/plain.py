"""Words from strangers' files on a page: always text, never markup."""

from __future__ import annotations

from core.words import printable
from pages.ui.plain import sentence


def plain(text: str) -> str:
    """Text that a page shows as it is: what cannot be printed written out, and no markup in it."""
    return sentence(printable(text))
