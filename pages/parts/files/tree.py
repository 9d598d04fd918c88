"""The run's directory as a tree, and all its files as a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

import pandas as pd
import streamlit as st

from core.checkpoint import CheckpointError
from core.files import listing
from core.files.listing import DIFFERS, KINDS, MATCH, File
from core.run.runs import Run
from pages.parts.files.style import KIND_COLOURS, STYLE

_ROWS = 2000  # of the table of all files


def tree(run: Run, name: str, files: tuple[File, ...]) -> None:
    """The directory, with the files of this checkpoint in full and the others counted."""
    recorded = run.recorded()
    rows = [
        "<tr><th scope='col'>file</th><th scope='col'>kind</th><th scope='col'>bytes</th>"
        "<th scope='col'>against SHA256SUMS</th><th scope='col'>written (UTC)</th></tr>",
        _folder(f"runs/{run.id}/", 0, files),
    ]
    rows += [_row(run, recorded, name, each, 1) for each in files if not each.folder]
    inside = [each for each in files if each.folder == "checkpoints"]
    rows.append(_folder("checkpoints/", 1, inside))
    shown = [each for each in inside if each.kind == listing.STATE or listing.belongs(each, name)]
    rows += [_row(run, recorded, name, each, 2, listing.belongs(each, name)) for each in shown]
    rows.append(_rest(len(inside) - len(shown), "more files, of other checkpoints", 2))
    exports = [each for each in files if each.kind == listing.SAVED_MODEL]
    if exports:
        rows.append(_folder("saved_model/", 1, exports))
        mine = [each for each in exports if listing.belongs(each, name)]
        if mine:
            rows.append(_folder(f"{name}/", 2, mine))
        rows += [_row(run, recorded, name, each, 3, True) for each in mine]
        rows.append(_rest(len(exports) - len(mine), "more files, exports of other checkpoints", 2))
    st.html(
        f"{STYLE}<div class='ce-scroll' tabindex='0' role='region' aria-label='Folder of the run'>"
        f"<table class='ce-tree'>{''.join(rows)}</table></div>"
    )
    shared = max((each.names for each in files), default=1)
    if shared > 1:
        st.caption(
            f"{listing.bytes_on_disk(files):,} bytes on disk: "
            f"{shared} `.meta` names share one file (hard links)."
        )
    legend = " ".join(
        f"<div><span class='ce-kind' style='--colour:{KIND_COLOURS[kind]}'>{escape(kind)}</span> "
        f"{escape(about)}</div>"
        for kind, about in KINDS.items()
    )
    with st.expander("Kinds of files"):
        st.html(STYLE + legend)
        st.caption(f"Bold: the files of {name}.")
        st.caption("Each SHA-256 is compared with the one recorded at the save.")


def everything(run: Run, files: tuple[File, ...]) -> None:
    """All files as a table, and all digests on a button."""
    with st.expander(f"All {len(files):,} files"):
        if len(files) > _ROWS:
            st.caption(f"The first {_ROWS:,} of them.")
        shown = files[:_ROWS]
        st.dataframe(
            pd.DataFrame(
                {
                    "file": [each.path for each in shown],
                    "kind": [each.kind for each in shown],
                    "bytes": [each.size for each in shown],
                    "written (UTC)": pd.to_datetime([each.modified for each in shown], unit="s"),
                    "names for the same bytes": [each.names for each in shown],
                }
            ),
            hide_index=True,
            height=300,
        )
        if st.button("Check every file against SHA256SUMS", icon=":material/verified:", key="check-all"):
            with st.spinner("Computing SHA-256 of every file…"):
                answers = listing.digest_all(run)
            _answers(answers)


def _row(run: Run, recorded: Mapping[str, str], name: str, file: File, depth: int, here: bool = False) -> str:
    try:
        answer = listing.digest(run, file.path, recorded) if file.kind != listing.OWN else ""
    except CheckpointError:
        answer = "gone meanwhile"
    marks = {MATCH: "✓ matches", DIFFERS: "✗ differs"}
    shown = file.path
    for outer in (f"saved_model/{name}/", "checkpoints/"):
        shown = shown.removeprefix(outer)
    written = pd.Timestamp(file.modified, unit="s", tz="UTC").strftime("%H:%M:%S.%f")[:-3]
    kind = f"<span class='ce-kind' style='--colour:{KIND_COLOURS[file.kind]}'>"
    return (
        f"<tr class='{'ce-here' if here else ''}'>"
        f"<td {_path(depth)}>{kind}{_breakable(shown)}</span></td><td>{escape(file.kind)}</td>"
        f"<td class='ce-number'>{file.size:,}</td><td>{marks.get(answer, answer)}</td><td>{written}</td></tr>"
    )


def _folder(name: str, depth: int, files: tuple[File, ...] | list[File]) -> str:
    size = sum(each.size for each in files)
    return (
        f"<tr><td {_path(depth)}>{_breakable(name)}</td><td>{_files(len(files))}</td>"
        f"<td class='ce-number'>{size:,}</td><td></td><td></td></tr>"
    )


def _path(depth: int) -> str:
    """The attributes of a cell with a name that lies so deep."""
    return f"class='ce-path' style='--depth:{depth}'"


def _breakable(name: str) -> str:
    """A file's name, which a narrow page may break after a stroke, a hyphen or a point."""
    return re.sub(r"(?<=[-./])(?=.)", "<wbr>", escape(name))


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def _rest(count: int, what: str, depth: int) -> str:
    if not count:
        return ""
    return f"<tr><td {_path(depth)} colspan='5'>… {count:,} {escape(what)}</td></tr>"


def _answers(answers: dict[str, str]) -> None:
    """The digests in one sentence, and every file that does not match."""
    counts = pd.Series(answers, dtype=str).value_counts()
    sentence = "; ".join(f"{count:,} {word}" for word, count in counts.items())
    if {DIFFERS, "missing"} & set(counts.index):
        st.warning(f"SHA-256 against the record: {sentence}.", icon=":material/warning:")
    else:
        st.success(f"SHA-256 against the record: {sentence}.", icon=":material/check:")
    others = {path: word for path, word in answers.items() if word != MATCH}
    if others:
        st.dataframe(pd.DataFrame({"file": list(others), "answer": list(others.values())}), hide_index=True)
