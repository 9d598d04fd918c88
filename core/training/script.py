"""The script that repeats a run: filled in from its settings, it needs TensorFlow and NumPy alone.

What the run does not need (another optimizer, shuffling, a batch) is not in it. It ends by comparing all
of its files with the run's.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from core.bundle import read_values
from core.checkpoint import DATA, FINAL, INDEX, CheckpointError
from core.data import Sample
from core.history.history import read_history
from core.run import digests
from core.run.manifest import DIVERGED, Manifest
from core.run.runs import CHECKPOINTS, Run
from core.settings import TrainSettings
from core.training.optimizers import NAMES, optimizer

SLOWER = 10  # times as long as the run took a script of it may take, or the other way round


def script_of(run: Run) -> str:
    """The Python script that repeats `run` in an empty folder: the same values, the same bits.

    Its `.data` and `.index` files are the run's own, bit for bit; its graph, in `.meta`, is a simpler one.
    It trains as many iterations as the run has done by now.

    Raises:
        RunNotFound: the run is gone.
        CheckpointError: the checkpoint that a fork started from cannot be read.
    """
    manifest, sample = run.manifest(), run.sample()
    table = read_history(run, sample).table
    steps = table.loc[table["name"] != FINAL, "step"]
    finished = bool((table["name"] == FINAL).any())
    started = _start_values(run)
    first = manifest.parent.iteration + 1 if started and manifest.parent else 0
    whole = finished or (steps.empty and manifest.status != DIVERGED)
    done = first if steps.empty else int(steps.iloc[-1]) + 1
    end = manifest.train.iterations if whole else done  # before its first checkpoint, what it is going to do
    compared = len(table) and not keeps_by_the_clock(manifest)
    expected = files_digest(run, table["name"]) if compared else ""
    return reproducing_script(manifest, sample, first, end, whole, started, expected)


def keeps_by_the_clock(manifest: Manifest) -> bool:
    """Whether it depends on how long a training takes which of its checkpoints stay.

    A Saver that deletes keeps one for each so many hours. A script trains faster or slower than the run did.
    """
    train = manifest.train
    hours = train.keep_checkpoint_every_n_hours
    return train.max_to_keep is not None and hours * 3600 < SLOWER * max(manifest.seconds, 1.0)


def files_digest(run: Run, names: Iterable[str]) -> str:
    """One SHA-256 for all `.data` and `.index` files of these checkpoints.

    It is that of the lines that `sha256sum *.data* *.index` prints, sorted by the names of the files.

    Args:
        names: of checkpoints that were read, so that their files are those that the run has recorded.
    """
    files = sorted(name + suffix for name in names for suffix in (DATA, INDEX))
    known = run.recorded([f"{CHECKPOINTS}/{file}" for file in files])
    found = {}
    for file in files:
        digest = known.get(f"{CHECKPOINTS}/{file}")
        found[file] = digest or digests.digest_of((run.checkpoints / file).read_bytes())
    return digests.digest_of(digests.lines_of(found))


def reproducing_script(
    manifest: Manifest,
    sample: Sample,
    first: int,
    end: int,
    final: bool,
    started: Mapping[str, np.float32],
    expected: str,
) -> str:
    """Fill in the script.

    Args:
        first, end: the iterations to train, `end` excluded.
        final: whether `model_final` is saved.
        started: variables that do not start at their usual values, of a fork.
        expected: `files_digest` of the run, for the script to compare its own with; empty if it has no files.
    """
    train = manifest.train
    origin = manifest.parent.words() if manifest.parent else "a separate run"
    versions = ", ".join(f"{name} {number}" for name, number in manifest.versions.items()) or "not known yet"
    seed = 0 if manifest.data is None else manifest.data.seed
    parts = {
        **body_parts(manifest, sample),
        "ID": manifest.id,
        "ORIGIN": origin,
        "VERSIONS": versions,
        "FIRST": str(first),
        "END": str(end),
        "PLANNED": _planned(train, end),
        "STARTED": _started(started),
        "SEED": f"SEED = {seed}\n" if train.order == "shuffled" else "",
        "RESTORE": _RESTORE if started else "",
        "FINAL": (_FINAL if final else "") + _LAST,
        "EXPECTED": _EXPECTED.format(expected) if expected else "",
        "COMPARE": _COMPARE if expected else "",
        "BITS": f"\n\n{BITS}\n" if expected else "",
    }
    return filled(_HEAD + _BODY + _END, parts)


def filled(text: str, parts: Mapping[str, str]) -> str:
    """A template with every «NAME» replaced by its part."""
    for name, part in parts.items():
        text = text.replace(f"«{name}»", part)
    return text


# What a setting that varies is called in a script that trains several runs.
ARGUMENTS = {
    "learning_rate": "learning_rate",
    "optimizer": "optimizer_name",
    "momentum": "momentum",
    "batch": "batch",
    "order": "order_of_samples",
    "noise": "noise",
    "samples": "points",
    "seed": "seed",
    "h": "h_true",
    "v": "v_true",
}


def training(manifest: Manifest, sample: Sample, varied: Collection[str], parts: Mapping[str, str]) -> str:
    """The lines from the data to the last save, as in the script of a run.

    Args:
        varied: settings that are arguments there, by the names of `ARGUMENTS`, in place of this run's values.
        parts: FOLDER, where it writes, in arguments of `os.path.join`; UNTIL, the iteration before which it
            ends; FINAL, what comes after the last iteration.
    """
    return filled(_BODY, {**body_parts(manifest, sample, varied), "RESTORE": "", **parts})


def body_parts(manifest: Manifest, sample: Sample, varied: Collection[str] = ()) -> dict[str, str]:
    """The parts of the script that the settings decide."""
    train = manifest.train

    def text(name: str) -> str:
        record = train if hasattr(train, name) else manifest.data
        return ARGUMENTS[name] if name in varied else repr(getattr(record, name))

    return {
        "DATA": _data(manifest, sample, text),
        "OPTIMIZER": _optimizer(train, text, "optimizer" in varied),
        "UPDATE": _update(train, "batch" in varied),
        "ORDER": _order(train, "order" in varied, "seed" if manifest.data else "0")
        if varied
        else _order(train),
        "KEEP": f"max_to_keep={train.max_to_keep}, "
        f"keep_checkpoint_every_n_hours={train.keep_checkpoint_every_n_hours!r}",
        "FOLDER": '"checkpoints"',
        "UNTIL": "END",
    }


def _start_values(run: Run) -> dict[str, np.float32]:
    """Every variable of the checkpoint that a fork started from; empty for other runs."""
    found = list(run.start.glob("*" + INDEX))
    if not found:
        return {}
    values = read_values(found[0].with_suffix(""))
    try:
        return {name: np.float32(value) for name, value in values.items()}
    except (TypeError, ValueError):
        raise CheckpointError(f"{found[0].name} has something other than this model's numbers.") from None


def _planned(train: TrainSettings, end: int) -> str:
    if end >= train.iterations:
        return ""
    return f"  # of {train.iterations}: the run had come so far"


def _data(manifest: Manifest, sample: Sample, text: Callable[[str], str]) -> str:
    data = manifest.data
    if data is None:
        return (
            "# The points are the run's own; nine digits bring every float32 back bit for bit.\n"
            f"x = np.array([{_floats(sample.x)}], np.float32)\n"
            f"y = np.array([{_floats(sample.y)}], np.float32)"
        )
    return (
        "# y = (x - h)^2 + v plus Gaussian noise; computed in float64, trained on as float32.\n"
        f"h_true, v_true, noise, seed = {text('h')}, {text('v')}, {text('noise')}, {text('seed')}\n"
        f"x = np.linspace({data.x_min!r}, {data.x_max!r}, {text('samples')})\n"
        "y = (x - h_true) ** 2 + v_true\n"
        f"y = y + np.random.default_rng(seed).normal(0.0, noise, {text('samples')})\n"
        "x, y = x.astype(np.float32), y.astype(np.float32)"
    )


def _floats(values: npt.NDArray[np.float32]) -> str:
    text = ", ".join(f"{value:.9g}" for value in values)
    if len(text) < 80:
        return text
    return "\n" + textwrap.fill(text, 104, initial_indent="    ", subsequent_indent="    ") + "\n"


def _optimizer(train: TrainSettings, text: Callable[[str], str], varies: bool) -> str:
    def made(name: str) -> str:
        return f"v1.train.{optimizer(name).tensorflow.line(text)}"

    if not varies:
        return made(train.optimizer)
    lines = "".join(f'        "{name}": {made(name)},\n' for name in NAMES)
    return f"{{\n{lines}    }}[{ARGUMENTS['optimizer']}]"


def _started(started: Mapping[str, np.float32]) -> str:
    if not started:
        return ""
    lines = "".join(f'    "{name}": float.fromhex("{float(v).hex()}"),\n' for name, v in started.items())
    return (
        f"# What the parent's checkpoint held; variables that it lacks start fresh.\nSTART = {{\n{lines}}}\n"
    )


def _update(train: TrainSettings, varies: bool = False) -> str:
    if varies:
        one, several = (_update(replace(train, batch=batch)) for batch in (1, 0))
        size = f"tf.minimum({ARGUMENTS['batch']} or samples, samples)"
        several = several.replace("size = samples", f"size = {size}")
        return f"        if {ARGUMENTS['batch']} == 1:\n{textwrap.indent(one, '    ')}\n{several}"
    if train.batch == 1:
        return (
            "        # One sample, one update of the optimizer, as in the recipe.\n"
            "        loss = tf.square(tf.gather(ys, start) - (tf.square(tf.gather(xs, start) - h) + v))\n"
            "        with tf.control_dependencies([optimizer.minimize(loss)]):\n"
            "            return start + 1"
        )
    size = "samples" if train.batch == 0 else f"tf.minimum({train.batch}, samples)"
    return (
        "        # One batch, one update of the optimizer.\n"
        f"        size = {size}\n"
        "        x_batch, y_batch = xs[start : start + size], ys[start : start + size]\n"
        "        loss = tf.reduce_mean(tf.square(y_batch - (tf.square(x_batch - h) + v)))\n"
        "        with tf.control_dependencies([optimizer.minimize(loss)]):\n"
        "            return start + size"
    )


def _order(train: TrainSettings, varies: bool = False, seed: str = "SEED") -> str:
    if varies:
        return (
            "        order = np.arange(len(x))\n"
            f'        if {ARGUMENTS["order"]} == "shuffled":\n'
            f"            order = np.random.default_rng([{seed}, iteration]).permutation(len(x))\n"
            "        run_epoch(x[order], y[order])"
        )
    if train.order == "shuffled":
        return (
            "        # Seed and iteration alone decide the order, so a resumed run goes on the same.\n"
            f"        order = np.random.default_rng([{seed}, iteration]).permutation(len(x))\n"
            "        run_epoch(x[order], y[order])"
        )
    return "        run_epoch(x, y)"


_RESTORE = """\
    for variable in v1.global_variables():
        if variable.op.name in START:
            variable.load(START[variable.op.name], session)
"""
_FINAL = """\
    saver.save(session, os.path.join(folder, "model_final"))
"""
_LAST = """\
    last_h, last_v = session.run([h, v])
"""
_EXPECTED = '# Of all .data and .index files of the run.\nEXPECTED = "{}"\n'
_COMPARE = """\
found, files = bits(folder)
same = f"The same bits as in the run, in all {files} files."
print(same if found == EXPECTED else f"NOT the same bits as in the run: one or more of {files} files differ.")
"""
BITS = '''\
def bits(folder):
    """One SHA-256 for all .data and .index files: of the lines of `sha256sum`, sorted by name; how many."""
    names = sorted(name for name in os.listdir(folder) if name.endswith((".index", ".data-00000-of-00001")))
    lines = []
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            lines.append(f"{hashlib.sha256(file.read()).hexdigest()}  {name}\\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest(), len(names)
'''

# Kept in step with core/tf/model.py and core/tf/training.py by tests/core/training/test_script.py, which runs
# what comes out and compares its files with those of the application, byte for byte.
_HEAD = '''\
"""Repeats run «ID» of Checkpoint Explorer: checkpoints with the same values, the same bits.

This was «ORIGIN», made with: «VERSIONS».
Put this file into an empty folder, `pip install tensorflow numpy`, and run it with Python. The files
appear in checkpoints/. Other versions or processors may round the last bits differently.
"""

import hashlib
import os

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1

FIRST, END = «FIRST», «END»«PLANNED»
«SEED»«EXPECTED»«STARTED»«BITS»
'''
_BODY = """\
«DATA»

graph = tf.Graph()
with graph.as_default():
    # The recipe's model: two float32 scalars that start at 0.
    X = v1.placeholder(tf.float32, name="X")
    Y = v1.placeholder(tf.float32, name="Y")
    h = v1.Variable(0.0, name="hor_estimate", use_resource=True)
    v = v1.Variable(0.0, name="ver_estimate", use_resource=True)
    prediction = tf.add(tf.square(X - h), v, name="prediction")
    cost = tf.reduce_mean(tf.square(Y - prediction), name="cost")
    optimizer = «OPTIMIZER»
    train = optimizer.minimize(cost, name="train")

    # An iteration is one pass over all samples. This loop inside the graph does the same updates in
    # the same order as one `session.run(train, {X: ..., Y: ...})` a sample, many times faster.
    xs = v1.placeholder(tf.float32, [None], name="xs")
    ys = v1.placeholder(tf.float32, [None], name="ys")
    samples = tf.size(xs)

    def update(start):
«UPDATE»

    with tf.name_scope("epoch"):
        end = v1.while_loop(lambda start: start < samples, update, [tf.constant(0)], parallel_iterations=1)
        with tf.control_dependencies([end]):
            epoch = [h.read_value(), v.read_value()]
    # The loop's own update is no operation of this graph, so `.meta` must not list it.
    del v1.get_collection_ref(v1.GraphKeys.TRAIN_OP)[1:]
    initialize = v1.global_variables_initializer()
    saver = v1.train.Saver(
        «KEEP»,
        save_relative_paths=True,
    )

folder = os.path.join(os.getcwd(), «FOLDER»)
if os.path.exists(folder):
    raise SystemExit(f"{folder} is there already; two Savers must not share a folder: move it away first.")
os.makedirs(folder)
# One thread: with more, a sum over a large batch may be added up in another order.
config = v1.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
with graph.as_default(), v1.Session(graph=graph, config=config) as session:
    session.run(initialize)
«RESTORE»    run_epoch = session.make_callable(epoch, [xs, ys])
    for iteration in range(FIRST, «UNTIL»):
«ORDER»
        saver.save(session, os.path.join(folder, "model_iter"), global_step=iteration)
«FINAL»
"""
_END = """\
print(f"h = {last_h:.9g}, v = {last_v:.9g} after {END} iterations")
«COMPARE»"""
