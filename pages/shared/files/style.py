"""The colours and the style sheet of these views."""

from __future__ import annotations

from pathlib import Path

from core.files import listing

# Okabe and Ito's palette (jfly.uni-koeln.de/color), over whatever background the theme has.
KIND_COLOURS = {
    listing.STATE: "#e69f00",
    listing.IDX: "#56b4e9",
    listing.VALUES: "#009e73",
    listing.GRAPH: "#cc79a7",
    listing.SAVED_MODEL: "#d55e00",
    listing.OWN: "#8a8f98",
}
FRAMES = ("#009e73", "#e69f00", "#56b4e9", "#cc79a7", "#d55e00", "#0072b2")

STYLE = f"<style>{Path(__file__).with_name('files.css').read_text(encoding='utf-8')}</style>"
