"""The pairs as they were recorded: their files and what happened, in one archive.

`python -m tests.core.inspect.pairs.recorded` lets TensorFlow and Keras load all pairs again, and packs them.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.inspect.verdict.verdict import Verdict
from tests.core.inspect.pairs.held import disagreements
from tests.core.inspect.pairs.judged import judged
from tests.core.inspect.pairs.specs import Spec, matrix

ARCHIVE = Path(__file__).parent / "recorded.tar.xz"
ROOT = Path(__file__).parents[4]
_SPECS = "specs.json"
_HAPPENED = "happened.json"


@dataclass(frozen=True)
class Held:
    """One pair, the verdict on it, and where the two differ.

    Attributes:
        spec: what the pair is.
        happened: what TensorFlow or Keras did.
        verdict: what was said from reading.
        wrong: differences, a sentence each.
    """

    spec: Mapping[str, Any]
    happened: Mapping[str, Any]
    verdict: Verdict
    wrong: tuple[str, ...]


def load(specs: Sequence[Spec], folder: Path) -> None:
    """Build the pairs and really load them, in a process of their own; `folder` has one folder a pair then.

    Raises:
        RuntimeError: one of them cannot be built.
    """
    _process(folder, json.dumps(list(specs)))


def repaired(held: Sequence[Held], folder: Path) -> Iterator[str]:
    """Run every fix on its pair, in a process of their own; what did not load as many weights as it says."""
    asked = [(each.spec, fix.code) for each in held for fix in each.verdict.fixes[:1]]
    _process(folder, json.dumps(asked), "--fixes")
    for each in held:
        for fix in each.verdict.fixes[:1]:
            found = json.loads((folder / each.spec["name"] / "fixed.json").read_text())["loads"]
            if found != fix.loads:
                yield f"{each.spec['name']}: {fix.title} loads {fix.loads}, and {found} came"


def hold(specs: Sequence[Mapping[str, Any]], folder: Path) -> list[Held]:
    """The verdict on every pair, against what happened."""
    found = []
    for spec in specs:
        place = folder / spec["name"]
        happened = json.loads((place / _HAPPENED).read_text())
        verdict = judged(spec, place, happened)
        wrong = tuple(disagreements(verdict, happened, undecided=spec.get("undecided", False)))
        found.append(Held(spec, happened, verdict, wrong))
    return found


def unpack(folder: Path) -> list[Spec]:
    """The recorded pairs, with their files below the folder."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    specs: list[Spec] = json.loads((folder / _SPECS).read_text())
    return specs


def pack(specs: Sequence[Spec], folder: Path, archive: Path = ARCHIVE) -> None:
    """Write the archive; files of one kind are neighbors, which makes it small."""
    (folder / _SPECS).write_text(json.dumps(list(specs)))
    names = {each["name"] for each in specs}
    paths = [path for path in folder.rglob("*") if path.is_file() and _belongs(path, folder, names)]
    paths.sort(key=lambda path: (path.suffix, path.name, path.parent))
    with tarfile.open(archive, "w:xz", preset=9) as packed:
        for path in paths:
            # What is said of a file names the folder that it was in then.
            content = path.read_bytes()
            if path.suffix == ".json":
                content = content.replace(str(folder).encode(), b"/pairs")
            entry = tarfile.TarInfo(str(path.relative_to(folder)))
            entry.size = len(content)
            packed.addfile(entry, io.BytesIO(content))


def _belongs(path: Path, folder: Path, names: set[str]) -> bool:
    first, *_ = path.relative_to(folder).parts
    return first == _SPECS or (first in names and path.name != "fixed.json")


def _process(folder: Path, asked: str, *words: str) -> None:
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.core.inspect.pairs.process", str(folder), *words]
    done = subprocess.run(
        command, input=asked, cwd=ROOT, env=os.environ | quiet, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        specs = matrix()
        load(specs, Path(name))
        pack(specs, Path(name))
    print(f"{len(specs)} pairs, {ARCHIVE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
