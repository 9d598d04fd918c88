"""The records that come back from restoring and loading a checkpoint; pages read nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.checkpoint import H, V, optimizer_words
from core.compare.timing import Phase
from core.words import listed

REPEATS = 5  # how often each phase is timed; also of all five formats, since one compares the two
FLOAT32 = 4  # bytes

# Which of the two to use when, as the page says it.
WHICH = "Use a Saver to continue training, a SavedModel to serve."


@dataclass(frozen=True)
class Restored:
    """One checkpoint, restored by a real Saver into a graph of its own.

    Attributes:
        name: the checkpoint's name, such as model_iter-12.
        values: variable name to value (float32), slots included.
        milliseconds: import_meta_graph and restore together.
    """

    name: str
    values: dict[str, float]
    milliseconds: float


@dataclass(frozen=True)
class Side:
    """What one way of bringing the model back needed and gave.

    Attributes:
        title: "Saver" or "SavedModel".
        values: h and v as float32, under the names that the variables have there.
        prediction: float32 bytes of the prediction on the run's x.
        variables: all variables by name, with their values.
        tags: what selects the graph; empty for a Saver, which has none.
        signatures: method name to its inputs and outputs, in words.
        assets: file name to content.
        files: path to bytes.
        operations: number of operations in the loaded graph.
        phases: how long each phase took.
        needs: what the caller must know or bring, one line each.
        code: the source of the functions that ran.
    """

    title: str
    values: dict[str, float]
    prediction: bytes
    variables: dict[str, float]
    tags: tuple[str, ...]
    signatures: dict[str, str]
    assets: dict[str, str]
    files: dict[str, int]
    operations: int
    phases: tuple[Phase, ...]
    needs: tuple[str, ...]
    code: str

    @property
    def bytes(self) -> int:
        return sum(self.files.values())

    @property
    def milliseconds(self) -> float:
        """Median time of all phases together."""
        return sum(phase.median for phase in self.phases)


@dataclass(frozen=True)
class Row:
    """One question, and what each way answers."""

    question: str
    saver: str
    saved_model: str

    @property
    def same(self) -> bool:
        return self.saver == self.saved_model


@dataclass(frozen=True)
class Comparison:
    """The same checkpoint, brought back in two ways.

    Attributes:
        name: the checkpoint.
        saver, saved_model: the two ways.
        export: how long writing the SavedModel took; the Saver's files were there already.
        bare: what the recipe's own export (no signature, no asset) gave: (h, v).
        note: why a SavedModel that was there was made again; empty when all was well.
    """

    name: str
    saver: Side
    saved_model: Side
    export: Phase
    bare: tuple[float, float]
    note: str = ""

    @property
    def same_values(self) -> bool:
        """Whether h and v are equal, bit for bit (they are float32, compared exactly)."""
        return tuple(self.saver.values.values()) == tuple(self.saved_model.values.values())

    @property
    def same_prediction(self) -> bool:
        """Whether the predictions on the run's x are equal, bit for bit."""
        return self.saver.prediction == self.saved_model.prediction

    def conclusion(self) -> str:
        """Whether both bring back the same, in one sentence."""
        predictions = f"{len(self.saver.prediction) // FLOAT32} predictions"
        return {
            (True, True): f"Same h, same v, same {predictions}, bit for bit.",
            (True, False): f"Same h and v, but the {predictions} differ.",
            (False, True): f"The {predictions} agree, but h and v differ.",
            (False, False): f"h, v and the {predictions} differ.",
        }[self.same_values, self.same_prediction]

    def rows(self) -> tuple[Row, ...]:
        """Everything that was looked at, one row a question; what differs comes first."""
        saver, saved = self.saver, self.saved_model
        slots = [name for name in saver.variables if name not in (H, V)]
        found = [
            Row(
                "Can continue training",
                f"yes: {optimizer_words(slots)} and the optimizer" if slots else "yes: the optimizer",
                "no: only what predicts",
            ),
            Row(
                "Says how to call it",
                "no: you must know the tensor names",
                "; ".join(f"yes: signature {key}" for key in saved.signatures) or "no",
            ),
            Row("Tags", listed(saver.tags), listed(saved.tags)),
            Row("Other files", listed(saver.assets), listed(saved.assets)),
            Row("To load it you need", "; ".join(saver.needs), "; ".join(saved.needs)),
            Row("Variables", listed(saver.variables), listed(saved.variables)),
            Row("Operations in the graph", f"{saver.operations:,}", f"{saved.operations:,}"),
            Row(
                "Files",
                f"{len(saver.files)}, {saver.bytes:,} bytes",
                f"{len(saved.files)}, {saved.bytes:,} bytes",
            ),
            Row("Time to a prediction", f"{saver.milliseconds:.1f} ms", f"{saved.milliseconds:.1f} ms"),
        ]
        for name, left, right in zip("hv", saver.values.values(), saved.values.values(), strict=True):
            found.append(Row(f"Value of {name}", f"{left:.9g}", f"{right:.9g}"))
        ours, theirs = (np.frombuffer(way.prediction, np.float32) for way in (saver, saved))
        found.append(Row("First, middle and last prediction", _ends(ours), _ends(theirs)))
        difference = f"{self.largest_difference():.3g}"
        found.append(Row("Largest difference of the predictions", difference, difference))
        return tuple(sorted(found, key=lambda row: row.same))

    def largest_difference(self) -> float:
        """The largest distance between the two predictions on the run's x, in units of y."""
        both = (np.frombuffer(side.prediction, np.float32) for side in (self.saver, self.saved_model))
        left, right = both
        if left.shape != right.shape:
            return math.inf
        if self.saver.prediction == self.saved_model.prediction:
            return 0.0  # also where both are infinite
        return float(np.abs(left.astype(np.float64) - right).max(initial=0.0))


def _ends(prediction: np.ndarray) -> str:
    """A few of many values."""
    few = (prediction[0], prediction[len(prediction) // 2], prediction[-1]) if len(prediction) else ()
    return ", ".join(f"{value:.6g}" for value in few)
