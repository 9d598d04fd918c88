"""How the pages speak: few words of prose, and one word for one thing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.run.runs import Run

Open = Callable[..., AppTest]
Train = Callable[..., Run]

PAGES = sorted(path.stem for path in Path("pages").glob("*.py") if path.stem not in ("__init__", "admin"))
MOST = 100  # words of prose on a page, folded text counted; cards and lessons apart
CODE = re.compile(r"`[^`]*`|:material/\w+:|\[[^\]]*\]\([^)]*\)")
GLOSSARY = re.compile(r"^\*\*[^*]+\.\*\* ")


def prose(test: AppTest) -> list[str]:
    """What the page says in sentences: no labels, buttons, cells, names, code; the glossary apart."""
    said = [*test.markdown, *test.caption, *test.info, *test.warning, *test.success, *test.error]
    texts = [CODE.sub("", str(each.value)) for each in said]
    return [text for text in texts if not GLOSSARY.match(text) and len(text.split()) > 3]


@pytest.mark.parametrize("page", [each for each in PAGES if each != "lessons"])
def test_a_page_says_little(page: str, application: Open, train: Train) -> None:
    said = prose(application(page, train(iterations=6), step=3))
    count = sum(len(re.findall(r"\w[\w'’-]*", text)) for text in said)
    print(page, count, *said, sep="\n   ")
    assert count <= MOST, said
