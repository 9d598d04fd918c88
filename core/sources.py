"""The code that a page shows is the code that runs: read from its file, which is not imported for it."""

from __future__ import annotations

import ast
import inspect
import textwrap
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_PARSING = threading.Lock()


def parsed(source: str) -> ast.Module:
    """The tree of a module, by one thread at a time: in Python 3.11 two at once can meet a SystemError."""
    with _PARSING:
        return ast.parse(source)


def sources(*functions: Callable[..., Any]) -> str:
    """The source of functions that are imported already, one below the other."""
    return "\n\n".join(inspect.getsource(function).rstrip() for function in functions)


def inner(source: str) -> str:
    """The lines inside a function, without the graph and session around them and without what it returns."""
    (function,) = parsed(source).body
    lines, found = source.splitlines(), []

    def gather(nodes: list[ast.stmt]) -> None:
        for node in nodes:
            if isinstance(node, ast.With) and "Session" in ast.unparse(node.items[-1]):
                gather(node.body)
            elif not isinstance(node, ast.Return):
                found.append(textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno])))

    assert isinstance(function, ast.FunctionDef)
    gather(function.body)
    return "\n".join(found)


@lru_cache(maxsize=64)
def source_of(module: str, *names: str) -> str:
    """The source of functions, and of methods as `Class.method`, of one of our modules, one below the other.

    Raises:
        LookupError: the module has nothing of this name.
    """
    text = _ROOT.joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8")
    lines, found = text.splitlines(), []
    for name in names:
        node: ast.AST = parsed(text)
        for part in name.split("."):
            inside = [each for each in getattr(node, "body", []) if getattr(each, "name", "") == part]
            if not inside:
                raise LookupError(f"{module} has no {name}.")
            node = inside[0]
        assert isinstance(node, (ast.FunctionDef, ast.ClassDef))
        found.append(textwrap.dedent("\n".join(lines[node.lineno - 1 : node.end_lineno])))
    return "\n\n".join(found)
