"""Unpacks every crafted archive of a folder, and measures: `python -m tests.core.inspect.unpacking FOLDER`.

It is a process of its own: what it takes, and what the processes take that it starts, is theirs alone.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from core.checkpoint import CheckpointError
from core.inspect.uploads import take
from core.run.runs import Runs


def _seconds() -> float:
    both = (resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def main(folder: Path) -> None:
    """Print what was kept or said of each, the seconds that it took, and the peaks of memory in bytes."""
    runs = Runs(folder / "runs")
    done = []
    for path in sorted((folder / "made").iterdir()):
        key, _, name = path.name.partition("@")
        start = _seconds()
        with path.open("rb") as content:
            try:
                place = take([(name, content)], runs)
                said = ""
                kept = {
                    str(each.relative_to(place.root)): each.lstat().st_mode for each in place.root.rglob("*")
                }
            except CheckpointError as error:
                said, kept = str(error), {}
        done.append((key, path.stat().st_size, _seconds() - start, said, kept))
    # A process that was forked counts what the one before it had; what it took itself is here.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    own = int(status.partition("VmHWM:")[2].split()[0])
    peaks = [each * 1024 for each in (own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)]
    print(json.dumps((done, peaks)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
