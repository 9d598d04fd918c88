"""What the README and CONTRIBUTING tell people to type works as it stands."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from core import environment
from tests.soak.__main__ import chosen

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README + CONTRIBUTING, re.DOTALL)
COMMANDS = [
    line.partition("#")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
]


PYTHON = [
    block
    for page in (README, (ROOT / "docs" / "python.md").read_text(encoding="utf-8"))
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL)
]


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
    code = PYTHON[0]
    assert "model_final" in run_block(code, tmp_path)
    (run,) = [path.parent for path in (tmp_path / "runs").glob("*/run.json")]
    assert len(list((run / "checkpoints").glob("*.index"))) == 101


def test_the_block_that_trains_a_sweep_works_as_it_stands(tmp_path: Path) -> None:
    (code,) = [block for block in PYTHON if "Sweeps" in block]
    printed = run_block(code, tmp_path)
    assert printed.startswith("Fastest without diverging: ")
    assert "Diverges: gradient descent at 0.1 and above; Adam never. Stable up to 0.0215." in printed
    finished = [run for run in (tmp_path / "runs").glob("*/checkpoints/model_final.index")]
    assert len(finished) == 7


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make ")])
def test_every_make_command_is_a_target(command: str) -> None:
    words = shlex.split(command)
    for arguments in (word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=")):
        assert chosen(arguments.split()) if "soak" in words else (ROOT / arguments).is_file()
    done = subprocess.run([*words, "-n"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [c for c in COMMANDS if not c.startswith("make ")])
def test_every_other_command_exists_with_its_files_and_options(command: str) -> None:
    words = command.split()
    program = Path(words[0]).name
    for word in words:
        if word.endswith((".py", ".txt")):
            assert (ROOT / word).is_file()
    if program == "checkpoint-explorer":
        done = subprocess.run(
            [sys.executable, "-m", "command", *words[1:], "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return
    known = {"pip": "install", "python": "pytest"}
    assert known[program] in words


def test_every_page_and_picture_and_folder_is_there() -> None:
    navigation = re.findall(r'st.Page\(.+?title="([^"]+)"', (ROOT / "app.py").read_text(encoding="utf-8"))
    assert re.findall(r"^\| \*\*(.+?)\*\* \|", README, re.MULTILINE) == navigation
    for picture in re.findall(r"!\[.+?\]\((.+?)\)", README):
        assert (ROOT / picture).stat().st_size > 10_000
    layout = CONTRIBUTING.partition("## The layout")[2]
    for place in re.findall(r"^(\S+/|\S+\.py)  ", layout, re.MULTILINE):
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_and_every_file_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        assert link.startswith("https://") or (document.parent / link).exists(), link
    for path in re.findall(r"`((?:core|pages|tests|bench|docs|\.streamlit)/[\w./-]+)`", text):
        module = path.replace("core/checkpoint.verify", "core/checkpoint.py")
        assert (ROOT / module).exists(), path


def test_the_readme_is_read_in_three_minutes() -> None:
    prose = re.sub(r"```.*?```|\]\([^)]*\)", "", README, flags=re.DOTALL)
    assert len(re.findall(r"\w[\w'-]*", prose)) <= 700


def test_every_environment_variable_is_told() -> None:
    serving = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(CHECKPOINT_EXPLORER_\w+)`", serving, re.MULTILINE))
    assert told == {value for value in vars(environment).values() if str(value).startswith("CHECKPOINT_")}
