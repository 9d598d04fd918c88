"""`python -m tests.soak [scenario …]`: break things on purpose, all or those named; print Markdown."""

from __future__ import annotations

import sys
import time
from importlib import import_module

import tests.conftest  # noqa: F401  (before TensorFlow: it keeps TensorFlow quiet and off the GPU)
from bench.machine import describe
from bench.report import Check, Part, markdown, summary

SCENARIOS = ("behind_nginx", "replicas", "sweep")


def main(names: list[str]) -> int:
    """Do it, print, and tell by the exit code whether everything was reached."""
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        print(
            f"No scenario is named {', '.join(unknown)}; there are: {', '.join(SCENARIOS)}.", file=sys.stderr
        )
        return 2
    checks: list[Check] = []
    for name in names or SCENARIOS:
        began = time.perf_counter()
        measure: Part = import_module(f"tests.soak.{name}").measure
        for table in measure():
            print(markdown(table), flush=True)
            checks += table.checks
        print(f"[soak] {name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    print(summary(checks))
    print(describe(browser=True))
    return 0 if all(check.reached for check in checks) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
