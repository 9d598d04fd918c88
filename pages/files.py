"""The run's directory as it is: every file, its kind, and what is inside, down to the bytes of h and v."""

from html import escape

import numpy as np
import pandas as pd
import streamlit as st

from core import file_jobs, jobs
from core.anatomy import listing, protobuf, state_file, tensor_bytes
from core.anatomy.listing import DIFFERS, KINDS, MATCH, File
from core.anatomy.protobuf import Decoded
from core.anatomy.tensor_bytes import DataFile, Region
from core.history import H, V
from core.runs import QUEUED, RUNNING, Manifest, Run, RunNotFound
from core.tensor_bundle import DATA, INDEX, META, CheckpointError, Entry, read_index
from core.workers import WorkerDied
from pages.shared import checkpoint, frame, guards, services

frame.require()

_OPEN = {
    "checkpoint": "checkpoint",
    "index": ".index",
    "data": ".data",
    "meta": ".meta",
    "saved_model": "saved_model.pb",
}
_ROWS = 2000  # of the table of all files
_LINES = 200  # of a decoded protocol buffer
_BYTES = 512  # of a hex view
_PROBLEMS = (CheckpointError, RunNotFound, WorkerDied, TimeoutError)

# Okabe and Ito's palette (jfly.uni-koeln.de/color), over whatever background the theme has.
_COLOURS = {
    listing.STATE: "#e69f00",
    listing.IDX: "#56b4e9",
    listing.VALUES: "#009e73",
    listing.GRAPH: "#cc79a7",
    listing.SAVED_MODEL: "#d55e00",
    listing.OWN: "#8a8f98",
}
_FRAMES = ("#009e73", "#e69f00", "#56b4e9", "#cc79a7", "#d55e00", "#0072b2")
_STYLE = """<style>
.ce-scroll {overflow-x: auto}
.ce-tree {border-collapse: collapse; font-size: .875rem; width: 100%}
.ce-tree th, .ce-tree td {text-align: left; padding: .15rem .6rem; white-space: nowrap; font-weight: normal;
  border: 0; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent)}
.ce-tree th {font-weight: 600}
.ce-tree .ce-number {text-align: right; font-variant-numeric: tabular-nums}
.ce-tree .ce-path {font-family: monospace; white-space: pre}
.ce-tree .ce-here td {font-weight: 700}
.ce-kind {border-left: .35rem solid var(--colour); padding-left: .4rem;
  background: color-mix(in srgb, var(--colour) 18%, transparent); padding-right: .4rem; border-radius: .2rem;
  display: inline-block; white-space: nowrap; line-height: 1.5}
.ce-hex {font-family: monospace; font-size: 1.15rem; line-height: 2.1; white-space: pre}
.ce-hex .ce-offset {opacity: .7; margin-right: .8rem}
.ce-hex .ce-byte {padding: .2rem .22rem; border-bottom: .2rem solid var(--colour);
  background: color-mix(in srgb, var(--colour) 15%, transparent)}
.ce-hex .ce-framed {border-top: .2rem solid var(--colour); font-weight: 700;
  background: color-mix(in srgb, var(--colour) 35%, transparent)}
.ce-hex .ce-first {border-left: .2rem solid var(--colour); margin-left: .3rem}
.ce-hex .ce-last {border-right: .2rem solid var(--colour)}
</style>"""


def look_again(manifest: Manifest) -> None:
    """While training goes on, the files change; this page shows one moment of them."""
    if manifest.status in (QUEUED, RUNNING):
        st.caption("Training goes on. This is the directory at the moment at which the page was drawn.")
        st.button("Look again", icon=":material/refresh:", key="look-again")


def tree(run: Run, manifest: Manifest, name: str, files: tuple[File, ...]) -> None:
    """The directory, with the files of this checkpoint in full and the others counted."""
    rows = [
        "<tr><th scope='col'>file</th><th scope='col'>kind</th><th scope='col'>bytes</th>"
        "<th scope='col'>against run.json</th><th scope='col'>written (UTC)</th></tr>",
        _folder(f"runs/{run.id}/", 0, files),
    ]
    rows += [_row(run, manifest, name, each, 1) for each in files if not each.folder]
    inside = [each for each in files if each.folder == "checkpoints"]
    rows.append(_folder("checkpoints/", 1, inside))
    shown = [each for each in inside if each.kind == listing.STATE or listing.belongs(each, name)]
    rows += [_row(run, manifest, name, each, 2, listing.belongs(each, name)) for each in shown]
    rows.append(_rest(len(inside) - len(shown), "more files, of other checkpoints", 2))
    exports = [each for each in files if each.kind == listing.SAVED_MODEL]
    if exports:
        rows.append(_folder("saved_model/", 1, exports))
        mine = [each for each in exports if listing.belongs(each, name)]
        if mine:
            rows.append(_folder(f"{name}/", 2, mine))
        rows += [_row(run, manifest, name, each, 3, True) for each in mine]
        rows.append(_rest(len(exports) - len(mine), "more files, exports of other checkpoints", 2))
    st.html(
        f"{_STYLE}<div class='ce-scroll' tabindex='0' role='region' aria-label='Directory of the run'>"
        f"<table class='ce-tree'>{''.join(rows)}</table></div>"
    )
    st.caption(
        f"In bold: the files of {name}. “Against run.json” compares the SHA-256 of each file with the one "
        "recorded when training ended; "
        + (
            "an export made afterwards is not recorded."
            if manifest.sha256
            else "while training has not ended, none is recorded."
        )
    )
    legend = " ".join(
        f"<div><span class='ce-kind' style='--colour:{_COLOURS[kind]}'>{escape(kind)}</span> "
        f"{escape(about)}</div>"
        for kind, about in KINDS.items()
    )
    with st.expander("What the kinds are"):
        st.html(_STYLE + legend)


def _row(run: Run, manifest: Manifest, name: str, file: File, depth: int, here: bool = False) -> str:
    try:
        answer = listing.digest(run, file.path, manifest.sha256) if file.kind != listing.OWN else ""
    except CheckpointError:
        answer = "gone meanwhile"
    marks = {MATCH: "✓ matches", DIFFERS: "✗ differs"}
    shown = file.path
    for outer in (f"saved_model/{name}/", "checkpoints/"):
        shown = shown.removeprefix(outer)
    written = pd.Timestamp(file.modified, unit="s", tz="UTC").strftime("%H:%M:%S.%f")[:-3]
    kind = f"<span class='ce-kind' style='--colour:{_COLOURS[file.kind]}'>"
    return (
        f"<tr class='{'ce-here' if here else ''}'>"
        f"<td class='ce-path'>{'  ' * depth}{kind}{escape(shown)}</span></td><td>{escape(file.kind)}</td>"
        f"<td class='ce-number'>{file.size:,}</td><td>{marks.get(answer, answer)}</td><td>{written}</td></tr>"
    )


def _folder(name: str, depth: int, files: tuple[File, ...] | list[File]) -> str:
    size = sum(each.size for each in files)
    return (
        f"<tr><td class='ce-path'>{'  ' * depth}{escape(name)}</td><td>{_files(len(files))}</td>"
        f"<td class='ce-number'>{size:,}</td><td></td><td></td></tr>"
    )


def _files(count: int) -> str:
    return f"{count:,} file{'' if count == 1 else 's'}"


def _rest(count: int, what: str, depth: int) -> str:
    if not count:
        return ""
    return f"<tr><td class='ce-path' colspan='5'>{'  ' * depth}… {count:,} {escape(what)}</td></tr>"


def everything(run: Run, manifest: Manifest, files: tuple[File, ...]) -> None:
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
        shared = max((each.names for each in files), default=1)
        if shared > 1:
            st.caption(
                f"One .meta has {shared} names: the graph is the same at every step, so it is on disk once "
                "(hard links), and every checkpoint still has its own honest file."
            )
        if st.button("Check every file against run.json", icon=":material/verified:", key="check-all"):
            with st.spinner("Computing SHA-256 of every file…"):
                answers = listing.digest_all(run, manifest)
            _answers(answers)


def _answers(answers: dict[str, str]) -> None:
    """The digests in one sentence, and every file that does not match."""
    counts = pd.Series(answers, dtype=str).value_counts()
    sentence = "; ".join(f"{count:,} {word}" for word, count in counts.items())
    if {DIFFERS, "missing"} & set(counts.index):
        st.warning(f"SHA-256 against run.json: {sentence}.", icon=":material/warning:")
    else:
        st.success(f"SHA-256 against run.json: {sentence}.", icon=":material/check:")
    others = {path: word for path, word in answers.items() if word != MATCH}
    if others:
        st.dataframe(pd.DataFrame({"file": list(others), "answer": list(others.values())}), hide_index=True)


def open_state(run: Run) -> None:
    """The `checkpoint` file: its text, and what it lists and forgets."""
    found = state_file.read_state(run.checkpoints)
    st.caption(found.conclusion())
    left, right = st.columns(2)
    left.code(found.text[:5000], language=None, wrap_lines=True)
    with right:
        rows = [(each.name, "listed", "yes" if each.exists else "no") for each in found.listed]
        rows += [(name, "not listed", "yes") for name in found.unlisted]
        st.dataframe(
            pd.DataFrame(rows, columns=["checkpoint", "in this file", "on disk"]),
            hide_index=True,
            height=min(38 + 35 * len(rows), 400),
        )
        if found.latest is not None:
            st.caption(
                f"latest_checkpoint answers {found.latest.name}."
                if found.latest.exists
                else f"latest_checkpoint answers None, because {found.latest.name} is not there."
            )


def open_index(run: Run, name: str) -> None:
    """The `.index` file: a table of tensors."""
    entries = read_index(run.checkpoints / name)
    st.caption(
        f"A sorted table in LevelDB's format, read here without TensorFlow. It says where in {name}{DATA} "
        "each tensor lies. Its blocks carry checksums, and so does every tensor."
    )
    st.dataframe(_index_table(entries), hide_index=True)
    exported = run.saved_model / name / "variables" / "variables"
    if exported.with_name("variables.index").is_file():
        st.markdown("**The SavedModel's own index**, `variables/variables.index`")
        st.dataframe(_index_table(read_index(exported)), hide_index=True)


def _index_table(entries: tuple[Entry, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "name": [each.name for each in entries],
            "dtype": [each.dtype for each in entries],
            "shape": [str(each.shape) if each.shape else "() scalar" for each in entries],
            "offset": [each.offset for each in entries],
            "size": [each.size for each in entries],
            "checksum (masked CRC-32C)": [f"0x{each.crc32c:08x}" for each in entries],
        }
    )


def open_data(run: Run, name: str) -> None:
    """The `.data` file: every byte, framed by the tensor that it belongs to."""
    found = tensor_bytes.read_data(run.checkpoints / name)
    st.caption(
        f"{len(found.content)} bytes, and nothing else: no names, no types, no header. What they mean stands "
        "in the index."
    )
    st.html(_hex_view(found))
    st.dataframe(_decoded_table(found.regions), hide_index=True)
    st.caption(
        "Little-endian: the last byte comes first. Turned round, the 32 bits are sign, exponent (biased by "
        "127) and fraction of a float32."
    )
    for region in found.regions:
        if not region.intact:
            st.error(
                f"The checksum of {region.entry.name} does not match its bytes.", icon=":material/error:"
            )
    st.subheader("The same bytes in the SavedModel")
    shared_bytes(run, name)


def _hex_view(found: DataFile) -> str:
    """Rows of 8 bytes; each tensor's bytes carry its colour and, on hover, its name."""
    owner: dict[int, int] = {}
    for number, region in enumerate(found.regions):
        owner |= dict.fromkeys(range(region.entry.offset, region.entry.offset + region.entry.size), number)
    rows = []
    for start in range(0, min(len(found.content), _BYTES), 8):
        cells = []
        for at in range(start, min(start + 8, len(found.content))):
            number = owner.get(at, -1)
            text = f"{found.content[at]:02x}"
            if number < 0:
                cells.append(f"<span>{text}</span>")
                continue
            entry = found.regions[number].entry
            marks = ["ce-byte", *["ce-framed"] * (entry.name in (H, V))]
            marks += ["ce-first"] * (at == entry.offset)
            marks += ["ce-last"] * (at == entry.offset + entry.size - 1)
            cells.append(
                f"<span class='{' '.join(marks)}' style='--colour:{_FRAMES[number % len(_FRAMES)]}' "
                f"title='{escape(entry.name, quote=True)}'>{text}</span>"
            )
        rows.append(f"<div><span class='ce-offset'>{start:04x}</span>{''.join(cells)}</div>")
    if len(found.content) > _BYTES:
        rows.append(f"<div>… {len(found.content) - _BYTES:,} more bytes</div>")
    names = " ".join(
        f"<span class='ce-kind' style='--colour:{_FRAMES[number % len(_FRAMES)]}'>"
        f"{escape(region.entry.name)} = {escape(region.value)}</span>"
        for number, region in enumerate(found.regions)
    )
    said = "; ".join(f"{r.entry.name}: {r.raw.hex(' ')}, which is {r.value}" for r in found.regions)
    return (
        f"{_STYLE}<div class='ce-scroll ce-hex' role='img' tabindex='0' "
        f"aria-label='{escape(f'Bytes of the data file. {said}', quote=True)}'>{''.join(rows)}</div>"
        f"<div style='line-height:2'>{names}</div>"
    )


def _decoded_table(regions: tuple[Region, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tensor": [each.entry.name for each in regions],
            "bytes": [f"{each.entry.offset}–{each.entry.offset + each.entry.size - 1}" for each in regions],
            "as in the file": [each.raw.hex(" ") for each in regions],
            "turned round": [f"0x{each.raw[::-1].hex()}" for each in regions],
            "sign · exponent · fraction": [_bits(each) for each in regions],
            "value": [each.value for each in regions],
            "checksum": ["✓ matches" if each.intact else "✗ differs" for each in regions],
        }
    )


def _bits(region: Region) -> str:
    if region.entry.dtype != "float32" or len(region.raw) != 4:
        return "not one float32"
    bits = f"{np.frombuffer(region.raw, '<u4')[0]:032b}"
    return f"{bits[0]} · {bits[1:9]} · {bits[9:]}"


def shared_bytes(run: Run, name: str) -> None:
    """The Saver's data file beside the SavedModel's; a button exports one that is not there."""
    if not _exported(run, name):
        return
    found = tensor_bytes.same_bytes(run, name)
    show = st.success if all(each.equal for each in found.variables if each.saved) else st.error
    show(found.conclusion())
    st.dataframe(
        pd.DataFrame(
            {
                "tensor": [each.saver.entry.name for each in found.variables],
                f"{name}.data": [_place(each.saver) for each in found.variables],
                "variables.data": [
                    _place(each.saved) if each.saved else "left out" for each in found.variables
                ],
                "same bytes": [
                    "only in the Saver's file" if each.saved is None else "yes" if each.equal else "no"
                    for each in found.variables
                ],
            }
        ),
        hide_index=True,
    )


def _place(region: Region) -> str:
    return f"{region.raw.hex(' ')} at {region.entry.offset}"


def _exported(run: Run, name: str) -> bool:
    """Whether this checkpoint has a SavedModel; without one, the button that makes it."""
    if (run.saved_model / name / "saved_model.pb").is_file():
        return True
    st.info(f"{name} has not been exported as a SavedModel yet.", icon=":material/info:")
    if st.button(f"Export {name}", icon=":material/upload_file:", key="export"):
        with st.spinner(f"Exporting {name} and loading it back…"):
            services.ask(jobs.compare, str(run.directory), name)
        st.rerun()
    return False


@st.cache_data(max_entries=16, show_spinner="Decoding the protocol buffer…")
def _decode(directory: str, name: str, what: str, stamp: tuple[int, int, str]) -> Decoded:
    """Decoded once for each state of a file, which `stamp` tells."""
    job = file_jobs.decode_meta if what == "meta" else file_jobs.decode_saved_model
    return services.ask(job, directory, name)


def open_protocol_buffer(run: Run, manifest: Manifest, name: str, what: str) -> None:
    """`.meta` or `saved_model.pb`: what stands out, the graph, and the text to search."""
    if what == "saved_model" and not _exported(run, name):
        return
    graph, export = run.checkpoints / (name + META), run.saved_model / name / "saved_model.pb"
    path = graph if what == "meta" else export
    try:
        status = path.stat()
    except FileNotFoundError:
        raise CheckpointError(f"{path.name} is missing.") from None
    recorded = manifest.sha256.get(path.relative_to(run.directory).as_posix(), "")
    found = _decode(str(run.directory), name, what, (status.st_mtime_ns, status.st_size, recorded))
    lines = found.text.count("\n")
    st.caption(
        f"A {found.message} protocol buffer: {found.size:,} bytes, {lines:,} lines as text. It carries no "
        "checksum of its own" + (", which is why run.json keeps its SHA-256." if recorded else ".")
    )
    left, right = st.columns([2, 3])
    with left:
        st.markdown("**What stands out**")
        st.markdown("\n".join(f"- {what}: `{answer}`" for what, answer in found.facts))
    with right:
        st.markdown("**Its graph, in groups**")
        st.graphviz_chart(_dot(found), width="content", alt=found.describe_graph())
        st.caption(
            "A number on an arrow counts tensors; dashed arrows only say “after”. A variable hands out its "
            "handle, so the arrow to what updates it starts at the variable."
        )
    with st.expander("The graph in words"):
        st.write(found.describe_graph())
        st.dataframe(
            pd.DataFrame(
                [(each.name, each.nodes, ", ".join(each.examples)) for each in found.groups],
                columns=["group", "nodes", "for example"],
            ),
            hide_index=True,
        )
    st.markdown("**The whole text**")
    _search(found, lines, what)


def _search(found: Decoded, lines: int, key: str) -> None:
    """The text, filtered by what the visitor types."""
    left, right = st.columns([3, 1])
    wanted = left.text_input(
        "Show lines that contain",
        placeholder="hor_estimate, VarHandleOp, saver_def …",
        key=f"search-{key}",
        max_chars=100,
    )
    context = right.number_input("Lines around each", 0, 20, 2, key=f"context-{key}")
    seen = protobuf.find_lines(found.text, wanted, int(context), _LINES)
    if not wanted.strip():
        st.caption(f"The first {len(seen.lines):,} of {lines:,} lines; type to find others.")
    elif not seen.hits:
        st.caption(f"No line of {lines:,} contains {wanted.strip()!r}.")
        return
    else:
        st.caption(
            f"{seen.hits:,} of {lines:,} lines contain {wanted.strip()!r}"
            + (f"; the first {seen.shown:,} are shown." if seen.shown < seen.hits else ".")
        )
    shown, before = [], 0
    for number, line, hit in seen.lines:
        if before and number != before + 1:
            shown.append("      …")
        shown.append(f"{number:>6}{'▸' if hit else ' '} {line[:200]}")
        before = number
    st.code("\n".join(shown), language=None, height=400)


def _dot(found: Decoded) -> str:
    """The groups as a drawing in Graphviz's language, in colours that both themes can carry."""
    number = {group.name: f"g{n}" for n, group in enumerate(found.groups)}
    lines = [
        'digraph {bgcolor="transparent"; rankdir=TB; nodesep=0.1; ranksep=0.4;',
        'node [shape=box, style="rounded,filled", fillcolor="#d7e8f3", color="#0072b2", '
        'fontcolor="#102030", fontname="sans-serif", fontsize=13, margin="0.06,0.04", width=0.4];',
        'edge [color="#787d86", fontcolor="#787d86", fontname="sans-serif", fontsize=12, arrowsize=0.7];',
    ]
    for group in found.groups:
        below = "" if not group.nodes else f"\\n{group.nodes} node{'' if group.nodes == 1 else 's'}"
        outside = "" if group.nodes else ', fillcolor="#fbe3cf", color="#d55e00"'
        lines.append(f'{number[group.name]} [label="{_wrapped(group.name)}{below}"{outside}];')
    for edge in found.edges:
        label = str(edge.tensors) if edge.tensors else ""
        style = "" if edge.tensors else ", style=dashed"
        lines.append(f'{number[edge.source]} -> {number[edge.target]} [label="{label}"{style}];')
    return "\n".join([*lines, "}"])


def _wrapped(text: str) -> str:
    """A quoted label, one or two words a line, so that the drawing fits a telephone."""
    first, _, rest = text.replace("\\", "\\\\").replace('"', '\\"').partition(" ")
    return f"{first} {rest}" if len(text) < 10 else f"{first}\\n{rest}" if rest else first


def open_file(run: Run, manifest: Manifest, name: str, what: str) -> None:
    """What one file holds."""
    if what == "checkpoint":
        open_state(run)
    elif what == "index":
        open_index(run, name)
    elif what == "data":
        open_data(run, name)
    else:
        open_protocol_buffer(run, manifest, name, what)


st.title("Files")
run = guards.need_run("open every file of a run and see what is inside, down to the bytes of h and v")
try:
    manifest = run.manifest()
    look_again(manifest)
    name = checkpoint.choose(run)
    files = listing.list_files(run)
    tree(run, manifest, name, files)
    everything(run, manifest, files)
    st.header("Open a file")
    what = st.segmented_control(
        f"Files of {name}",
        list(_OPEN),
        default="data",
        required=True,
        format_func=lambda each: {"index": name + INDEX, "data": f"{name}.data", "meta": name + META}.get(
            each, _OPEN[each]
        ),
        key="open-file",
    )
    open_file(run, manifest, name, what or "data")
except _PROBLEMS as error:
    st.warning(str(error), icon=":material/warning:")
