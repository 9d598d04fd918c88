"""Words from strangers' files on a page: always text, never markup."""

from __future__ import annotations

import re

from pages.shared.open.scrubber import shown

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&=\"'@/])")


def plain(text: str) -> str:
    """Text that Markdown shows as it is: no link, picture, formula, icon or colour comes of it."""
    return _MARKUP.sub(r"\\\1", " ".join(shown(text).split()))


def in_bytes(size: float) -> str:
    """Bytes in the unit that people read."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:,.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("unreachable")
