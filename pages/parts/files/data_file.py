"""A data file, byte for byte, and the same bytes in the SavedModel."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import numpy as np
import pandas as pd
import streamlit as st

from core.checkpoint import H, V
from core.files import tensor_bytes
from core.files.tensor_bytes import DataFile, Region
from core.run.runs import Run
from pages.parts.files.export import exported
from pages.parts.files.style import BYTES, STYLE
from pages.ui.plain import plain

_BYTES = 512  # of the hex view
FLOAT32 = "value = (-1)^sign × 2^(exponent - 127) × (1 + fraction / 2^23)"  # of a normal one: IEEE 754, 3.4


def open_data(run: Run, name: str) -> None:
    """The `.data` file: every byte, framed by the tensor that it belongs to, and where else they are."""
    show_bytes(run, name)
    st.subheader("The same bytes in the SavedModel")
    _shared_bytes(run, name)


def show_bytes(run: Run, name: str) -> None:
    """Every byte of the `.data` file, framed by the tensor that it belongs to."""
    found = tensor_bytes.read_data(run.checkpoints / name)
    st.caption(f"{len(found.content)} bytes: `{H}` is h, `{V}` is v. The index has names and types.")
    st.html(hex_view(found))
    st.dataframe(_decoded_table(found.regions), hide_index=True)
    st.caption(
        "Little-endian: the last byte comes first. Reversed, the 32 bits are sign, exponent and fraction."
    )
    if worked := [*filter(None, (_worked_out(each) for each in found.regions if each.entry.name in (H, V)))]:
        st.code("\n".join([FLOAT32, *worked]), language=None, wrap_lines=True)
    for region in found.regions:
        if not region.intact:
            st.error(
                f"The checksum of {plain(region.entry.name)} does not match its bytes.",
                icon=":material/error:",
            )


def _shared_bytes(run: Run, name: str) -> None:
    """The Saver's data file beside the SavedModel's; a button exports one that is not there."""
    if not exported(run, name):
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


def hex_view(found: DataFile, word: Callable[..., str] = str.format) -> str:
    """Rows of 8 bytes; each tensor's bytes carry its colour and, on hover, its name.

    Args:
        word: an English sentence and its facts, in the language of the page.
    """
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
                f"<span class='{' '.join(marks)}' style='--colour:{BYTES[number % len(BYTES)]}' "
                f"title='{escape(entry.name, quote=True)}'>{text}</span>"
            )
        rows.append(f"<div><span class='ce-offset'>{start:>4}</span>{''.join(cells)}</div>")
    if len(found.content) > _BYTES:
        rows.append(f"<div>… {word('{count} more bytes', count=f'{len(found.content) - _BYTES:,}')}</div>")
    names = " ".join(
        f"<span class='ce-kind' style='--colour:{BYTES[number % len(BYTES)]}'>"
        f"{escape(region.entry.name)} = {escape(region.value)}</span>"
        for number, region in enumerate(found.regions)
    )
    said = "; ".join(
        word("{name}: {bytes}, which is {value}", name=r.entry.name, bytes=r.raw.hex(" "), value=r.value)
        for r in found.regions
    )
    alt = word("Bytes of the data file. {values}", values=said)
    return (
        f"{STYLE}<div class='ce-scroll ce-hex' dir='ltr' role='img' tabindex='0' "
        f"aria-label='{escape(alt, quote=True)}'>{''.join(rows)}</div>"
        f"<div dir='ltr' style='line-height:2'>{names}</div>"
    )


def _decoded_table(regions: tuple[Region, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "tensor": [each.entry.name for each in regions],
            "bytes": [f"{each.entry.offset}–{each.entry.offset + each.entry.size - 1}" for each in regions],
            "as in the file": [each.raw.hex(" ") for each in regions],
            "reversed": [f"0x{each.raw[::-1].hex()}" for each in regions],
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


def _worked_out(region: Region) -> str:
    """`FLOAT32` with this value's own bits; "" where it is not that of a normal float32."""
    if region.entry.dtype != "float32" or len(region.raw) != 4:
        return ""
    bits = int(np.frombuffer(region.raw, "<u4")[0])
    sign, exponent, fraction = bits >> 31, bits >> 23 & 0xFF, bits & 0x7FFFFF
    if exponent in (0, 0xFF):
        return ""
    size = f"2^({exponent} - 127) × (1 + {fraction} / 8388608)"
    return f"{region.entry.name} = {'-' * sign}{size} = {region.value}"


def _place(region: Region) -> str:
    return f"{region.raw.hex(' ')} at {region.entry.offset}"
