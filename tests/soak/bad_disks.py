"""A disk that is full or read-only; an index that is garbage, locked or a directory: what the pages do then.

The full disk is a small file system in memory, so this needs the right to mount: be root, or start it with
`unshare --map-root-user --mount`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bench.places import fresh
from bench.report import Check, Table
from bench.visitor import Visitor
from core import environment
from core.pool.queue import Queue
from core.pool.ticket import Ticket
from core.pool.training import train_run
from core.run.index import FILE
from core.run.manifest import FINISHED, Control
from core.run.runs import Run, Runs
from tests.soak.members import ROOT, Member, seconds_until, status
from tests.soak.progress import progress
from tests.soak.proxy import free_port

SIZE = "12m"  # of the disk
PAGES = [
    "",
    *sorted(each.stem for each in (ROOT / "pages").glob("[a-z]*.py") if each.stem not in ("start", "admin")),
]
MORE = 2.0  # seconds that a page may take longer than when all is well
ANSWERS = 60.0  # seconds in which any page has to answer
HEALS = 30.0  # seconds in which the pages have to be well again
READ_ONLY, GARBAGE = "read-only", "garbage for an index"
SETTLES = 8.0  # seconds in which the server looks at its folder once more, and tries the index again

Bad = Callable[[Path], AbstractContextManager[object]]


def measure(count: int) -> Sequence[Table]:
    """Go through all pages `count` times in each of the states, and once more when all is well again."""
    rows, broken, traces = [], [], 0
    for what, bad in KINDS.items():
        found = _scene(what, bad, count)
        rows.append(
            (
                what,
                f"{found.more:+.1f} s",
                found.said,
                "yes" if found.deletes else "no",
                f"{found.heals:.1f} s",
            )
        )
        broken += found.broken
        traces += found.traces
        progress(f"{what}: {len(found.broken)} of {count * len(PAGES)} pages broke", len(rows), len(KINDS))
    pages = count * len(PAGES) * len(KINDS)
    return [
        Table(
            "Bad disks",
            f"A visitor with a run goes through {len(PAGES)} pages {count} times while another trains; "
            "then a run is deleted. Each page's time is compared with its time before.",
            (
                "what is bad",
                "a page takes at most",
                "what the page says first",
                "deleting works",
                "well again after",
            ),
            tuple(rows),
            (
                Check(f"{pages} pages read", "; ".join(broken[:3]) or "all", not broken),
                Check("no traceback in the server's log", str(traces), not traces),
                Check(
                    "each is told in a sentence, but garbage, of which a new index is made at once",
                    ", ".join(row[0] for row in rows if not row[2]) or "all",
                    all(row[2] for row in rows if row[0] != GARBAGE),
                ),
                Check(
                    "a run can be deleted, but where the folder is read-only",
                    ", ".join(row[0] for row in rows if row[3] == "no") or "all",
                    all(row[3] == "yes" for row in rows if row[0] != READ_ONLY),
                ),
            ),
        )
    ]


@dataclass
class _Found:
    """What one bad disk did.

    Attributes:
        broken: what pages said that no visitor should read, or how long they took.
        more: seconds that a page took longer than when all was well, of the worst.
        heals: seconds until the pages were well again.
    """

    broken: list[str] = field(default_factory=list)
    usual: dict[str, float] = field(default_factory=dict)
    more: float = 0.0
    heals: float = 0.0
    said: str = ""
    deletes: bool = False
    traces: int = 0


def _scene(what: str, bad: Bad, count: int) -> _Found:
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        disk = Path(name) / "disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", disk], check=True)
        try:
            runs = Runs(disk / "runs")
            mine, other = fresh(runs, iterations=30), fresh(runs, iterations=3)
            for run in (mine, other):
                assert train_run(str(run.directory)) == FINISHED
            port = free_port()
            words = ["--port", str(port), "--runs", str(runs.root)]
            server = Member("server", words, Path(name) / "server.log", {environment.WORKERS: "1"})
            server.start()
            try:
                seconds_until(lambda: status(f"http://localhost:{port}/healthz") == 200, 240, "ready")
                return asyncio.run(
                    _visit(f"http://localhost:{port}", what, bad, count, runs, mine, other, server)
                )
            finally:
                server.end()
        finally:
            subprocess.run(["umount", "--lazy", disk], check=True)


async def _visit(
    address: str, what: str, bad: Bad, count: int, runs: Runs, mine: Run, other: Run, server: Member
) -> _Found:
    found = _Found()
    visitor = await Visitor.arrive(address, "history", f"run={mine.id}")
    trains = fresh(runs, iterations=3000)
    trains.steer(Control(pace=0.01))
    Queue(runs.root).add(Ticket(trains.id, "another", time.time()), 1)
    await visitor.turns_to("runs")
    await _leaf(visitor, "", found)
    await _leaf(visitor, "", found)  # what is read once has been read
    with bad(runs.root):
        await asyncio.sleep(SETTLES)
        for _ in range(count):
            await _leaf(visitor, what, found)
        found.said = next(
            (each for each in visitor.alerts if "server" in each or "index" in each),
            "",
        )
        with suppress(OSError):
            await asyncio.to_thread(runs.discard, other.id)
            found.deletes = not other.directory.exists()
    began = time.monotonic()
    while time.monotonic() - began < HEALS:
        await visitor.turns_to("runs")
        if not any(found.said == each for each in visitor.alerts):
            break
        await asyncio.sleep(0.5)
    else:
        found.broken.append(f"{what}: never well again")
    found.heals = time.monotonic() - began
    await _leaf(visitor, f"after {what}", found)
    await visitor.leave()
    said = server.log()
    found.traces = said.count("Traceback")
    found.broken += [line[:300] for line in said.splitlines() if "Traceback" in line]
    return found


async def _leaf(visitor: Visitor, what: str, found: _Found) -> None:
    for page in PAGES:
        before = len(visitor.alarms)
        try:
            seconds = await asyncio.wait_for(visitor.turns_to(page), ANSWERS)
        except asyncio.TimeoutError:
            found.broken.append(f"{what}, {page or 'start'}: no answer")
            continue
        if not what:
            found.usual[page] = seconds
            continue
        more = seconds - found.usual[page]
        found.more = max(found.more, more)
        found.broken += [f"{what}, {page or 'start'}: {each[:200]}" for each in visitor.alarms[before:]]
        if more > MORE:
            found.broken.append(f"{what}, {page or 'start'}: {seconds:.1f} s, else {seconds - more:.1f} s")


@contextmanager
def _full(root: Path) -> Iterator[None]:
    filler = root.parent / "filler"
    with filler.open("wb") as file, suppress(OSError):
        while True:
            file.write(bytes(65536))
            file.flush()
    yield
    filler.unlink()


@contextmanager
def _read_only(root: Path) -> Iterator[None]:
    # A mount that is written to cannot be made read-only, but what is seen at its place can.
    options = ["mount", "-o", "remount,ro,bind", str(root.parent)]
    subprocess.run(["mount", "--bind", root.parent, root.parent], check=True)
    subprocess.run(options, check=True)
    yield
    subprocess.run(["umount", root.parent], check=True)


@contextmanager
def _garbage(root: Path) -> Iterator[None]:
    (root / FILE).write_bytes(os.urandom(5000))
    yield


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    with closing(sqlite3.connect(root / FILE, timeout=30)) as stranger:
        stranger.execute("begin exclusive")
        yield


@contextmanager
def _directory(root: Path) -> Iterator[None]:
    (root / FILE).unlink()
    (root / FILE).mkdir()
    yield
    shutil.rmtree(root / FILE)


KINDS: dict[str, Bad] = {
    "a full disk": _full,
    READ_ONLY: _read_only,
    GARBAGE: _garbage,
    "a locked index": _locked,
    "a directory for an index": _directory,
}
