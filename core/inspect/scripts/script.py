"""A script for the visitor's own TensorFlow, made of parts that are the same for all, and of constants."""

from __future__ import annotations

import pprint
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.inspect.model import COUNTER, SLOT, Listing, Tensor
from core.words import counted


@dataclass(frozen=True)
class Script:
    """One script.

    Attributes:
        name: of its file.
        title: what it does, in a few words.
        text: Python.
        effect: a preview, one line each.
    """

    name: str
    title: str
    text: str
    effect: tuple[str, ...]


def filled(doc: str, constants: Mapping[str, object], *parts: str) -> str:
    """The text of a script: what it says of itself, its imports and constants, and its parts.

    Args:
        parts: Python; lines that import come before the constants.
    """
    lines = "\n".join(parts).splitlines()
    imports = [line for line in lines if line.startswith(("import ", "from "))]
    plain = sorted({line for line in imports if line.startswith("import ")})
    others = sorted({line for line in imports if line.startswith("from ")})
    named = [f"{name} = {literal(value)}" for name, value in constants.items()]
    body = re.sub("\n{4,}", "\n\n\n", "\n".join(line for line in lines if line not in imports)).strip("\n")
    return "\n".join((f'"""{doc}"""', "", *plain, *others, "", *named, "", "", body, ""))


def literal(value: object) -> str:
    """A constant as Python."""
    return pprint.pformat(value, width=100, sort_dicts=False)


def averaged(found: Sequence[Listing]) -> list[Tensor]:
    """The tensors of the last that are floats and are the same, but for their values, in all others."""
    sorts = [{(each.key, each.shape, each.dtype) for each in other.tensors} for other in found]
    return [
        each
        for each in found[-1].tensors
        if is_float(each) and all((each.key, each.shape, each.dtype) in sort for sort in sorts)
    ]


def floats(found: Listing, dtype: str) -> list[Tensor]:
    """The weights and slots of another float type.

    Raises:
        ValueError: there are none.
    """
    others = [each for each in found.tensors if is_float(each) and each.dtype != dtype]
    if not others:
        raise ValueError(f"Nothing in {found.path} is a float of another type than {dtype}.")
    return others


def refuse_nothing(dropped: Sequence[Tensor], found: Listing) -> None:
    """What is to be left out has to be there.

    Raises:
        ValueError: it is nothing.
    """
    if not dropped:
        raise ValueError(f"{found.path} has nothing of an optimizer.")


def is_float(tensor: Tensor) -> bool:
    """Whether a model computes with it in floating point."""
    return tensor.dtype.startswith(("float", "bfloat")) and not tensor.counter


def of_optimizer(tensor: Tensor) -> bool:
    """Whether it is a value that an optimizer keeps: a slot, or what its objects count with."""
    inside = tensor.key.partition("/.ATTRIBUTES")[0].split("/")
    return tensor.role == SLOT or (tensor.role == COUNTER and bool({"optimizer", "_optimizer"} & set(inside)))


def stripped(found: Listing, dropped: Sequence[Tensor], text: str) -> Script:
    """A script that leaves these tensors out."""
    kept = found.bytes - sum(each.bytes for each in dropped)
    effect = (
        f"{counted(len(found.tensors), 'tensor')}, {found.bytes:,} bytes → "
        f"{counted(len(found.tensors) - len(dropped), 'tensor')}, {kept:,} bytes",
        *(f"without {each.name}" for each in dropped),
    )
    return Script("drop_slots.py", "Strip the optimizer", text, effect)


def renaming(names: Mapping[str, str], text: str) -> Script:
    """A script that gives new names."""
    effect = tuple(f"{old} → {new}" for old, new in names.items()) or ("No name is changed yet.",)
    return Script("rename.py", "Rename by a map", text, effect)


def casting(keys: Sequence[str], dtype: str, text: str) -> Script:
    """A script that gives these tensors another type."""
    return Script("cast.py", f"Cast to {dtype}", text, tuple(f"{key} → {dtype}" for key in keys))


def averaging(found: Sequence[Listing], same: Sequence[Tensor], text: str) -> Script:
    """A script that averages these tensors over several checkpoints."""
    last = found[-1]
    effect = (
        f"{counted(len(same), 'tensor')} averaged over {counted(len(found), 'checkpoint')}, "
        f"{len(last.tensors) - len(same):,} taken from {last.path}",
    )
    return Script("average.py", f"Average the last {len(found)}", text, effect)
