"""Files of every format, damaged in many ways, and every question that Inspect has."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.report import Check, Table
from tests.core.inspect.questions import MAKERS, Answers, ask, corrupted, make
from tests.soak.progress import progress

SHOWN = 5


def measure(count: int) -> Sequence[Table]:
    """`count` corruptions of each sort of files."""
    answers = Answers()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        root = Path(name)
        make(root / "whole")
        for done, sort in enumerate(MAKERS, 1):
            for seed in range(count):
                ask(root / "copy", corrupted(root / "whole" / sort, root / "copy", seed), answers)
            progress(f"{done} of {len(MAKERS)} sorts, {len(answers.wrong)} not caught", done, len(MAKERS))
    wrong = f"{len(answers.wrong)} uncaught" + "".join(f"; {each[:200]}" for each in answers.wrong[:SHOWN])
    return [
        Table(
            "Corruptions of strangers' files, through every question",
            f"{len(MAKERS)} sorts of files, one to three of them changed, cut, swapped or emptied, {count} "
            "times each. A question is answered, or refused with a sentence of ours.",
            ("what", "times"),
            tuple((what, f"{times:,}") for what, times in answers.counts.most_common()),
            (Check(f"{len(MAKERS) * count:,} corruptions: none uncaught", wrong, not answers.wrong),),
        )
    ]
