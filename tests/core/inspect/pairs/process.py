"""Builds pairs, loads them, records what happened: `python -m tests.core.inspect.pairs.process DIR`.

Specs come as JSON on the standard input; DIR gets a folder for each with its files and `happened.json`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import traceback
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import tensorflow as tf

from tests.core.inspect.pairs import graphs, keras_models, modules

Values = dict[str, Any]
v1 = tf.compat.v1


def happened(spec: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Build both sides, write their files, load the one into the other, and look at every weight."""
    folder.mkdir(parents=True)
    family = {"keras": _keras, "graph": _graph, "module": _module}[spec["family"]]
    record = family(spec, folder)
    record["source"], record["target"] = spec["files"]
    return record


def _keras(spec: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    source, target = spec["source"], spec["target"]
    model = keras_models.made(source["arch"])
    keras_models.fill(model, 1)
    saved = _saved_keras(model, source, folder, "saved")
    there = keras_models.made(target["arch"])
    keras_models.fill(there, 2)
    described = _saved_keras(there, target, folder, "target")
    spec["files"][:] = [saved, described]
    _damage(spec, folder)
    start = [keras_models.number(v) for v in keras_models.variables(there)]
    names = [keras_models.called(v) for v in keras_models.variables(there)]
    call = spec["call"]
    path = str(folder / saved)
    asserts: dict[str, str] = {}
    record = _tried(lambda: _load_keras(there, call, path, asserts))
    after = [keras_models.number(v) for v in keras_models.variables(there)]
    # What loading created (a save counter, slots) is no weight of the target.
    return record | _rows(names, start, after[: len(start)], folder, saved, described) | {"asserts": asserts}


def _saved_keras(model: Any, side: Mapping[str, Any], folder: Path, name: str) -> str:
    if side["kind"] != "objects":
        return keras_models.save(model, side["arch"], side["kind"], str(folder), name)
    checkpoint = _keras_checkpoint(model, side)
    if side.get("counter"):
        return os.path.basename(checkpoint.save(str(folder / name)))
    checkpoint.write(str(folder / name))
    return name


def _load_keras(model: Any, call: Mapping[str, Any], path: str, asserts: dict[str, str]) -> None:
    if call["how"] == "load_weights":
        options = {key: call[key] for key in ("by_name", "skip_mismatch") if call.get(key)}
        model.load_weights(path, **options)
        return
    _restore(_keras_checkpoint(model, call), call, path, asserts)


def _keras_checkpoint(model: Any, side: Mapping[str, Any]) -> Any:
    root, parts = side.get("root", "model"), {}
    if root != "root":
        parts[root] = model
    if side.get("optimizer") and getattr(model, "optimizer", None) is not None:
        parts["optimizer"] = model.optimizer
    return tf.train.Checkpoint(*([model] if root == "root" else []), **parts)


def _restore(checkpoint: Any, call: Mapping[str, Any], path: str, asserts: dict[str, str]) -> None:
    status = (checkpoint.read if call["how"] == "read" else checkpoint.restore)(path)
    for name in ("assert_existing_objects_matched", "assert_consumed"):
        try:
            getattr(status, name)()
            asserts[name] = ""
        except AssertionError as error:
            asserts[name] = str(error)
    status.expect_partial()


def _graph(spec: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    source, target = spec["source"], spec["target"]
    saved = graphs.Made(source["arch"], 1).save(source["kind"], str(folder), "saved")
    there = graphs.Made(target["arch"], 2)
    described = there.save(target["kind"], str(folder), "target")
    spec["files"][:] = [saved, described]
    _damage(spec, folder)
    prefix = str(folder / saved) + ("/variables/variables" if source["kind"] == "saved_model" else "")
    start = there.values()

    def load() -> None:
        with there.graph.as_default():
            there.saver.restore(there.session, prefix)

    record = _tried(load)
    after = there.values()
    names = [*start]
    found = _rows(
        names, [start[n] for n in names], [after[n] for n in names], folder, saved, described, own_names=True
    )
    there.session.close()
    return record | found | {"asserts": {}}


def _module(spec: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    source, target = spec["source"], spec["target"]
    if source["kind"] == "saver":
        saved = graphs.Made(source["arch"], 1).save("v2", str(folder), "saved")
    else:
        saved = modules.save(
            source["arch"], modules.made(source["arch"], 1), source["kind"], str(folder), "saved"
        )
    there = modules.made(target["arch"], 2)
    described = modules.save(target["arch"], there, target["kind"], str(folder), "target")
    if target["kind"] == "saved_model":
        there = tf.saved_model.load(str(folder / described))
    spec["files"][:] = [saved, described]
    _damage(spec, folder)
    known = modules.variables(there)
    start = {name: variable.numpy() for name, variable in known.items()}
    asserts: dict[str, str] = {}
    prefix = str(folder / saved)
    call = spec["call"]
    checkpoint = modules.checkpoint({"root": call.get("root", "root")}, there)
    record = _tried(lambda: _restore(checkpoint, call, prefix, asserts))
    found = _rows(
        [*known],
        [*start.values()],
        [variable.numpy() for variable in known.values()],
        folder,
        saved,
        described,
    )
    return record | found | {"asserts": asserts}


def _tried(load: Callable[[], None]) -> dict[str, Any]:
    """What a call raised and warned of."""
    error, message = "", ""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            load()
        except Exception as raised:
            error, message = type(raised).__name__, str(raised)
    return {"error": error, "message": message, "warnings": [str(each.message) for each in warned]}


def _rows(
    names: list[str],
    start: list[Any],
    after: list[Any],
    folder: Path,
    saved: str,
    described: str,
    own_names: bool = False,
) -> dict[str, Any]:
    """Of each weight of the target: its keys in the target's file, whether it changed, where it came from."""
    there, here = _values(folder, described), _values(folder, saved)
    rows = []
    for name, before, now in zip(names, start, after, strict=True):
        keys = [name] if own_names else [key for key, value in there.items() if _same(value, before)]
        rows.append(
            {
                "name": name,
                "keys": keys,
                "unchanged": _same(before, now),
                "zero": not np.any(now),
                "from": [key for key, value in here.items() if _same(value, now) or _part(value, now)],
            }
        )
    return {"weights": rows, "stored": sorted(here)}


def _same(value: Any, other: Any) -> bool:
    """Whether a stored value is what a weight has, cast to its dtype."""
    if value.shape != other.shape or value.dtype.kind in "OSU" or value.dtype == np.dtype("V2"):
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(np.array_equal(value.astype(other.dtype), other))


def _part(value: Any, other: Any) -> bool:
    """Whether a weight has some rows of a stored value, as a partitioned variable does."""
    if (
        not (np.ndim(value) and np.ndim(other))
        or value.shape[1:] != other.shape[1:]
        or len(value) <= len(other)
        or not len(other)
        or value.dtype == np.dtype("V2")
    ):
        return False
    starts = range(len(value) - len(other) + 1)
    return any(np.array_equal(value[at : at + len(other)], other) for at in starts)


def _values(folder: Path, name: str) -> Values:
    """Every array in a file by its key, read by other libraries than the verdict's."""
    path = folder / name
    if name.endswith(".json") and not name.endswith(".weights.json"):
        return {}
    if name.endswith(".weights.json"):
        found: Values = {}
        for shard in sorted(folder.glob(f"{name.removesuffix('.weights.json')}_*.weights.h5")):
            found |= _hdf5(shard)
        return found
    if name.endswith(".keras"):
        with zipfile.ZipFile(path) as archive:
            if "model.weights.npz" in archive.namelist():
                with np.load(archive.open("model.weights.npz"), allow_pickle=True) as packed:
                    return {
                        f"{key}/vars/{n}".removeprefix("__root__/"): np.asarray(value)
                        for key in packed
                        for n, value in packed[key].tolist().items()
                    }
            if "model.weights.h5" not in archive.namelist():
                return {}
            archive.extract("model.weights.h5", folder / f".{name}")
        found = _hdf5(folder / f".{name}" / "model.weights.h5")
        shutil.rmtree(folder / f".{name}")
        return found
    if name.endswith(".h5"):
        return _hdf5(path)
    prefix = str(path).removesuffix(".meta") + ("/variables/variables" if path.is_dir() else "")
    found = {}
    with contextlib.suppress(Exception):  # an index that was taken away
        reader = tf.train.load_checkpoint(prefix)
        for key in reader.get_variable_to_shape_map():
            with contextlib.suppress(Exception):  # a data file likewise, or a type that it does not read
                found[key] = np.asarray(reader.get_tensor(key))
    return found


def _hdf5(path: Path) -> Values:
    found: Values = {}

    def visit(name: str, each: Any) -> None:
        if isinstance(each, h5py.Dataset):
            value = np.asarray(each)
            if value.dtype == np.dtype("V2"):  # HDF5 has no bfloat16
                import ml_dtypes

                value = value.view(ml_dtypes.bfloat16)
            found[name] = value

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
    except OSError:
        return {}
    return found


def _damage(spec: Mapping[str, Any], folder: Path) -> None:
    """Take away or cut what the spec says, after saving."""
    saved = spec["files"][0]
    for kind in spec.get("damage", ()):
        if kind == "no data":
            for path in folder.glob(f"{saved}.data-*"):
                path.unlink()
        elif kind == "no index":
            (folder / f"{saved}.index").unlink()
        elif kind == "cut":
            path = next(iter(sorted(folder.glob(f"{saved}.data-*"))), folder / saved)
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        elif kind == "no shard":
            sorted(folder.glob(f"{saved.removesuffix('.weights.json')}_*.weights.h5"))[-1].unlink()
        elif kind == "no weights":
            with zipfile.ZipFile(folder / saved) as archive:
                kept = {name: archive.read(name) for name in archive.namelist() if "weights" not in name}
            with zipfile.ZipFile(folder / saved, "w") as archive:
                for name, content in kept.items():
                    archive.writestr(name, content)
        elif kind.startswith("called "):
            wanted = f"saved{kind.removeprefix('called ')}"
            (folder / saved).rename(folder / wanted)
            spec["files"][0] = wanted
        else:
            raise ValueError(kind)


def fixed(spec: Mapping[str, Any], folder: Path, code: str) -> int:
    """Run a way out on a target as it was before; how many of its weights have a value of the file."""
    target, saved = spec["target"], json.loads((folder / "happened.json").read_text())["source"]
    space: dict[str, Any] = {}
    if spec["family"] == "keras":
        space["model"] = keras_models.made(target["arch"])
        keras_models.fill(space["model"], 2)
        if target["kind"] == "objects":
            own = target.get("root") == "root"
            space["root"] = space["model"] if own else _keras_checkpoint(space["model"], target)
    elif spec["family"] == "module":
        space["root"] = space["loaded"] = modules.made(target["arch"], 2)
        if target["arch"].get("root", "root") != "root":
            space["root"] = modules.checkpoint(target["arch"], space["root"])
        if target["kind"] == "saved_model":
            space["loaded"] = tf.saved_model.load(str(folder / "target"))
    else:
        there = graphs.Made(target["arch"], 2)
        space["session"] = there.session
    here = _values(folder, saved)
    before = os.getcwd()
    os.chdir(folder)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(code, space)
    finally:
        os.chdir(before)
    if spec["family"] == "keras":
        values = [keras_models.number(v) for v in keras_models.variables(space["model"])]
    elif spec["family"] == "module":
        start = space["loaded"] if target["kind"] == "saved_model" else space["root"]
        values = [v.numpy() for v in modules.variables(start).values()]
    else:
        values = list(there.values().values())
    return sum(any(_same(value, each) for value in here.values()) for each in values)


def main() -> None:
    folder = Path(sys.argv[1])
    if "--fixes" in sys.argv:
        for spec, code in json.load(sys.stdin):
            try:
                count: int | str = fixed(spec, folder / spec["name"], code)
            except Exception as error:
                count = f"{type(error).__name__}: {error}"
            (folder / spec["name"] / "fixed.json").write_text(json.dumps({"code": code, "loads": count}))
        return
    failed = False
    for spec in json.load(sys.stdin):
        spec["files"] = ["", ""]
        place = folder / spec["name"]
        try:
            record = happened(spec, place)
        except Exception:  # the others are worth their time
            failed = True
            print(f"{spec['name']} cannot be built:\n{traceback.format_exc()}", file=sys.stderr)
            shutil.rmtree(place, ignore_errors=True)
            continue
        (place / "happened.json").write_text(json.dumps(record, indent=1))
    sys.exit(failed)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main()
