"""`python -m tests.soak.open_files [corruptions]`: every crafted file, and a thousand corruptions, counted.

Each crafted file is read as the page reads it, in confined processes; bounds of time and memory are asserted.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import tests.conftest  # noqa: F401  (before TensorFlow: it keeps TensorFlow quiet and off the GPU)
from core.inspect.confined import MEMORY, SECONDS, SPEED
from tests.core.inspect.corruptions import check, whole
from tests.core.inspect.crafted import CASES
from tests.core.inspect.reading import children_seconds, read_everything, snapshot


def main(corruptions: int) -> int:
    """Go through all; the exit status says whether everything held."""
    wrong: list[str] = []
    slowest, worst = 0.0, ""
    for name, make in CASES.items():
        with tempfile.TemporaryDirectory() as scratch:
            root = Path(scratch) / "root"
            root.mkdir()
            make(root)
            before, used = snapshot(root), children_seconds()
            try:
                said = read_everything(root)
                wrong += [f"{name}: said {each!r}" for each in said if not isinstance(each, str)]
            except Exception as error:
                wrong.append(f"{name}: {type(error).__name__}: {error}")
            seconds = children_seconds() - used
            if seconds > slowest:
                slowest, worst = seconds, name
            if snapshot(root) != before:
                wrong.append(f"{name}: a file was touched")
    print(f"{len(CASES)} crafted files; slowest in all processes: {worst}, {slowest:.1f} s of computing")
    print(f"(a process: {SECONDS} s a checkpoint, 1 s more for {SPEED:,.0f} bytes, {MEMORY:,} bytes)")
    began, noticed = time.perf_counter(), 0
    with tempfile.TemporaryDirectory() as scratch:
        original = Path(scratch) / "original"
        original.mkdir()
        whole(original)
        for seed in range(corruptions):
            try:
                noticed += check(original, Path(scratch) / "copy", seed)
            except Exception as error:
                wrong.append(f"corruption {seed}: {type(error).__name__}: {error}")
    print(f"{corruptions} corruptions, {noticed} noticed, {time.perf_counter() - began:.0f} s")
    print("\n".join(wrong) or "never a wrong value, a crash, or a file touched")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1200))
