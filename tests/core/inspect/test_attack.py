"""SECURITY.md tells every attack by its number, and each of them can be done."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.core.inspect.attack import ATTACKS, main
from tests.core.inspect.bombs import BOMBS
from tests.core.inspect.crafted import CASES

ROW = re.compile(r"^\| (\d+) \| (.+) \| (\d+) \|$", re.MULTILINE)
SECURITY = (Path(__file__).parents[3] / "SECURITY.md").read_text(encoding="utf-8")


def test_every_crafted_file_is_of_one_attack_that_security_md_tells() -> None:
    told = Counter(name for each in ATTACKS for name in each.cases())
    assert told == Counter((*CASES, *BOMBS))
    rows = [(str(n), each.words, str(len([*each.cases()]))) for n, each in enumerate(ATTACKS, start=1)]
    assert ROW.findall(SECURITY) == rows


def test_an_attack_is_done_by_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([8]) == 0
    said = capsys.readouterr().out
    assert said.startswith("8. The state file names checkpoints elsewhere\n")
    assert said.count("harmless") == 2


def test_paths_that_it_names_are_there() -> None:
    root = Path(__file__).parents[3]
    named = re.findall(r"`(tests/[\w/.]+)`|\]\(([\w/.]+)\)", SECURITY)
    assert len(named) >= 5
    assert all((root / (path or link)).exists() for path, link in named)
