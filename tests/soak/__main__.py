"""`python -m tests.soak [scenario [count]] …`: break things on purpose, all or some; print Markdown."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib import import_module

import tests.conftest  # noqa: F401  (before TensorFlow: it keeps TensorFlow quiet and off the GPU)
from bench.machine import describe
from bench.report import Check, Table, markdown, summary

# How often each thing is done, or for how many seconds; None where it is done once.
SCENARIOS: dict[str, int | None] = {
    "bits": 300,
    "kills": 1000,
    "processes": 20,
    "corruptions": 3000,
    "questions": 300,
    "pairs": 50,
    "pages": 300,
    "bad_disks": 1,
    "uploads": 70,
    "tabs": 100,
    "hogs": None,
    "resting": None,
    "visitors": 600,
    "many_runs": 300,
    "behind_nginx": None,
    "replicas": None,
    "sweep": None,
    "wheels": None,
    "lessons": None,
}


class WrongWords(ValueError):
    """What was typed names no scenario, or no count for one; the message is one sentence."""


def main(words: Sequence[str]) -> int:
    """Do it, print, and tell by the exit code whether everything was reached; 2 for words not known."""
    try:
        asked = chosen(words)
    except WrongWords as error:
        print(error, file=sys.stderr)
        return 2
    checks: list[Check] = []
    for name, count in asked.items():
        began = time.perf_counter()
        for table in tables_of(name, count):
            print(markdown(table), flush=True)
            checks += table.checks
        print(f"[soak] {name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    print(summary(checks))
    print(describe(browser=not {"behind_nginx", "lessons"}.isdisjoint(asked)))
    return 0 if all(check.reached for check in checks) else 1


def chosen(words: Sequence[str]) -> dict[str, int | None]:
    """The scenarios that were named, each with its own count or the one that follows its name; else all.

    Raises:
        WrongWords: a word is neither.
    """
    asked: dict[str, int | None] = {}
    name = ""
    for word in words:
        if word in SCENARIOS:
            name = word
            asked[name] = SCENARIOS[name]
        elif name and word.isdecimal() and int(word) and SCENARIOS[name] is not None:
            asked[name] = int(word)
        else:
            known = ", ".join(f"{each} {count or ''}".strip() for each, count in SCENARIOS.items())
            raise WrongWords(f"{word!r} is no scenario and no count for one; there are: {known}.")
    return asked or dict(SCENARIOS)


def tables_of(name: str, count: int | None) -> Sequence[Table]:
    """Do one scenario."""
    measure = import_module(f"tests.soak.{name}").measure
    tables: Sequence[Table] = measure() if count is None else measure(count)
    return tables


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
