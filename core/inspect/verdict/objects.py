"""`tf.train.Checkpoint.restore`: values go along with the objects that they belong to.

Sources: tensorflow/python/checkpoint/restore.py, checkpoint.py, functional_saver.py. All dtypes are compared
before anything is assigned; shapes one by one, in the order of the keys.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from core.bundle import Entry
from core.bundle.graph import Object, paths
from core.inspect.verdict import assertions
from core.inspect.verdict.object_graph import (
    COUNTER,
    LIST,
    OPTIMIZERS,
    VALUE,
    Node,
    Target,
    Value,
    Walk,
    follow,
    pairs,
)
from core.inspect.verdict.rows import row, stays
from core.inspect.verdict.saver import cpp_dtype
from core.inspect.verdict.verdict import (
    GAP,
    LEFT,
    LOADED,
    MODEL,
    OPTIMIZER,
    OTHER,
    REFUSED,
    Assertion,
    Row,
    Told,
)
from core.words import counted, first_few

NOT_USED, OTHER_SHAPE, DEFERRED = "values_not_used", "object_other_shape", "restoration_deferred"
_UNREACHED = "no attribute of the model leads to it; only the optimizer's list does"


def restore(
    stored: Sequence[Object],
    entries: Mapping[str, Entry],
    target: Target,
    *,
    start: int = 0,
    counted_saves: bool = False,
) -> Told:
    """What `tf.train.Checkpoint.restore` (or `read`) does with an object-based checkpoint.

    Args:
        start: the stored object that the program's root is matched with.
        counted_saves: whether the call is `restore`, which creates a save counter, and not `read`.
    """
    walk = follow(stored, _counting(target) if counted_saves else target, start)
    matched = list(pairs(walk, entries))
    loaded, error, message, cause = _assign(matched, entries, _names(walk.target))
    rows = [*_rows(walk, matched, loaded, error, entries)]
    rows += _stay(entries, walk, loaded if error else {key for key, _ in matched})
    if error:
        card = OTHER_SHAPE if error == "ValueError" else ""
        unread = error == "InvalidArgumentError"  # all dtypes are compared before a value is read
        return Told(tuple(rows), cause, error, message, card=card, unread=unread)
    cause, card = _cause(rows, walk)
    cautions = (cause,) if card == DEFERRED or _hangs(rows, walk.target) else ()
    return Told(tuple(rows), cause, assertions=assertions.asserted(walk), cautions=cautions, card=card)


def _counting(target: Target) -> Target:
    """The program with the counter that `restore` makes, after all else."""
    if not target.nodes or COUNTER in target.nodes[0].children:
        return target
    first = target.nodes[0]
    root = Node({**first.children, COUNTER: len(target.nodes)}, first.values, first.slots)
    counter = Node({}, {VALUE: Value("", COUNTER, "int64", ())})
    return Target([root, *target.nodes[1:], counter], target.unreached, target.labels)


def _names(target: Target) -> dict[str, str]:
    """What each value of the program is called, by its key."""
    return {
        value.key: target.labels.get(at) or value.name
        for at, node in enumerate(target.nodes)
        for value in node.values.values()
    }


def _assign(
    matched: Sequence[tuple[str, Value]], entries: Mapping[str, Entry], names: Mapping[str, str]
) -> tuple[set[str], str, str, str]:
    """Keys that are assigned, and the error that ends it."""
    ordered = sorted(matched, key=lambda pair: pair[0])
    dtypes = [(key, value) for key, value in ordered if value.dtype and entries[key].dtype != value.dtype]
    if dtypes:
        key, value = dtypes[0]
        told = _other_dtype(key, value, entries[key]) if len(dtypes) == 1 else "; expected dtype "
        cause = f"{names[value.key]} is {value.dtype} in the program and {entries[key].dtype} in the file."
        return set(), "InvalidArgumentError", f"{GAP}{told}", cause
    done: set[str] = set()
    for key, value in ordered:
        shape = entries[key].shape
        if value.shape is not None and shape != value.shape:
            cause = f"{names[value.key]} is {value.shape} in the program and {shape} in the file."
            return done, "ValueError", _other_shape(value, entries[key], GAP), cause
        done.add(key)
    return done, "", "", ""


def _other_dtype(key: str, value: Value, entry: Entry) -> str:
    wanted, there = cpp_dtype(value.dtype), cpp_dtype(entry.dtype)
    return f"tensor_name = {key}; expected dtype {wanted} does not equal original dtype {there}"


def _other_shape(value: Value, entry: Entry, name: str) -> str:
    return (
        f"Received incompatible tensor with shape {entry.shape} when attempting to restore variable with "
        "shape "
        f"{value.shape} and name {name}"
    )


def _rows(
    walk: Walk,
    matched: Sequence[tuple[str, Value]],
    loaded: set[str],
    error: str,
    entries: Mapping[str, Entry],
) -> Iterator[Row]:
    target, keys = walk.target, {value.key: key for key, value in matched}
    for at in target.reached():
        for value in target.nodes[at].values.values():
            if not value.key:
                continue
            key = keys.get(value.key, "")
            label = target.labels.get(at) or value.name or value.key
            told = (label, value.key, value.dtype, value.shape)
            part = _part(label)
            if key in loaded:
                yield row(LOADED, *told, entries[key], part=part)
            elif key and error:
                yield row(REFUSED, *told, entries[key], _difference(value, entries[key]), part)
            elif key or at not in walk.reverse:
                yield row(LEFT, *told, note="no object of the file matches it", part=part)
            else:
                yield row(LEFT, *told, note="the file's object has no such value", part=part)
    for value in target.unreached:
        yield row(LEFT, value.name or value.key, value.key, value.dtype, value.shape, note=_UNREACHED)


def _difference(value: Value, entry: Entry) -> str:
    if value.dtype and entry.dtype != value.dtype:
        return "another dtype in the file"
    return "another shape in the file" if entry.shape != value.shape else "loading stops before it"


def _stay(entries: Mapping[str, Entry], walk: Walk, taken: set[str]) -> Iterator[Row]:
    labels = paths(walk.stored)
    for at, node in enumerate(walk.stored):
        for name, key in node.keys:
            entry = entries.get(key)
            if entry is None or key in taken or entry.dtype == "string":
                continue
            label = labels.get(at) or name or key
            note = "no object of the program is called so"
            if at in walk.bound:
                note = "its object has another value already, or none"
            yield stays(entry, label, note, _part(label))


def _part(label: str) -> str:
    if COUNTER in label:
        return OTHER
    names = label.split("/")
    return OPTIMIZER if set(OPTIMIZERS) & set(names) and LIST not in names else MODEL


def _hangs(rows: Sequence[Row], target: Target) -> list[Row]:
    """Weights of the model that the program, too, reaches by its optimizer's list alone.

    A key through that list is no proof: a file may name a weight so that its layer reaches as well.
    """
    elsewhere = {
        value.key for at in target.reached(besides=LIST) for value in target.nodes[at].values.values()
    }
    return [
        each
        for each in rows
        if each.outcome == LOADED and f"{LIST}/" in each.target and each.target not in elsewhere
    ]


def _cause(rows: Sequence[Row], walk: Walk) -> tuple[str, str]:
    """Why, and the card that shows it."""
    left = [each for each in rows if each.outcome == LEFT]
    if not any(each.target for each in rows):
        cause = (
            "The program has no weights yet: values whose objects it makes later load then, by their names."
        )
        return cause, DEFERRED
    if walk.target.unreached:
        cause = (
            f"{counted(len(walk.target.unreached), 'weight')} of the model can only be reached through its "
            "optimizer: its layers are in a list or dictionary that tf.train.Checkpoint does not follow."
        )
        return cause, NOT_USED
    hanging = _hangs(rows, walk.target)
    if hanging and not left:
        cause = (
            f"{counted(len(hanging), 'weight')} of the model load through the optimizer's list alone. What "
            "the "
            "optimizer does not train, such as moving averages, is in no file."
        )
        return cause, ""
    if not left:
        return "Every object of the program has its own in the file, by the names of attributes.", ""
    if all(each.part == OPTIMIZER for each in left) and any(
        each.part == OPTIMIZER for each in rows if not each.target
    ):
        cause = (
            "Every weight loads, and the optimizer starts as new: the file has the values of another kind of "
            "optimizer. Restore the model alone, or use the optimizer that wrote the file."
        )
        return cause, NOT_USED
    if not any(each.outcome == LOADED for each in rows):
        here = first_few([*walk.target.nodes[0].children], 3)
        there = first_few([name for name, _ in walk.stored[0].children] if walk.stored else [], 3)
        return f"No name of an attribute is the same: {here} in the program, {there} in the file.", NOT_USED
    return (
        f"The file has no object for {first_few([each.name for each in left], 3)}; no error says so.",
        NOT_USED,
    )


def restore_by_name(entries: Mapping[str, Entry], target: Target) -> Told:
    """What `tf.train.Checkpoint` does with a Saver's file: each variable looks for its own name."""
    rows: list[Row] = []
    error = message = cause = ""
    missing: list[str] = []
    for at in target.reached():
        value = target.nodes[at].values.get(VALUE)
        if value is None:
            continue
        label, entry = target.labels.get(at) or value.name, entries.get(value.name)
        told = (label, value.key, value.dtype, value.shape)
        if entry is None:
            missing.append(value.name)
            rows.append(row(LEFT, *told, note=f"the file has nothing that is called {value.name}"))
            continue
        if not error and value.dtype and entry.dtype != value.dtype:
            error, expected, got = "InvalidArgumentError", cpp_dtype(value.dtype), cpp_dtype(entry.dtype)
            message = f"{GAP}Trying to assign variable with wrong dtype. Expected {expected} got {got}"
            cause = f"{value.name} is {value.dtype} in the program and {entry.dtype} in the file."
        elif not error and value.shape is not None and entry.shape != value.shape:
            error, message = "ValueError", _other_shape(value, entry, f"{value.name}.")
            cause = f"{value.name} is {value.shape} in the program and {entry.shape} in the file."
        rows.append(row(REFUSED if error else LOADED, *told, entry))
    taken = {each.source for each in rows if each.outcome == LOADED}
    rows += [stays(entry) for key, entry in entries.items() if key not in taken and entry.dtype != "string"]
    if error:
        return Told(tuple(rows), cause, error, message)
    told_of = "Some objects had attributes which were not restored: " if missing else ""
    asserted = tuple(Assertion(name, not missing, told_of) for name in assertions.NAMES)
    cause = "A Saver's file has no objects, so each variable looks for its own name, and finds it."
    if missing:
        cause = (
            "A Saver's file has no objects, so each variable looks for its own name: nothing is called "
            f"{first_few(missing, 3)}."
        )
    return Told(tuple(rows), cause, assertions=asserted, card=NOT_USED if missing else "")
