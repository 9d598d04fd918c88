"""Whether a checkpoint would load: what TensorFlow's or Keras' own loader does, from reading alone.

The rules of each loader are a module: `saver`, `objects`, `by_path` (newer files of Keras), `by_order` (older
ones). The tests hold each against what really happens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.bundle import Entry, Values
from core.bundle.graph import Object
from core.bundle.source import Source
from core.checkpoint import META, CheckpointError
from core.inspect.find import ITSELF, KERAS, ORBAX, SAVED_MODEL, V1, V2, Checkpoint
from core.inspect.formats import variables
from core.inspect.graphs import Restored
from core.inspect.model import COUNTER, SLOT
from core.inspect.tensors import objects_of, opened
from core.inspect.verdict import damage, fixes, keras_layers, object_graph, objects, saver
from core.inspect.verdict.verdict import (
    GAP,
    LOADED,
    LOADS,
    MODEL,
    OPTIMIZER,
    OTHER,
    OUTCOMES,
    REFUSED,
    SKIPPED,
    UNKNOWN,
    Choice,
    Fix,
    Row,
    Told,
    Verdict,
)
from core.words import are, counted, first_few, listed

# What programs call the parts of a Checkpoint; a module's own attributes are called otherwise.
_USUAL = {"model", "optimizer", "net", "step", "iterator", "generator", "discriminator", "encoder", "decoder"}
_LOADED_BY_RULE = (V2, V1, SAVED_MODEL, KERAS)
_LARGEST_CONFIG = 16 << 20
_NEWER = (".weights.h5", ".keras", ".weights.json")  # endings by which Keras knows its newer format
_NO_ENDING = (
    "File format not supported: filepath={path}. Keras 3 only supports V3 `.keras` files, `.weights.h5` "
    "files, legacy H5 format files (`.h5` extension), or Orbax checkpoints."
)
_UNCHECKED = (
    f"Checksums of {damage.CHECKED >> 20} MB of the values were verified. `check` verifies all of them."
)
_POWER = re.compile(r"(.*/)?beta[12]_power(_\d+)?")  # how often Adam has run


@dataclass
class _File:
    """A checkpoint that is open, as far as it can be opened.

    Attributes:
        path: of the prefix, the folder or the file, from the place where it is.
        where: the whole path.
        values: None when it cannot be opened.
        error: why not.
    """

    checkpoint: Checkpoint
    where: Path
    values: Values | None
    error: CheckpointError | None
    stored: list[Object]
    entries: Mapping[str, Entry]

    @property
    def path(self) -> str:
        return self.checkpoint.path or "."

    @property
    def prefix(self) -> Path:
        return self.where / "variables" / "variables" if self.checkpoint.kind == SAVED_MODEL else self.where


def verdict(
    root: Path, source: Checkpoint, other: Path, into: Checkpoint | str, choice: Choice | None = None
) -> Verdict:
    """What happens when a checkpoint is loaded into a target.

    Args:
        root: the directory that `source.path` is below.
        other: the directory that `into` is below.
        into: a checkpoint, SavedModel or Keras file of the target, or the path of a `.meta` file or of a
            Keras model's configuration as JSON.

    Raises:
        CheckpointError: the target cannot be read, or says too little to be one.
    """
    chosen = choice or Choice()
    for each in (source, into):
        if isinstance(each, Checkpoint) and each.kind not in _LOADED_BY_RULE:
            return _not_known(source, into, each)
    with ExitStack() as stack:
        file = _opened(root, source, stack)
        if isinstance(into, str) and into.endswith(META):
            return _into_graph(file, other, into, into, chosen)
        if isinstance(into, str) or into.kind == KERAS:
            return _into_keras(file, other, into, chosen, stack)
        if into.kind == SAVED_MODEL:
            return _into_saved_model(file, other, into, chosen)
        return _into_checkpoint(file, _opened(other, into, stack), other, chosen)


def _not_known(source: Checkpoint, into: Checkpoint | str, of: Checkpoint) -> Verdict:
    """What is said of a format whose loaders are not among those that are predicted."""
    called = into if isinstance(into, str) else into.path or ITSELF
    article = "an" if of.kind == ORBAX else "a"
    cause = f"{of.path or ITSELF} is {article} {of.kind}: how such a file is loaded is not predicted here."
    return Verdict(source.path or ITSELF, called, "", UNKNOWN, "", "", cause, ())


def _opened(root: Path, checkpoint: Checkpoint, stack: ExitStack) -> _File:
    try:
        values = stack.enter_context(opened(root, checkpoint))
    except CheckpointError as error:
        return _File(checkpoint, root / checkpoint.path, None, error, [], {})
    stored: list[Object] = []
    if checkpoint.kind != KERAS:
        try:
            stored = objects_of(values)
        except CheckpointError as error:
            entries = {entry.name: entry for entry in values.entries}
            return _File(checkpoint, root / checkpoint.path, values, error, [], entries)
    entries = {entry.name: entry for entry in values.entries}
    return _File(checkpoint, root / checkpoint.path, values, None, stored, entries)


def _into_graph(file: _File, other: Path, path: str, called: str, choice: Choice) -> Verdict:
    """A graph of TensorFlow 1, and its Saver."""
    from core.tf.inspect import graphs_of

    graphs = graphs_of(other, path)
    # Of a SavedModel one graph is loaded, by its tags (tensorflow/python/saved_model/loader_impl.py).
    graph = next((each for each in graphs if "serve" in each.tags), graphs[0] if graphs else None)
    found = _by_saver(file, [*graph.saver] if graph else [], called, choice)
    if graph is None or len(graphs) < 2:
        return found
    others = f"there {are(len(graphs) - 1)} {counted(len(graphs) - 1, 'other')}"
    which = f"This is about the graph that is tagged {listed(graph.tags, 'nothing')}; {others}."
    return replace(found, not_known=(*found.not_known, which))


def _by_saver(file: _File, wanted: list[Restored], called: str, choice: Choice) -> Verdict:
    prefix = _values_of(file)
    parts = _parts(wanted)
    slots = {key for key, part in parts.items() if part == OPTIMIZER}
    call = f"tf.compat.v1.train.Saver().restore(session, {prefix!r})"
    if not choice.optimizer and slots:
        wanted = [each for each in wanted if each.key not in slots]
        call = f"tf.compat.v1.train.Saver(variables).restore(session, {prefix!r})  # without the optimizer's"
    if file.checkpoint.kind == KERAS:
        message = f"The passed save_path is not a valid checkpoint: {GAP}"
        cause = "A Saver reads TensorFlow's checkpoints, and this is a Keras file."
        told = Told((), cause, "ValueError", message)
        return _verdict(file, called, call, told, ())
    old = file.checkpoint.kind == V1
    names = {name: key for node in file.stored for name, key in node.keys} if file.stored else None
    told = saver.restore(file.entries, names, wanted, parts, version=1 if old else 2)
    if file.values is not None and told.unread:
        # Only where a name is missing, a Saver looks for it among the objects (training/saver.py, restore).
        bad = damage.of_objects(file.prefix, file.values) if told.error == "NotFoundError" else None
    else:
        bad = damage.of_checkpoint(file.prefix, file.values, _asked(told), saver=True)
    if bad is None:
        told = _with_limits(told, file)
    else:
        rows = [Row(REFUSED, w.variable, w.variable, "", w.dtype, w.shape, part=MODEL) for w in wanted]
        told = replace(bad, rows=tuple(rows))
    # Of the older tables, TensorFlow's readers give no float16.
    given = {key: each for key, each in file.entries.items() if not old or each.dtype != "float16"}
    known = fixes.of_graph(prefix, wanted, given, file.stored) if bad is None else ()
    return _verdict(file, called, call, told, known)


def _parts(wanted: Sequence[Restored]) -> dict[str, str]:
    """Whose each name is: the model's, its optimizer's, or what only counts."""
    entries = [Entry(each.key, each.dtype, each.shape or (), 0, 0, 0) for each in wanted]
    known = variables.meanings(entries)
    own = {SLOT: OPTIMIZER, COUNTER: OTHER}
    found = {key: own.get(meaning.role, MODEL) for key, meaning in known.items()}
    powers = [key for key in found if _POWER.fullmatch(key)]
    return found | dict.fromkeys(powers, OPTIMIZER)


def _into_saved_model(file: _File, other: Path, into: Checkpoint, choice: Choice) -> Verdict:
    """A SavedModel that is loaded: its objects, or its graph where it has none."""
    from core.tf.inspect import models_of

    called = into.path or ITSELF
    model = next(iter(models_of(other, into.path)), None)
    if model is None:
        raise CheckpointError(f"{called} is damaged: its saved_model.pb has no graph.")
    if not model.variables:
        return _into_graph(file, other, into.path, called, choice)
    target = object_graph.target_of_model(model)
    start = object_graph.best_start(file.stored, target)
    name = _name_of(file.stored, start)
    made = f"{name}=loaded" if name else "loaded"
    call = f"tf.train.Checkpoint({made}).{{how}}({file.path!r})"
    return _by_objects(file, target, start, called, call, "loaded")


def _values_of(file: _File) -> str:
    """What a reader of single values is given."""
    return f"{file.path}/variables/variables" if file.checkpoint.kind == SAVED_MODEL else file.path


def _name_of(stored: list[Object], start: int) -> str:
    """What the root of a checkpoint calls one of its children; "" for the root itself."""
    return (
        next((name for name, child in stored[0].children if child == start and child), "") if stored else ""
    )


def _by_objects(
    file: _File, target: object_graph.Target, start: int, called: str, call: str, program: str
) -> Verdict:
    counter = bool(file.stored) and any(name == object_graph.COUNTER for name, _ in file.stored[0].children)
    whole = counter or file.checkpoint.kind == SAVED_MODEL
    call = call.format(how="restore" if whole else "read")
    if file.checkpoint.kind == KERAS:
        cause = "tf.train.Checkpoint reads TensorFlow's checkpoints, and this is a Keras file."
        return _verdict(file, called, call, Told((), cause, "DataLossError", GAP), ())
    if not file.stored:
        told = objects.restore_by_name(file.entries, target)
    else:
        told = objects.restore(file.stored, file.entries, target, start=start, counted_saves=whole)
    asked = set() if told.unread else _asked(told)
    bad = damage.of_checkpoint(file.prefix, file.values, asked, saver=False, counted_saves=whole)
    if bad is not None:
        rows = tuple(
            Row(REFUSED, target.labels.get(at) or value.name, value.key, "", value.dtype, value.shape)
            for at in target.reached()
            for value in target.nodes[at].values.values()
            if value.key
        )
        return _verdict(file, called, call, replace(bad, rows=rows), ())
    told_of = (_values_of(file), target, file.stored, file.entries, start, program)
    known = fixes.of_objects(*told_of, by_attributes=program != "model")
    return _verdict(file, called, call, _with_limits(told, file), known)


def _asked(told: Told) -> set[str]:
    """The keys of the values that a loader reads."""
    return {row.source for row in told.rows if row.outcome in (LOADED, REFUSED) and row.source}


def _with_limits(told: Told, file: _File) -> Told:
    """The same, and that bytes were not looked at where there are too many."""
    if told.error or not damage.unchecked(file.values, _asked(told)):
        return told
    return replace(told, not_known=(*told.not_known, _UNCHECKED))


def _into_checkpoint(file: _File, target: _File, other: Path, choice: Choice) -> Verdict:
    """The program that another checkpoint was saved from."""
    into = target.checkpoint
    called = into.path or ITSELF
    if target.values is None:
        raise CheckpointError(f"{called} cannot say what it would be loaded into: {target.error}")
    if target.stored:
        there = object_graph.target_of(target.stored, target.entries, optimizer=choice.optimizer)
        made = _call_of(there)
        call = f"tf.train.Checkpoint({made}).{{how}}({file.path!r})"
        return _by_objects(file, there, 0, called, call, "root")
    graph = next((path for path, _, _ in into.files if path.endswith(META)), "")
    if graph:
        return _into_graph(file, other, graph, called, choice)
    wanted = [
        Restored(entry.name, entry.dtype, "", entry.name, entry.shape, True)
        for entry in target.entries.values()
        if entry.dtype != "string"
    ]
    made_up = _by_saver(file, wanted, called, choice)
    if made_up.error == "InvalidArgumentError" and "shapes of both tensors" in made_up.message:
        cause = f"{made_up.cause} A checkpoint does not say whether the graph's variables check shapes."
        return replace(made_up, level="not known", error="", message="", cause=cause)
    return made_up


def _call_of(target: object_graph.Target) -> str:
    """What the program's Checkpoint was made of, by the names of its root's children."""
    root = target.nodes[0]
    names = [name for name in root.children if name not in (object_graph.COUNTER, "root")]
    is_its_own = root.children.get("root") == 0
    plain = all(name.isidentifier() and not target.nodes[root.children[name]].values for name in names)
    if names and plain and not is_its_own and _USUAL & set(names):
        return ", ".join(f"{name}={name}" for name in names)
    return "root"


def _into_keras(
    file: _File, other: Path, into: Checkpoint | str, choice: Choice, stack: ExitStack
) -> Verdict:
    """A Keras model, described by a file of it or by its configuration."""
    from core.inspect.keras import KerasFile
    from core.inspect.verdict import keras_objects, keras_target

    if isinstance(into, str):
        target, called = keras_target.target_of_config(_config(other / into)), into
    else:
        described = stack.enter_context(opened(other, into))
        assert isinstance(described, KerasFile)
        if missing := getattr(described, "missing", None):
            gone = first_few(sorted(missing))
            raise CheckpointError(f"{into.path} cannot say what it would be loaded into: it lacks {gone}.")
        target, called = keras_target.target_of(described), into.path
    if not choice.optimizer:
        target = target.alone()
    if file.checkpoint.kind == KERAS:
        return _by_load_weights(file, target, called, choice)
    there = keras_objects.objects_of(target)
    if there is None:
        call = f"tf.train.Checkpoint(model=model).restore({file.path!r})"
        cause = (
            "A Keras file does not say which attributes a subclassed model has: describe it by a "
            "checkpoint that "
            "tf.train.Checkpoint wrote of it."
        )
        return _verdict(file, called, call, Told((), cause, undecided=True), ())
    start = object_graph.best_start(file.stored, there)
    name = _name_of(file.stored, start)
    made = "model"
    optimizer = bool(target.optimizer) and any(
        each == keras_target.OPTIMIZER for each, _ in (file.stored[0].children if file.stored else [])
    )
    if name:
        there = keras_objects.inside(there, name, optimizer=optimizer)
        made = f"{name}=model" + (", optimizer=model.optimizer" if optimizer else "")
    call = f"tf.train.Checkpoint({made}).{{how}}({file.path!r})"
    found = _by_objects(file, there, 0, called, call, "model")
    if file.values is None or found.card in damage.CARDS:
        return found  # there is nothing to read and assign
    named = fixes.named_variables(file.stored, file.entries)
    return _with_fixes(found, fixes.of_keras_weights(_values_of(file), target, named), False)


def _by_load_weights(file: _File, target: Any, called: str, choice: Choice) -> Verdict:
    from core.inspect.keras import KerasFile
    from core.inspect.verdict import by_order, by_path, keras_files

    path = file.path
    options = "".join(f", {name}=True" for name in ("by_name", "skip_mismatch") if getattr(choice, name))
    call = f"model.load_weights({path!r}{options})"
    newer = path.endswith(_NEWER)
    if newer and choice.by_name:
        message = "`by_name` only supports loading legacy '.h5' or '.hdf5' files."
        cause = "Keras loads by name from .h5 files of its older format alone."
        return _verdict(file, called, call, Told((), cause, "ValueError", message), ())
    if not isinstance(file.values, KerasFile):
        error = file.error or CheckpointError("It cannot be read.")
        return _verdict(file, called, call, damage.of_keras(file.where, error), ())
    store, legacy = keras_files.store_of(file.values), keras_files.legacy_of(file.values)
    if path.endswith(".keras") and not damage.is_zip(file.where):
        told = damage.of_keras(file.where, CheckpointError(""))
        meant = f"{path.removesuffix('.keras')}.h5"
        return _verdict(
            file, called, call, told, fixes.renamed(path, meant, by_order.load_weights(legacy, target))
        )
    meant = file.values.fitting(path)
    renamed: tuple[Fix, ...] = ()
    if meant != path:
        if file.values.is_numbered:
            as_meant = by_path.load_weights(store, target, skip_mismatch=choice.skip_mismatch)
        else:
            as_meant = by_order.load_weights(legacy, target, skip_mismatch=choice.skip_mismatch)
        renamed = fixes.renamed(path, meant, as_meant)
    if not path.endswith((*_NEWER, ".h5", ".hdf5")):
        cause = f"Keras goes by the ending of a file's name, and {file.where.name} has none that it knows."
        told = Told((), cause, "ValueError", _NO_ENDING.format(path=path))
        return _verdict(file, called, call, told, renamed)
    if newer:
        told = by_path.load_weights(store, target, skip_mismatch=choice.skip_mismatch)
    else:
        told = by_order.load_weights(
            legacy, target, by_name=choice.by_name, skip_mismatch=choice.skip_mismatch
        )
    known = (*renamed, *fixes.of_keras(path, target, store, legacy, newer=newer))
    return _verdict(file, called, call, told, known)


def _config(path: Path) -> keras_layers.Layer:
    with Source(path, _LARGEST_CONFIG) as source:
        content = bytes(source.read(0, source.size))
    try:
        described = json.loads(content)
    except (ValueError, RecursionError):
        raise CheckpointError(f"{path.name} is not JSON.") from None
    layer = keras_layers.layer_of(described)
    if layer is None or layer.layers is None:
        raise CheckpointError(
            f"{path.name} describes no Sequential or functional Keras model, so its weights are not known."
        )
    return layer


def _verdict(file: _File, called: str, call: str, told: Told, known: tuple[Fix, ...]) -> Verdict:
    refused = {row.source for row in told.rows if row.outcome == REFUSED and row.source}
    kept = [row for row in told.rows if row.outcome != SKIPPED or row.source not in refused]
    rows = tuple(sorted(kept, key=lambda row: OUTCOMES.index(row.outcome)))
    found = Verdict(
        file.checkpoint.path or ITSELF,
        called,
        call,
        told.level,
        told.error,
        told.message,
        told.cause,
        rows,
        (),
        told.assertions,
        told.warnings,
        told.not_known,
        told.card,
    )
    return _with_fixes(found, known, bool(told.cautions))


def _with_fixes(found: Verdict, known: tuple[Fix, ...], caution: bool) -> Verdict:
    """The ways out that load more than the call does, the one that loads most first."""
    if found.level == LOADS:
        return found
    loaded = sum(row.outcome == LOADED for row in found.rows)
    better = [fix for fix in known if fix.loads + caution > loaded or (found.error and fix.loads)]
    best = sorted({fix.title: fix for fix in (*found.fixes, *better)}.values(), key=lambda fix: -fix.loads)[
        :2
    ]
    return replace(found, fixes=tuple(best))
