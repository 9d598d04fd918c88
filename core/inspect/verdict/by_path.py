"""Keras' newer format: each layer loads the numbered arrays below its own path.

Source: keras/src/saving/saving_lib.py (_load_state, _raise_loading_failure) and
keras/src/optimizers/base_optimizer.py (load_own_variables).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.bundle import Entry
from core.inspect.verdict.keras_files import Store
from core.inspect.verdict.keras_layers import kind_of, snake
from core.inspect.verdict.keras_target import PERHAPS, KerasTarget, Part, Weight
from core.inspect.verdict.own_variables import refusal
from core.inspect.verdict.rows import cast, row, stays
from core.inspect.verdict.second_look import second_look
from core.inspect.verdict.verdict import (
    GAP,
    LEFT,
    LOADED,
    MODEL,
    OPTIMIZER,
    OTHER,
    REFUSED,
    UNDECIDED,
    Row,
    Told,
)
from core.words import counted, first_few

NOT_BUILT = (
    "You are loading weights into a model that has not yet been built. Try building the model first by "
    "calling it on some data or by using `build()`."
)
_CONTAINER = re.compile(r"(^|/)(container(_\d+)?)(?=/)")


@dataclass
class _Loading:
    """What has come of it so far."""

    target: KerasTarget
    store: Store
    rows: list[Row] = field(default_factory=list)
    failed: dict[str, tuple[Part, str]] = field(default_factory=dict)  # by path: the layer, its error
    causes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    shifted: list[tuple[str, str]] = field(default_factory=list)  # a layer, and the one whose arrays it gets
    unknown: list[str] = field(default_factory=list)
    uncertain: bool = False  # whether a layer may find its arrays in one of several places
    again: list[tuple[Part, str]] = field(
        default_factory=list
    )  # layers that are looked for once more, and why

    def fail(self, part: Part, error: str, cause: str) -> None:
        self.failed[part.path] = part, error
        self.causes.append(cause)


def load_weights(store: Store, target: KerasTarget, *, skip_mismatch: bool = False) -> Told:
    """What `model.load_weights` does with this file and this model."""
    if not target.built:
        own = [weight for part in target.optimizer for weight in part.weights]
        refused = [_row(REFUSED, weight, note="nothing is loaded", part=OPTIMIZER) for weight in own]
        kept = [stays(entry) for group in store.groups.values() for entry in group.values()]
        rows = (*refused, *kept)
        cause = "The model has no weights yet: it is built when it first sees data, or by build()."
        return Told(rows, cause, "ValueError", NOT_BUILT, card="not_built_yet")
    loading = _Loading(target, store)
    lost = _Shards(store)
    for part in target.parts:
        if lost.reach(part, loading):
            (_optimizer if part.is_optimizer else _layer)(part, loading)
    if lost.error:
        return Told((*loading.rows, *_unread(loading)), lost.cause, "FileNotFoundError", lost.error)
    if loading.again:
        _look_again(loading)
    loading.rows += _unread(loading)
    return _told(loading, skip_mismatch)


class _Shards:
    """Weights in several files, of which Keras has one open at a time; after a missing one comes no other.

    `get` opens the file outside of what Keras catches; the further files of a layer are opened inside it, and
    without an open file Keras passes over all that follows.
    """

    def __init__(self, store: Store) -> None:
        self._store, self._open = store, store.first
        self.error = self.cause = ""
        if store.first in store.missing:
            self._raise(store.first)

    def reach(self, part: Part, loading: _Loading) -> bool:
        """Whether Keras gets to the arrays of this layer; else its rows are told here."""
        names = self._store.files.get(part.path, ())
        gone = [name for name in names if name in self._store.missing]
        if not self.error and self._open and names and names[0] in gone:
            self._raise(names[0])
        if not self.error and self._open and not gone:
            self._open = names[0] if names else self._open
            return True
        if not self._store.first:
            return True
        if not self.error and self._open:
            label = part.name or part.path or "the model"
            loading.fail(part, GAP, f"{gone[0]} is missing: it has arrays of layer {label}.")
            self._open = ""
        said = f"{gone[0]} is missing" if gone else "loading stops before it"
        loading.rows += [_row(REFUSED, weight, note=said, part=_part_of(part)) for weight in part.weights]
        return False

    def _raise(self, name: str) -> None:
        self.error = f"[Errno 2] Unable to synchronously open file (unable to open file: name = {GAP}{name}"
        self.cause = f"{name} is missing: {len(self._store.missing)} of the files that the list names."


def _unread(loading: _Loading) -> list[Row]:
    """What stays in the file."""
    found = []
    for path, group in loading.store.groups.items():
        optimizer = path.startswith("optimizer")
        unknown = loading.uncertain or any(f"{path}/".startswith(f"{at}/") for at in loading.target.unknown)
        note = UNDECIDED if unknown and not optimizer else ""
        if optimizer and not loading.target.optimizer:
            note = "the model has no optimizer yet"
        found += [
            stays(entry, note=note, part=OPTIMIZER if optimizer else MODEL)
            for entry in group.values()
            if entry.name not in loading.taken
        ]
    return found


def _layer(part: Part, loading: _Loading) -> None:
    store = loading.store
    group = store.get(part.path)
    missing = _missing_container(part.path, store)
    if not group and part.weights and missing:
        note = f"Keras skips {missing}: the file has no such group"
        loading.rows += [_row(LEFT, weight, note=note) for weight in part.weights]
        loading.warnings.append(f"Skipping nested container at '{missing}': no matching group found")
        return
    error, cause = refusal(part, group)
    if error and part.again:
        loading.again.append((part, cause))
    elif error:
        loading.fail(part, error, cause)
        _refuse(part, group, loading)
    else:
        _take(part, group, loading)
        _notice_shift(part, loading)


def _notice_shift(part: Part, loading: _Loading) -> None:
    """A layer that gets what another layer of this name had; names that Keras counts do not tell."""
    names = loading.store.names
    there = names.get(part.path, "")
    if not there or not part.name or not part.weights or there == part.name:
        return
    if any(snake(name) == name and kind_of(name) for name in (there, part.name)):
        return
    if any(name == part.name for path, name in names.items() if path != part.path):
        loading.shifted.append((part.name, there))


def _look_again(loading: _Loading) -> None:
    """A subclassed model comes to a layer again by another path; the last error is the one that is told."""
    look = second_look(loading.target, loading.store, [part for part, _ in loading.again])
    if look.undecided:
        loading.unknown += [part.name or part.path for part, _ in loading.again]
        return
    loading.uncertain = not look.certain
    for part, cause in loading.again:
        group = look.places.get(part.path, {}) if look.certain else {}
        first = loading.store.get(part.path)
        error, _ = refusal(part, group)
        if not error:
            _take(part, group, loading)
            continue
        if not look.certain or (part.again == PERHAPS and refusal(part, first)[0] != error):
            error = GAP  # which of the two looks is told depends on the program
        loading.fail(part, error, cause)
        _refuse(part, first if look.certain else {}, loading, "" if look.certain else UNDECIDED)


def _take(part: Part, group: Mapping[str, Entry], loading: _Loading) -> None:
    for n, weight in enumerate(part.weights):
        entry = group[str(n)]
        loading.taken.add(entry.name)
        loading.rows.append(_row(LOADED, weight, entry, cast(entry, weight.dtype), _part_of(part)))
    for name in part.hidden:
        note = "is set to zero: the file has LoRA merged into the kernel"
        loading.rows.append(Row(LOADED, f"{part.name}/{name}", note=note))


def _refuse(part: Part, group: Mapping[str, Entry], loading: _Loading, said: str = "") -> None:
    """A layer that raises: what it had assigned until then stays assigned."""
    failed = not part.lora and len(group) != len(part.weights)
    for n, weight in enumerate(part.weights):
        entry = group.get(str(n))
        if not failed and entry is not None and (weight.shape is None or entry.shape == weight.shape):
            loading.taken.add(entry.name)
            loading.rows.append(_row(LOADED, weight, entry, cast(entry, weight.dtype), _part_of(part)))
            continue
        note = said if failed else "missing in the file" if entry is None else "another shape in the file"
        failed = True
        loading.rows.append(_row(REFUSED, weight, entry, note, _part_of(part)))
    loading.rows += [Row(LEFT, f"{part.name}/{name}") for name in part.hidden]


def _optimizer(part: Part, loading: _Loading) -> None:
    """An optimizer with another number of variables is passed over with a warning."""
    group = loading.store.get(part.path)
    if len(group) == len(part.weights):
        error, cause = refusal(part, group)
        if error:
            loading.fail(part, error, cause)
            _refuse(part, group, loading)
        else:
            _take(part, group, loading)
        return
    loading.warnings.append(
        f"Skipping variable loading for optimizer '{part.name or GAP}', because it has {len(part.weights)} "
        f"variables whereas the saved optimizer has {len(group)} variables. "
    )
    note = f"Keras skips the optimizer: {len(part.weights)} variables here, {len(group)} in the file"
    loading.rows += [_row(LEFT, weight, note=note, part=OPTIMIZER) for weight in part.weights]


def _told(loading: _Loading, skip_mismatch: bool) -> Told:
    rows, warnings, not_known = tuple(loading.rows), tuple(loading.warnings), loading.target.not_known
    if loading.unknown:
        cause = (
            "The files do not say by which attributes the program has its layers: "
            f"{first_few(loading.unknown)} could take one of several."
        )
        return Told(rows, cause, undecided=True, not_known=not_known)
    if loading.failed:
        cause = loading.causes[0]
        elsewhere = loading.store.elsewhere(loading.target.shapes)
        if at := elsewhere.get(next(iter(loading.failed))):
            cause = f"{cause[:-1]}; weights of these shapes are at {at}."
        if len(loading.causes) > 1:
            cause = f"{cause[:-1]}; {counted(len(loading.causes) - 1, 'more layer')} likewise."
        order = [part.path for part in loading.target.parts]
        message = _message(sorted(loading.failed.values(), key=lambda each: order.index(each[0].path)))
        if loading.uncertain:
            message = f"A total of {GAP} objects could not be loaded. Example error message for object {GAP}"
        if skip_mismatch:
            undecided = bool(loading.target.unknown)
            return Told(rows, cause, warnings=(*warnings, message), not_known=not_known, undecided=undecided)
        return Told(rows, cause, "ValueError", message, warnings, not_known=not_known)
    if loading.target.unknown:
        cause = f"Whether {first_few([*loading.target.unknown.values()])} finds its arrays is not known."
        return Told(rows, cause, undecided=True, warnings=warnings, not_known=not_known)
    if loading.shifted:
        here, there = loading.shifted[0]
        cause = (
            f"Keras loads by place, not by name: layer {here} gets what the file has of layer {there}. The "
            "number "
            "of layers before it differs."
        )
        return Told(rows, cause, warnings=warnings, not_known=not_known, cautions=(cause,))
    left = [each for each in rows if each.outcome == LEFT and each.part == OPTIMIZER]
    if left:
        cause = f"The weights load; {left[0].note}."
        return Told(rows, cause, warnings=warnings, not_known=not_known, card="keras_slots_lost")
    cause = "Every layer finds its own arrays in the file, by its path."
    return Told(rows, cause, warnings=warnings, not_known=not_known)


def _message(failed: Sequence[tuple[Part, str]]) -> str:
    part, error = failed[0]
    names = ", ".join(str(each) for each, _ in failed)
    return (
        f"A total of {len(failed)} objects could not be loaded. Example error message for object "
        f"{part}:\n\n{error}"
        f"\n\nList of objects that could not be loaded:\n[{names}]"
    )


def _missing_container(path: str, store: Store) -> str:
    """The first nested container on the way to a layer that the file lacks; Keras passes over it."""
    for match in _CONTAINER.finditer(path):
        if path[: match.end()] not in store.paths:
            return path[: match.end()]
    return ""


def _part_of(part: Part) -> str:
    if part.is_optimizer:
        return OPTIMIZER
    return OTHER if "metric" in part.path else MODEL


def _row(outcome: str, weight: Weight, entry: Entry | None = None, note: str = "", part: str = MODEL) -> Row:
    return row(outcome, weight.label, weight.key, weight.dtype, weight.shape, entry, note, part)
