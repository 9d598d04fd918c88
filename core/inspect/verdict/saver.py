"""`tf.compat.v1.train.Saver.restore`: tensors by name, into the variables of a graph.

Sources: tensorflow/python/training/saver.py; core/kernels/save_restore_tensor.cc, RestoreTensorsV2: names in
their order, the first that is missing ends it, then every other dtype is told at once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from core.bundle import Entry
from core.inspect.graphs import Restored
from core.inspect.verdict.rows import row, stays
from core.inspect.verdict.verdict import (
    GAP,
    LOADED,
    MODEL,
    REFUSED,
    UNDECIDED,
    Row,
    Told,
)
from core.words import counted, first_few

_WRAPPED = (
    "Restoring from checkpoint failed. This is most likely due to {} from the checkpoint. Please ensure "
    "that you "
    "have not altered the graph expected based on the checkpoint. Original error:\n\n"
)
_COPY = re.compile(r"_\d+(?=/|$)")
MISSING = _WRAPPED.format("a Variable name or other graph key that is missing")
MISMATCH = _WRAPPED.format("a mismatch between the current graph and the graph")
_CPP = {
    **{"float32": "float", "float64": "double", "float16": "half", "complex64": "complex64"},
    **{"bfloat16": "bfloat16", "bool": "bool", "string": "string"},
}


def restore(
    entries: Mapping[str, Entry],
    names: Mapping[str, str] | None,
    wanted: Sequence[Restored],
    parts: Mapping[str, str],
    *,
    version: int = 2,
) -> Told:
    """What a Saver's `restore` does.

    Args:
        entries: what the checkpoint has.
        names: of an object-based checkpoint, each variable's own name to its key.
        wanted: what the graph's Saver reads.
        parts: MODEL, OPTIMIZER or OTHER of a name; MODEL where it is not named.
        version: 1 for the older tables, whose errors have other words.
    """
    if not wanted:
        cause = "The graph's file names no Saver."
        return Told(_untouched(entries, ()), cause, undecided=True)
    if names is not None and any(each.key not in entries for each in wanted):
        if any(each.slice for each in wanted):
            cause = (
                "Whether a Saver loads partitioned variables from an object-based checkpoint is not known."
            )
            return Told(_untouched(entries, ()), cause, undecided=True)
        return _by_objects(entries, names, wanted, parts)
    return _read(entries, {each.key: each.key for each in wanted}, wanted, parts, version)


def _by_objects(
    entries: Mapping[str, Entry],
    names: Mapping[str, str],
    wanted: Sequence[Restored],
    parts: Mapping[str, str],
) -> Told:
    """An object-based checkpoint, read by the names that its variables had."""
    asked = {each.variable for each in wanted}
    missing = sorted(asked - names.keys())
    if not missing:
        return _read(entries, {each.key: names[each.variable] for each in wanted}, wanted, parts, 2)
    extra = sorted(names.keys() - asked)
    message = (
        f"\n\nExisting variables not in the checkpoint: {', '.join(missing)}\n\nVariables names when this "
        f"checkpoint was written which don't exist now: {', '.join(extra)}\n\n"
        f"({len(asked & names.keys())} variable name(s) did match)\n\nCould not find some variables in the "
        "checkpoint (see names above). Saver was attempting to load an object-based checkpoint (saved using "
        "tf.train.Checkpoint or tf.keras.Model.save_weights) using variable names."
    )
    cause = f"The checkpoint is of objects, and has no variable that is called {first_few(missing, 3)}."
    rows = [
        _row(REFUSED, each, None, parts, "not in the file" if each.variable in missing else "")
        for each in wanted
    ]
    return Told(
        (*rows, *_untouched(entries, ())), cause, "NotFoundError", message, card="object_based", unread=True
    )


def _read(
    entries: Mapping[str, Entry],
    keys: Mapping[str, str],
    wanted: Sequence[Restored],
    parts: Mapping[str, str],
    version: int,
) -> Told:
    ordered = sorted(wanted, key=lambda each: keys[each.key].encode())
    missing = [each for each in ordered if keys[each.key] not in entries]
    present = [each for each in ordered if keys[each.key] in entries]
    found = {each.variable: entries[keys[each.key]] for each in present}
    dtypes = [each for each in present if each.dtype and found[each.variable].dtype != each.dtype]
    slices = [each for each in present if _wrong_slice(each, found[each.variable])]
    bad = {each.variable: "not in the file" for each in missing}
    bad |= {each.variable: "another dtype in the file" for each in dtypes}
    bad |= {each.variable: "another shape in the file" for each in slices}
    if bad:
        if version == 1:  # the older format's reader stops at the first name that does not fit
            first = next(each for each in ordered if each.variable in bad)
            missing, dtypes, slices = (
                some if any(each is first for each in some) else [] for some in (missing, dtypes, slices)
            )
        error, message, cause = _refusal(missing, dtypes, slices, found, keys, version)
        rows = [
            _row(REFUSED, each, found.get(each.variable), parts, bad.get(each.variable, "nothing is loaded"))
            for each in ordered
        ]
        card = _card([each.key for each in missing], entries) if missing else ""
        return Told((*rows, *_untouched(entries, ())), cause, error, message, card=card, unread=True)
    shapes = [each for each in present if _other_shape(each, found[each.variable])]
    checked = [each for each in shapes if each.checked]
    taken = {keys[each.key] for each in present}
    if checked:
        first = checked[0]
        lhs, rhs = _listed(first.shape), _listed(found[first.variable].shape)
        message = f"{MISMATCH}{GAP}Assign requires shapes of both tensors to match. lhs shape= "
        message += f"{lhs} rhs shape= {rhs}" if len(checked) == 1 else GAP
        cause = (
            f"{first.variable} is {first.shape} in the graph and {found[first.variable].shape} in the file."
        )
        rows = [
            _row(
                REFUSED,
                each,
                found[each.variable],
                parts,
                "another shape in the file" if each in checked else f"{UNDECIDED} before the error",
            )
            for each in ordered
        ]
        stay = _untouched(entries, taken)
        return Told((*rows, *stay), cause, "InvalidArgumentError", message, card="other_shape")
    rows = [
        _row(
            LOADED,
            each,
            found[each.variable],
            parts,
            _reshaped(each, found[each.variable]) if each in shapes else "",
        )
        for each in ordered
    ]
    cause = "Every name that the Saver asks for is in the file, with its dtype."
    if shapes:
        first = shapes[0]
        cause = (
            f"{first.variable} takes the file's shape {found[first.variable].shape} in place of "
            f"{first.shape}: a "
            "resource variable checks no shape on restoring."
        )
    return Told((*rows, *_untouched(entries, taken)), cause, cautions=(cause,) if shapes else ())


def _refusal(
    missing: Sequence[Restored],
    dtypes: Sequence[Restored],
    slices: Sequence[Restored],
    found: Mapping[str, Entry],
    keys: Mapping[str, str],
    version: int,
) -> tuple[str, str, str]:
    """The error, its message and its cause: a missing name comes before another dtype."""
    if missing:
        key = keys[missing[0].key]
        told = (
            f"Key {key} not found in checkpoint"
            if version == 2
            else f'Tensor name "{key}" not found in checkpoint'
        )
        names = first_few([each.key for each in missing], 3)
        cause = f"The graph asks for {counted(len(missing), 'name')} that the file lacks: {names}."
        return "NotFoundError", f"{MISSING}{GAP}{told}", cause
    if dtypes:
        first = dtypes[0]
        told = (
            "; expected dtype "
            if version == 2
            else f"Expected to restore a tensor of type {GAP}tensor_name = "
        )
        if version == 2 and len(dtypes) == 1:
            wanted, there = cpp_dtype(first.dtype), cpp_dtype(found[first.variable].dtype)
            told = (
                f"tensor_name = {keys[first.key]}; expected dtype {wanted} does not equal original dtype "
                f"{there}"
            )
        cause = (
            f"{first.variable} is {first.dtype} in the graph and {found[first.variable].dtype} in the file."
        )
        return "InvalidArgumentError", f"{MISMATCH}{GAP}{told}", cause
    first = slices[0]
    cause = f"{first.variable} is a part of a tensor of another shape than the file has."
    return "InvalidArgumentError", f"{MISMATCH}{GAP}", cause


def _card(missing: Sequence[str], there: Collection[str]) -> str:
    """The card of the error gallery that shows why names are missing."""
    if all(_COPY.sub("", name) in there for name in missing):
        return "graph_built_twice"
    slots = all(name.rpartition("/")[0] in there or name.endswith("_power") for name in missing)
    return "optimizer_changed" if slots else "other_scope"


def _wrong_slice(each: Restored, entry: Entry) -> bool:
    if not each.slice:
        return False
    sizes = each.slice.split(" ")[:-1]
    return [str(size) for size in entry.shape] != sizes


def _other_shape(each: Restored, entry: Entry) -> bool:
    return not each.slice and each.shape is not None and entry.shape != each.shape


def _reshaped(each: Restored, entry: Entry) -> str:
    return f"takes the shape {entry.shape} in place of {each.shape}"


def _listed(shape: Sequence[int] | None) -> str:
    return f"[{','.join(map(str, shape or ()))}]"


def cpp_dtype(dtype: str) -> str:
    """The name that TensorFlow's kernels give a dtype."""
    return _CPP.get(dtype, dtype)


def _row(outcome: str, each: Restored, entry: Entry | None, parts: Mapping[str, str], note: str) -> Row:
    part = parts.get(each.key, MODEL)
    return row(outcome, each.variable, each.variable, each.dtype, each.shape, entry, note, part)


def _untouched(entries: Mapping[str, Entry], taken: Sequence[str] | set[str]) -> tuple[Row, ...]:
    """What stays in the file."""
    note = "the graph does not ask for it"
    return tuple(
        stays(entry, note=note)
        for key, entry in entries.items()
        if key not in taken and entry.dtype != "string"
    )
