"""Files of situations from public reports: what is said of each is what TensorFlow and Keras did with it."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from core.inspect.diagnosis import NOTE, WRONG, Finding
from core.inspect.find import ORBAX, Checkpoint
from core.inspect.folder import Folder
from core.inspect.model import COUNTER, SLOT
from core.inspect.over_time import marks
from core.inspect.verdict.verdict import LOADS, LOADS_BUT, REFUSES, Choice, Verdict
from tests.core.inspect.pairs.held import fits
from tests.core.inspect.writer import of_arrays


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder a case."""
    folder = tmp_path_factory.mktemp("cases")
    with tarfile.open(Path(__file__).parent / "cases.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


def known(folder: Folder) -> dict[str, Checkpoint]:
    return {each.path: each for each in folder.find().checkpoints}


def judged(folder: Path, source: str, target: str, choice: Choice | None = None) -> Verdict:
    here = Folder(folder)
    found = known(here)
    return here.would_load(found[source], found.get(target, target), None, choice)


def findings(folder: Path) -> list[Finding]:
    here = Folder(folder)
    return [*here.diagnose(here.find())]


def test_one_series_by_epoch_with_its_metric_and_the_best(cases: Path) -> None:
    folder = Folder(cases / "N1_epoch_and_loss")
    ((_, series),) = folder.find().groups().items()
    assert [(each.step, each.metric) for each in series] == [(1, 0.28), (2, 0.26), (3, 0.24), (4, 0.23)]
    (best,) = findings(folder.root)
    assert "is lowest in weights.04-0.23.keras (0.23)" in best.sentence


def test_files_beside_a_saved_model_are_not_its_own(cases: Path) -> None:
    folder = Folder(cases / "N3_file_beside_savedmodel")
    found = known(folder)
    own = [path for path in folder.root.rglob("*") if path.is_file() and path.suffix != ".h5"]
    assert found[""].bytes == sum(path.stat().st_size for path in own)
    assert [len(folder.listing(found[each]).tensors) for each in ("saved.h5", "mine.h5")] == [6, 4]
    assert folder.compare(found["saved.h5"], found["mine.h5"]).conclusion().startswith("Of 6 tensors: 2 only")


@pytest.mark.parametrize(
    ("case", "source", "target"),
    [
        ("N5_dtype", "double.ckpt", "single.ckpt.meta"),
        ("N5_dtype_obj", "double", "single"),
    ],
)
def test_another_dtype_is_refused_and_read_with_a_cast(
    cases: Path, case: str, source: str, target: str
) -> None:
    told = judged(cases / case, source, target)
    assert (told.level, told.error) == (REFUSES, "InvalidArgumentError")
    assert told.fixes[0].title == "Read what fits, cast it and assign it"


def test_what_only_counts_is_no_layer_that_never_changes(cases: Path) -> None:
    folder = Folder(cases / "N6_keras_history")
    measured, left = folder.measure(folder.find().checkpoints)
    assert not left
    assert measured[0].listing.parameters == 81
    rate = next(each for each in measured[0].listing.tensors if each.name == "optimizer/learning_rate")
    assert rate.role == COUNTER
    assert [mark for mark in marks(measured) if mark.kind == "stopped"] == []


@pytest.mark.filterwarnings("ignore:Skipping nested container")  # Keras walks its own list of operations, too
def test_cells_do_not_find_the_weights_of_recurrent_layers_and_get_them_by_the_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    trained = keras.Sequential(
        [keras.Input((None, 4)), keras.layers.GRU(3), keras.layers.Dense(2, name="dense")]
    )
    trained.save_weights("trained.weights.h5")
    given, state = keras.Input((4,)), keras.Input((3,))
    out, after = keras.layers.GRUCell(3, name="gru_cell")(given, states=state)
    model = keras.Model([given, state], [keras.layers.Dense(2, name="dense")(out), after])
    model.save("step.keras")
    told = judged(tmp_path, "trained.weights.h5", "step.keras")
    with pytest.raises(ValueError, match="'gru_cell' expected 3 variables, but received 0") as raised:
        model.load_weights("trained.weights.h5")
    assert (told.level, told.message) == (REFUSES, str(raised.value))
    assert told.cause.endswith("at layers/gru_cell; weights of these shapes are at layers/gru/cell.")
    exec(told.fixes[0].code, {"model": model})
    assert told.fixes[0].loads == len(model.weights) == 5
    assert all(map(np.array_equal, model.get_weights(), trained.get_weights()))


def test_a_keras_file_without_all_the_weights_of_its_own_model_is_damaged(tmp_path: Path) -> None:
    both = keras.layers.Bidirectional(keras.layers.LSTM(3))
    keras.Sequential([keras.Input((None, 4)), both, keras.layers.Dense(2)]).save(tmp_path / "whole.keras")
    assert findings(tmp_path) == []
    with (
        zipfile.ZipFile(tmp_path / "whole.keras") as whole,
        zipfile.ZipFile(tmp_path / "lacking.keras", "w") as lacking,
    ):
        content = io.BytesIO(whole.read("model.weights.h5"))
        with h5py.File(content, "r+") as file:
            file["layers/bidirectional/backward_layer/cell/vars"].clear()
        lacking.writestr("model.weights.h5", content.getvalue())
        for name in ("config.json", "metadata.json"):
            lacking.writestr(name, whole.read(name))
    with pytest.raises(ValueError, match="'lstm_cell' expected 3 variables, but received 0") as raised:
        keras.models.load_model(tmp_path / "lacking.keras")
    for target in ("lacking.keras", "whole.keras"):
        told = judged(tmp_path, "lacking.keras", target)
        assert told.level == REFUSES
        assert fits(told.message, str(raised.value))
    (wrong,) = findings(tmp_path)
    assert wrong.level == WRONG
    assert "no weights for layer lstm_cell at layers/bidirectional/backward_layer/cell" in wrong.sentence


@pytest.mark.parametrize("source", ["int8.keras", "int8.weights.h5"])
def test_a_quantized_file_wants_a_quantized_model(cases: Path, source: str) -> None:
    told = judged(cases / "R06_int8", source, "float.keras")
    assert told.cause.startswith(
        "Layer body has 2 variables in the model and 3 in the file: in the file it is"
    )
    assert "Layer 'body' expected 2 variables, but received 3 variables during loading" in told.message
    assert told.fixes[0].title == "Quantize the model's layers first"
    assert {each.step for each in Folder(cases / "R06_int8").find().checkpoints} == {None}


def test_weights_in_several_files_are_one_checkpoint(cases: Path) -> None:
    folder = Folder(cases / "R07_sharded" / "whole")
    (only,) = folder.find().checkpoints
    assert (only.path, only.step, len(only.files)) == ("model.weights.json", None, 4)
    assert folder.listing(only).parameters == 12_480
    assert findings(folder.root) == []
    names = {"a/kernel", "a/bias", "b/kernel", "b/bias", "c/kernel", "c/bias"}
    keys = [each.key for each in folder.listing(only).tensors]
    assert {each.name for each in folder.listing(only).tensors} == names
    assert sum(each.size for each in folder.arrays(only, keys).values()) == 12_480


def test_a_missing_file_of_several_is_named(cases: Path) -> None:
    (wrong,) = findings(cases / "R07_sharded" / "one_missing")
    assert wrong.level == WRONG
    assert "model_00002.weights.h5" in wrong.sentence
    whole, lacking = Folder(cases / "R07_sharded" / "whole"), Folder(cases / "R07_sharded" / "one_missing")
    (target,), (source,) = whole.find().checkpoints, lacking.find().checkpoints
    told = lacking.would_load(source, target, whole)
    assert (told.level, told.error) == (REFUSES, "FileNotFoundError")
    assert told.cause.startswith("model_00002.weights.h5 is missing")


def test_a_layer_too_many_is_named(cases: Path) -> None:
    told = judged(cases / "R10_layer_count", "saved.h5", "mine.h5")
    assert told.cause.endswith("layer b is too many.")
    assert told.fixes[0].title == "Load by the names of layers"


def test_slots_of_a_legacy_optimizer_are_of_another_kind(cases: Path) -> None:
    folder = cases / "R12_legacy_optimizer"
    told = judged(folder, "old_legacy_adagrad", "new_adagrad")
    assert told.level == LOADS_BUT
    assert "Restore the model alone, or use the optimizer that wrote the file." in told.cause
    assert judged(folder, "old_legacy_adagrad", "new_adagrad", Choice(optimizer=False)).level == LOADS
    here = Folder(folder)
    assert [here.listing(each).parameters for each in here.find().checkpoints] == [195, 195]


def test_a_legacy_h5_is_matched_by_the_order_of_layers(cases: Path) -> None:
    told = judged(cases / "R16_h5_names", "keras2.h5", "keras3.h5")
    assert (told.level, told.fixes) == (LOADS, ())


def test_an_hdf5_file_that_is_called_keras_is_to_be_renamed(cases: Path) -> None:
    (wrong,) = findings(cases / "R18_hdf5_called_keras")
    assert (wrong.level, wrong.advice) == (WRONG, "Rename it to model_74.h5.")
    assert "is an HDF5 file that is called .keras" in wrong.sentence


def test_three_checkpoints_of_orbax_with_their_layers_and_shapes(cases: Path) -> None:
    folder = Folder(cases / "R26_orbax_keras")
    found = folder.find()
    assert [(each.kind, each.step) for each in found.checkpoints] == [(ORBAX, step) for step in (0, 1, 2)]
    listing = folder.listing(found.checkpoints[-1])
    assert {each.name: each.shape for each in listing.weights()} == {
        "body/kernel": (8, 16),
        "body/bias": (16,),
        "head/kernel": (16, 3),
        "head/bias": (3,),
    }
    assert listing.kinds["body"] == "Dense"
    assert {each.name for each in listing.of(SLOT)} > {"body/kernel/momentum", "head/bias/velocity"}
    assert {each.level for each in findings(folder.root)} == {NOTE}


def test_a_zip_with_pickled_weights_is_not_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("model.weights.npz", b"")
    (wrong,) = findings(tmp_path)
    assert "Loading them unpickles Python objects, which can run code" in wrong.sentence


def test_a_file_is_what_its_first_bytes_say(cases: Path, tmp_path: Path) -> None:
    content = (cases / "R16_h5_names" / "keras3.h5").read_bytes()
    (tmp_path / "backup").write_bytes(content)
    (tmp_path / "torn.h5").write_bytes(content[: len(content) // 2])
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
    (tmp_path / "model.safetensors").write_text(pointer)
    folder = Folder(tmp_path)
    assert folder.listing(known(folder)["backup"]).parameters == 418
    told = {each.path: each.sentence for each in findings(tmp_path) if each.level == WRONG}
    assert "is a Git-LFS pointer" in told["model.safetensors"]
    assert "truncated file" in told["torn.h5"]


def test_safetensors_are_read_and_nothing_of_them_is_run(tmp_path: Path) -> None:
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "a.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
        "a.bias": np.ones(3, np.float16),
    }
    types, at, content, header = {"float32": "F32", "float16": "F16"}, 0, io.BytesIO(), {}
    for name, value in arrays.items():
        end = at + value.nbytes
        header[name] = {"dtype": types[value.dtype.name], "shape": value.shape, "data_offsets": [at, end]}
        content.write(value.tobytes())
        at = end
    text = json.dumps(header).encode()
    raw = len(text).to_bytes(8, "little") + text + content.getvalue()
    (tmp_path / "model.safetensors").write_bytes(raw)
    folder = Folder(tmp_path)
    (only,) = folder.find().checkpoints
    for name, value in folder.arrays(only, list(arrays)).items():
        assert np.array_equal(value, arrays[name])
    assert findings(tmp_path) == []
    (tmp_path / "model.safetensors").write_bytes(raw[:-4])
    assert [each.level for each in findings(tmp_path)] == [WRONG]
    (tmp_path / "model.safetensors").write_bytes((1 << 40).to_bytes(8, "little") + text)
    assert "its header is not there" in findings(tmp_path)[0].sentence


def test_a_forest_has_its_model_in_assets(tmp_path: Path) -> None:
    module = tf.Module()
    trees = tmp_path / "nodes-00000-of-00001"
    trees.write_bytes(bytes(100))
    module.trees = tf.saved_model.Asset(str(trees))
    tf.saved_model.save(module, str(tmp_path / "forest"))
    trees.unlink()
    (note,) = [each for each in findings(tmp_path) if each.path == "forest"]
    assert note.sentence.startswith(
        "forest has 0 weights; the model is in forest/assets/nodes-00000-of-00001"
    )


def test_two_steps_are_too_few_to_say_whether_one_is_missing(tmp_path: Path) -> None:
    for step in (1, 5):
        of_arrays(tmp_path / f"m-{step}", {"kernel": np.ones(3, np.float32)})
    assert any("2 checkpoints are too few to say" in each.sentence for each in findings(tmp_path))


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    for name in ("group1-shard1of2.bin", "group1-shard2of2.bin", "label.pb", "m.onnx", "m.pt", "n.pt"):
        (tmp_path / name).write_bytes(b"content")
    (wrong,) = findings(tmp_path)
    assert wrong.level == WRONG
    for each in ("2 TensorFlow.js files", "1 protocol buffer file", "1 ONNX file", "2 PyTorch files"):
        assert each in wrong.sentence
