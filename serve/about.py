"""What is served: its name, its version, and where it lies."""

from __future__ import annotations

from pathlib import Path

NAME = "checkpoint-explorer"
HOME = Path(__file__).resolve().parents[1]  # where app.py lies, and with it core and pages


def release() -> str:
    """The version that is installed; in a checkout without one, `development`."""
    from importlib.metadata import PackageNotFoundError, version  # takes a fifth of the command's start

    try:
        return version(NAME)
    except PackageNotFoundError:
        return "development"
