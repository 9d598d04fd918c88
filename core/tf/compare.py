"""Brings one checkpoint back in both ways, several times, and writes down what it took."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

from core.checkpoint import H2, V2, CheckpointError, H, V, files_of
from core.compare.comparison import REPEATS, Comparison, Side
from core.compare.timing import Phase
from core.data import Floats
from core.files.listing import SAVED_MODEL_FILE
from core.run import digests
from core.run.runs import SAVED_MODEL, Run
from core.sources import sources
from core.tf import exporting, restoring
from core.tf.model import session

v1 = tf.compat.v1

SERVE, TRAIN = "serve", "train"

T = TypeVar("T")


def compare_checkpoint(run: Run, name: str) -> Comparison:
    """Restore checkpoint `name` with a Saver and load it as a SavedModel; one record of both.

    The SavedModel is exported to the run's `saved_model/<name>/` unless it is there already, as recorded.

    Raises:
        CheckpointError: a file is missing or was changed since the run wrote it.
        tf.errors.OpError: TensorFlow cannot restore it.
    """
    run.verify(name)
    x = run.sample().x
    saver = _saver_way(run.checkpoints / name, x)
    h, v = (np.float32(value) for value in saver.values.values())
    about = f"y = (x - h)^2 + v, exported from {name} of run {run.id}\n"
    directory = run.saved_model / name
    exports = _Stopwatch()
    with tempfile.TemporaryDirectory() as scratch:
        for repeat in range(REPEATS):
            target = Path(scratch) / str(repeat)
            exports.time("export", exporting.export_saved_model, target, h, v, about)
        bare = Path(scratch) / "bare"
        exporting.export_bare_model(bare, h, v)
        bare_values = _load_bare(bare)
    note = _export_if_needed(run, name, h, v, about)
    saved_model = _saved_model_way(directory, x)
    (export,) = exports.phases()
    return Comparison(name, saver, saved_model, export, bare_values, note)


def _export_if_needed(run: Run, name: str, h: np.float32, v: np.float32, about: str) -> str:
    """Have the checkpoint's SavedModel in the run's directory and in its record.

    Returns:
        Why one that was there was made again; empty when all was well.
    """
    directory, inside, note = run.saved_model / name, f"{SAVED_MODEL}/{name}", ""
    with run.making():
        if directory.exists():
            there = [path for path in digests.digests_of(run.directory, [inside])]
            try:
                run.contents([f"{inside}/{SAVED_MODEL_FILE}", *there])
                return note
            except CheckpointError as error:
                note = f"{error} The export was made again."
            shutil.rmtree(directory)
        with exporting.published(directory) as temporary:
            exporting.export_saved_model(temporary, h, v, about)
        run.record(digests.digests_of(run.directory, [inside]))
    run.count_bytes()
    return note


def _saver_way(prefix: Path, x: Floats) -> Side:
    """Restore with a Saver, `REPEATS` times."""
    watch = _Stopwatch()
    for _ in range(REPEATS):
        graph, saver = watch.time("import_meta_graph", restoring.import_graph, prefix)
        with session(graph) as opened:
            values = watch.time("restore", restoring.restore_values, saver, opened, prefix)
            prediction = watch.time("predict", restoring.predict, opened, x)
    first_two = {key: float(values[key]) for key in (H, V)}
    return Side(
        title="Saver",
        values=first_two,
        prediction=np.asarray(prediction, np.float32).tobytes(),
        variables={key: float(value) for key, value in sorted(values.items())},
        tags=(),
        signatures={},
        assets={},
        files={file: prefix.with_name(file).stat().st_size for file in files_of(prefix.name)},
        operations=len(graph.get_operations()),
        phases=watch.phases(),
        needs=(
            "the prefix: how the names of its three files begin",
            "the name of every tensor to feed and to read (X:0, prediction:0)",
            "a session on the graph imported from .meta, or code that builds the same graph",
        ),
        code=sources(restoring.import_graph, restoring.restore_values, restoring.predict),
    )


def _saved_model_way(directory: Path, x: Floats) -> Side:
    """Load the exported model, `REPEATS` times, and call it by its signature."""
    watch = _Stopwatch()
    for _ in range(REPEATS):
        graph = tf.Graph()
        with session(graph) as opened:
            loaded = watch.time("load", exporting.load_saved_model, opened, directory, [SERVE])
            values = watch.time("read", exporting.read_values, opened)
            prediction = watch.time("predict", exporting.call_signature, opened, loaded, x)
            variables = opened.run({each.op.name: each for each in v1.global_variables()})
            assets = exporting.read_assets(loaded, directory)
    return Side(
        title="SavedModel",
        values={H2: float(values[0]), V2: float(values[1])},
        prediction=np.asarray(prediction, np.float32).tobytes(),
        variables={key: float(value) for key, value in variables.items()},
        tags=tuple(loaded.meta_info_def.tags),
        signatures={name: _in_words(each) for name, each in loaded.signature_def.items()},
        assets=assets,
        files={
            path.relative_to(directory).as_posix(): path.stat().st_size
            for path in sorted(directory.rglob("*"))
            if path.is_file()
        },
        operations=len(graph.get_operations()),
        phases=watch.phases(),
        needs=("the folder", "its tags, as a list", "the name of a signature and of its inputs"),
        code=sources(exporting.export_saved_model, exporting.load_saved_model, exporting.call_signature),
    )


def _load_bare(directory: Path) -> tuple[float, float]:
    """h and v of the recipe's own export, by the recipe's own calls."""
    with session(tf.Graph()) as opened:
        exporting.load_saved_model(opened, directory, [TRAIN])
        h, v = exporting.read_values(opened)
    return float(h), float(v)


def _in_words(signature: Any) -> str:
    def tensors(named: Any) -> str:
        return ", ".join(
            f"{name}: {tf.dtypes.as_dtype(info.dtype).name} {info.name}" for name, info in named.items()
        )

    return f"{tensors(signature.inputs)} → {tensors(signature.outputs)}"


class _Stopwatch:
    """Times named phases; a phase that runs several times keeps every time."""

    def __init__(self) -> None:
        self._times: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[..., T], *arguments: Any) -> T:
        began = time.perf_counter()
        result = work(*arguments)
        self._times.setdefault(name, []).append(1e3 * (time.perf_counter() - began))
        return result

    def phases(self) -> tuple[Phase, ...]:
        return tuple(Phase(name, tuple(times)) for name, times in self._times.items())
