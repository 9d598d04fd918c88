"""Which values of a Keras optimizer belong to which weights: its file has them by number alone.

Optimizers keep their values in blocks, each over all trained weights in order; the names in a block alternate
from weight to weight (`add_optimizer_variables` in keras/src/optimizers/base_optimizer.py, and each `build`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from core.bundle.entries import Entry

Blocks = tuple[tuple[str, ...], ...]
_PAIR = ("momentum", "velocity")
_ALWAYS: dict[str, Blocks] = {
    **dict.fromkeys(("adam", "adamw", "nadam", "lamb", "schedulefreeadamw"), (_PAIR,)),
    "adamax": (("momentum", "norm"),),
    "adagrad": (("accumulator",),),
    "adadelta": (("accumulated_grad", "accumulated_delta_var"),),
    "ftrl": (("accumulator", "linear"),),
    "lion": (("momentum",),),
    "rmsprop": (("velocity",),),
    "sgd": (),
}
# Blocks that a setting of the optimizer adds: before the others or after them.
_BEFORE = (("average", "use_ema"), ("gradient_accumulator", "gradient_accumulation_steps"))
_AFTER = {
    **dict.fromkeys(("adam", "adamw"), (("velocity_hat", "amsgrad"),)),
    "rmsprop": (("momentum", "momentum"), ("average_gradient", "centered")),
    "sgd": (("momentum", "momentum"),),
}
OPTIMIZERS = (*_ALWAYS, "adafactor", "muon", "lossscaleoptimizer", "multioptimizer", "optimizer")


def assigned(
    kind: str,
    values: Sequence[Entry],
    weights: Sequence[Entry],
    *,
    settings: Mapping[str, Any] | None = None,
    ordered: bool,
) -> dict[str, tuple[str, str]]:
    """Key of an optimizer's value to the slot's name and the key of its weight; "" for what is not known.

    Args:
        kind: the optimizer's class, in small letters.
        values: in their order, without iteration and learning rate.
        weights: of the model, in its order if `ordered`.
        settings: the optimizer's config; None where the file has none.
    """
    found: dict[str, tuple[str, str]] = {}
    fewest = 0  # blocks in the first way that fits
    for blocks in _possible(kind, settings):
        size = sum(len(block) for block in blocks)
        if fewest and len(blocks) != fewest:
            break
        if not size or len(values) % size or len(values) // size > len(weights):
            continue
        count = len(values) // size
        trained = _trained(blocks, values, count)
        if trained is None or Counter(trained) - Counter(each.shape for each in weights):
            continue
        fewest = len(blocks)
        for key, (name, owner) in _named(blocks, values, _owners(trained, weights, ordered)):
            # Where two ways fit, such as with average and with gradient_accumulator, a name is not known.
            known = found.setdefault(key, (name, owner))
            if known[0] != name:
                found[key] = "", owner if known[1] == owner else ""
    return found


def _possible(kind: str, settings: Mapping[str, Any] | None) -> Iterator[Blocks]:
    """The ways in which an optimizer of this class may keep its values, the plainest first."""
    if kind not in _ALWAYS:
        ways = {blocks for each in _ALWAYS for blocks in _possible(each, settings)}
        yield from sorted(ways, key=lambda blocks: (len(blocks), blocks))
        return
    optional = [(name, setting, True) for name, setting in _BEFORE]
    optional += [(name, setting, False) for name, setting in _AFTER.get(kind, ())]
    if settings is not None:
        choices = [tuple(bool(settings.get(setting)) for _, setting, _ in optional)]
    else:
        choices = sorted(product((True, False), repeat=len(optional)), key=sum)
    for chosen in choices:
        taken = [each for each, has in zip(optional, chosen, strict=True) if has]
        before = [(name,) for name, _, first in taken if first]
        yield (*before, *_ALWAYS[kind], *((name,) for name, _, first in taken if not first))


def _trained(blocks: Blocks, values: Sequence[Entry], count: int) -> list[tuple[int, ...]] | None:
    """The shapes of the trained weights, if every block goes over the same."""
    found: list[tuple[int, ...]] | None = None
    at = 0
    for block in blocks:
        part = values[at : at + count * len(block)]
        shapes = [each.shape for each in part[:: len(block)]]
        if any(each.shape != shapes[n // len(block)] for n, each in enumerate(part)):
            return None
        if found is not None and shapes != found:
            return None
        found, at = shapes, at + len(part)
    return found


def _owners(trained: Sequence[tuple[int, ...]], weights: Sequence[Entry], ordered: bool) -> list[str]:
    """The weight of each trained shape: by the order, else where only one has that shape."""
    if ordered and len(trained) == len(weights) and [each.shape for each in weights] == list(trained):
        return [each.name for each in weights]
    by_shape: dict[tuple[int, ...], list[str]] = {}
    for each in weights:
        by_shape.setdefault(each.shape, []).append(each.name)
    counts = Counter(trained)
    owners = []
    for shape in trained:
        some = by_shape[shape]
        if len(some) == counts[shape] and (ordered or len(some) == 1):
            owners.append(some.pop(0) if ordered else some[0])
            counts[shape] -= 1
        else:
            owners.append("")
    return owners


def _named(
    blocks: Blocks, values: Sequence[Entry], owners: Sequence[str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    at = 0
    for block in blocks:
        for owner in owners:
            for name in block:
                yield values[at].name, (name, owner)
                at += 1
