"""Uploads that are killed in the middle, and many at once against the disk limit."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

from bench.report import Check, Table
from core import environment
from core.checkpoint import CheckpointError
from core.inspect.uploads import take
from core.run.disk import UPLOADS
from core.run.index import FILE
from core.run.reservation import clear
from core.run.runs import Runs
from core.storage import disk_bytes
from tests.soak.members import ROOT
from tests.soak.progress import progress

SIZE = 30_000_000
AT_ONCE = 12
LIMIT_MB = 100
PROGRAM = """if True:
    import io, os, sys
    from pathlib import Path
    from core.inspect.uploads import take
    from core.run.runs import Runs
    class Content(io.BytesIO):
        def read(self, size=-1):
            if self.tell() == 0 and size > 4:
                print("begins", flush=True)
            return super().read(size)
    content = Content(os.urandom(int(sys.argv[2])))
    take([("a.index", content)], Runs(Path(sys.argv[1])))
    print("ends", flush=True)
"""


def measure(count: int) -> Sequence[Table]:
    """Kill `count` uploads, and let twelve come at once."""
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as name,
        patch.dict(os.environ, {environment.DISK_MB: str(LIMIT_MB), environment.UPLOAD_MB: "40"}),
    ):
        killed, halves, left = _kills(Runs(Path(name) / "killed"), count)
        kept, most, at_last = _together(Runs(Path(name) / "together"))
    return [
        Table(
            "Uploads",
            f"{count} uploads of {SIZE / 1e6:.0f} MB, each in a process that is killed at a random moment. "
            f"Then {AT_ONCE} at once where everything together may take {LIMIT_MB} MB.",
            ("what", "measured"),
            (
                ("killed in the middle", f"{killed} of {count}"),
                ("bytes of halves before the next start", f"{halves / 1e6:,.0f} MB"),
                ("bytes of halves after it", f"{left / 1e6:,.0f} MB"),
                (f"kept of {AT_ONCE} at once", str(kept)),
                ("most that they took at any moment", f"{most / 1e6:,.0f} MB"),
            ),
            (
                Check(f"{killed} killed uploads leave nothing", f"{left} bytes", killed > 0 and left == 0),
                Check(
                    f"{AT_ONCE} uploads at once keep to {LIMIT_MB} MB at every moment",
                    f"{most / 1e6:,.0f} MB, {at_last / 1e6:,.0f} MB at last",
                    0 < at_last <= most <= LIMIT_MB * 1e6,
                ),
            ),
        )
    ]


def _kills(runs: Runs, count: int) -> tuple[int, int, int]:
    """How many were killed before they ended; bytes that they left, before and after the next start."""
    chance, killed, halves = random.Random(0), 0, 0
    for number in range(count):
        command = [sys.executable, "-c", PROGRAM, str(runs.root), str(SIZE)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as child:
            assert child.stdout is not None
            child.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
            child.kill()
            ended = "ends" in child.stdout.read()
        killed += not ended
        for whole in runs.root.glob(f"{UPLOADS}/*"):
            if not ended:
                ended = True  # it was whole, though it could not say so
                killed -= 1
            for file in whole.iterdir():
                file.unlink()
            whole.rmdir()
        halves = max(halves, disk_bytes(runs.root))
        progress(f"{number + 1} of {count} uploads, {killed} killed in the middle", number + 1, count)
    clear(runs)
    return killed, halves, disk_bytes(runs.root) - _own(runs)


def _own(runs: Runs) -> int:
    """Bytes of the folder's own small files: its clock, its index, its locks."""
    own = [runs.root / ".clock", runs.root / FILE, runs.root / ".room" / "lock"]
    return sum(path.stat().st_blocks * 512 for path in own if path.exists())


def _together(runs: Runs) -> tuple[int, int, int]:
    """How many of those at once were kept; the bytes that they took at most, and at last."""
    contents = [os.urandom(SIZE) for _ in range(AT_ONCE)]

    def upload(content: bytes) -> bool:
        try:
            take([("a.index", io.BytesIO(content))], runs)
        except CheckpointError:
            return False
        return True

    most = 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        uploads = [pool.submit(upload, each) for each in contents]
        while not all(each.done() for each in uploads):
            most = max(most, disk_bytes(runs.root))
            time.sleep(0.005)
        kept = sum(each.result() for each in uploads)
    at_last = disk_bytes(runs.root)
    return kept, max(most, at_last), at_last
