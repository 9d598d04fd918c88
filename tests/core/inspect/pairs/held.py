"""A verdict against what happened: every refusal, every weight, every message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.inspect.verdict.verdict import (
    GAP,
    LEFT,
    LOADED,
    LOADS,
    REFUSED,
    REFUSES,
    SKIPPED,
    UNDECIDED,
    UNKNOWN,
    Verdict,
)


def disagreements(verdict: Verdict, happened: Mapping[str, Any], *, undecided: bool = False) -> Iterator[str]:
    """What the verdict says and did not happen, or does not say and happened.

    Args:
        undecided: whether no file of the pair can tell, so that "not known" is right.
    """
    error = happened["error"]
    if verdict.level == UNKNOWN:
        if not undecided:
            yield f"not known: {verdict.cause}"
        return
    if (verdict.level == REFUSES) != bool(error):
        yield f"{verdict.level}, and what happened was {error or 'no error'}: {happened['message'][:300]}"
    if error:
        if verdict.error != error:
            yield f"{verdict.error} was predicted, {error} came: {happened['message'][:300]}"
        if not fits(verdict.message, happened["message"]):
            yield f"the message {verdict.message!r} was predicted, {happened['message']!r} came"
    for warning in verdict.warnings:
        if not any(fits(warning, each) for each in happened["warnings"]):
            yield f"the warning {warning!r} was predicted, {happened['warnings']} came"
    for assertion in verdict.assertions:
        said = happened["asserts"].get(assertion.name)
        if said is not None and assertion.passes != (said == ""):
            yield f"{assertion.name}: {assertion.passes} was predicted, {said[:200]!r} came"
        elif said and not fits(assertion.message, said):
            yield f"{assertion.name} would say {assertion.message!r}, and said {said[:200]!r}"
    yield from _weights(verdict, happened)


def _weights(verdict: Verdict, happened: Mapping[str, Any]) -> Iterator[str]:
    weights = {key: weight for weight in happened["weights"] for key in (weight["name"], *weight["keys"])}
    told: set[int] = set()  # places of weights: two may have one name
    arrived: set[str] = set()
    for weight in happened["weights"]:
        arrived |= set(weight["from"]) if not weight["unchanged"] else set()
    for row in verdict.rows:
        if row.outcome == SKIPPED:
            if row.source in arrived and not row.note.startswith(UNDECIDED):
                yield f"{row.source} was to be skipped, and arrived"
            continue
        weight = weights.get(row.target)
        if weight is None:
            # A file keeps a kernel with its LoRA merged in, which is no weight's own value.
            if row.target and not any(each["name"].endswith("lora_kernel_a") for each in happened["weights"]):
                yield f"{row.target} is no weight of the target"
            continue
        if id(weight) in told:
            yield f"{weight['name']} has two rows"
        told.add(id(weight))
        if row.outcome == LOADED and row.source not in weight["from"]:
            yield f"{row.target} was to come from {row.source}, and came from {weight['from']}"
        if row.outcome in (LEFT, REFUSED) and not weight["unchanged"] and not row.note.startswith(UNDECIDED):
            yield f"{row.target} was to be {row.outcome}, and came from {weight['from']}"
    for weight in happened["weights"]:
        if id(weight) not in told and weight["keys"] and not (verdict.error and not verdict.rows):
            yield f"{weight['name']} has no row"
        if id(weight) not in told and not weight["keys"] and weight["from"] and not weight["unchanged"]:
            # What the target's file does not keep, such as a kernel beside its LoRA, has no row.
            sources = {row.source for row in verdict.rows if row.outcome == LOADED}
            if not sources & set(weight["from"]):
                yield f"{weight['name']} came from {weight['from']}, and no row says so"
    if verdict.level == LOADS and any(w["unchanged"] and w["keys"] for w in happened["weights"]):
        yield "a weight was left at random, and the verdict says that all load"


def fits(predicted: str, said: str) -> bool:
    """Whether a message is the predicted one, whatever is in its gaps."""
    at = 0
    for n, piece in enumerate(" ".join(predicted.split()).split(GAP)):
        found = " ".join(said.split()).find(piece.strip(), at)
        if found < 0 or (n == 0 and found > 0 and piece):
            return False
        at = found + len(piece.strip())
    return True
