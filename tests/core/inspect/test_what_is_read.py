"""A verdict is about the bytes that a loader reads, and about files as their names and layers are."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf

from core.inspect import scripts
from core.inspect.code.block import INTO, VALUES
from core.inspect.compare import SAME, compare
from core.inspect.folder import Folder
from core.inspect.statistics import histogram, span
from core.inspect.verdict import damage, judging
from core.inspect.verdict.verdict import LOADS, REFUSES, UNKNOWN, Verdict
from tests import elsewhere
from tests.core.inspect.test_verdict import judged
from tests.core.inspect.writer import of_arrays

v1 = tf.compat.v1
W, SLOT = np.arange(4, dtype=np.float32), np.full(3, 7, np.float32)
FIRST, SECOND = "data-00000-of-00002", "data-00001-of-00002"


def two_files(prefix: Path, values: Mapping[str, Any], first: str) -> None:
    """A checkpoint of two data files: one value in the first, all others in the second."""
    halves = [first], [name for name in values if name != first]
    for n, names in enumerate(halves):
        tf.raw_ops.SaveV2(
            prefix=f"{prefix}.{n}",
            tensor_names=names,
            shape_and_slices=[""] * len(names),
            tensors=[tf.constant(values[name]) for name in names],
        )
    parts = [f"{prefix}.{n}" for n in range(2)]
    tf.raw_ops.MergeV2Checkpoints(
        checkpoint_prefixes=parts, destination_prefix=str(prefix), delete_old_dirs=False
    )


def gone(file: Path) -> None:
    file.unlink()


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-4])


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


HARMS = (gone, cut, flipped)


class Parts(tf.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = tf.Variable(W), tf.Variable(SLOT)


def agrees(told: Verdict, error: Exception | None) -> None:
    """The verdict is what happened, to the words of the message."""
    assert told.error == (type(error).__name__ if error else "")
    assert told.level == (REFUSES if error else LOADS)
    said = str(error)
    for piece in filter(None, told.message.split("…")):
        assert piece in said, said


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("names", [("w",), ("w", "w/Adam")], ids=["w alone", "both"])
def test_a_saver_minds_the_bytes_that_it_reads_alone(
    tmp_path: Path, harm: Callable[[Path], None], names: tuple[str, ...]
) -> None:
    two_files(tmp_path / "m", {"w": W, "w/Adam": SLOT}, "w")
    harm(tmp_path / f"m.{SECOND}")
    happened = None
    with tf.Graph().as_default(), v1.Session() as session:
        shapes = {"w": W.shape, "w/Adam": SLOT.shape}
        asked = {each: v1.get_variable(each.replace("/", "_"), shapes[each]) for each in names}
        saver = v1.train.Saver(asked)
        saver.export_meta_graph(str(tmp_path / "graph.meta"))
        try:
            saver.restore(session, str(tmp_path / "m"))
        except tf.errors.OpError as error:
            happened = error
    agrees(judged(tmp_path, "m", "graph.meta"), happened)


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("file", [FIRST, SECOND], ids=["a value", "the graph of objects"])
@pytest.mark.parametrize("how", ["write", "save"])
def test_objects_are_read_before_their_values(
    tmp_path: Path, harm: Callable[[Path], None], file: str, how: str
) -> None:
    folder = tmp_path / "whole"
    checkpoint = tf.train.Checkpoint(model=Parts())
    whole = getattr(checkpoint, how)(str(folder / "m"))
    reader = tf.train.load_checkpoint(whole)
    values = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    two_files(tmp_path / "m", values, "model/a/.ATTRIBUTES/VARIABLE_VALUE")
    shutil.copy(f"{whole}.index", tmp_path / "target.index")
    shutil.copy(f"{whole}.data-00000-of-00001", tmp_path / "target.data-00000-of-00001")
    harm(tmp_path / f"m.{file}")
    happened = None
    try:
        call = tf.train.Checkpoint(model=Parts())
        (call.restore if how == "save" else call.read)(str(tmp_path / "m"))
    except (tf.errors.OpError, IndexError) as error:
        happened = error
    assert happened is not None
    agrees(judged(tmp_path, "m", "target"), happened)


def test_bytes_that_were_not_looked_at_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_arrays(tmp_path / "m", {"w": W})
    assert judged(tmp_path, "m", "m").not_known == ()
    monkeypatch.setattr(damage, "CHECKED", 10)
    folder = Folder(tmp_path)
    (one,) = folder.find().checkpoints
    told = judging.verdict(tmp_path, one, tmp_path, one)
    assert told.level == LOADS
    assert "hecksums" in told.not_known[-1]


def with_prelu() -> keras.Model:
    layers = [keras.layers.Dense(3, name="d"), keras.layers.PReLU(name="p")]
    return keras.Sequential([keras.Input((2,)), *layers], name="m")


def test_what_a_layer_keeps_that_is_not_known_decides_nothing(tmp_path: Path) -> None:
    model = with_prelu()
    model.save_weights(tmp_path / "m.weights.h5")
    (tmp_path / "m.json").write_text(model.to_json())
    with_prelu().load_weights(tmp_path / "m.weights.h5")
    told = judged(tmp_path, "m.weights.h5", "m.json")
    assert told.level == UNKNOWN
    assert "p (PReLU)" in told.cause
    keras.Sequential([keras.Input((2,)), keras.layers.Dense(9, name="d")]).save_weights(
        tmp_path / "n.weights.h5"
    )
    assert judged(tmp_path, "n.weights.h5", "m.json").level == REFUSES, "d does not fit, whatever p keeps"


@pytest.mark.filterwarnings("ignore:You passed .rms_scaling=True")
def test_a_norm_that_scales_by_the_root_mean_square_has_one_weight(tmp_path: Path) -> None:
    norm = keras.layers.LayerNormalization(rms_scaling=True, name="norm")
    keras.Sequential([keras.Input((4,)), norm]).save(tmp_path / "m.keras")
    keras.saving.load_model(tmp_path / "m.keras")
    told = judged(tmp_path, "m.keras", "m.keras")
    assert (told.level, [row.name for row in told.rows]) == (LOADS, ["norm/gamma"])


@pytest.mark.parametrize(("ending", "older"), [(".hdf", True), (".hdf", False), (".ckpt", True)])
def test_keras_goes_by_the_ending_of_a_name(tmp_path: Path, ending: str, older: bool) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, name="d")])
    model.save(tmp_path / "target.h5")
    kept = tmp_path / ("older.h5" if older else "newer.weights.h5")
    (model.save if older else model.save_weights)(kept)
    shutil.move(kept, tmp_path / f"w{ending}")
    told = judged(tmp_path, f"w{ending}", "target.h5")
    with pytest.raises(ValueError, match="File format not supported") as raised:
        model.load_weights(f"w{ending}")
    agrees(told, raised.value)
    (fix,) = told.fixes
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        wanted = [w.numpy() for w in model.weights]
        for weight in model.weights:
            weight.assign(weight * 0 - 1)
        exec(fix.code, {"model": model})
    assert all(np.array_equal(w, each) for w, each in zip(model.get_weights(), wanted, strict=True))


def test_a_fix_minds_which_arrays_are_halves(tmp_path: Path) -> None:
    def mixed(width: int) -> keras.Model:
        half = keras.layers.Dense(3, name="body", dtype="bfloat16")
        return keras.Sequential([keras.Input((2,)), half, keras.layers.Dense(width, name="head")], name="m")

    keras.utils.set_random_seed(1)
    model, other = mixed(4), mixed(4)
    model.save_weights(tmp_path / "m.weights.h5")
    bigger = keras.Sequential([*other.layers, keras.layers.Dense(2, name="new")], name="bigger")
    bigger.build((None, 2))
    bigger.save_weights(tmp_path / "target.weights.h5")
    told = judged(tmp_path, "m.weights.h5", "target.weights.h5")
    fix = next(each for each in told.fixes if "ml_dtypes" in each.code)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        exec(fix.code, {"model": bigger})
    for name in ("body", "head"):
        for mine, theirs in zip(
            bigger.get_layer(name).get_weights(), model.get_layer(name).get_weights(), strict=True
        ):
            assert mine.tobytes() == theirs.tobytes()


class Gan(keras.Model):  # type: ignore[misc]
    """Two models, each with an optimizer of its own name."""

    def __init__(self) -> None:
        super().__init__(name="gan")
        self.generator = keras.layers.Dense(3, name="generator")
        self.d_optimizer = keras.optimizers.Adam()

    def call(self, x: Any) -> Any:
        return self.generator(x)


def test_an_optimizer_of_another_name_is_stripped_too(tmp_path: Path) -> None:
    model = Gan()
    model(np.ones((1, 2), np.float32))
    model.d_optimizer.build(model.generator.trainable_variables)
    model.save_weights(tmp_path / "gan.weights.h5")
    folder = Folder(tmp_path)
    (one,) = folder.find().checkpoints
    script = scripts.drop_slots(folder.listing(one), one.path)
    done = elsewhere.run(script.text, tmp_path)
    assert done.returncode == 0, done.stderr
    names: list[str] = []
    with h5py.File(tmp_path / "gan-without-optimizer.weights.h5") as file:
        file.visit(names.append)
    assert "d_optimizer/vars/0" not in names
    assert "generator/vars/0" in names
    fresh = Gan()
    fresh(np.ones((1, 2), np.float32))
    with pytest.warns(UserWarning, match="Skipping variable loading for optimizer"):
        fresh.load_weights(tmp_path / "gan-without-optimizer.weights.h5")
    assert np.array_equal(fresh.generator.get_weights()[0], model.generator.get_weights()[0])


def test_names_that_an_older_keras_gave_to_slots_are_stripped_too(tmp_path: Path) -> None:
    arrays = {"d/kernel": W, "d/bias": W, "training/Adam/Variable": W, "training/Adam/Variable_1": W}
    of_arrays(tmp_path / "m", arrays)
    folder = Folder(tmp_path)
    (one,) = folder.find().checkpoints
    listing = folder.listing(one)
    script = scripts.drop_slots(listing, one.path)
    assert {each for each in script.effect if each.startswith("without")} == {
        "without training/Adam/Variable",
        "without training/Adam/Variable_1",
    }
    of_arrays(tmp_path / "plain", {"d/kernel": W})
    plain = next(each for each in folder.find().checkpoints if each.path == "plain")
    with pytest.raises(ValueError, match="nothing of an optimizer"):
        scripts.drop_slots(folder.listing(plain), plain.path)


def test_a_copy_of_weights_alone_is_not_loaded_as_a_model(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.attrs["layer_names"] = np.array([b"d"])
        group = file.create_group("d")
        group.attrs["weight_names"] = np.array([b"d/kernel:0"])
        group["d/kernel:0"] = np.ones((2, 3), np.float32)
    folder = Folder(tmp_path)
    (one,) = folder.find().checkpoints
    script = scripts.cast(folder.listing(one), one.path, "float16")
    done = elsewhere.run(script.text, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 weights came back" in done.stdout


@pytest.mark.parametrize("shape", [(1000, 100), (3, 70_001), (200_001,), (7, 11, 1301)])
def test_a_tensor_is_compared_across_formats_whatever_its_rows(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    value = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    of_arrays(tmp_path / "m", {"layers/d/vars/0": value})
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file["layers/d/vars/0"] = value
    folder = Folder(tmp_path)
    one, other = folder.find().checkpoints
    found = compare((tmp_path, one), (tmp_path, other))
    assert [each.kind for each in found.rows] == [SAME]


@pytest.mark.parametrize(
    "values",
    [
        np.array([1.0, 1.000002, 1.000001], np.float32),
        np.array([1e20], np.float32),
        np.array([1e7, 1e7], np.float32),
        np.array([-1.7e308, 1.7e308]),
        np.array([0.1, np.nextafter(0.1, 1)]),
        np.array([3, 4], np.int64),
    ],
)
def test_a_histogram_counts_every_value_however_close_or_large(values: np.ndarray[Any, Any]) -> None:
    low, high = span(float(values.min()), float(values.max()))
    assert low < high
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert histogram(values, 64, low, high).sum() == values.size


def test_of_a_saved_model_with_two_graphs_one_is_judged(tmp_path: Path) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        w = v1.get_variable("w", initializer=W)
        session.run(w.initializer)
        v1.train.Saver({"w": w}).save(session, str(tmp_path / "alone"), write_meta_graph=False)
        builder = v1.saved_model.Builder(str(tmp_path / "model"))
        trained = v1.get_variable("w_adam", initializer=W)
        session.run(v1.global_variables_initializer())
        both = v1.train.Saver({"w": w, "w/Adam": trained})
        builder.add_meta_graph_and_variables(session, ["train"], saver=both)
        builder.add_meta_graph(["serve"], saver=v1.train.Saver({"w": w}))
        builder.save()
    told = judged(tmp_path, "alone", "model")
    assert (told.level, len(told.rows)) == (LOADS, 1)
    assert told.not_known[-1] == "This is about the graph that is tagged serve; there is 1 other."


def test_an_orbax_array_without_a_configuration_has_no_sure_size(tmp_path: Path) -> None:

    item = tmp_path / "step" / "state"
    (item / "array_metadatas").mkdir(parents=True)
    leaf = {
        "key_metadata": [{"key": "kernel", "key_type": 2}],
        "value_metadata": {"value_type": "jax.Array", "skip_deserialize": False},
    }
    tree = {"('kernel',)": leaf}
    (item / "_METADATA").write_text(json.dumps({"tree_metadata": tree}))
    shard = {"param_name": "kernel", "write_shape": [512, 1024], "chunk_shape": [512, 1024]}
    listed = {"array_metadatas": [{"array_metadata": shard}]}
    (item / "array_metadatas" / "process_0").write_text(json.dumps(listed))
    (tmp_path / "step" / "_CHECKPOINT_METADATA").write_text("{}")
    folder = Folder(tmp_path)
    (one,) = folder.find().checkpoints
    listing = folder.listing(one)
    assert "shape that one device wrote" in listing.unsure


def test_the_parts_of_a_partitioned_variable_are_looked_at_too(tmp_path: Path) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        shards = v1.fixed_size_partitioner(2)
        v1.get_variable("w", [6], initializer=v1.ones_initializer(), partitioner=shards)
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver()
        saver.save(session, str(tmp_path / "m"))
        assert judged(tmp_path, "m", "m.meta").level == LOADS
        flipped(tmp_path / "m.data-00000-of-00001")
        with pytest.raises(tf.errors.DataLossError) as raised:
            saver.restore(session, str(tmp_path / "m"))
    agrees(judged(tmp_path, "m", "m.meta"), raised.value)


def of_layers(*names: str) -> keras.Model:
    layers = [keras.layers.Dense(3, name=name) for name in names]
    return keras.Sequential([keras.Input((3,)), *layers], name="m")


def test_layers_are_compared_by_the_names_that_somebody_gave(tmp_path: Path) -> None:
    first = of_layers("stem", "head")
    other, more = of_layers("head", "stem"), of_layers("stem", "mid", "head")
    for model in (other, more):
        for name in ("stem", "head"):
            model.get_layer(name).set_weights(first.get_layer(name).get_weights())
    counted = (
        of_layers("dense", "dense_1"),
        of_layers("dense_1", "dense_2"),
    )  # made alike, one after the other
    counted[1].set_weights(counted[0].get_weights())
    for name, model in (("a", first), ("b", other), ("c", more), ("d", counted[0]), ("e", counted[1])):
        model.save(tmp_path / f"{name}.keras")
    found = {each.path: each for each in Folder(tmp_path).find().checkpoints}

    def kinds(one: str, two: str) -> dict[str, str]:
        rows = compare((tmp_path, found[f"{one}.keras"]), (tmp_path, found[f"{two}.keras"])).rows
        return {row.name: row.kind for row in rows}

    assert kinds("a", "b") == dict.fromkeys(("stem/kernel", "stem/bias", "head/kernel", "head/bias"), SAME)
    assert {name for name, kind in kinds("a", "c").items() if kind != SAME} == {"mid/kernel", "mid/bias"}
    assert {*kinds("d", "e").values()} == {SAME}, "names that Keras counts say nothing"


@pytest.mark.parametrize(("name", "older"), [("m.weights.h5", True), ("m.h5", False)])
def test_weights_under_the_other_format_s_name_are_read_under_their_own(
    tmp_path: Path, name: str, older: bool
) -> None:
    model = of_layers("stem")
    model.save(tmp_path / "target.h5")
    kept = tmp_path / ("w.h5" if older else "w.weights.h5")
    (model.save if older else model.save_weights)(kept)
    shutil.move(kept, tmp_path / name)
    wanted = model.get_weights()
    told = judged(tmp_path, name, "target.h5")
    assert told.level == REFUSES
    with pytest.raises(Exception, match=r"."):  # of the kind that the verdict says
        of_layers("stem").load_weights(tmp_path / name)
    fresh = of_layers("stem")
    fresh.set_weights([weight * 0 - 1 for weight in wanted])
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        exec(next(fix.code for fix in told.fixes if fix.title.startswith("Call it")), {"model": fresh})
    assert all(np.array_equal(a, b) for a, b in zip(fresh.get_weights(), wanted, strict=True))


def test_what_macos_packs_beside_a_file_is_no_checkpoint(tmp_path: Path) -> None:
    of_layers("stem").save_weights(tmp_path / "m.weights.h5")
    (tmp_path / "__MACOSX").mkdir()
    for folder in (tmp_path, tmp_path / "__MACOSX"):
        (folder / "._m.weights.h5").write_bytes(b"\0\5\x16\7" + bytes(100))
    found = Folder(tmp_path).find()
    assert [each.path for each in found.checkpoints] == ["m.weights.h5"]


def test_a_model_whose_name_ends_in_temp_is_no_left_over(tmp_path: Path) -> None:
    of_arrays(tmp_path / "model_temp", {"w": W})
    (tmp_path / "room_temp").mkdir()
    of_layers("stem").save(tmp_path / "room_temp" / "model.keras")
    (tmp_path / "m_temp").mkdir()
    (tmp_path / "m_temp" / "part-00000-of-00001.index").write_bytes(b"")
    found = Folder(tmp_path).find()
    assert {each.path for each in found.checkpoints} == {"model_temp", "room_temp/model.keras"}
    assert [each.path for each in found.oddities] == ["m_temp/part-00000-of-00001.index"]


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_refused_before_a_value_is_read_is_refused_by_that(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    two_files(tmp_path / "m", {"w": W.astype(np.float64), "b": SLOT}, "w")
    harm(tmp_path / f"m.{FIRST}")
    for name, wanted in (("dtype", {"w": tf.float32}), ("name", {"w": tf.float64, "other": tf.float32})):
        happened: Exception | None = None
        with tf.Graph().as_default(), v1.Session() as session:
            asked = {key: v1.get_variable(key, W.shape, dtype) for key, dtype in wanted.items()}
            saver = v1.train.Saver(asked)
            saver.export_meta_graph(str(tmp_path / f"{name}.meta"))
            try:
                saver.restore(session, str(tmp_path / "m"))
            except tf.errors.OpError as error:
                happened = error
        agrees(judged(tmp_path, "m", f"{name}.meta"), happened)


@pytest.mark.parametrize("harm", HARMS)
def test_a_saver_that_misses_a_name_looks_for_it_among_the_objects(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    whole = tf.train.Checkpoint(model=Parts()).write(str(tmp_path / "whole"))
    reader = tf.train.load_checkpoint(whole)
    values = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    two_files(tmp_path / "m", values, "model/a/.ATTRIBUTES/VARIABLE_VALUE")
    harm(tmp_path / f"m.{SECOND}")
    happened: Exception | None = None
    with tf.Graph().as_default(), v1.Session() as session:
        saver = v1.train.Saver({"w": v1.get_variable("w", W.shape)})
        saver.export_meta_graph(str(tmp_path / "graph.meta"))
        try:
            saver.restore(session, str(tmp_path / "m"))
        except (tf.errors.OpError, IndexError) as error:
            happened = error
    assert happened is not None
    agrees(judged(tmp_path, "m", "graph.meta"), happened)


def test_hdf5_that_keras_did_not_write_is_not_said_to_be_a_models(tmp_path: Path) -> None:
    file = tmp_path / "digits.h5"
    with h5py.File(file, "w") as written:
        written["images"] = np.zeros((10, 4), np.float32)
        written["labels"] = np.arange(10)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(10)])
    with pytest.raises(ValueError, match="found 0 saved layers"):
        model.load_weights(file)
    model.save_weights(tmp_path / "numbered.weights.h5")
    legacy = keras.src.legacy.saving.legacy_h5_format
    with h5py.File(tmp_path / "listed.h5", "w") as written:
        legacy.save_weights_to_hdf5_group(written, model)
    model.load_weights(tmp_path / "listed.h5")
    folder = Folder(tmp_path)
    found = {each.path: each for each in folder.find().checkpoints}
    unsure = {path: folder.listing(each).unsure for path, each in found.items()}
    assert "says that Keras wrote it" in unsure.pop("digits.h5")
    assert unsure == {"numbered.weights.h5": "", "listed.h5": ""}
    loads = {path: tuple(each.title for each in folder.code(one, path)) for path, one in found.items()}
    assert loads == {"digits.h5": (VALUES,)} | dict.fromkeys(unsure, (INTO, VALUES))
