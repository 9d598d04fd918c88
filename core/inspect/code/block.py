"""One piece of code that is shown to be copied, and what its pieces have in common."""

from __future__ import annotations

import keyword
from collections.abc import Iterable
from dataclasses import dataclass

from core.bundle import Values
from core.inspect.model import Listing

PYTHON, JAVASCRIPT = "python", "javascript"
OWN = "your_program"  # the module that visitors put their own in place of
VALUES, WHOLE, INTO = "Values by name", "The model", "Into a model of yours"


@dataclass(frozen=True)
class Block:
    """Code that loads one checkpoint.

    Attributes:
        title: what it gives.
        text: without a line that is longer than it must be.
        language: PYTHON or JAVASCRIPT.
        note: one sentence on what to know before it is run; "" where there is nothing.
    """

    title: str
    text: str
    language: str = PYTHON
    note: str = ""


def a_weight(listing: Listing, values: Values) -> str:
    """The key of a weight that can be read, or of another tensor; "" when there is none."""
    keys = [each.key for each in (*listing.weights(), *listing.tensors) if each.dtype != "string"]
    return next((key for key in keys if key not in values.damaged), "")


def is_name(text: str) -> bool:
    """Whether Python takes it for a name of something."""
    return text.isidentifier() and not keyword.iskeyword(text)


def quoted(text: str) -> str:
    """A text as Python has it, in double quotes where they are not in it."""
    within = repr(f"'{text}")
    return f'"{within[2:]}' if within.startswith('"') else repr(text)


def imported(module: str, names: Iterable[str]) -> str:
    """A line that imports names from a module: the visitor's own where the file does not say which."""
    known = all(is_name(each) for each in module.split(".")) and module not in ("__main__", "builtins")
    end = "" if known else "  # your own code"
    return f"from {module if known else OWN} import {', '.join(names)}{end}\n"


def arguments(named: Iterable[tuple[str, str]]) -> str:
    """Arguments of a call: x=…, or a dictionary of names that Python does not take."""
    pairs = [*named]
    if all(is_name(name) for name, _ in pairs):
        return ", ".join(f"{name}={value}" for name, value in pairs)
    return f"**{{{', '.join(f'{quoted(name)}: {value}' for name, value in pairs)}}}"
