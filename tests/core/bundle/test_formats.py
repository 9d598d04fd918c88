"""Every value of every format equals what TensorFlow's own reader gives, bit for bit."""

from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from core.bundle import Bundle, Values, open_values
from core.bundle.entries import Entry, numpy_dtype, slice_key
from core.checkpoint import CheckpointError
from tests.core.inspect import writer

v1 = tf.compat.v1

PLAIN = [
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
]
MORE = ["float16", "bfloat16", "complex64", "complex128", "qint8", "quint8", "qint16", "quint16", "qint32"]
SMALL = ["float8_e5m2", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e4m3b11fnuz", "float8_e5m2fnuz"]
TINY = ["int4", "uint4"]


def save(prefix: Path, tensors: dict[str, tf.Tensor]) -> Path:
    """Write a V2 checkpoint of these tensors with TensorFlow's own operation."""
    names = [*tensors]
    tf.raw_ops.SaveV2(
        prefix=str(prefix),
        tensor_names=names,
        shape_and_slices=[""] * len(names),
        tensors=[*tensors.values()],
    )
    return prefix


def assert_equal_to_tensorflow(prefix: Path, values: Values) -> None:
    theirs = tf.train.load_checkpoint(str(prefix))
    shapes = theirs.get_variable_to_shape_map()
    assert {entry.name for entry in values.entries} == set(shapes)
    assert values.damaged == {}
    for entry in values.entries:
        found, expected = values.read(entry), theirs.get_tensor(entry.name)
        assert list(found.shape) == shapes[entry.name]
        assert entry.dtype == theirs.get_variable_to_dtype_map()[entry.name].name
        if entry.dtype == "string":
            assert (
                found.tolist() == (expected.tolist() if isinstance(expected, np.ndarray) else expected)
                or found.item() == expected
            )
        else:
            assert found.tobytes() == np.asarray(expected).tobytes()
            pieces = [piece.tobytes() for piece in values.pieces(entry)]
            assert b"".join(pieces) == found.tobytes()


def test_numbers_of_every_type(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    tensors = {}
    for name in [*PLAIN, *MORE, *SMALL, *TINY]:
        stored = numpy_dtype(name)
        assert stored is not None
        for shape in ((), (0,), (3,), (2, 0, 4), (5, 7, 2)):
            raw = random.integers(0, 2 if name == "bool" else 8, (*shape, stored.itemsize), dtype=np.uint8)
            value = np.ascontiguousarray(raw).view(stored).reshape(shape)
            tensor = tf.constant(value)
            if name.startswith(("qint", "quint")):
                tensor = tf.bitcast(tensor, tf.dtypes.as_dtype(name))
            tensors[f"{name}{list(shape)}"] = tensor
    with open_values(save(tmp_path / "x", tensors)) as values:
        assert len(values.entries) == len(tensors)
        assert_equal_to_tensorflow(tmp_path / "x", values)


def test_special_values_keep_their_bits(tmp_path: Path) -> None:
    odd = np.array([np.nan, -np.nan, np.inf, -np.inf, -0.0, 5e-324], np.float64)
    odd.view(np.uint64)[0] |= 1  # a NaN with a payload
    save(tmp_path / "x", {"odd": tf.constant(odd), "brain": tf.constant(odd.astype(ml_dtypes.bfloat16))})
    with open_values(tmp_path / "x") as values:
        assert_equal_to_tensorflow(tmp_path / "x", values)


def test_strings(tmp_path: Path) -> None:
    long = b"x" * 300
    save(
        tmp_path / "x",
        {
            "none": tf.constant([], tf.string),
            "one": tf.constant(b"\x00\xff"),
            "empty": tf.constant(b""),
            "many": tf.constant([[b"a", b""], [long, "ü".encode()]]),
        },
    )
    with open_values(tmp_path / "x") as values:
        assert_equal_to_tensorflow(tmp_path / "x", values)


def test_variants_and_resources_are_listed_and_never_decoded(tmp_path: Path) -> None:
    handle = tf.raw_ops.TensorListReserve(element_shape=[2], num_elements=3, element_dtype=tf.float32)
    save(tmp_path / "x", {"list": handle, "whole": tf.constant(1.5)})
    with open_values(tmp_path / "x") as values:
        by_name = {entry.name: entry for entry in values.entries}
        assert by_name["list"].dtype == "variant"
        with pytest.raises(CheckpointError, match=r"list is a variant: it is listed"):
            values.read(by_name["list"])
        assert values.read(by_name["whole"]) == 1.5


@pytest.mark.parametrize("version", ["V2", "V1"])
@pytest.mark.parametrize("sharded", [False, True])
def test_partitioned_variables_of_several_shards(tmp_path: Path, version: str, sharded: bool) -> None:
    """Restoring is what assembles partitioned variables: the reader declines them in V1."""
    prefix = tmp_path / "model"
    config = v1.ConfigProto(device_count={"CPU": 3})
    with tf.Graph().as_default(), v1.Session(config=config) as session:
        partitioned, parts = {}, {}
        for name, shape, pieces, axis in (("a/rows", (7, 3), 3, 0), ("ÿ\x01b", (2, 130), 2, 1)):
            given = np.random.default_rng(len(name)).normal(size=shape).astype(np.float32)
            partitioned[name], start, parts_of = given, 0, []
            for n, part in enumerate(np.array_split(given, pieces, axis)):
                with tf.device(f"/cpu:{n}"):
                    made = v1.Variable(part, use_resource=False, name=f"v{len(name)}_{n}")
                offset = [0, 0]
                offset[axis] = start
                start += part.shape[axis]
                made._set_save_slice_info(
                    v1.Variable.SaveSliceInfo(name, list(shape), offset, list(part.shape))
                )
                parts_of.append(made)
            parts[name] = parts_of
        with tf.device("/cpu:1"):
            plain = v1.Variable(np.arange(5), use_resource=False, name="plain")
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver(
            {**parts, "plain": plain},
            write_version=getattr(v1.train.SaverDef, version),
            sharded=sharded,
        )
        saver.save(session, str(prefix), write_meta_graph=False)
    shards = len([path for path in tmp_path.iterdir() if "-of-00003" in path.name])
    assert shards == (3 if sharded else 0)
    with open_values(prefix) as values:
        found = {entry.name: values.read(entry) for entry in values.entries}
    assert set(found) == {*partitioned, "plain"}
    for name, value in partitioned.items():
        assert found[name].tobytes() == value.tobytes()
    assert found["plain"].tolist() == [0, 1, 2, 3, 4]


def test_v1_tables_of_every_type_they_can_hold(tmp_path: Path) -> None:
    """TensorFlow's own reader of V1 declines some types that its writer takes, so the bits are told."""
    random = np.random.default_rng(1)
    tensors, written = {}, {}
    for name in [*PLAIN, "float16", "complex64", "complex128", "qint8", "quint8", "qint32"]:
        if name in ("uint32", "uint64"):
            continue  # tensor_slice_writer.cc refuses them
        stored = numpy_dtype(name)
        assert stored is not None
        raw = random.integers(0, 2 if name == "bool" else 256, (3, 2, stored.itemsize), dtype=np.uint8)
        tensor = tf.constant(np.ascontiguousarray(raw).view(stored).reshape(3, 2))
        tensors[name] = tf.bitcast(tensor, tf.dtypes.as_dtype(name)) if name.startswith("q") else tensor
        written[name] = raw.tobytes()
    tensors["scalar"], written["scalar"] = tf.constant(-7), np.int32(-7).tobytes()
    tensors["text"] = tf.constant([b"a", b"", b"c\x00"])
    tf.raw_ops.Save(filename=str(tmp_path / "old"), tensor_names=[*tensors], data=[*tensors.values()])
    with open_values(tmp_path / "old") as values:
        assert {entry.name: entry.dtype for entry in values.entries} == {
            name: tensor.dtype.name for name, tensor in tensors.items()
        }
        found = {entry.name: values.read(entry) for entry in values.entries}
    assert found.pop("text").tolist() == [b"a", b"", b"c\x00"]
    assert {name: value.tobytes() for name, value in found.items()} == written
    theirs = tf.train.load_checkpoint(str(tmp_path / "old"))
    for name in ("float32", "float64", "int8", "int16", "int32", "int64", "uint8", "bool", "scalar"):
        assert theirs.get_tensor(name).tobytes() == written[name]


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("per_block", [1, 3, 1000])
def test_compressed_indexes_of_many_blocks(tmp_path: Path, kind: int, per_block: int) -> None:
    arrays = {f"layer_{n}/kernel": np.full((2, n), n, np.float32) for n in range(40)}
    prefix = writer.of_arrays(tmp_path / "x", arrays, kind=kind, per_block=per_block)
    with open_values(prefix) as values:
        assert_equal_to_tensorflow(prefix, values)


def test_numbers_of_a_big_endian_machine(tmp_path: Path) -> None:
    arrays: dict[str, np.ndarray] = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b": np.array([1, -2], np.int64),
        "c": np.array(1.5, np.float64),
        "large": np.arange(200_000, dtype=np.int32),
    }
    prefix = writer.of_arrays(tmp_path / "x", arrays, big=True)
    with open_values(prefix) as values:
        assert_equal_to_tensorflow(prefix, values)


def test_a_bad_tensor_hides_no_whole_one(tmp_path: Path) -> None:
    prefix = save(tmp_path / "x", {name: tf.fill([100], float(n)) for n, name in enumerate("abc")})
    path = tmp_path / "x.data-00000-of-00001"
    content = bytearray(path.read_bytes())
    content[450] ^= 1
    path.write_bytes(content[:-1])
    with open_values(prefix) as values:
        a, b, c = values.entries
        assert values.read(a).tolist() == [0.0] * 100
        with pytest.raises(CheckpointError, match="the checksum of b does not match"):
            values.read(b)
        with pytest.raises(CheckpointError, match="c needs bytes 800 to 1200, the file has 1199"):
            values.read(c)


def test_a_missing_shard_costs_its_own_tensors(tmp_path: Path) -> None:
    rows = [writer.header(2), writer.entry("a"), writer.entry("b", shard=1)]
    prefix = writer.write(tmp_path / "x", rows, {0: bytes(4), 1: bytes(4)})
    (tmp_path / "x.data-00001-of-00002").unlink()
    with open_values(prefix) as values:
        assert values.read(values.named("a")) == 0
        with pytest.raises(CheckpointError, match=r"x\.data-00001-of-00002 is missing"):
            values.read(values.named("b"))


def test_large_tensors_come_in_pieces_and_their_checksum_counts(tmp_path: Path) -> None:
    value = np.random.default_rng(0).normal(size=(300, 1000)).astype(np.float32)
    prefix = save(tmp_path / "x", {"big": tf.constant(value)})
    with Bundle(prefix) as values:
        (entry,) = values.entries
        pieces = [piece.copy() for piece in values.pieces(entry)]
        assert len(pieces) > 1
        assert np.concatenate(pieces).tobytes() == value.tobytes()
    path = tmp_path / "x.data-00000-of-00001"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with Bundle(prefix) as values, pytest.raises(CheckpointError, match="the checksum of big"):
        [*values.pieces(values.entries[0])]


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
ARRAYS = st.lists(st.integers(0, 4), max_size=3).map(tuple)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, ARRAYS, min_size=1, max_size=8), st.integers(0, 1), st.integers(1, 4))
def test_any_names_and_shapes(
    tmp_path_factory: pytest.TempPathFactory, shapes: dict[str, tuple[int, ...]], kind: int, per_block: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    arrays = {name: np.full(shape, n, np.int32) for n, (name, shape) in enumerate(shapes.items())}
    arrays = dict(sorted(arrays.items(), key=lambda item: item[0].encode()))
    rows, data = [writer.header()], b""
    for name, value in arrays.items():
        rows.append(writer.entry(name, value.shape, value.tobytes(), dtype=3, offset=len(data)))
        data += value.tobytes()
    prefix = writer.write(folder / "x", rows, data, kind=kind, per_block=per_block)
    with open_values(prefix) as values:
        assert [entry.name for entry in values.entries] == [*arrays]
        for entry in values.entries:
            assert values.read(entry).tobytes() == arrays[entry.name].tobytes()
            assert values.read(entry).shape == entry.shape


@settings(max_examples=200)
@given(st.binary(max_size=8), st.lists(st.tuples(st.integers(0, 2**62), st.integers(-1, 2**62)), max_size=3))
def test_keys_of_slices_sort_as_their_numbers(name: bytes, extents: list[tuple[int, int]]) -> None:
    key = slice_key(name, tuple(extents))
    assert key.startswith(b"\x00")
    if extents and extents[0][0] + 1 < 2**62 and extents[0][1] != -1:
        later = ((extents[0][0] + 1, extents[0][1]), *extents[1:])
        assert slice_key(name, later) > key


def test_an_unknown_tensor_is_said_to_be_unknown(tmp_path: Path) -> None:
    prefix = writer.write(tmp_path / "x", [writer.header(), writer.entry("a")])
    with open_values(prefix) as values, pytest.raises(CheckpointError, match="No tensor is named b"):
        values.named("b")
    assert isinstance(values.entries[0], Entry)
