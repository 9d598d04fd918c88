"""The failures of the error gallery, one module per card, and `run`, which performs one.

A card is found by its file: a new module in this directory, with the same constants and
functions as the others, is all that a new card needs.
"""

import importlib
import sysconfig
import tempfile
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Literal

import tensorflow as tf

from core.gallery.cards import Outcome, cards

# Where TensorFlow, this project and Python are; the first may be inside the second.
PLACES = (
    Path(tf.__file__).resolve().parents[1],
    Path(__file__).resolve().parents[3],
    Path(sysconfig.get_path("stdlib")),
)


def versions() -> dict[str, str]:
    """The versions of TensorFlow and Keras in this process."""
    return {"TensorFlow": str(tf.__version__), "Keras": version("keras")}


def run(slug: str, action: Literal["fail", "fix"]) -> Outcome:
    """Perform one action of one card in a temporary directory, which is removed afterwards.

    Raises ValueError when there is no such card or action, and whatever a fix raises: a fix
    that fails is a defect of the card.
    """
    module = next((card.module for card in cards() if card.slug == slug), None)
    if module is None:
        raise ValueError(f"There is no card {slug!r} in the gallery.")
    if action not in ("fail", "fix"):
        raise ValueError(f"The actions of a card are fail and fix; {action!r} was asked.")
    card = importlib.import_module(f"{__name__}.{module}")
    error_name, message, seen = None, "", {}
    with tempfile.TemporaryDirectory(prefix="card-") as created:
        directory = Path(created).resolve()
        if hasattr(card, "prepare"):
            card.prepare(directory)
        started = perf_counter()
        if action == "fix":
            seen = card.fix(directory)
        else:
            try:
                seen = card.fail(directory)
            # A card exists to show an exception, and TensorFlow raises its own errors as well
            # as any of Python's: whatever comes is the outcome.
            except Exception as error:
                error_name, message = type(error).__name__, _shown(error, directory)
        seconds = perf_counter() - started
        seen = {label: value.replace(str(directory), ".") for label, value in seen.items()}
    return Outcome(slug, action, error_name, message, seen, seconds, versions())


def _shown(error: Exception, directory: Path) -> str:
    """The error's own text, without the places on this machine that mean nothing elsewhere."""
    text = str(error).replace(str(directory), ".")
    for place in PLACES:
        text = text.replace(f"{place}/", "")
    return text
