"""Scripts for the visitor's own TensorFlow, filled in from what was read, each with its effect.

Each script that writes ends by restoring what it wrote, prints how many weights came back, and fails when one
did not. A script is refused where no test has tried it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.bundle.graph import KEY
from core.inspect.find import ITSELF, KERAS, V1, V2
from core.inspect.find import SAVED_MODEL as SAVED_MODEL_KIND
from core.inspect.model import Listing
from core.inspect.scripts import by_name, of_keras, of_objects, with_model
from core.inspect.scripts.by_name import list_names, restore_matching, to_saved_model
from core.inspect.scripts.script import Script

__all__ = [
    "CASTS",
    "TARGETS",
    "Script",
    "average",
    "cast",
    "convert",
    "drop_slots",
    "has_objects",
    "list_names",
    "rename",
    "restore_matching",
    "to_saved_model",
]

CASTS = ("float32", "float64", "float16")
SAVER, OBJECTS, SAVED_MODEL, WEIGHTS, WHOLE = "saver", "objects", "saved_model", ".weights.h5", ".keras"
TARGETS = {
    SAVER: "A Saver's checkpoint",
    OBJECTS: "An object-based checkpoint",
    SAVED_MODEL: "A SavedModel",
    WEIGHTS: "A .weights.h5",
    WHOLE: "A .keras",
}


def rename(found: Listing, path: str, names: Mapping[str, str]) -> Script:
    """Write a copy in which tensors, objects or layers have other names.

    Raises:
        ValueError: a name is not there, or two would be called the same.
    """
    return _of(found).rename(found, path, names)


def drop_slots(found: Listing, path: str) -> Script:
    """Write a copy without the optimizer.

    Raises:
        ValueError: there is nothing to take away.
    """
    return _of(found).drop_slots(found, path)


def cast(found: Listing, path: str, dtype: str) -> Script:
    """Write a copy in which what has another float type has this one.

    Raises:
        ValueError: nothing has another float type.
    """
    return _of(found).cast(found, path, dtype)


def average(found: Sequence[Listing], paths: Sequence[str]) -> Script:
    """Average several checkpoints of one kind; what is no float comes from the last.

    Raises:
        ValueError: there are fewer than two.
    """
    if len(paths) < 2:
        raise ValueError("Averaging takes two checkpoints or more.")
    return _of(found[-1]).average(found, paths)


def convert(found: Listing, path: str, into: str) -> Script:
    """Write the weights in another format, one of TARGETS.

    Raises:
        ValueError: it is of that format, or its weights have no names of their own.
    """
    _refuse_others(found)
    if found.kind == KERAS:
        if into == SAVER:
            return of_keras.to_saver(found, path)
        if into == WEIGHTS and path.endswith(".keras"):
            return of_keras.to_weights(path)
        if path.endswith(into):
            raise ValueError(f"{found.path or ITSELF} is one already.")
        return with_model.convert(found, path, into)
    if into in (WEIGHTS, WHOLE):
        return with_model.convert(found, path, into)
    if not has_objects(found):
        if into == OBJECTS:
            return by_name.to_objects(found, path)
        if into == SAVER:
            raise ValueError(f"{found.path or ITSELF} is one already.")
        raise ValueError("Give its inputs and outputs: a SavedModel of a graph has a signature.")
    if into == SAVER:
        return of_objects.to_saver(found, path)
    inside = path.endswith("variables/variables")
    if inside != (into == OBJECTS):
        raise ValueError(f"{found.path or ITSELF} is one already.")
    return of_objects.to_objects(path) if inside else of_objects.to_saved_model(path)


def has_objects(found: Listing) -> bool:
    """Whether `tf.train.Checkpoint` wrote it."""
    return any(each.key == KEY for each in found.tensors)


def _refuse_others(found: Listing) -> None:
    if found.kind not in (V2, V1, SAVED_MODEL_KIND, KERAS):
        raise ValueError(f"No script is known to work on a {found.kind}. Export its tensors as .npz.")


def _of(found: Listing):  # type: ignore[no-untyped-def]  # one of three modules that have the same functions
    _refuse_others(found)
    if found.kind == KERAS:
        return of_keras
    return of_objects if has_objects(found) else by_name
