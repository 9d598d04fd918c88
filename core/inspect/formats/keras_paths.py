"""What the groups of `.keras` and `.weights.h5` are: layers by their own names, weights by their kind.

Source: keras/src/saving/saving_lib.py. A path follows attributes from the model; what a list holds is called
after its class, with a number where there are several; each group of numbered weights is called `vars`. Newer
versions store a layer's own name beside its weights; a `.keras` has the names in its config as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.bundle.entries import Entry
from core.inspect.formats.layers import class_of, inside, names_of, snake_case
from core.inspect.formats.objects import Meaning
from core.inspect.formats.slots import OPTIMIZERS, assigned
from core.inspect.model import COUNTER, METRIC, RANDOM, SLOT, WEIGHT

_ATTRIBUTES = (
    ("forward_layer", "backward_layer"),
    ("query_dense", "key_dense", "value_dense", "output_dense"),
)
_COUNTED = re.compile(r"_\d+$")
_NOT_TRAINED = re.compile(r"moving_\w+|renorm_\w+|mean|variance|count|vector_u|\w+_scale|\w+_history|\d+_nt")
_METRIC = re.compile(r"(^|/)(metrics|\w*(tracker|metric))(/|$)")
# Attributes of Keras' own layers in the order in which their weights are made.
_RANK = {name: place for names in _ATTRIBUTES for place, name in enumerate(names)}
_TOP = ("layers", "vars", "metrics", "optimizer", "_optimizer", "seed_generator")  # all that a Functional has
Config = Mapping[str, Any]


@dataclass(frozen=True)
class Meanings:
    """What a file's keys are.

    Attributes:
        keys: key to what it is, in the order of the model.
        kinds: a layer's path to its class.
    """

    keys: Mapping[str, Meaning]
    kinds: Mapping[str, str]


@dataclass
class _Group:
    """What is known of one group of the file."""

    path: str = ""  # of the layer, by its own name
    kind: str = ""
    config: Config = field(default_factory=dict)
    trained: bool = True


def meanings(entries: Sequence[Entry], named: Mapping[str, str], config: object) -> Meanings:
    """What each key is.

    Args:
        entries: in the order in which they were written.
        named: group to the layer's own name, where the file stores it.
        config: the model's, as JSON; None where there is none.
    """
    entries, ordered = _in_order(entries)
    by_attributes = any(each.name.partition("/")[0] not in _TOP for each in entries)
    groups: dict[str, _Group] = {}
    top = _described(config)
    root = _Group("", _class(config), top)
    inner: dict[str, list[Entry]] = {}
    for entry in entries:
        inner.setdefault(_home(entry.name), []).append(entry)
    # Written groups without weights are layers too, and their names are needed by what is inside them.
    for home in {*inner, *(path.removesuffix("/vars").removesuffix("vars") for path in named)}:
        _grouped(home, root, groups, named, by_attributes)
    found: dict[str, Meaning] = {}
    weights: list[Entry] = []
    optimizers: list[tuple[str, list[Entry]]] = []
    for home, some in inner.items():
        group = groups[home]
        some = sorted(some, key=_number)
        if _is_optimizer(home, some, named):
            optimizers.append((home, some))
        elif _METRIC.search(home):
            found.update({each.name: Meaning(f"{group.path}/{_last(each)}", "", METRIC) for each in some})
        elif "seed_generator" in home or _named(home, named).startswith("seed_generator"):
            found.update({each.name: Meaning(group.path or home, "", RANDOM) for each in some})
        else:
            names = names_of(group.kind, group.config, some)
            start = f"{group.path}/" if group.path else ""
            found.update(
                {
                    each.name: Meaning(f"{start}{name}", group.path, WEIGHT)
                    for each, name in zip(some, names, strict=True)
                }
            )
            frozen = not group.trained
            weights += [
                each
                for each, name in zip(some, names, strict=True)
                if not frozen and not _NOT_TRAINED.fullmatch(name)
            ]
    for home, some in optimizers:
        found.update(_optimizer(home, some, weights, found, named, config, ordered=ordered))
    return Meanings(found, {each.path: each.kind for each in groups.values() if each.kind and each.path})


def _in_order(entries: Sequence[Entry]) -> tuple[list[Entry], bool]:
    """The weights in the order of the model, and whether that is sure.

    A model writes its layers in their order, but the attributes of a layer by their names.
    """
    first: dict[str, int] = {}
    for place, entry in enumerate(entries):
        parts = entry.name.split("/")
        for end in range(1, len(parts)):
            first.setdefault("/".join(parts[:end]), place)
    sure = True

    def place_of(entry: Entry) -> list[tuple[int, int, str]]:
        nonlocal sure
        key: list[tuple[int, int, str]] = []
        parts = entry.name.split("/")
        for end, part in enumerate(parts[:-1]):
            key.append((_RANK.get(part, -1), first["/".join(parts[: end + 1])], part))
            known = (
                part in _RANK or part in ("layers", "vars", "cell", "layer") or "layers" in parts[:end][-1:]
            )
            sure = sure and (known or parts[0] in ("optimizer", "metrics"))
        return [*key, (0, *_number(entry))]

    return sorted(entries, key=place_of), sure


def _home(key: str) -> str:
    """The group of the layer that has this weight."""
    return "/".join(part for part in key.split("/")[:-1] if part != "vars")


def _number(entry: Entry) -> tuple[int, str]:
    last = _last(entry)
    return (int(last), "") if last.isdecimal() else (1 << 30, last)


def _last(entry: Entry) -> str:
    return entry.name.rpartition("/")[2]


def _named(home: str, named: Mapping[str, str]) -> str:
    return named.get(f"{home}/vars" if home else "vars", "")


def _grouped(
    home: str, root: _Group, groups: dict[str, _Group], named: Mapping[str, str], by_attributes: bool
) -> _Group:
    """A group and those around it, each called and its class known as far as the file says."""
    if not home:
        return groups.setdefault("", root)
    if home in groups:
        return groups[home]
    outer, _, last = home.rpartition("/")
    around = _grouped(outer, root, groups, named, by_attributes)
    if last == "layers":
        # The list itself is no layer: what it holds belongs to the model around it.
        groups[home] = around
        return around
    own = _named(home, named)
    held = _held(around, outer, last)
    group = _Group(trained=around.trained)
    if held is not None:
        own = own or str(held.get("name", ""))[:200]
        group.kind, group.config = _class(held), _described(held)
    else:
        kind, config = inside(around.kind, last, around.config)
        in_list = outer.rpartition("/")[2] not in ("", "cells") and not _is_layer(outer, named)
        group.kind = kind or (class_of(last) if in_list or outer.endswith("/cells") else "") or class_of(own)
        group.config = config if kind else {}
    if group.config.get("trainable") is False:
        group.trained = False
    in_layers = outer.rpartition("/")[2] == "layers"
    automatic = bool(own) and class_of(own) != ""
    custom = own and not automatic and (in_layers or not _is_layer(outer, named))
    name = own if own and (in_layers or not by_attributes or custom) else last.lstrip("_")
    group.path = f"{around.path}/{name}" if around.path else name
    groups[home] = group
    return group


def _is_layer(home: str, named: Mapping[str, str]) -> bool:
    """Whether a group is a layer's and not a list's: a layer stores its name."""
    return not home or (f"{home}/vars" in named)


def _held(around: _Group, outer: str, last: str) -> Config | None:
    """The config of a layer that a model holds in its list of layers."""
    if outer.rpartition("/")[2] != "layers":
        return None
    layers = around.config.get("layers")
    counts: dict[str, int] = {}
    for each in layers if isinstance(layers, list) else ():
        if not isinstance(each, dict):
            continue
        word = snake_case(_class(each))
        number = counts.get(word, 0)
        counts[word] = number + 1
        if last == (f"{word}_{number}" if number else word):
            described: dict[str, Any] = {**each, "name": _described(each).get("name", each.get("name", ""))}
            return described
    return None


def _class(config: object) -> str:
    return str(config.get("class_name", ""))[:200] if isinstance(config, dict) else ""


def _described(config: object) -> dict[str, Any]:
    inner = config.get("config") if isinstance(config, dict) else None
    return inner if isinstance(inner, dict) else {}


def _is_optimizer(home: str, values: Sequence[Entry], named: Mapping[str, str]) -> bool:
    if home.split("/")[0] in ("optimizer", "_optimizer"):
        return True
    whole = bool(values) and values[0].dtype.startswith("int") and not values[0].shape
    return whole and (home.endswith("optimizer") or _kind(home, named) in OPTIMIZERS)


def _kind(home: str, named: Mapping[str, str]) -> str:
    """The class of an optimizer that Keras named by itself, in small letters: adam_w_1 is an adamw."""
    return _COUNTED.sub("", _named(home, named)).replace("_", "")


def _optimizer(
    home: str,
    values: Sequence[Entry],
    weights: Sequence[Entry],
    known: Mapping[str, Meaning],
    named: Mapping[str, str],
    config: object,
    *,
    ordered: bool,
) -> Iterator[tuple[str, Meaning]]:
    """An optimizer's values: iteration and learning rate, then its slots."""
    compiled = config.get("compile_config") if isinstance(config, dict) else None
    said = compiled.get("optimizer") if isinstance(compiled, dict) else None
    kind = _class(said).lower() or _kind(home, named)
    settings = _described(said) if said is not None else None
    has_rate = len(values) > 1 and not values[1].shape and values[1].dtype.startswith(("float", "bfloat"))
    for rate in (1, 0) if has_rate else (0,):
        slots = values[1 + rate :]
        owners = assigned(kind, slots, weights, settings=settings, ordered=ordered)
        if owners or rate == 0 or not slots:
            break
    if not owners and has_rate:
        slots = values[2:]
    for each, name in zip(values[: len(values) - len(slots)], ("iteration", "learning_rate"), strict=False):
        yield each.name, Meaning(f"{home}/{name}", "", COUNTER)
    for each in slots:
        slot, owner = owners.get(each.name, ("", ""))
        role = SLOT if each.shape or owner else COUNTER
        if owner:
            of = known[owner]
            name = f"{of.name}/{slot or f'optimizer value {_last(each)}'}"
            yield each.name, Meaning(name, of.layer, role, slot, owner)
        else:
            yield each.name, Meaning(f"{home}/{_last(each)}", "", role, slot)
