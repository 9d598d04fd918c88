"""The time machine's numbers are NumPy's, and what was planted in a training is marked by itself."""

import re
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from core.inspect.find import find
from core.inspect.folder import Folder
from core.inspect.over_time import Measured, column, marks
from core.inspect.statistics import COLUMNS
from tests.core.inspect.conftest import DEAD, NAN, RENAMED, RESHAPED, STEPS
from tests.core.inspect.writer import of_arrays


def measured(folder: Folder) -> tuple[Measured, ...]:
    (series,) = folder.find().groups().values()
    done, left = folder.measure(series)
    while left:
        done, left = folder.measure(series)
    return done


@pytest.fixture(scope="module")
def tf1(tf1_history: Path) -> tuple[Measured, ...]:
    return measured(Folder(tf1_history))


@pytest.fixture(scope="module")
def tf2(tf2_history: Path) -> tuple[Measured, ...]:
    return measured(Folder(tf2_history))


def test_every_statistic_is_numpys(tf1: tuple[Measured, ...], tf1_history: Path) -> None:
    before = None
    for each in tf1:
        reader = tf.train.load_checkpoint(str(tf1_history / each.checkpoint.path))
        for tensor, row in zip(each.listing.tensors, each.table, strict=True):
            value = reader.get_tensor(tensor.key)
            fine = value[np.isfinite(value)].astype(np.float64)
            found = dict(zip(COLUMNS, row, strict=True))
            expected = {
                "norm": np.linalg.norm(fine),
                "mean": fine.mean(),
                "std": fine.std(),
                "min": fine.min(),
                "max": fine.max(),
                "zeros": np.sum(value == 0),
                "nan": np.isnan(value).sum(),
                "inf": np.isinf(value).sum(),
            }
            for name, number in expected.items():
                assert found[name] == pytest.approx(number, rel=1e-12, abs=1e-12), (tensor.key, name)
            if before is not None and before.has_tensor(tensor.key):
                old = before.get_tensor(tensor.key)
                if old.shape == value.shape and np.isfinite(value).all() and np.isfinite(old).all():
                    change = np.linalg.norm(value.astype(np.float64) - old)
                    assert found["change"] == pytest.approx(change, rel=1e-9, abs=1e-12)
        before = reader


def test_what_was_planted_is_marked(tf1: tuple[Measured, ...]) -> None:
    assert len(tf1) == STEPS
    found = {(mark.kind, mark.tensor): mark for mark in marks(tf1)}
    nan = found["nan", "layer3/bias"]
    assert nan.step == NAN
    assert "first NaN in model-60, at [1]; 3 of 5 elements" in nan.sentence
    stopped = found["stopped", "layer2/kernel"]
    assert stopped.step == DEAD + 1
    assert "does not change any more from model-40 on" in stopped.sentence
    assert ("stopped", "layer1/kernel") not in found
    renamed = found["renamed", "new/name"]
    assert renamed.step == RENAMED
    assert "old/name is called new/name from model-50 on: the same bytes" in renamed.sentence
    shape = found["shape", "head/kernel"]
    assert shape.step == RESHAPED
    assert "(3, 5)" in shape.sentence
    assert "(3, 2)" in shape.sentence
    assert not [kind for kind, _ in found if kind in ("appears", "disappears", "unreadable")]


def test_slots_belong_to_their_layers(tf1: tuple[Measured, ...], tf2: tuple[Measured, ...]) -> None:
    by_key = {each.key: each for each in tf1[0].listing.tensors}
    assert by_key["layer1/kernel/Adam_1"].slot == "Adam_1"
    assert by_key["layer1/kernel/Adam_1"].layer == "layer1"
    assert by_key["beta1_power"].counter
    listing = tf2[0].listing
    assert listing.parameters == 3 * 4 + 4 + 4 + 1
    names = {each.name: each for each in listing.weights()}
    assert set(names) == {f"{layer}/{kind}" for layer in ("first", "last") for kind in ("kernel", "bias")}
    slots = [each for each in listing.tensors if each.slot]
    assert len(slots) == 8
    assert listing.slot_bytes == 2 * 4 * listing.parameters


def test_the_first_nan_of_a_keras_model_is_found_through_its_object_graph(tf2: tuple[Measured, ...]) -> None:
    first = next(mark for mark in marks(tf2) if mark.kind == "nan")
    assert first.step == 3
    assert "last/bias has its first NaN in ckpt-4" in first.sentence


def test_a_directory_that_grows_reads_only_what_is_new(tmp_path: Path) -> None:
    def save(step: int) -> None:
        tf.raw_ops.SaveV2(
            prefix=str(tmp_path / f"m-{step}"),
            tensor_names=["a"],
            shape_and_slices=[""],
            tensors=[[float(step)]],
        )

    save(1)
    save(2)
    folder = Folder(tmp_path)
    first = measured(folder)
    save(3)
    second = measured(folder)
    assert [each is old for each, old in zip(second, first, strict=False)] == [True, True]
    assert column(second, "a", "mean").tolist() == [1, 2, 3]
    assert column(second, "a", "change").tolist()[1:] == [1, 1]
    for each in tmp_path.glob("m-2.*"):
        each.unlink()
    third = measured(folder)
    assert [each.checkpoint.name for each in third] == ["m-1", "m-3"]
    assert column(third, "a", "change").tolist()[1:] == [2]


def test_a_torn_step_costs_its_own_row(tmp_path: Path) -> None:
    for step in range(3):
        tf.raw_ops.SaveV2(
            prefix=str(tmp_path / f"m-{step}"),
            tensor_names=["a", "b"],
            shape_and_slices=["", ""],
            tensors=[tf.fill([10], float(step)), tf.fill([10], 1.0)],
        )
    data = tmp_path / "m-1.data-00000-of-00001"
    content = bytearray(data.read_bytes())
    content[0] ^= 1
    data.write_bytes(content)
    (tmp_path / "m-2.index").write_bytes(b"no index")
    series = measured(Folder(tmp_path))
    assert column(series, "b", "mean").tolist()[:2] == [1, 1]
    found = {(mark.step, mark.tensor): mark.sentence for mark in marks(series) if mark.kind == "unreadable"}
    assert "the checksum of a does not match" in found[1, "a"]
    assert "m-2.index is damaged" in found[2, ""]


def test_exploding_norms_and_vanishing_slots_are_marked(tmp_path: Path) -> None:
    for step in range(6):
        weights, slot = (
            tf.fill([10], 1000.0 if step > 3 else 1.0 + step / 10),
            tf.fill([10], 1.0 if step < 4 else 0.0),
        )
        tf.raw_ops.SaveV2(
            prefix=str(tmp_path / f"m-{step}"),
            tensor_names=["w", "w/Momentum"],
            shape_and_slices=["", ""],
            tensors=[weights, slot],
        )
    found = {(mark.kind, mark.tensor): mark.step for mark in marks(measured(Folder(tmp_path)))}
    assert found["explodes", "w"] == 4
    assert found["vanishes", "w/Momentum"] == 4


def test_histograms_and_pictures_are_those_of_the_values(tf1_history: Path) -> None:
    folder = Folder(tf1_history)
    series = measured(folder)
    seen = folder.look(series, "layer1/kernel")
    for at, each in enumerate(series):
        value = tf.train.load_checkpoint(str(tf1_history / each.checkpoint.path)).get_tensor("layer1/kernel")
        expected = np.histogram(value, 64, (seen.low, seen.high))[0]
        np.testing.assert_array_equal(seen.counts[at], expected)
        level = np.rint((value.astype(np.float64) - seen.low) / (seen.high - seen.low) * 254)
        np.testing.assert_array_equal(seen.pixels[at], level)
    with_nan = folder.look(series, "layer3/bias")
    assert (with_nan.pixels[NAN] == 255).tolist() == [[False, True, False, True, True]]


def test_the_numbers_of_points_and_of_a_slice_are_exact(tmp_path: Path) -> None:
    kernel = np.random.default_rng(0).normal(size=(3, 2, 70, 8)).astype(np.float32)
    kernel[0, 1, 0, 0] = np.nan
    of_arrays(tmp_path / "m-1", {"conv": kernel, "bias": np.array([0.1, 7], np.float64), "step": np.array(3)})
    folder = Folder(tmp_path)
    (checkpoint,) = find(tmp_path).checkpoints
    found = folder.numbers(checkpoint, "conv", 1, 1, "")
    assert (found.prefix, found.slice, len(found.rows), found.columns) == (
        "0, 1, ",
        "0, 1, 0:5, 0:5",
        64,
        tuple(range(8)),
    )
    drawn = kernel[0, 1][np.ix_(found.rows, found.columns)]
    assert np.array_equal(np.array(found.points, np.float32), drawn.reshape(-1), equal_nan=True)
    told = np.array(re.findall(r"[^\s\[\]]+", found.lines), np.float32)
    assert np.array_equal(told, kernel[0, 1, :5, :5].reshape(-1), equal_nan=True)
    assert folder.numbers(checkpoint, "bias", 0, 1, "::-1").lines == "[7.  0.1]"
    assert folder.numbers(checkpoint, "step", 0, 1, "").points == ("3",)
    for wrong, said in (
        ("9", "outside of a dimension"),
        ("a", "is no slice"),
        ("::0", "step of 0"),
        (":,:,:", "3,360"),
    ):
        assert said in folder.numbers(checkpoint, "conv", 0, 1, wrong).lines


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert find(tmp_path).checkpoints == ()
