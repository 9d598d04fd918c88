"""What a layer of Keras says when it loads its own numbered arrays.

Sources: keras/src/layers/layer.py (_check_load_own_variables, load_own_variables), Variable.assign.
"""

from __future__ import annotations

from collections.abc import Mapping

from core.bundle import Entry
from core.inspect.verdict.keras_target import Part
from core.inspect.verdict.verdict import GAP
from core.words import counted

_NEVER_BUILT = (
    "Layer '{name}' was never built and thus it doesn't have any variables. However the weights file lists "
    "{count} variables for this layer."
)


def refusal(part: Part, group: Mapping[str, Entry]) -> tuple[str, str]:
    """The layer's own error, and its cause in plain words; "" when it loads."""
    label = part.name or part.path or "the model"
    if not part.lora and len(group) != len(part.weights):
        if not part.weights and not _never_has_any(part):
            text = _NEVER_BUILT.format(name=part.name or GAP, count=len(group))
            return text, f"Layer {label} has no variables yet: it is not built."
        names = part.names if part.names is not None else None
        listed = GAP if names is None else str([*names])
        text = (
            f"Layer '{part.name or GAP}' expected {len(part.weights)} variables, but received {len(group)} "
            f"variables during loading. Expected: {listed}"
        )
        return text, _count_cause(part, group, label)
    for n, weight in enumerate(part.weights):
        entry = group.get(str(n))
        if entry is None:
            return repr(str(n)), f"Layer {label} misses array {n} in the file."
        if weight.shape is not None and entry.shape != weight.shape:
            text = (
                "The shape of the target variable and the shape of the target value in "
                f"`variable.assign(value)` must match. variable.shape={weight.shape}, Received: "
                f"value.shape={entry.shape}. Target variable: {GAP}"
            )
            return text, f"{weight.label} is {weight.shape} in the model and {entry.shape} in the file."
    return "", ""


def _never_has_any(part: Part) -> bool:
    """Whether an object without variables is one that never has any, as far as its class is known."""
    return part.names == () or not part.path


def _count_cause(part: Part, group: Mapping[str, Entry], label: str) -> str:
    if not group:
        return f"The file has no weights for layer {label} at {part.path}."
    sentence = (
        f"Layer {label} has {counted(len(part.weights), 'variable')} in the model and {len(group)} in the "
        "file"
    )
    if any(entry.dtype in ("int8", "uint8") for entry in group.values()) and part.mode == "":
        return f"{sentence}: in the file it is quantized."
    if part.mode and not any(entry.dtype in ("int8", "uint8") for entry in group.values()):
        return f"{sentence}: in the model it is quantized."
    return f"{sentence}."
