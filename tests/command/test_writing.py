"""export, strip, rename, average, convert and watch."""

import importlib.util
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import keras
import numpy as np
import pytest
import tensorflow as tf

from command import watching
from core.inspect.folder import Folder
from core.inspect.model import Listing
from tests.command.conftest import FORMATS, SCHEMA, Ask
from tests.core.inspect.writer import of_arrays

ROOT = Path(__file__).parents[2]
AskJson = Callable[..., tuple[int, Any]]


@pytest.mark.parametrize("kind", FORMATS)
def test_export_writes_what_numpy_reads(models: Path, tmp_path: Path, ask_json: AskJson, kind: str) -> None:
    out = tmp_path / "x.npz"
    status, told = ask_json("export", models / FORMATS[kind], "-o", out)
    assert (status, told["bytes"]) == (0, out.stat().st_size)
    with np.load(out) as arrays:
        assert sorted(arrays) == ["hidden/bias", "hidden/kernel", "out/bias", "out/kernel"]
    one = tmp_path / "x.npy"
    assert ask_json("export", models / FORMATS[kind], "out/kernel", "-o", one)[0] == 0
    text = tmp_path / "x.csv"
    assert ask_json("export", models / FORMATS[kind], "out/kernel", "-o", text)[0] == 0
    assert np.loadtxt(text, delimiter=",", dtype=np.float32).tolist() == np.load(one)[:, 0].tolist()


def test_export_refuses_what_does_not_fit(models: Path, tmp_path: Path, ask: Ask) -> None:
    place = models / "model.keras"
    assert "has no ending of .npz" in ask("export", place, "-o", tmp_path / "x.bin").complained
    assert "holds one tensor; 4 are asked for" in ask("export", place, "-o", tmp_path / "x.csv").complained
    assert ask("export", place, "out/*", "-o", tmp_path / "y.npz").status == 0
    assert "cannot be written" in ask("export", place, "-o", tmp_path / "no" / "x.npz").complained


@pytest.mark.parametrize(
    ("words", "loses"),
    [
        (["strip"], "hidden/bias/Adam"),
        (["rename", "hidden/=body/"], "hidden/kernel"),
    ],
)
def test_a_script_is_the_one_that_runs(
    models: Path, tmp_path: Path, ask: Ask, ask_json: AskJson, words: list[str], loses: str
) -> None:
    name, *rest = words
    status, told = ask_json(name, models / "saver@300", *rest, "-o", tmp_path / "script.py")
    text = (tmp_path / "script.py").read_text(encoding="utf-8")
    assert (status, told["ran"], told["script"]["text"]) == (0, None, text)
    assert loses in "\n".join(told["script"]["effect"])
    compile(text, name, "exec")
    assert "script.py" in ask(name, models / "saver@300", *rest, "-o", tmp_path / "script.py").said


def test_run_runs_it_with_the_tensorflow_that_is_installed(
    models: Path, ask_json: AskJson, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, told = ask_json("rename", models / "saver@200", "out/=head/", "--run")
    assert (status, told["ran"]["status"]) == (0, 0)
    renamed = tf.train.load_checkpoint(str(models / "saver" / "model.ckpt-200-renamed"))
    assert {"head/kernel", "head/bias"} <= set(renamed.get_variable_to_shape_map())
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert "TensorFlow is not installed here." in ask("strip", models / "saver", "--run").complained


@pytest.mark.parametrize(
    ("kind", "words", "text"),
    [
        ("keras", ["rename", "hidden=body"], "NAMES = {'hidden': 'body'}"),
        ("weights.h5", ["strip"], "only-without-optimizer.weights.h5"),
        ("h5", ["convert", "--to", "saver"], "older-by-name"),
        ("objects", ["rename", "model/hidden/=model/body/"], "'model/hidden': 'model/body'"),
        ("objects", ["cast", "--to", "float16"], "float16"),
        ("SavedModel", ["convert", "--to", "objects"], "variables/variables"),
    ],
)
def test_every_format_has_its_scripts(
    models: Path, ask_json: AskJson, kind: str, words: list[str], text: str
) -> None:
    name, *rest = words
    status, told = ask_json(name, models / FORMATS[kind], *rest)
    assert status == 0
    assert text in told["script"]["text"]
    assert "came back" in told["script"]["text"]


def test_a_keras_file_is_stripped_and_read_back(models: Path, ask_json: AskJson) -> None:
    status, told = ask_json("strip", models / "model.keras", "--run")
    assert (status, told["ran"]["status"]) == (0, 0)
    assert "4 of 4 weights came back" in told["ran"]["output"]
    place = models / "model-without-optimizer.keras"
    stripped = keras.saving.load_model(place, compile=False)
    whole = keras.saving.load_model(models / "model.keras", compile=False)
    assert all(map(np.array_equal, stripped.get_weights(), whole.get_weights()))
    assert place.stat().st_size < (models / "model.keras").stat().st_size


def test_scripts_are_refused_where_no_test_has_tried_them(models: Path, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "a.safetensors").write_bytes((2).to_bytes(8, "little") + b"{}")
    for words in (["strip"], ["cast"], ["convert"], ["rename", "a=b"]):
        name, *rest = words
        complained = ask(name, tmp_path / "a.safetensors", *rest).complained
        assert "No script is known to work on a safetensors file." in complained
    assert "'hidden' is not of the form OLD=NEW" in ask("rename", models / "saver", "hidden").complained
    assert "nowhere is not in" in ask("rename", models / "saver", "nowhere=here").complained
    assert ask("average", models / "saver", "--last", 3).status == 0
    assert ask("convert", models / "saver", "--input", "x=x:0", "--output", "y=y:0").status == 0


def test_watch_prints_each_step_when_it_is_whole(tmp_path: Path) -> None:
    parts = {}
    for step in (1, 2, 3):
        for each in of_files(tmp_path / "elsewhere", step):
            parts[each.name] = each.read_bytes()

    def write(name: str, most: int | None = None) -> None:
        (tmp_path / "here" / name).write_bytes(parts[name][:most])

    (tmp_path / "here").mkdir()
    write("m-1.data-00000-of-00001")
    write("m-1.index")
    seen = watching.watched(Folder(tmp_path / "here"), every=0.01, end=time.monotonic() + 60)
    assert next(seen).checkpoint.path == "m-1"
    write("m-2.index", 20)
    write("m-2.data-00000-of-00001")
    write("m-3.data-00000-of-00001")
    write("m-3.index")
    assert next(seen).checkpoint.path == "m-3", "half of step 2 waits"
    write("m-2.index")
    last = next(seen)
    assert last.checkpoint.path == "m-2"
    assert isinstance(last.listing, Listing)


def of_files(folder: Path, step: int) -> list[Path]:
    """The files of one step."""
    folder.mkdir(exist_ok=True)
    of_arrays(folder / f"m-{step}", {"kernel": np.ones(4, np.float32)})
    return sorted(folder.glob(f"m-{step}.*"))


def test_watch_prints_lines_of_json(models: Path, ask: Ask) -> None:
    answer = ask("watch", models / "saver", "--json", "--for", "0.01", "--every", "0.01")
    rows = [json.loads(line) for line in answer.said.splitlines()]
    for row in rows:
        jsonschema.validate(row, SCHEMA)
    assert [row["step"] for row in rows if row["step"]] == [100, 200, 300, 400]
    assert ask("watch", models / "saver", "--once", "--every", "0.01").said.count("\n") == 1
    assert ask("watch", models / "nowhere").status == 2


def test_a_real_process_with_a_reader_that_has_enough(models: Path) -> None:
    words = f"'{sys.executable}' -m command inspect '{models}/saver' -a | head -n 1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {words}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert re.match(r".*/saver: [45] checkpoints in \d+ files, ", done.stdout)
    assert (done.stderr, done.returncode) == ("", 0)
