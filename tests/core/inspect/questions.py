"""Everything that can be asked of files of every format, after something happened to one of them."""

from __future__ import annotations

import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from core.checkpoint import CheckpointError
from core.inspect import jobs
from core.inspect.compare import Tolerance
from core.inspect.find import SAVED_MODEL, find
from core.inspect.verdict.verdict import Choice
from tests.core.inspect import test_other_formats as others
from tests.core.inspect.corruptions import spoil, whole

v1 = tf.compat.v1
Make = Callable[[Path], object]


@dataclass
class Answers:
    """How often was answered or refused with a sentence, and what was neither."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def _model() -> keras.Model:
    layers = [keras.layers.Dense(4, name="a"), keras.layers.BatchNormalization(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def _keras(folder: Path) -> None:
    model = _model()
    model.save(folder / "m.keras")
    model.save_weights(folder / "m.weights.h5")
    model.save(folder / "m.h5")
    model.save_weights(folder / "s.weights.json", max_shard_size=100e-9)


def _objects(folder: Path) -> None:
    model = _model()
    tf.train.Checkpoint(model=model, optimizer=model.optimizer).save(str(folder / "c"))


def _saved(folder: Path) -> None:
    _model().export(folder / "exported", verbose=False)
    tf.saved_model.save(others.network(), str(folder / "network"))


def _graph(folder: Path) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        kernel = v1.get_variable("kernel", initializer=np.ones((3, 4), np.float32))
        v1.train.AdamOptimizer().minimize(tf.reduce_sum(kernel**2))
        session.run(v1.global_variables_initializer())
        for step in (1, 2):
            v1.train.Saver().save(session, str(folder / "g"), step)


def _safetensors(folder: Path) -> None:
    sorts = {"a": ("F32", [3, 4], [0, 48]), "b": ("BF16", [4], [48, 56])}
    described = {
        name: {"dtype": dtype, "shape": shape, "data_offsets": place}
        for name, (dtype, shape, place) in sorts.items()
    }
    header = json.dumps(described).encode()
    content = len(header).to_bytes(8, "little") + header + np.arange(14, dtype=np.float32).tobytes()
    (folder / "m.safetensors").write_bytes(content)


MAKERS: dict[str, Make] = {
    "bundles": whole,
    "keras": _keras,
    "objects": _objects,
    "saved": _saved,
    "graph": _graph,
    "safetensors": _safetensors,
    **{name: lambda folder, name=name: others.WRITERS[name](folder / name) for name in others.WRITERS},  # type: ignore[misc]
}


def make(root: Path) -> None:
    """One folder for each sort of files."""
    for name, maker in MAKERS.items():
        (root / name).mkdir(parents=True)
        maker(root / name)


def corrupted(original: Path, copy: Path, seed: int) -> str:
    """A copy of a folder in which something happened to one file or to three; in words what."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(original, copy)
    chance = random.Random(f"{original.name} {seed}")
    return "; ".join(_corrupt(copy, chance) for _ in range(1 + seed % 3))


def _corrupt(folder: Path, chance: random.Random) -> str:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]
    if not files:
        return "nothing is left"
    path = chance.choice(files)
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    kind = chance.choice(("flip", "cut", "zero", "repeat", "insert", "swap", "empty", "many", "digits"))
    if kind == "swap":
        content = bytearray(chance.choice(files).read_bytes())
    elif kind == "many":
        for _ in range(chance.randrange(2, 12)):
            content[chance.randrange(len(content))] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
    elif kind == "digits":  # of what is written as text: other numbers, and brackets where a number was
        places = [place for place, byte in enumerate(content) if chr(byte).isdecimal()] or [at]
        for _ in range(3):
            content[chance.choice(places)] = chance.choice(b'0123456789-[{"')
    else:
        spoil(content, kind, at, chance)
    path.write_bytes(content)
    return f"{kind} of {path.relative_to(folder)} at {at}"


def ask(folder: Path, what: str, answers: Answers) -> None:
    """Ask everything of a folder, in this process; what raises anything but our own error is wrong."""
    for question, work in _questions(folder):
        try:
            with np.errstate(all="ignore"):
                work()
            answers.counts["answered"] += 1
        except CheckpointError as error:
            answers.counts["refused with a sentence"] += 1
            if not str(error):
                answers.wrong.append(f"{question}, {what}: no sentence")
        except Exception as error:
            answers.counts["uncaught"] += 1
            answers.wrong.append(f"{question}, {what}: {type(error).__name__}: {error}")


def _questions(folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    root = str(folder)
    yield "find", lambda: find(folder)
    try:
        found = find(folder)
    except CheckpointError:
        return
    for one in found.checkpoints:
        yield "list", partial(jobs.list_one, root, one)
        yield "entries", partial(jobs.entries, root, one)
        yield "code", partial(jobs.code, root, one, one.path)
        yield "would load", partial(jobs.would_load, root, one, root, one, Choice())
        yield "measure", partial(jobs.measure, root, [(one, None)], 5.0)
        try:
            tensors = jobs.list_one(root, one).tensors[:3]
        except CheckpointError:
            continue
        for each in tensors:
            key = each.key
            yield "look", partial(jobs.JOBS["look"], root, [one], key, -1.0, 1.0, 0)
            yield "bytes", partial(jobs.first_bytes, root, one, key)
            yield "numbers", partial(jobs.JOBS["numbers"], root, one, key, 0, 32, "")
    if len(found.checkpoints) > 1:
        first, second, *_ = found.checkpoints
        yield "compare", lambda: jobs.JOBS["compare"](root, first, root, second, Tolerance())
    graphs = [*found.graphs, *(each.path for each in found.checkpoints if each.kind == SAVED_MODEL)]
    for path in graphs:
        yield "graphs", partial(jobs.graphs, root, path)
    yield "diagnose", lambda: jobs.diagnose(root, found, True)
