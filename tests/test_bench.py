"""The frame of the bench: tables alone, one more try for what is missed, and an exit code that tells."""

import os
import subprocess
import sys
from collections.abc import Sequence
from types import ModuleType

import pytest

from bench import __main__ as bench
from bench.quiet import quiet
from bench.report import Check, Table


def part(monkeypatch: pytest.MonkeyPatch, *reached: bool) -> list[bool]:
    """Make `fake` the only part, whose target is reached or missed in turn; what is left of the turns."""
    turns = list(reached)

    def measure() -> Sequence[Table]:
        os.write(2, b"I0000 a line of a library's log\n")
        check = Check("the target", "so much", turns.pop(0))
        return [Table("Title", "How.", ("what",), (("row",),), (check,))]

    module = ModuleType("bench.fake")
    vars(module)["measure"] = measure
    monkeypatch.setitem(sys.modules, "bench.fake", module)
    monkeypatch.setattr(bench, "PARTS", ("fake",))
    return turns


def test_tables_and_progress_are_all_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    part(monkeypatch, True)
    assert bench.main([]) == 0
    said = capfd.readouterr()
    assert said.out.startswith("### Title\n\nHow.\n\n| what |")
    assert "| the target | so much | yes |" in said.out
    assert all(line.startswith("[bench] fake") for line in said.err.splitlines())


def test_what_is_missed_once_is_measured_once_more(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    left = part(monkeypatch, False, True)
    assert bench.main(["fake"]) == 0
    assert not left
    said = capfd.readouterr()
    assert "[bench] missed: the target: so much; once more" in said.err
    assert said.out.count("### Title") == 1


def test_what_is_missed_twice_is_told_by_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    part(monkeypatch, False, False)
    assert bench.main([]) == 1
    assert "| the target | so much | **no** |" in capfd.readouterr().out


def test_an_unknown_part_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["speed"]) == 2
    assert "No part is named speed; there are: training, " in capsys.readouterr().err


def test_a_failure_shows_what_was_kept_back_children_included(capfd: pytest.CaptureFixture[str]) -> None:
    child = [sys.executable, "-c", "import sys; print('a word of a child', file=sys.stderr)"]
    with quiet():
        subprocess.run(child, check=True)
    assert capfd.readouterr().err == ""
    with pytest.raises(subprocess.CalledProcessError), quiet():
        subprocess.run([*child[:2], f"{child[2]}; sys.exit(1)"], check=True)
    assert capfd.readouterr().err == "a word of a child\n"
