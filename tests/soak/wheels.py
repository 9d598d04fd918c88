"""The wheel in an empty environment of each Python that is here: it installs, and the command answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.report import Check, Table
from tests.core.inspect.writer import of_arrays
from tests.soak.members import ROOT
from tests.soak.progress import progress

WANTED = ("3.10", "3.11", "3.12", "3.13")  # what pyproject.toml promises
MOST = 150.0  # MB that the installed packages may take


def measure() -> Sequence[Table]:
    """Build the wheel, and try it with each Python of the path or of pyenv."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        build = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", name, str(ROOT)]
        subprocess.run([sys.executable, "-m", "pip", "--quiet", *build], check=True)
        (wheel,) = folder.glob("*.whl")
        (folder / "models").mkdir()
        for step in (1, 2):
            values = {"layer/kernel": np.full((4, 4), step, np.float32), "layer/bias": np.ones(4, np.float32)}
            of_arrays(folder / "models" / f"m-{step}", values)
        rows = []
        for version in WANTED:
            rows.append(_tried(version, wheel, folder))
            progress(f"Python {version}", len(rows), len(WANTED))
    bad = [row[0] for row in rows if row[-1] not in ("yes", "not here")]
    large = [row[0] for row in rows if row[1] and float(row[1].split()[0]) > MOST]
    tried = [row[0] for row in rows if row[-1] != "not here"]
    return [
        Table(
            "The wheel on each Python",
            "An environment with nothing but pip, `pip install` of the wheel, then inspect, diff and check "
            "of two checkpoints. The seconds are of one more `inspect`.",
            ("Python", "packages", "inspect", "all answers are right"),
            tuple(rows),
            (
                Check("it answers on every Python that is here", ", ".join(tried), not bad and bool(tried)),
                Check(f"at most {MOST:g} MB", ", ".join(large) or "all", not large),
            ),
        )
    ]


def _python(version: str) -> str | None:
    of_pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python{version}"))
    return str(of_pyenv[-1]) if of_pyenv else shutil.which(f"python{version}")


def _tried(version: str, wheel: Path, folder: Path) -> tuple[str, ...]:
    python = _python(version)
    if python is None:
        return version, "", "", "not here"
    place = folder / version
    subprocess.run([python, "-m", "venv", str(place)], check=True)
    (packages,) = place.glob("lib/python*/site-packages")
    pip = [str(place / "bin" / "pip"), "--quiet", "--disable-pip-version-check", "install", str(wheel)]
    before = _bytes(packages)
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        return version, "", "", (done.stderr.strip() or "pip failed")[-200:]
    size = f"{(_bytes(packages) - before) / 1e6:.0f} MB"
    answers = {
        "inspect": (["inspect", "models", "--json"], 0),
        "diff": (["diff", "models@1", "models@2", "--json"], 1),
        "check": (["check", "models", "--json"], 0),
    }
    wrong = []
    for name, (words, status) in answers.items():
        told = _asked(place, words, folder)
        right = told.returncode == status and json.loads(told.stdout)["command"] == name
        wrong += [] if right else [f"{name}: {told.stderr[-200:]}"]
    began = time.perf_counter()
    _asked(place, ["inspect", "models@1"], folder)
    return version, size, f"{time.perf_counter() - began:.2f} s", "; ".join(wrong) or "yes"


def _asked(place: Path, words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(place / "bin" / "checkpoint-explorer"), *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def _bytes(folder: Path) -> int:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
