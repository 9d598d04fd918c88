"""Keras' older format, `.h5`: layers with weights by their order, or by their names.

Source: keras/src/legacy/saving/legacy_h5_format.py (load_weights_from_hdf5_group and …_by_name).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core.bundle import Entry
from core.inspect.keras import BFLOAT16
from core.inspect.verdict.keras_files import Legacy, LegacyLayer
from core.inspect.verdict.keras_target import KerasTarget, OrderedLayer, Weight
from core.inspect.verdict.rows import cast, row, stays
from core.inspect.verdict.verdict import (
    GAP,
    LEFT,
    LOADED,
    MODEL,
    OPTIMIZER,
    REFUSED,
    Row,
    Told,
)
from core.words import counted

_NO_OPTIMIZER = "load_weights takes no optimizer from a .h5 file"


class _Refused(Exception):
    """The call raises here; what was assigned before stays."""

    def __init__(self, error: str, message: str, cause: str, of_layers: bool = False) -> None:
        super().__init__(message)
        self.error, self.message, self.cause, self.of_layers = error, message, cause, of_layers


@dataclass
class _Loading:
    target: KerasTarget
    skip_mismatch: bool
    outcomes: dict[str, Row] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)


def load_weights(
    legacy: Legacy, target: KerasTarget, *, by_name: bool = False, skip_mismatch: bool = False
) -> Told:
    """What `model.load_weights` does with a `.h5` file of the older format and this model."""
    if target.layers is None or not (target.ordered or by_name or _refused_in_any_order(legacy, target)):
        cause = "The file that describes the model does not say the order of its layers."
        advice = "Describe the model by a .keras or .h5 file of it."
        return Told((), cause, undecided=True, not_known=(*target.not_known, advice))
    loading = _Loading(target, skip_mismatch)
    error = message = cause = ""
    count = False
    try:
        if legacy.missing:
            lacks = f"The file lists layer {legacy.missing} and lacks it."
            raise _Refused("KeyError", repr(legacy.missing), lacks)
        (_by_name if by_name else _by_order)(legacy, target.layers, loading)
        _top(legacy, loading, by_name)
    except _Refused as refused:
        error, message, cause, count = refused.error, refused.message, refused.cause, refused.of_layers
    rows = _rows(legacy, loading, error)
    if not error:
        cause = _cause(loading, by_name)
    card = "layer_count" if count else ""
    return Told(rows, cause, error, message, tuple(loading.warnings), not_known=target.not_known, card=card)


def _refused_in_any_order(legacy: Legacy, target: KerasTarget) -> bool:
    """Whether the counts alone settle it."""
    wanted = [layer for layer in target.layers or () if layer.weights]
    return len(wanted) != len([layer for layer in legacy.layers if layer.names])


def _by_order(legacy: Legacy, layers: tuple[OrderedLayer, ...], loading: _Loading) -> None:
    wanted = [layer for layer in layers if layer.weights]
    stored = [layer for layer in legacy.layers if layer.names]
    if len(stored) != len(wanted):
        message = (
            f"Layer count mismatch when loading weights from file. Model expected {len(wanted)} layers, "
            "found "
            f"{len(stored)} saved layers."
        )
        raise _Refused("ValueError", message, _count_cause(stored, wanted), of_layers=True)
    for n, (there, layer) in enumerate(zip(stored, wanted, strict=True)):
        if len(there.names) != len(layer.weights):
            message = (
                f"Weight count mismatch for layer #{n} (named {layer.name} in the current model, "
                f"{there.name} in "
                f"the save file). Layer expects {len(layer.weights)} weight(s). Received {len(there.names)} "
                "saved weight(s)"
            )
            cause = (
                f"Layer {layer.name} has {counted(len(layer.weights), 'weight')} in the model and "
                f"{len(there.names)} in the file."
            )
            raise _Refused("ValueError", message, cause)
        if there.name != layer.name:
            loading.moved.append((layer.name, there.name))
        _set(layer.weights, there, f"layer #{n} (named {layer.name})", loading)


def _by_name(legacy: Legacy, layers: tuple[OrderedLayer, ...], loading: _Loading) -> None:
    named: dict[str, list[OrderedLayer]] = {}
    for layer in layers:
        if layer.name:
            named.setdefault(layer.name, []).append(layer)
    for n, there in enumerate(legacy.layers):
        for layer in named.get(there.name, ()):
            if len(there.names) != len(layer.weights):
                counts = (
                    f"Layer expects {len(layer.weights)} weight(s). Received {len(there.names)} saved "
                    "weight(s)"
                )
                if loading.skip_mismatch:
                    loading.warnings.append(
                        f"Skipping loading of weights for layer #{n} (named {layer.name}) due to mismatch in "
                        f"number of weights. {counts}"
                    )
                    continue
                message = f"Weight count mismatch for layer #{n} (named {layer.name}). {counts}"
                cause = (
                    f"Layer {layer.name} has {counted(len(layer.weights), 'weight')} in the model and "
                    f"{len(there.names)} in "
                    "the file."
                )
                raise _Refused("ValueError", message, cause)
            _set(layer.weights, there, f"layer #{n} (named {layer.name})", loading)


def _top(legacy: Legacy, loading: _Loading, by_name: bool) -> None:
    """The weights that the model itself has, after those of its layers."""
    if legacy.top is None:
        return
    # By name, the model's own weights are counted with those that it shares with no layer.
    if len(legacy.top.names) != len(loading.target.top):
        if by_name and loading.skip_mismatch:
            return
        where = "of model" if by_name else "when loading weights from file"
        counts = (
            f"expects {len(loading.target.top)} top-level weight(s). Received {len(legacy.top.names)} saved"
        )
        message = f"Weight count mismatch for top-level weights {where}. Model {counts} top-level weight(s)"
        raise _Refused("ValueError", message, "The model itself has another number of weights than the file.")
    _set(loading.target.top, legacy.top, "top-level model", loading)


def _set(weights: tuple[Weight, ...], there: LegacyLayer, where: str, loading: _Loading) -> None:
    for weight, entry, name in zip(weights, there.weights, there.names, strict=True):
        if entry is None:
            raise _Refused("KeyError", GAP, f"The file lists {name} and lacks it.")
        if weight.shape is not None and entry.shape != weight.shape:
            shapes = f"Weight expects shape {weight.shape}. Received saved weight with shape {entry.shape}"
            if loading.skip_mismatch:
                loading.warnings.append(f"Skipping loading weights for {where}{GAP}{shapes}")
                loading.outcomes[weight.key] = _row(REFUSED, weight, entry, "another shape in the file")
                continue
            loading.outcomes[weight.key] = _row(REFUSED, weight, entry, "another shape in the file")
            cause = f"{weight.label} is {weight.shape} in the model and {entry.shape} in the file."
            raise _Refused("ValueError", f"Shape mismatch in {where}for weight {GAP}. {shapes}", cause)
        if entry.dtype == BFLOAT16:
            # Keras writes two bytes without a type here, and does not know them again.
            loading.outcomes[weight.key] = _row(REFUSED, weight, entry, "bfloat16 in a .h5 file")
            cause = "The file has bfloat16, which Keras writes to a .h5 file and cannot read back from it."
            raise _Refused("ValueError", "setting an array element with a sequence.", cause)
        loading.outcomes[weight.key] = _row(LOADED, weight, entry, cast(entry, weight.dtype))
        loading.taken.add(entry.name)


def _rows(legacy: Legacy, loading: _Loading, error: str) -> tuple[Row, ...]:
    rows: list[Row] = []
    target = loading.target
    for weight in (*(w for layer in target.layers or () for w in layer.weights), *target.top):
        done = loading.outcomes.get(weight.key)
        if done is not None:
            rows.append(done)
        elif error:
            rows.append(_row(REFUSED, weight, None, "loading stops before it"))
        else:
            rows.append(_row(LEFT, weight, None, "no layer of this name in the file"))
    for part in target.optimizer:
        rows += [_row(LEFT, weight, None, _NO_OPTIMIZER, OPTIMIZER) for weight in part.weights]
    stored = [entry for layer in legacy.layers for entry in layer.weights if entry is not None]
    stored += [entry for entry in (legacy.top.weights if legacy.top else ()) if entry is not None]
    rows += [stays(entry) for entry in (*stored, *legacy.others) if entry.name not in loading.taken]
    rows += [stays(entry, note=_NO_OPTIMIZER, part=OPTIMIZER) for entry in legacy.optimizer]
    return tuple(rows)


def _cause(loading: _Loading, by_name: bool) -> str:
    if by_name:
        left = [
            layer.name
            for layer in loading.target.layers or ()
            if layer.weights and layer.weights[0].key not in loading.outcomes
        ]
        if left:
            return f"The file has no layer called {left[0]}; by name, Keras passes over it without a word."
        return "Every layer of the model is in the file by its name."
    named = {layer for layer, _ in loading.moved}
    crossed = [
        (here, there)
        for here, there in loading.moved
        if there in {layer.name for layer in loading.target.layers or ()}
    ]
    if crossed:
        here, there = crossed[0]
        return f"Keras counts layers and ignores names: layer {here} gets what the file has of layer {there}."
    if named:
        return "A .h5 file is matched by the order of layers with weights; that names differ does not matter."
    return "The layers with weights come in the same order as in the file."


def _count_cause(stored: list[LegacyLayer], wanted: list[OrderedLayer]) -> str:
    here, there = {layer.name for layer in wanted}, {layer.name for layer in stored}
    counts = f"The file has {counted(len(stored), 'layer')} with weights and the model {len(wanted)}"
    extra, lacking = [n for n in there if n not in here], [n for n in here if n not in there]
    if len(stored) > len(wanted) and len(extra) == len(stored) - len(wanted):
        return f"{counts}: layer {sorted(extra)[0]} is too many."
    if len(stored) < len(wanted) and len(lacking) == len(wanted) - len(stored):
        return f"{counts}: layer {sorted(lacking)[0]} is missing in the file."
    return f"{counts}."


def _row(outcome: str, weight: Weight, entry: Entry | None, note: str = "", part: str = MODEL) -> Row:
    return row(outcome, weight.label, weight.key, weight.dtype, weight.shape, entry, note, part)
