"""The colours and the style sheet of these views."""

from __future__ import annotations

from pathlib import Path

from core import palette

KIND_COLOURS = {kind: colour.both for kind, colour in palette.KINDS.items()}
BYTES = tuple(each.both for each in palette.RUNS)  # one tensor's bytes after another's: none twice

STYLE = f"<style>{Path(__file__).with_name('files.css').read_text(encoding='utf-8')}</style>"
