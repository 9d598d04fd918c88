"""`python -m bench [part …]`: measure all parts, or those that are named, and print Markdown."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib import import_module
from typing import TextIO

from bench.quiet import quiet
from bench.report import Check, Part, Table, markdown, summary

PARTS = (
    "training",
    "sweep",
    "page",
    "history",
    "open",
    "inspecting",
    "saves",
    "today",
    "browser",
    "playground",
    "load",
    "many",
    "classroom",
)
IN_BROWSER = {"sweep", "page", "open", "browser", "playground", "load"}


def main(names: list[str]) -> int:
    """Measure and print; 1 when a target is missed twice, 2 when a part is not known, else 0."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"No part is named {', '.join(unknown)}; there are: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    chosen = [name for name in PARTS if name in names or not names]
    checks: list[Check] = []
    with quiet() as progress:
        import tests.conftest  # noqa: F401  (before TensorFlow: it keeps TensorFlow off the GPU)
        from bench.machine import describe

        for name in chosen:
            for table in tables_of(name, progress):
                print(markdown(table), flush=True)
                checks += table.checks
        if checks:
            print(summary(checks))
        print(describe(browser=not IN_BROWSER.isdisjoint(chosen)))
    return 0 if all(check.reached for check in checks) else 1


def tables_of(name: str, progress: TextIO) -> Sequence[Table]:
    """Measure one part; once more when it misses a target, since a machine has other things to do too."""
    began = time.perf_counter()
    print(f"[bench] {name} …", file=progress)
    measure: Part = import_module(f"bench.{name}").measure
    tables = measure()
    missed = [check for table in tables for check in table.checks if not check.reached]
    if missed:
        for check in missed:
            print(f"[bench] missed: {check.target}: {check.measured}; once more", file=progress)
        tables = measure()
    print(f"[bench] {name}: {time.perf_counter() - began:.0f} s", file=progress)
    return tables


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
