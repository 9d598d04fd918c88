"""Every pair of a file and a model is really loaded by TensorFlow or Keras, and so many more from a seed."""

from __future__ import annotations

import secrets
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from bench.report import Check, Table
from core.inspect.verdict.verdict import REFUSES, UNKNOWN
from tests.core.inspect.pairs import recorded
from tests.core.inspect.pairs.drawn import drawn
from tests.core.inspect.pairs.recorded import Held
from tests.core.inspect.pairs.specs import Spec, matrix
from tests.soak.progress import progress

AT_ONCE = 60  # pairs in one process
SHOWN = 10


def measure(count: int) -> Sequence[Table]:
    """The matrix, and `count` pairs from a seed that is drawn now."""
    seed = secrets.randbelow(1_000_000)
    return [
        _table("Pairs of the matrix: every format × every change", matrix()),
        _table(f"Pairs drawn from seed {seed}", drawn(seed, count)),
    ]


def _table(title: str, specs: Sequence[Spec]) -> Table:
    held: list[Held] = []
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        for at in range(0, len(specs), AT_ONCE):
            some = specs[at : at + AT_ONCE]
            recorded.load(some, folder)
            now = recorded.hold(some, folder)
            wrong += recorded.repaired(now, folder)
            held += now
            progress(f"{len(held)} of {len(specs)} pairs", len(held), len(specs))
    wrong += [f"{each.spec['name']}: {'; '.join(each.wrong)}" for each in held if each.wrong]
    seen = Counter((each.verdict.level, each.happened["error"] or "no error") for each in held)
    refused = sum(bool(each.happened["error"]) for each in held)
    told = sum(bool(each.happened["error"]) and each.verdict.level == REFUSES for each in held)
    # Of these no file tells which attributes a layer is in; the verdict says so.
    untold = sum(
        bool(each.happened["error"]) and each.verdict.level == UNKNOWN and each.spec.get("undecided", False)
        for each in held
    )
    broken = sum(
        bool(each.happened["error"]) and each.verdict.level not in (REFUSES, UNKNOWN) for each in held
    )
    return Table(
        title,
        "Both sides are built and saved by TensorFlow or Keras, one is loaded into the other, and every "
        "weight is compared with the file and with its start. The verdict comes from reading alone.",
        ("verdict", "what happened", "pairs"),
        tuple((level, what, f"{times:,}") for (level, what), times in sorted(seen.items())),
        (
            Check(
                "every refusal is predicted that the files can tell",
                f"{told} of {refused}, {untold} not known",
                told + untold == refused,
            ),
            Check("nothing that is said to load fails", f"{broken} failed", not broken),
            Check("every row, message and fix is right", _shown(wrong), not wrong),
        ),
    )


def _shown(wrong: Sequence[str]) -> str:
    return f"{len(wrong)} wrong" + "".join(f"; {each[:200]}" for each in wrong[:SHOWN])
