"""What a verdict is made of: one row a weight, the loader's own message, one cause, and a fix."""

from __future__ import annotations

from dataclasses import dataclass

from core.words import counted

# What becomes of a weight.
LOADED, SKIPPED, LEFT, REFUSED = "loaded", "skipped", "left at random", "refused"
OUTCOMES = (REFUSED, LEFT, SKIPPED, LOADED)
# What becomes of the call.
LOADS, LOADS_BUT, REFUSES, UNKNOWN = "loads", "loads, but", "is refused", "not known"
MODEL, OPTIMIZER, OTHER = "model", "optimizer", "other"
GAP = "…"  # in a predicted message: what only the program knows
UNDECIDED = "may have been assigned"  # how the note begins of a weight whose fate TensorFlow leaves open

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Choice:
    """What the visitor chooses.

    Attributes:
        optimizer: load it with the optimizer; False is the model alone.
        by_name, skip_mismatch: options of Keras' load_weights.
    """

    optimizer: bool = True
    by_name: bool = False
    skip_mismatch: bool = False


@dataclass(frozen=True)
class Row:
    """One weight of the target, or one tensor of the file that no weight takes.

    Attributes:
        outcome: LOADED, LEFT or REFUSED of a weight of the target; SKIPPED of what stays in the file.
        name: what people call it.
        target: its key in the target; "" of a tensor that is in the file alone.
        source: its key in the file; "" of a weight that gets nothing.
        dtype, shape: the target's; "" and None where they are not known.
        stored_dtype, stored_shape: the file's, likewise.
        part: MODEL, OPTIMIZER, or OTHER for counters and the like.
        note: what else is to know, such as a cast or why it is refused.
    """

    outcome: str
    name: str
    target: str = ""
    source: str = ""
    dtype: str = ""
    shape: Shape | None = None
    stored_dtype: str = ""
    stored_shape: Shape | None = None
    part: str = MODEL
    note: str = ""


@dataclass(frozen=True)
class Fix:
    """A way out that was tried on files of this kind.

    Attributes:
        title: what it does, in a few words.
        code: Python; `model`, `session` or `loaded` are the visitor's own objects.
        loads: how many weights of the target have the file's values afterwards.
    """

    title: str
    code: str
    loads: int


@dataclass(frozen=True)
class Assertion:
    """What a status object of `tf.train.Checkpoint.restore` says when it is asked.

    Attributes:
        name: of its method.
        passes: whether it raises nothing.
        message: what it raises.
    """

    name: str
    passes: bool
    message: str = ""


@dataclass(frozen=True)
class Told:
    """What the rules of one loader say; the rest of a verdict is the same for all."""

    rows: tuple[Row, ...]
    cause: str
    error: str = ""
    message: str = ""
    warnings: tuple[str, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    not_known: tuple[str, ...] = ()
    undecided: bool = False
    cautions: tuple[str, ...] = ()
    card: str = ""
    unread: bool = False  # whether the error is raised before a value is read

    @property
    def level(self) -> str:
        if self.error:
            return REFUSES
        if self.undecided:
            return UNKNOWN
        left = any(row.outcome in (LEFT, REFUSED) for row in self.rows)
        return LOADS_BUT if left or self.cautions else LOADS


@dataclass(frozen=True)
class Verdict:
    """What happens when a file is loaded into a target.

    Attributes:
        source, target: what they are called.
        call: the line of code that it is about.
        level: LOADS, LOADS_BUT, REFUSES or UNKNOWN.
        error: the class of what is raised; "" when nothing is.
        message: what it says; GAP is what only the program knows.
        cause: why, in one sentence.
        rows: every weight of the target, and what stays in the file; refused ones first.
        fixes: ways out, the best first.
        assertions: of `tf.train.Checkpoint` alone.
        warnings: what is printed or warned of; GAP as above.
        not_known: what the files do not tell, a sentence each.
        card: the card of the error gallery that shows the same; "" when none does.
    """

    source: str
    target: str
    call: str
    level: str
    error: str
    message: str
    cause: str
    rows: tuple[Row, ...]
    fixes: tuple[Fix, ...] = ()
    assertions: tuple[Assertion, ...] = ()
    warnings: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()
    card: str = ""

    def conclusion(self) -> str:
        """One sentence for a title."""
        weights = sum(row.outcome != SKIPPED for row in self.rows)
        loaded = sum(row.outcome == LOADED for row in self.rows)
        if self.level == UNKNOWN:
            return "Whether it loads is not known."
        if self.level == REFUSES:
            return f"Does not load: {self.error}."
        if self.level == LOADS:
            return f"Loads: {loaded:,} of {counted(weights, 'weight')}."
        if loaded < weights:
            return (
                f"Loads {loaded:,} of {counted(weights, 'weight')} without an error; the rest stays as it "
                "was."
            )
        return f"Loads: {loaded:,} of {counted(weights, 'weight')}, with a caution."
