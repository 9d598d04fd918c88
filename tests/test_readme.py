"""What the README tells people to type works as it stands."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core import environment

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)
COMMANDS = [
    line.partition("#")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
]


PYTHON = [block for language, block in BLOCKS if language == "python"]


def run_block(code: str, folder: Path) -> str:
    """Run a block of at most ten lines, imports aside, as it stands; what it prints."""
    assert len([line for line in code.splitlines() if line and not line.startswith(("import", "from"))]) <= 10
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_block_that_trains_a_run_works_as_it_stands(tmp_path: Path) -> None:
    code, _ = PYTHON
    assert "model_final" in run_block(code, tmp_path)
    (run,) = (tmp_path / "runs").iterdir()
    assert len(list((run / "checkpoints").glob("*.index"))) == 101


def test_the_block_that_trains_a_sweep_works_as_it_stands(tmp_path: Path) -> None:
    _, code = PYTHON
    printed = run_block(code, tmp_path)
    assert printed.startswith("Fastest without diverging: ")
    assert "It diverges from 0.1 on with optimizer gradient descent; never with Adam." in printed
    finished = [run for run in (tmp_path / "runs").glob("*/checkpoints/model_final.index")]
    assert len(finished) == 7


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_every_make_command_is_a_target(command: str) -> None:
    done = subprocess.run([*command.split(), "-n"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [c for c in COMMANDS if not c.startswith("make ")])
def test_every_other_command_exists_with_its_files_and_options(command: str) -> None:
    words = command.split()
    program = Path(words[0]).name
    for word in words:
        if word.endswith((".py", ".txt")):
            assert (ROOT / word).is_file()
    known = {"python3": "venv", "pip": "install", "streamlit": "run", "python": "pytest", "dask": "worker"}
    assert known[program] in words
    if program == "dask":
        code = f"from distributed.cli.dask_worker import main; main({[*words[2:], '--help']!r})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_every_page_and_picture_and_folder_is_there() -> None:
    navigation = re.findall(r'st.Page\(.+?title="([^"]+)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    assert re.findall(r"^\| \*\*(.+?)\*\* \|", README, re.MULTILINE) == navigation
    for picture in re.findall(r"!\[.+?\]\((.+?)\)", README):
        assert (ROOT / picture).stat().st_size > 10_000
    for folder in re.findall(r"^(\S+/)  ", README, re.MULTILINE):
        assert (ROOT / folder).is_dir() or folder in ("checkpoints/", "saved_model/")


def test_every_environment_variable_is_told() -> None:
    told = set(re.findall(r"`(CHECKPOINT_EXPLORER_\w+)`", README))
    assert told == {environment.RUNS, environment.DISK_MB, environment.WORKERS, environment.SCHEDULER}
