"""What the names in a TF1 checkpoint are: variables, and what optimizers and averages keep beside them.

Sources: tensorflow/python/training/slot_creator.py (a slot's name is its variable's and its own, below the
scope in which it was made), tensorflow/python/training/moving_averages.py, and Keras before 2.4, whose
optimizers name their values training/Adam/Variable_7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from core.bundle.entries import RESOURCE, STRING, VARIANT, Entry
from core.inspect.formats.objects import Meaning
from core.inspect.model import COUNTER, ITERATOR, METRIC, RANDOM, REPLAY, SLOT, TEXT, WEIGHT

# What optimizers append to a variable's name; others are known by having its shape.
_SLOT = re.compile(
    r"(Adam|AdamW|AdaMax|Nadam|Momentum|RMSProp|Adagrad|Adadelta|Ftrl|Proximal\w+|LARS\w*|LAMB\w*|LazyAdam"
    r"|adam_[mv]|(Exponential)?MovingAverage|Lookahead|slow|m|v|vhat|rms|mg|momentum|accumulator|average"
    r"|Adafactor|biased|local_step|[vmu]_?hat|v[rc])(_\d+)?"
)
_MESH = re.compile(r"(.+)_(slot_(?:v[rc]?|m))")  # mesh TensorFlow: kernel_slot_vr
_COUNTER = re.compile(
    r"(.*/)?(beta[12]_power(_\d+)?|global_step|global_step_\w+|save_counter|_?iterations?|iter|step|epoch"
    r"|_?(current_)?learning_rate|lr|decay|rho|beta_[12]|epsilon|momentum|loss_scale|(num_)?good_steps)"
)
_OPTIMIZER = re.compile(
    r"(^|/)(training(_\d+)?/)?(TFOptimizer|Adam|AdamW|Adamax|Nadam|SGD|RMSprop|Adagrad|Adadelta)(_\d+)?/"
)
_UNNAMED = re.compile(r"Variable(_\d+)?")
_METRIC = re.compile(r"(^|/)metrics?(_\d+)?/.*(total|count|true_\w+|false_\w+|accumulator)[^/]*")
_RANDOM = re.compile(r"(rng|random)_?(state|seed)", re.IGNORECASE)
_REPLAY = re.compile(r"replay_?buffer", re.IGNORECASE)


def meanings(entries: Sequence[Entry]) -> dict[str, Meaning]:
    """Name to what it is."""
    plain = {entry.name.removesuffix(":0"): entry for entry in entries}
    found = {}
    for name, entry in plain.items():
        found[entry.name] = _meaning(name, entry, plain)
    return found


def _meaning(name: str, entry: Entry, plain: Mapping[str, Entry]) -> Meaning:
    if entry.dtype in (VARIANT, RESOURCE):
        return Meaning(name, "", ITERATOR)
    if entry.dtype == STRING:
        return Meaning(name, "", TEXT)
    if _REPLAY.search(name):
        return Meaning(name, "", REPLAY)
    owner, slot = _owner(name, entry, plain)
    if slot:
        key = plain[owner].name if owner else ""
        return Meaning(f"{owner}/{slot}" if owner else name, _layer(owner) or owner, SLOT, slot, key)
    optimizer = _OPTIMIZER.search(name)
    if optimizer:
        # training/Adam/dense/kernel/m has its variable's name in the middle; Variable_7 has none.
        rest = name[optimizer.end() :]
        inner, _, last = rest.rpartition("/")
        if inner in plain:
            return Meaning(f"{inner}/{last}", _layer(inner) or inner, SLOT, last, plain[inner].name)
        if entry.shape and (_UNNAMED.fullmatch(rest) or last in ("m", "v", "vhat", "rms", "mg", "momentum")):
            return Meaning(name, "", SLOT)
    if not entry.shape and (_COUNTER.fullmatch(name) or entry.dtype.startswith(("int", "uint"))):
        return Meaning(name, "", COUNTER)
    if _METRIC.fullmatch(name):
        return Meaning(name, "", METRIC)
    if _RANDOM.search(name) and entry.dtype.startswith(("int", "uint")):
        return Meaning(name, "", RANDOM)
    return Meaning(name, _layer(name), WEIGHT)


def _owner(name: str, entry: Entry, plain: Mapping[str, Entry]) -> tuple[str, str]:
    """The variable that a slot belongs to, and the slot's name; "" and "" for what is no slot."""
    mesh = _MESH.fullmatch(name)
    if mesh and mesh[1] in plain:
        return mesh[1], mesh[2]
    inner, _, last = name.rpartition("/")
    outer, _, middle = inner.rpartition("/")
    if not inner:
        return "", ""
    # kernel/ExponentialMovingAverage/biased belongs to kernel, not to its average.
    if outer in plain and _SLOT.fullmatch(middle) and plain[outer].dtype != STRING:
        return outer, f"{middle}/{last}"
    there = plain.get(inner)
    same = there is not None and bool(entry.shape) and entry.shape == there.shape
    if there is not None and there.dtype != STRING and (same or _SLOT.fullmatch(last)):
        return inner, last
    if _SLOT.fullmatch(last):
        for each in _without_scope(inner):
            if each in plain and plain[each].shape == entry.shape and plain[each].dtype != STRING:
                return each, last
    return "", ""


def _without_scope(owner: str) -> Iterator[str]:
    """A variable's name without more and more of the scope that its slot was made in: of a/a/w, a/w and w."""
    while "/" in owner:
        owner = owner.partition("/")[2]
        yield owner


def _layer(name: str) -> str:
    return name.rpartition("/")[0]
