"""The formats that keep one checkpoint: the records that come back from trying each of them."""

from __future__ import annotations

from dataclasses import dataclass

from core.compare.timing import Phase
from core.words import listed

VALUES, PREDICTION, SLOTS = "values of h and v", "prediction on the run's x", "slots of the optimizer"
GRAPH, CODE, SIGNATURES = "graph", "code needed to predict", "signatures"
ASSETS, TAGS = "asset (an outside file)", "tags"
BUILT_IN = "Keras .keras (built-in layers)"
QUESTIONS = (VALUES, PREDICTION, SLOTS, GRAPH, CODE, SIGNATURES, ASSETS, TAGS)


@dataclass(frozen=True)
class Finding:
    """What trying showed.

    Attributes:
        kept: whether it came back; None where there was nothing to keep.
        text: the answer in a few words.
        evidence: what was done, and what happened then.
    """

    kept: bool | None
    text: str
    evidence: str

    @property
    def mark(self) -> str:
        return {True: "✓", False: "✗", None: "–"}[self.kept]

    @property
    def marked(self) -> str:
        """The answer with its mark before it."""
        return f"{self.mark} {self.text}"


@dataclass(frozen=True)
class Way:
    """One way to keep the model, tried out.

    Attributes:
        title: what the way is called.
        findings: what trying showed, for each of `QUESTIONS`.
        files: path to bytes.
        write, read: the times of the repeats; reading goes from the files to a prediction.
        code: the source of the functions that ran.
    """

    title: str
    findings: dict[str, Finding]
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
        return bool(self.findings[VALUES].kept and self.findings[PREDICTION].kept)


@dataclass(frozen=True)
class BuiltIn:
    """A Keras model of built-in layers, loaded by a process that has not our code.

    Attributes:
        predicts: whether it could, and predicts what the formula does.
        error: what was said, if not.
    """

    predicts: bool
    error: str


@dataclass(frozen=True)
class AllWays:
    """One checkpoint, kept in every way.

    Attributes:
        name: the checkpoint.
        optimizer: the one that trained it.
        slots: the variables that it holds beside h and v.
        ways: each of them.
        codeless: the source of what ran in a process that had never seen the model's code.
    """

    name: str
    optimizer: str
    slots: tuple[str, ...]
    ways: tuple[Way, ...]
    codeless: str

    def conclusion(self) -> str:
        """What trying showed, in plain sentences."""
        exact = [each.title for each in self.ways if each.exact]
        other = [each.title for each in self.ways if not each.exact]
        first = f"All {len(exact)} ways bring back the same h, v and prediction, bit for bit."
        if other:
            first = f"Not bit for bit: {', '.join(other)}."
        alone = [each.title for each in self.ways if each.findings[GRAPH].kept]
        needing = [each.title for each in self.ways if not each.findings[GRAPH].kept]
        small = min(self.ways, key=lambda each: each.bytes)
        return (
            f"{first} Without the model's code, {listed(alone)} could predict; "
            f"{listed(needing)} could not. {small.title} takes the fewest bytes ({small.bytes:,})."
        )
