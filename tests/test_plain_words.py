"""Everything that people read keeps to one word for one thing, and to plain verbs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.glossary import explain, terms

# What is never said of files and data, or where another word is the one word for the thing.
NOT_SAID = re.compile(
    r"\b(repair\w*|torn|anew|whoever|so many|stands?|lies?|holds?|tells?|told|leaves|goe?s? on|comes? to|"
    r"bears?|director(y|ies)|of its own|for real|all the same|initialis\w*|shall|trainings)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r"`[^`]*`|No such file or directory")
ROOTS = ("command", "core", "installed", "pages", "serve")
# Cards and lessons have tests of their own; what people type is no sentence of ours.
APART = ("core/tf/gallery/", "core/gallery/names.py", "core/gallery/vocabulary.py")


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Texts of four words and more with their lines: no docstrings, no code, nothing that only a log has."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    aside = {
        id(constant)
        for node in ast.walk(tree)
        for constant in ([node.value] if isinstance(node, ast.Expr) else ast.walk(node) if logs(node) else [])
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in aside:
            text = QUOTED.sub("", node.value)
            if len(text.split()) > 3 and "\n" not in text:
                yield node.lineno, text


def logs(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("info", "warning", "error", "exception", "debug")
        and "log" in ast.unparse(node.func.value).casefold()
    )


@pytest.mark.parametrize("root", ROOTS)
def test_sentences_are_in_plain_words(root: str) -> None:
    paths = [path for path in sorted(Path(root).rglob("*.py")) if not path.as_posix().startswith(APART)]
    assert paths
    wrong = [
        f"{path}:{line}: “{found[0]}” in {text!r}"
        for path in paths
        for line, text in sentences(path)
        if (found := NOT_SAID.search(text))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("term", terms())
def test_the_glossary_is_in_plain_words(term: str) -> None:
    said = QUOTED.sub("", explain(term))
    assert not NOT_SAID.search(said)
    assert not NOT_SAID.search(term)
