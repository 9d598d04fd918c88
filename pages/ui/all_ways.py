"""All ways to keep one checkpoint, as a table."""

from __future__ import annotations

import pandas as pd

from core.compare.formats import QUESTIONS, AllWays, Finding


def table(found: AllWays) -> pd.DataFrame:
    """Questions down, ways across."""
    rows = {question: [marked(each.findings[question]) for each in found.ways] for question in QUESTIONS} | {
        "files": [str(len(each.files)) for each in found.ways],
        "bytes": [f"{each.bytes:,}" for each in found.ways],
        "write (ms)": [f"{each.write.median:.1f}" for each in found.ways],
        "read (ms)": [f"{each.read.median:.1f}" for each in found.ways],
    }
    return pd.DataFrame(
        rows.values(), index=pd.Index(rows, name="what"), columns=[each.title for each in found.ways]
    )


def marked(finding: Finding) -> str:
    """The answer with a mark before it."""
    mark = {True: "✓", False: "✗", None: "–"}[finding.kept]
    return f"{mark} {finding.text}"
