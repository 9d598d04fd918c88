"""The reader agrees with TensorFlow's own, and no damaged file ever yields a value."""

import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from core.bundle import masked_crc32c, read_index, read_values
from core.checkpoint import DATA, INDEX, CheckpointError
from core.run.runs import Run


def test_values_equal_those_of_tensorflows_reader(recipe_run: Run) -> None:
    for step in (0, 1, 50, 99):
        prefix = recipe_run.checkpoints / f"model_iter-{step}"
        theirs = tf.train.load_checkpoint(str(prefix))
        ours = read_values(prefix)
        assert set(ours) == set(theirs.get_variable_to_shape_map())
        for name, value in ours.items():
            assert value.tobytes() == theirs.get_tensor(name).tobytes()
            assert value.dtype == np.float32


def test_other_shapes_and_types_are_read_too(tmp_path: Path) -> None:
    v1 = tf.compat.v1
    arrays = {
        "a/matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
        "a/long": np.array([2**40, -1]),
        "double": np.float64(0.1),
        "int": np.int32(-7),
    }
    with tf.Graph().as_default(), v1.Session() as session:
        for name, value in arrays.items():
            v1.get_variable(name, initializer=tf.constant(value), use_resource=True)
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(tmp_path / "model"))
    found = read_values(tmp_path / "model")
    for name, value in arrays.items():
        np.testing.assert_array_equal(found[name], value)
    entries = {entry.name: entry for entry in read_index(tmp_path / "model")}
    assert entries["a/matrix"].shape == (2, 3)
    assert (entries["a/long"].dtype, entries["a/long"].size) == ("int64", 16)


def test_the_checksum_is_crc32c() -> None:
    crc = 0xE3069283  # of "123456789", RFC 3720
    assert masked_crc32c(b"123456789") == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@pytest.mark.parametrize("suffix", [INDEX, DATA])
def test_every_flipped_bit_is_noticed_or_harmless(recipe_run: Run, tmp_path: Path, suffix: str) -> None:
    prefix = copy(recipe_run, "model_iter-7", tmp_path)
    right = read_values(prefix)
    path = Path(f"{prefix}{suffix}")
    whole = path.read_bytes()
    noticed = 0
    for at in range(len(whole)):
        for bit in (0x01, 0x80):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :])
            try:
                assert read_values(prefix) == right
            except CheckpointError as error:
                assert path.name in str(error)
                noticed += 1
    assert noticed > len(whole)  # only the footer's padding is not covered by a checksum


@pytest.mark.parametrize("suffix", [INDEX, DATA])
def test_every_shorter_file_is_refused(recipe_run: Run, tmp_path: Path, suffix: str) -> None:
    prefix = copy(recipe_run, "model_iter-7", tmp_path)
    path = Path(f"{prefix}{suffix}")
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(CheckpointError, match=r"damaged"):
            read_values(prefix)


def test_noise_is_refused_with_a_sentence(tmp_path: Path) -> None:
    generator = random.Random(5)
    for _ in range(300):
        (tmp_path / f"x{INDEX}").write_bytes(generator.randbytes(generator.randrange(400)))
        with pytest.raises(CheckpointError):
            read_index(tmp_path / "x")


def test_a_missing_or_huge_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"gone\.index is missing"):
        read_values(tmp_path / "gone")
    (tmp_path / f"big{INDEX}").write_bytes(bytes(1 << 20) + b"1")
    with pytest.raises(CheckpointError, match="larger than"):
        read_values(tmp_path / "big")


def copy(run: Run, name: str, to: Path) -> Path:
    for suffix in (INDEX, DATA):
        shutil.copy(run.checkpoints / (name + suffix), to)
    return to / name
