"""Where a subclassed Keras model looks for a layer again: as an attribute, or in `layers`.

Source: keras/src/saving/saving_lib.py (_walk_saveable): `layers` and every attribute, in the order of their
names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, permutations, product

from core.bundle import Entry
from core.inspect.verdict.keras_files import Store
from core.inspect.verdict.keras_layers import numbered
from core.inspect.verdict.keras_target import ATTRIBUTES, LAYERS, PERHAPS, KerasTarget, Part
from core.inspect.verdict.own_variables import refusal

_MOST_ORDERS = 120  # of attributes that may have been assigned in any order

Group = Mapping[str, Entry]
Places = Mapping[str, Group]  # path of a part to what it finds the second time


@dataclass(frozen=True)
class SecondLook:
    """What the layers find.

    Attributes:
        places: path of a part to its arrays; missing where it finds none.
        certain: whether the files settle it.
        undecided: whether all could load and need not.
    """

    places: Places
    certain: bool
    undecided: bool


def second_look(target: KerasTarget, store: Store, parts: Sequence[Part]) -> SecondLook:
    """Where the layers that failed may be found, as far as the files leave it open."""
    options = list(_options(target, store, parts))
    fits = [
        {
            part.path: id(each[part.path])
            for part in parts
            if part.path in each and not refusal(part, each[part.path])[0]
        }
        for each in options
    ]
    certain = all(each == fits[0] for each in fits)
    return SecondLook(options[0], certain, not certain and any(len(each) == len(parts) for each in fits))


def _options(target: KerasTarget, store: Store, parts: Sequence[Part]) -> Iterator[Places]:
    later = [part for part in parts if part.again in (ATTRIBUTES, PERHAPS)]
    earlier = [part for part in parts if part.again == LAYERS]
    for some, others in product(_as_attributes(store, later), _as_layers(target, store, earlier)):
        yield {**some, **others}


def _as_attributes(store: Store, parts: Sequence[Part]) -> Iterator[Places]:
    # Attributes are visited in the order of their names, so one before `layers` would have come first.
    outside = [path for path in store.groups if "/" not in path and "layers" < path != "optimizer"]
    found = {part.path: _fitting(part, [store.groups[each] for each in outside]) for part in parts}
    yield {}
    if any(found.values()):
        yield found


def _as_layers(target: KerasTarget, store: Store, parts: Sequence[Part]) -> Iterator[Places]:
    if any(not part.kind for part in parts):  # the class of what is an attribute is in no file
        inside = [group for path, group in store.groups.items() if path.startswith("layers/")]
        found = {part.path: _fitting(part, inside) for part in parts}
        yield {}
        if any(found.values()):
            yield {path: group for path, group in found.items() if group}
        return
    known = [each for each in target.parts if each.again]
    attributes = list(dict.fromkeys(part.path.split("/")[0] for part in known))
    for order in islice(permutations(attributes), _MOST_ORDERS):
        layers = sorted(known, key=lambda part: order.index(part.path.split("/")[0]))
        names = numbered([part.kind or part.path for part in layers])
        places = dict(zip([part.path for part in layers], names, strict=True))
        yield {part.path: store.get(f"layers/{places[part.path]}") for part in parts}


def _fitting(part: Part, groups: Sequence[Group]) -> Group:
    return next((group for group in groups if not refusal(part, group)[0]), {})
