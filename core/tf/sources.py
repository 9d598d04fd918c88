"""The code that a page shows is the code that ran: the source of functions, as it stands in their files."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def sources(*functions: Callable[..., Any]) -> str:
    """The source of the functions, one below the other."""
    return "\n\n".join(inspect.getsource(function).rstrip() for function in functions)
