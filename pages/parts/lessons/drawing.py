"""What a step shows of what was done: short tables with headings in the visitor's language."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd
import streamlit as st

from core.bundle import Entry
from core.figures.interruption import interruption_figure
from core.files import tensor_bytes
from core.files.listing import File
from core.files.state_file import StateFile
from core.lessons.shelf import labels
from core.retention.retention import Retention, Trap
from core.run.runs import Run
from core.sources import inner
from core.training.resume import Interruption, Resumed
from core.words import as_code
from pages.parts.files.data_file import hex_view
from pages.parts.lessons.language import isolated, label, say, spoken
from pages.ui import chart, resuming
from pages.ui.plain import SENTENCE

FEW = 5  # lines of code that are read at once


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table that breaks its lines in place of being cut off."""
    index = pd.Index([label(str(row[0])) for row in rows], name=label(heads[0]))
    columns = {
        label(head): [label(str(row[place])) for row in rows] for place, head in enumerate(heads[1:], 1)
    }
    st.table(pd.DataFrame(columns, index=index))


def seen(value: str) -> str:
    """What was done or seen, in words where the visitor's language has some; else as code."""
    return labels(spoken()).get(value) or as_code(value)


def problem(what: str, why: str) -> None:
    """What did not work, and the message that says why."""
    st.warning(what, icon=":material/warning:")
    if why:
        st.code(why[:SENTENCE], language=None, wrap_lines=True)


def code(source: str) -> None:
    """The lines that tell, if they are few, and folded the whole."""
    lines = inner(source)
    if len(lines.splitlines()) <= FEW:
        st.code(lines, language="python", wrap_lines=True)
    with st.expander(say("whole_code")):
        st.code(source, language="python", wrap_lines=True)


def folder(files: Sequence[File], name: str) -> None:
    """The files of one checkpoint, and how many others there are; a later step asks for their bytes."""
    own = [each for each in files if each.path.rpartition("/")[2].startswith((f"{name}.", "checkpoint"))]
    rows = "".join(f"<li><code>{escape(each.path.rpartition('/')[2])}</code></li>" for each in own)
    top = "<code>checkpoints/</code>"
    st.html(f"<div dir='ltr'>{top}<ul style='margin:0'>{rows}<li>…</li></ul></div>")
    st.caption(say("other_files", count=len(files) - len(own)))


def data(run: Run, name: str) -> None:
    """The bytes, framed by the value that they belong to."""
    found = tensor_bytes.read_data(run.checkpoints / name)
    st.html(hex_view(found, label))
    table(
        ("name", "begins at byte", "bytes", "value"),
        [
            (as_code(each.entry.name), each.entry.offset, as_code(each.raw.hex(" ")), each.value)
            for each in found.regions
        ],
    )


def index(entries: Sequence[Entry]) -> None:
    """Which value is where."""
    table(
        ("name", "dtype", "begins at byte", "size"),
        [(as_code(each.name), as_code(str(each.dtype)), each.offset, each.size) for each in entries],
    )


def state(found: StateFile) -> None:
    """The text of the file `checkpoint`."""
    st.code(found.text[:2000], language=None, wrap_lines=True)
    st.caption(say("unlisted", count=len(found.unlisted)))


def kept(found: Retention) -> None:
    """What is left, and what the list says of it."""
    table(
        ("checkpoint", "what became of it"),
        [
            (as_code(life.name), "on disk, listed" if life.listed else "on disk, not listed")
            for life in found.kept
        ],
    )
    st.caption(say("deleted", count=len(found.lives) - len(found.kept), all=len(found.lives)))
    with st.expander(say("whole_code")):
        st.code(found.code, language="python", wrap_lines=True)


def sprung(trap: Trap, place: int) -> None:
    """What became of one variant of a trap."""
    variant = trap.variants[place]
    st.markdown(seen(variant.title))
    listed = {each.name: each for each in variant.listed}
    names = list(dict.fromkeys([*variant.on_disk, *listed]))
    table(
        ("checkpoint", "values on disk", "in the checkpoint file"),
        [
            (
                as_code(name),
                "yes" if name in variant.on_disk else "no",
                as_code(listed[name].path) if name in listed else "no",
            )
            for name in names
        ],
    )
    st.markdown(say("latest_is", name=variant.latest or "None"))
    if not variant.worked:
        st.code(variant.restored, language=None, wrap_lines=True)
    with st.expander(say("whole_code")):
        st.code(variant.code, language="python", wrap_lines=True)


def interrupted(found: Interruption, value: str, sides: Sequence[Resumed]) -> None:
    """The uninterrupted training and those that resumed, in h, v or the cost."""
    table(
        ("restored", "result", "h or v differs by at most"),
        [
            (
                resuming.WITH if side.slots else resuming.WITHOUT,
                say("same_bits") if side.departs is None else say("departs_at", number=side.departs),
                f"{side.largest:.3g}",
            )
            for side in sides
        ],
    )
    figure = interruption_figure(found, value, sides)
    for line in figure.data:
        line.name = isolated(label(line.name))
    figure.for_each_yaxis(lambda axis: axis.update(title_text=isolated(label(axis.title.text or ""))))
    figure.for_each_xaxis(lambda axis: axis.update(title_text=isolated(label(axis.title.text or ""))))
    figure.for_each_annotation(lambda note: note.update(text=isolated(label(note.text))))
    chart.show(figure, f"lesson-cut-{value}-{[side.slots for side in sides]}", "interrupted")
