"""Runs a script far from the project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def execute(script: str, folder: Path) -> str:
    """Run the script in an empty folder where the project cannot be imported; what it prints."""
    folder.mkdir()
    (folder / "again.py").write_text(script, encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    done = subprocess.run(
        [sys.executable, "-I", "again.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
