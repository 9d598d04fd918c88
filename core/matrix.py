"""The matrix of all ways to keep one checkpoint: the records that come back from trying each of them."""

from __future__ import annotations

from dataclasses import dataclass

from core.comparison import Phase

VALUES, PREDICTION, SLOTS = "values of h and v", "prediction on the run's x", "slots of the optimizer"
GRAPH, CODE, SIGNATURES = "graph", "code needed to predict", "signatures"
ASSETS, TAGS = "asset (an outside file)", "tags"
QUESTIONS = (VALUES, PREDICTION, SLOTS, GRAPH, CODE, SIGNATURES, ASSETS, TAGS)


@dataclass(frozen=True)
class Answer:
    """What trying showed.

    Attributes:
        kept: whether it came back; None where there was nothing to keep.
        text: the answer in a few words.
        evidence: what was done, and what happened then.
    """

    kept: bool | None
    text: str
    evidence: str


@dataclass(frozen=True)
class Column:
    """One way to keep the model, tried out.

    Attributes:
        title: what the way is called.
        answers: question to answer, for each of `QUESTIONS`.
        files: path to bytes.
        write, read: the times of the repeats; reading goes from the files to a prediction.
        code: the source of the functions that ran.
    """

    title: str
    answers: dict[str, Answer]
    files: dict[str, int]
    write: Phase
    read: Phase
    code: str

    @property
    def bytes(self) -> int:
        return sum(self.files.values())

    @property
    def exact(self) -> bool:
        """Whether h, v and the prediction came back bit for bit."""
        return bool(self.answers[VALUES].kept and self.answers[PREDICTION].kept)


@dataclass(frozen=True)
class Matrix:
    """One checkpoint, kept in every way.

    Attributes:
        name: the checkpoint.
        optimizer: the one that trained it.
        slots: the variables that it holds beside h and v.
        columns: the ways.
        codeless: the source of what ran in a process that had never seen the model's code.
    """

    name: str
    optimizer: str
    slots: tuple[str, ...]
    columns: tuple[Column, ...]
    codeless: str

    def conclusion(self) -> str:
        """What trying showed, in plain sentences."""
        exact = [each.title for each in self.columns if each.exact]
        other = [each.title for each in self.columns if not each.exact]
        first = f"All {len(exact)} ways bring back the same h, v and prediction, bit for bit."
        if other:
            first = f"Not bit for bit: {', '.join(other)}."
        alone = [each.title for each in self.columns if each.answers[GRAPH].kept]
        needing = [each.title for each in self.columns if not each.answers[GRAPH].kept]
        small = min(self.columns, key=lambda each: each.bytes)
        return (
            f"{first} Without the model's code, {_listed(alone)} could predict; "
            f"{_listed(needing)} could not. {small.title} takes the fewest bytes ({small.bytes:,})."
        )


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "none"
