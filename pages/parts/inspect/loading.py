"""Whether a checkpoint loads where it is wanted: the verdict, weight by weight."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError
from core.gallery.cards import cards
from core.inspect.find import ITSELF, SAVED_MODEL, Checkpoint, Found
from core.inspect.folder import Folder
from core.inspect.verdict.verdict import LOADS, REFUSES, Choice, Row, Shape, Verdict
from core.words import counted, printable
from pages.parts.inspect import terminal
from pages.parts.inspect.plain import plain
from pages.parts.inspect.ways_in import elsewhere
from pages.ui import lab_links


def loading(folder: Folder, found: Found, series: tuple[Checkpoint, ...]) -> None:
    """Choose a checkpoint and a target, see what loads."""
    left, middle, right = st.columns([3, 2, 3])
    with middle:
        other, there, word = elsewhere("of this folder", folder, found, "open-restore-elsewhere")
    checkpoints = {each.path: each for each in found.checkpoints if each.has_values}
    targets: dict[str, Checkpoint | str] = {path: path for path in there.graphs}
    targets |= {each.path: each for each in there.checkpoints if each.kind == SAVED_MODEL or each.has_values}
    if not checkpoints or not targets:
        st.caption("There is no checkpoint, or nothing that it could be loaded into.")
        return
    names = list(checkpoints)
    at = names.index(series[-1].path) if series[-1].path in names else 0
    chosen = left.selectbox("This checkpoint", names, at, _called, key="open-restore")
    into = right.selectbox("into this model", list(targets), 0, _called, key=f"open-into-{word}")
    optimizer = middle.checkbox("With its optimizer", True, key="open-restore-optimizer")
    if chosen is None or into is None:
        return
    try:
        _draw(folder.would_load(checkpoints[chosen], targets[into], other, Choice(optimizer)))
    except CheckpointError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    alone = [] if optimizer else ["--model-alone"]
    source, target = terminal.path_of(folder, checkpoints[chosen]), terminal.path_of(other or folder, into)
    terminal.show("will-load", source, target, *alone)


def _draw(found: Verdict) -> None:
    text = f"**{plain(found.conclusion())}**  \n{plain(found.cause)}"
    if found.level == LOADS:
        st.success(text, icon=":material/check:")
    elif found.level == REFUSES:
        st.error(text, icon=":material/error:")
    else:
        st.warning(text, icon=":material/warning:")
    if found.call:
        st.code(printable(found.call), language="python")
    if found.message:
        st.code("\n".join(map(printable, f"{found.error}: {found.message}".splitlines())), language=None)
    card = next((each for each in cards() if each.slug == found.card), None)
    if card is not None:
        lab_links.to_card(card, "open-card-loading", f"In the error gallery: {card.title}")
    st.dataframe(_table(found.rows), hide_index=True, key="open-verdict")
    for fix in found.fixes:
        with st.expander(f"Fix: {plain(fix.title)} ({counted(fix.loads, 'weight')} loaded)"):
            st.code("\n".join(map(printable, fix.code.splitlines())), language="python")


def _table(rows: tuple[Row, ...]) -> pd.DataFrame:
    columns = {
        "outcome": [row.outcome for row in rows],
        "weight": [printable(row.name) for row in rows],
        "note": [printable(row.note) for row in rows],
        "in the model": [_sort(row.dtype, row.shape) if row.target else "" for row in rows],
        "in the file": [_sort(row.stored_dtype, row.stored_shape) for row in rows],
        "key in the file": [printable(row.source) for row in rows],
    }
    table = pd.DataFrame(columns)
    return table if table["note"].any() else table.drop(columns="note")


def _sort(dtype: str, shape: Shape | None) -> str:
    return f"{dtype} {list(shape) if shape is not None else ''}".strip()


def _called(path: str) -> str:
    return printable(path or ITSELF)
