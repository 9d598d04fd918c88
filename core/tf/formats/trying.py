"""Keeps one checkpoint in every way of `core.tf.formats`, moves the files, and notes what comes back.

What a way keeps is what is there afterwards, from the files alone: the asset's original is deleted and
the directory renamed before anything is read, and a fresh process that cannot import this project
tries to predict.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from core.bundle import read_values
from core.checkpoint import FINAL, H, V, iteration_of
from core.compare.comparison import REPEATS
from core.compare.formats import (
    ASSETS,
    CODE,
    GRAPH,
    PREDICTION,
    SIGNATURES,
    SLOTS,
    TAGS,
    VALUES,
    AllWays,
    Finding,
    Way,
)
from core.compare.timing import Phase
from core.data import Floats
from core.run.runs import Run
from core.sources import sources
from core.tf.formats import WAYS
from core.tf.formats.keras import FORM, in_keras_form
from core.tf.formats.material import Brought, Calls, Material
from core.tf.model import session

v1 = tf.compat.v1

NO_SUCH_TAG = "no-such-tag"
ASSET = "about.txt"
MOST_SAID = 300  # characters of an error's message
SECONDS = 120.0  # for the process without the code; it imports TensorFlow


def try_all_ways(run: Run, name: str) -> AllWays:
    """Keep checkpoint `name` of a run in every way, in a temporary directory, and bring it back.

    Raises:
        CheckpointError: a file is missing or was changed since the run wrote it.
    """
    run.verify(name)
    manifest, x = run.manifest(), run.sample().x
    values = {key: np.float32(value) for key, value in read_values(run.checkpoints / name).items()}
    prediction = _reference(run.checkpoints / name, x)
    settings = manifest.train
    done = settings.iterations if name == FINAL else (iteration_of(name) or 0) + 1
    a_pass = -(-len(x) // (settings.batch or len(x)))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        about = root / "given" / ASSET
        about.parent.mkdir()
        text = f"y = (x - h)^2 + v, from {name} of run {run.id}\n"
        about.write_text(text, encoding="utf-8")
        material = Material(settings, values, done * a_pass, about, x)
        writes = {way.title: _write(way, material, root / "written" / str(n)) for n, way in enumerate(WAYS)}
        about.unlink()
        (root / "written").rename(root / "moved")
        places = {way.title: root / "moved" / str(n) / "0" for n, way in enumerate(WAYS)}
        codeless = _codeless_source()
        alone = _without_code(codeless, places, x, root)
        tried = []
        for way in WAYS:
            place, seconds = places[way.title], []
            for _ in range(REPEATS):
                began = time.perf_counter()
                brought = way.read(place, material)
                seconds.append(1e3 * (time.perf_counter() - began))
            tried.append(
                Way(
                    title=way.title,
                    findings=_findings(way, material, brought, prediction, alone[way.title], text, place),
                    files={
                        path.relative_to(place).as_posix(): path.stat().st_size
                        for path in sorted(place.rglob("*"))
                        if path.is_file()
                    },
                    write=writes[way.title],
                    read=Phase("read", tuple(seconds)),
                    code=sources(*way.parts, way.offer, way.read),
                )
            )
    return AllWays(name, settings.optimizer, tuple(material.slots), tuple(tried), codeless)


def _reference(prefix: Path, x: Floats) -> Floats:
    """What the run's own graph predicts, restored by a Saver from the run's own files."""
    with session(tf.Graph()) as opened:
        v1.train.import_meta_graph(f"{prefix}.meta").restore(opened, str(prefix))
        return opened.run("prediction:0", {"X:0": x})


def _write(way: Calls, material: Material, root: Path) -> Phase:
    """Write `REPEATS` times, each into a directory of its own below `root`; only saving is timed."""
    root.mkdir(parents=True)
    seconds = []
    with way.offer(material) as save:
        for repeat in range(REPEATS):
            began = time.perf_counter()
            save(root / str(repeat))
            seconds.append(1e3 * (time.perf_counter() - began))
    return Phase("write", tuple(seconds))


def _codeless_source() -> str:
    """A script of the functions above that know nothing of the model, each tried on its directory."""
    functions = sources(*(way.without_code for way in WAYS))
    names = ", ".join(way.without_code.__name__ for way in WAYS)
    return f"""\
import json
import sys
from typing import Any

import numpy as np


{functions}


x = np.frombuffer(bytes.fromhex(sys.stdin.readline()), np.float32)
for way, directory in zip([{names}], sys.argv[1:]):
    try:
        print(json.dumps({{"prediction": np.asarray(way(directory, x)).tobytes().hex()}}))
    except Exception as error:
        print(json.dumps({{"error": type(error).__name__ + ": " + str(error)}}))
"""


def _without_code(
    source: str, places: Mapping[str, Path], x: Floats, root: Path
) -> dict[str, dict[str, str]]:
    """Run the script in a fresh process that cannot import this project; a line of JSON for each way."""
    elsewhere = root / "elsewhere"
    elsewhere.mkdir()
    done = subprocess.run(
        [sys.executable, "-I", "-c", source, *map(str, places.values())],
        input=x.tobytes().hex() + "\n",
        cwd=elsewhere,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return dict(zip(places, lines, strict=True))


def _findings(
    way: Calls,
    material: Material,
    brought: Brought,
    prediction: Floats,
    alone: Mapping[str, str],
    text: str,
    place: Path,
) -> dict[str, Finding]:
    """Each question, answered by comparing what came back with what was given."""
    offered = {**way.slots(material)}
    back = [
        name for name, value in offered.items() if _same(value, brought.slots.get(name, np.float32(np.nan)))
    ]
    missing = [name for name in material.slots if name not in back]
    values = _same(brought.h, material.values[H]) and _same(brought.v, material.values[V])
    predicted = _same(brought.prediction, prediction)
    called = {name: _same(y, prediction) for name, y in brought.signatures.items()}
    codeless = alone.get("prediction") == np.asarray(prediction, np.float32).tobytes().hex()
    asset = text in brought.assets.values()
    if codeless:
        tried = "A Python process that cannot import this project gave the same prediction from the files."
    elif "error" in alone:
        # Keras repeats the whole configuration first; what went wrong stands in the last line.
        kind, _, said = alone["error"].strip().partition(": ")
        said = said.splitlines()[-1]
        tried = (
            "A Python process that cannot import this project tried to predict from the files alone: "
            f"{kind}: {said[:MOST_SAID]}"
        )
    else:
        tried = "A Python process that cannot import this project gave another prediction from the files."
    return {
        VALUES: Finding(
            values,
            "equal bits" if values else "differ",
            f"Read back: h {brought.h:.9g}, v {brought.v:.9g}; compared bit for bit with the checkpoint's.",
        ),
        PREDICTION: Finding(
            predicted,
            "equal bits" if predicted else "differs",
            f"{prediction.size} values of y, compared bit for bit with those of the run's own graph.",
        ),
        SLOTS: Finding(
            None if not material.slots else not missing,
            f"{len(back)} of {len(material.slots)}" if material.slots else "has none",
            f"{material.settings.optimizer} has no slot variables."
            if not material.slots
            else f"Came back with equal bits: {', '.join(back) or 'none'}."
            + (f" Did not: {', '.join(missing)}." if missing else "")
            + (f" {FORM}" if way.slots is in_keras_form else ""),
        ),
        GRAPH: Finding(codeless, "kept" if codeless else "not kept", tried),
        CODE: Finding(
            codeless,
            "none" if codeless else way.needs,
            "See graph: nothing but the files was there."
            if codeless
            else f"With {way.needs}, it predicted; without, see graph.",
        ),
        SIGNATURES: Finding(
            bool(called) and all(called.values()),
            ", ".join(called) or "none",
            "; ".join(
                f"{name}(x=…), called by its name, gave {'the same' if same else 'another'} prediction"
                for name, same in called.items()
            )
            + "."
            if called
            else "What was loaded lists no signature to call.",
        ),
        ASSETS: Finding(
            asset,
            ", ".join(brought.assets) if asset else "lost",
            f"The original was deleted and the folder moved; then: {brought.assets_how}. "
            + (f"Read back: {text.strip()}" if asset else "Its text did not come back."),
        ),
        TAGS: _tags(place),
    }


def _tags(place: Path) -> Finding:
    """Load by each tag that `saved_model.pb` lists, and by one that it does not."""
    path = place / "saved_model.pb"
    if not path.is_file():
        return Finding(False, "none", "There is no saved_model.pb, the one file that lists tags.")
    listed = [
        list(each.meta_info_def.tags)
        for each in saved_model_pb2.SavedModel.FromString(path.read_bytes()).meta_graphs
    ]
    seen = []
    for tags in [*listed, [NO_SUCH_TAG]]:
        try:
            with session(tf.Graph()) as opened:
                loaded = v1.saved_model.loader.load(opened, tags, str(place))
                variables = len(v1.global_variables())
                signatures = [name for name in loaded.signature_def if not name.startswith("__")]
                what = f"{variables} variables, signatures {', '.join(signatures) or 'none'}"
        except RuntimeError as error:
            what = f"{type(error).__name__}, {str(error).partition(', with')[0]}"
        seen.append(f"loaded by {tags}: {what}")
    return Finding(True, ", ".join(tag for tags in listed for tag in tags), "; ".join(seen) + ".")


def _same(left: Any, right: Any) -> bool:
    """Whether two float32 arrays have the same bits."""
    one, other = np.asarray(left, np.float32), np.asarray(right, np.float32)
    return one.shape == other.shape and one.tobytes() == other.tobytes()
