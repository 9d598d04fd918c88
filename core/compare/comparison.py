"""The records that come back from restoring and loading a checkpoint; pages read nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.checkpoint import H, V, optimizer_words
from core.compare.timing import Phase
from core.words import counted

REPEATS = 5  # how often each phase is timed; also on Five ways to save, since one compares the two pages

# Which of the two to use when, as the pages say it.
WHICH = "a `Saver` (TensorFlow 1's) to go on training, a SavedModel to serve"


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
        """What the numbers say, in plain sentences."""
        saver, saved = self.saver, self.saved_model
        equal = {
            (True, True): "Both bring back the same h and v and the same predictions, bit for bit.",
            (True, False): "Both bring back the same h and v, but their predictions differ.",
            (False, True): "The predictions agree, but the values of h and v differ.",
            (False, False): "The two ways bring back different values and different predictions.",
        }[self.same_values, self.same_prediction]
        left_out = [name for name in saver.variables if name not in (H, V)]
        kept = (
            f" The Saver's files also hold the optimizer's {optimizer_words(left_out)}, which training needs "
            "to go on exactly; this export was given h and v alone. “Five ways to save” gives "
            "every way everything."
            if left_out
            else ""
        )
        return (
            f"{equal} The Saver's checkpoint has {len(saver.files)} files ({saver.bytes:,} bytes); the "
            f"SavedModel {len(saved.files)} ({saved.bytes:,} bytes).{kept} Only the SavedModel says how to "
            f"call it: {counted(len(saved.signatures), 'signature')}, {counted(len(saved.assets), 'asset')}, "
            f"tag {', '.join(saved.tags)}. {self.times()}"
        )

    def times(self) -> str:
        """Which was quicker, said of what: the two graphs are not of one size."""
        saver, saved = self.saver, self.saved_model
        return (
            "Measured on this server: from the files to a prediction took "
            f"{saver.milliseconds:.0f} ms with the Saver, whose graph of {saver.operations} operations can "
            f"train, and {saved.milliseconds:.0f} ms with the SavedModel, whose graph of {saved.operations} "
            "can only predict."
        )

    def largest_difference(self) -> float:
        """The largest distance between the two predictions on the run's x, in units of y."""
        both = (np.frombuffer(side.prediction, np.float32) for side in (self.saver, self.saved_model))
        left, right = both
        if left.shape != right.shape:
            return math.inf
        return float(np.abs(left.astype(np.float64) - right).max(initial=0.0))
