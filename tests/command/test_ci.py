"""The workflow that docs/ci.md shows does what it says, step by step."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.core.inspect.writer import of_arrays

ROOT = Path(__file__).parents[2]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A repository with checkpoints, and the command on the path."""
    (tmp_path / "models").mkdir()
    for step in (1, 2):
        of_arrays(tmp_path / "models" / f"m-{step}", {"kernel": np.full(4, step, np.float32)})
    command = tmp_path / "bin" / "checkpoint-explorer"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m command "$@"\n')
    command.chmod(0o755)
    return tmp_path


def test_the_workflow_runs(place: Path) -> None:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    (workflow,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    steps = yaml.safe_load(workflow)["jobs"]["check"]["steps"]
    assert [each["uses"] for each in steps if "uses" in each] == [
        "actions/checkout@v4",
        "actions/upload-artifact@v4",
    ]
    lines = [each["run"] for each in steps if "run" in each]
    version = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert lines.pop(0) == f"pip install wheels/checkpoint_explorer-{version[0]}-py3-none-any.whl"
    # What is released here is a checkpoint of a Saver, which a test writes without Keras.
    lines = [line.replace("released/model.keras", "models@1") for line in lines]
    summary = place / "summary.md"
    path = f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"
    for line in lines:
        done = subprocess.run(
            ["bash", "-e", "-c", line],
            cwd=place,
            env={**os.environ, "PATH": path, "GITHUB_STEP_SUMMARY": str(summary)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert "| kernel | changed |" in summary.read_text(encoding="utf-8")
    assert (place / "report.html").stat().st_size > 10_000
