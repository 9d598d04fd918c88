"""Brings one checkpoint back in both ways, several times, and writes down what it took."""

from __future__ import annotations

import inspect
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf

from core.comparison import Comparison, Phase, Way
from core.data import Floats
from core.runs import Run
from core.tensor_bundle import DATA, INDEX, META
from core.tf import exporting, restoring
from core.tf.model import session

v1 = tf.compat.v1

REPEATS = 5
SERVE, TRAIN = "serve", "train"

T = TypeVar("T")


def compare_checkpoint(run: Run, name: str) -> Comparison:
    """Restore checkpoint `name` with a Saver and load it as a SavedModel; one record of both.

    The SavedModel is exported to the run's `saved_model/<name>/` unless it is there already.

    Raises:
        CheckpointError: a file is missing or was changed since the run wrote it.
        tf.errors.OpError: TensorFlow cannot restore it.
    """
    restoring.verify(run, name)
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
    if not directory.exists():
        with exporting.published(directory) as temporary:
            exporting.export_saved_model(temporary, h, v, about)
    saved_model = _saved_model_way(directory, x)
    (export,) = exports.phases()
    return Comparison(name, saver, saved_model, export, bare_values)


def _saver_way(prefix: Path, x: Floats) -> Way:
    """Restore with a Saver, `REPEATS` times."""
    watch = _Stopwatch()
    for _ in range(REPEATS):
        graph, saver = watch.time("import_meta_graph", restoring.import_graph, prefix)
        with session(graph) as opened:
            values = watch.time("restore", restoring.restore_values, saver, opened, prefix)
            prediction = watch.time("predict", restoring.predict, opened, x)
    first_two = {key: float(values[key]) for key in ("hor_estimate", "ver_estimate")}
    return Way(
        title="Saver",
        values=first_two,
        prediction=np.asarray(prediction, np.float32).tobytes(),
        variables={key: float(value) for key, value in sorted(values.items())},
        tags=(),
        signatures={},
        assets={},
        files={
            prefix.name + suffix: prefix.with_name(prefix.name + suffix).stat().st_size
            for suffix in (META, INDEX, DATA)
        },
        operations=len(graph.get_operations()),
        phases=watch.phases(),
        needs=(
            "the prefix of three files, which is itself not a file",
            "the name of every tensor to feed and to read (X:0, prediction:0)",
            "a session on the graph imported from .meta, or code that builds the same graph",
        ),
        code=_sources(restoring.import_graph, restoring.restore_values, restoring.predict),
    )


def _saved_model_way(directory: Path, x: Floats) -> Way:
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
    return Way(
        title="SavedModel",
        values={exporting.H2: float(values[0]), exporting.V2: float(values[1])},
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
        needs=("the directory", "its tags, as a list", "the name of a signature and of its inputs"),
        code=_sources(exporting.export_saved_model, exporting.load_saved_model, exporting.call_signature),
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


def _sources(*functions: Callable[..., object]) -> str:
    """The source of the functions that ran, as they stand in their files."""
    return "\n\n".join(inspect.getsource(function).rstrip() for function in functions)


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
