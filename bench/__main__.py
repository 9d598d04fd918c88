"""`python -m bench [part …]`: measure all parts, or those that are named, and print Markdown."""

from __future__ import annotations

import sys
import time
from importlib import import_module

import tests.conftest  # noqa: F401  (before TensorFlow: it keeps TensorFlow quiet and off the GPU)
from bench.machine import describe
from bench.report import Check, Part, markdown, summary

PARTS = ("training", "page", "history", "open", "saves", "today", "browser", "load")
IN_BROWSER = {"page", "browser", "load"}


def main(names: list[str]) -> int:
    """Measure, print, and tell by the exit code whether every part could be measured."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        print(f"No part is named {', '.join(unknown)}; there are: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    chosen = [name for name in PARTS if name in names or not names]
    checks: list[Check] = []
    for name in chosen:
        began = time.perf_counter()
        measure: Part = import_module(f"bench.{name}").measure
        for table in measure():
            print(markdown(table), flush=True)
            checks += table.checks
        print(f"[bench] {name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    if checks:
        print(summary(checks))
    print(describe(browser=not IN_BROWSER.isdisjoint(chosen)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
