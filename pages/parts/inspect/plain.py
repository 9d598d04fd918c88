"""Words from strangers' files on a page: always text, never markup."""

from __future__ import annotations

from pages.parts.inspect.scrubber import shown
from pages.ui.plain import sentence


def plain(text: str) -> str:
    """Text that a page shows as it is: what cannot be printed written out, and no markup in it."""
    return sentence(shown(text))


def in_bytes(size: float) -> str:
    """Bytes in the unit that people read."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:,.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("unreachable")
