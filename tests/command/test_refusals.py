"""What cannot be done is said in a sentence, with the status of it, wherever it goes wrong."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.command.conftest import Ask
from tests.core.inspect.writer import of_arrays


def test_nothing_that_could_be_read_passes_no_check(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "model.pt").write_bytes(b"PK\3\4")
    for path in (tmp_path, tmp_path / "empty"):
        path.mkdir(exist_ok=True)
        answer = ask("check", path)
        assert answer.status == 2
        assert "Nothing could be read." in answer.said
        assert "Passes" not in answer.said
    assert "there is 1 PyTorch file" in ask("check", tmp_path).said


def test_of_one_checkpoint_nothing_is_said_of_its_folder(tmp_path: Path, ask: Ask) -> None:
    for step in (1, 2):
        of_arrays(tmp_path / f"m-{step}", {"w": np.ones(2, np.float32)})
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "m-2"\n')
    for path in (f"{tmp_path}@1", tmp_path / "m-2"):
        answer = ask("check", path, "--fail-on", "unlisted,state")
        assert (answer.status, "checkpoint is beside" in answer.said) == (0, False)
    assert "does not list 1 checkpoint that is here: m-1" in ask("check", tmp_path).said


def test_a_state_file_speaks_of_its_own_folder(tmp_path: Path, ask: Ask) -> None:
    for folder, name in ((tmp_path, "m-1"), (tmp_path / "run2", "m-20")):
        folder.mkdir(exist_ok=True)
        of_arrays(folder / name, {"w": np.ones(2, np.float32)})
        (folder / "checkpoint").write_text(f'model_checkpoint_path: "{name}"\n')
    assert "does not list" not in ask("check", tmp_path).said


def test_damage_is_told_by_the_report_and_over_time(tmp_path: Path, ask: Ask) -> None:
    for step in (1, 2, 3):
        of_arrays(tmp_path / f"m-{step}", {"w": np.ones(2, np.float32)})
    assert ask("inspect", tmp_path, "--over-time").status == 0
    (tmp_path / "m-2.data-00000-of-00001").write_bytes(b"")
    reported = ask("report", tmp_path, "-o", tmp_path / "report.html")
    assert reported.status == 1
    assert "It has 1 problem." in reported.said
    over_time = ask("inspect", tmp_path, "--over-time")
    assert (over_time.status, "m-2" in over_time.said) == (1, True)


@pytest.mark.parametrize("name", ["x" * 300, "~nobody-of-this-name/m"])
def test_a_path_that_no_system_takes_is_refused(name: str, ask: Ask) -> None:
    for words in (("inspect", name), ("watch", name, "--once")):
        answer = ask(*words)
        assert answer.status == 2
        assert "checkpoint-explorer: " in answer.complained


@pytest.mark.parametrize(
    "words",
    [("watch", ".", "--every", "-1"), ("average", ".", "--last", "0"), ("average", ".", "--last", "-3")],
)
def test_a_number_out_of_its_range_is_refused(words: tuple[str, ...], ask: Ask) -> None:
    answer = ask(*words)
    assert answer.status == 2
    assert "give" in answer.complained


def test_a_watch_of_no_seconds_ends(tmp_path: Path, ask: Ask) -> None:
    assert ask("watch", tmp_path, "--for", "0").status == 0


def test_a_script_is_of_what_was_asked_for(tmp_path: Path, ask: Ask) -> None:
    of_arrays(tmp_path / "m", {"w": np.ones(2, np.float32)})
    answer = ask("convert", tmp_path / "m", "--to", "weights.h5", "--input", "x=X:0", "--output", "y=Y:0")
    assert answer.status == 2
    assert "--to asks for weights.h5" in answer.complained


def test_a_terminal_without_a_character_gets_its_escape(tmp_path: Path) -> None:
    of_arrays(tmp_path / "m", {"w": np.ones(2, np.float32)})
    words = [sys.executable, "-m", "command", "diff", str(tmp_path / "m"), str(tmp_path / "m")]
    done = subprocess.run(
        words, env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    if Path("/dev/full").exists():
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr == "checkpoint-explorer: The answer cannot be written: No space left on device.\n"


def test_a_saved_model_without_variables_says_so(tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "saved_model.pb").write_bytes(b"\x08\x01\x12\x00")  # one graph, and nothing in it
    for path in (tmp_path, tmp_path / "model", tmp_path / "model" / "saved_model.pb"):
        answer = ask("inspect", path)
        assert (answer.status, "keeps no variables" in answer.said) == (0, True)
