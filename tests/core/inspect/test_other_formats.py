"""TensorFlow Lite, TensorFlow.js, frozen graphs and Flax: what is read, against readers of other people."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import flatbuffers
import ml_dtypes
import msgpack
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from command.main import main
from core.bundle.values import Array
from core.checkpoint import CheckpointError
from core.inspect.diagnosis import NOTE, WRONG, Finding
from core.inspect.find import FLAX, FROZEN, TFJS, TFLITE, Checkpoint, find
from core.inspect.folder import Folder
from core.inspect.model import CONSTANT, COPY, COUNTER, SLOT, WEIGHT
from core.inspect.tensors import opened
from core.inspect.verdict.verdict import UNKNOWN
from tests.core.inspect.reading import read_everything

FLOATS = np.arange(12, dtype=np.float32).reshape(3, 4) / 8


def the_only(folder: Path) -> Checkpoint:
    (only,) = Folder(folder).find().checkpoints
    return only


def read(folder: Path) -> dict[str, Array]:
    """Every tensor that can be read."""
    found = {}
    with opened(folder, the_only(folder)) as values:
        for entry in values.entries:
            if entry.name not in values.damaged:
                found[entry.name] = values.read(entry)
    return found


def values_of(folder: Path) -> Mapping[str, Array]:
    """Every tensor, by the confined process."""
    here, only = Folder(folder), the_only(folder)
    return here.arrays(only, [each.key for each in here.listing(only).tensors] or ["w"])


def findings(folder: Path) -> list[Finding]:
    here = Folder(folder)
    return [*here.diagnose(here.find())]


def same(found: Mapping[str, Array], expected: Mapping[str, Array]) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].dtype == value.dtype, name
        assert found[name].shape == value.shape, name
        assert found[name].tolist() == value.tolist(), name


def network() -> tf.Module:
    """A convolution and a matrix, with numbers that are not zero."""
    module = tf.Module()
    chance = np.random.default_rng(3)
    module.kernel = tf.Variable(chance.normal(size=(3, 3, 1, 4)).astype(np.float32), name="kernel")
    module.bias = tf.Variable(chance.normal(size=4).astype(np.float32), name="bias")
    module.dense = tf.Variable(chance.normal(size=(100, 10)).astype(np.float32), name="dense")

    @tf.function(input_signature=[tf.TensorSpec((1, 7, 7, 1), name="image")])  # type: ignore[untyped-decorator]
    def call(image: tf.Tensor) -> dict[str, tf.Tensor]:
        seen = tf.nn.relu(tf.nn.conv2d(image, module.kernel, 1, "VALID") + module.bias)
        return {"scores": tf.matmul(tf.reshape(seen, (1, 100)), module.dense)}

    module.call = call
    return module


def converted(how: str) -> bytes:
    module = network()
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.call.get_concrete_function()], module)
    if how != "plain":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if how == "int8":
        images = np.random.default_rng(4).normal(size=(4, 1, 7, 7, 1)).astype(np.float32)
        converter.representative_dataset = lambda: ([each] for each in images)
    if how == "float16":
        converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


@pytest.mark.filterwarnings(
    "ignore:Statistics for quantized inputs", "ignore:.*tf.lite.Interpreter is deprecated"
)
@pytest.mark.parametrize("how", ["plain", "int8", "float16"])
def test_constants_of_a_tensorflow_lite_model_are_what_its_interpreter_has(how: str, tmp_path: Path) -> None:
    content = converted(how)
    (tmp_path / "model.tflite").write_bytes(content)
    interpreter = tf.lite.Interpreter(
        model_content=content,
        experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    interpreter.allocate_tensors()
    details = {each["name"]: each for each in interpreter.get_tensor_details()}
    found = read(tmp_path)
    assert len(found) >= 3
    same(found, {name: interpreter.get_tensor(details[name]["index"]) for name in found})
    with opened(tmp_path, the_only(tmp_path)) as values:
        for name in found:
            quantized, theirs = values.quantized.get(name), details[name]["quantization_parameters"]  # type: ignore[attr-defined]
            assert [*(quantized.scale if quantized else ())] == theirs["scales"].tolist()
            assert [*(quantized.zero_point if quantized else ())] == theirs["zero_points"].tolist()
        assert bool(values.quantized) == (how == "int8")  # type: ignore[attr-defined]
    listing = Folder(tmp_path).listing(the_only(tmp_path))
    assert listing.kind == TFLITE
    assert listing.parameters == 36 + 4 + 1000
    assert any(each.role == CONSTANT for each in listing.tensors)
    (signature, *_) = (each.sentence for each in listing.notes)
    assert "image (float32 1×7×7×1)" in signature
    assert {each.level for each in findings(tmp_path)} == {NOTE}


def model_of(*tensors: tuple[str, int, list[int], bytes], **more: Any) -> schema.ModelT:
    """A model by TensorFlow's own classes: name, type, shape and bytes of each constant."""
    model = schema.ModelT()
    model.version = 3
    graph = schema.SubGraphT()
    graph.tensors, model.buffers = [], [schema.BufferT()]
    for name, kind, shape, content in tensors:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(content, np.uint8)
        model.buffers.append(buffer)
        tensor = schema.TensorT()
        tensor.name, tensor.type, tensor.shape = name, kind, shape
        tensor.buffer = more.get("buffer", len(model.buffers) - 1)
        tensor.sparsity = more.get("sparsity")
        graph.tensors.append(tensor)
    model.subgraphs = [graph]
    return model


def packed(model: schema.ModelT) -> bytes:
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_every_type_of_a_tensorflow_lite_model(tmp_path: Path) -> None:
    kind = schema.TensorType
    nibbles = np.array([-8, 7, -1, 3, 0], ml_dtypes.int4)
    texts = (
        (2).to_bytes(4, "little") + b"".join(n.to_bytes(4, "little") for n in (16, 20, 23)) + b"some" + b"one"
    )
    halves = np.array([1.5, -2], ml_dtypes.bfloat16)
    model = model_of(
        ("w", kind.FLOAT32, [3, 4], FLOATS.tobytes()),
        ("nibbles", kind.INT4, [5], bytes([0x78, 0x3F, 0x00])),
        ("halves", kind.BFLOAT16, [2], halves.tobytes()),
        ("texts", kind.STRING, [2], texts),
        ("w", kind.INT64, [1], np.array([1 << 40], np.int64).tobytes()),
        ("computed", kind.FLOAT32, [9], b""),
    )
    other = schema.SubGraphT()
    other.name, other.tensors = "body", [model.subgraphs[0].tensors[0]]
    model.subgraphs.append(other)
    (tmp_path / "without-an-ending").write_bytes(packed(model))
    expected = {
        "w": FLOATS,
        "nibbles": nibbles,
        "halves": halves,
        "w_1": np.array([1 << 40], np.int64),
        "body/w": FLOATS,
    }
    same(read(tmp_path), {**expected, "texts": np.array([b"some", b"one"], object)})
    listing = Folder(tmp_path).listing(the_only(tmp_path))
    roles = {each.name: each.role for each in listing.tensors}
    assert (roles["w"], roles["body/w"], roles["w_1"]) == (WEIGHT, COPY, CONSTANT)
    assert listing.parameters == 12 + 5 + 2


def graph_def() -> tf.compat.v1.GraphDef:
    """A frozen graph of TensorFlow's, with constants of every kind beside its weights."""
    frozen = convert_variables_to_constants_v2(network().call.get_concrete_function())
    graph = frozen.graph.as_graph_def()
    values: dict[str, Any] = {
        "repeated": tf.make_tensor_proto(2.5, shape=(40, 3)),
        "zeros": tf.make_tensor_proto(np.zeros((5, 2), np.int16)),
        "halves": tf.make_tensor_proto(np.array([1.5, -2, 3], np.float16)),
        "brain": tf.make_tensor_proto(np.array([1.5, -2, 3], ml_dtypes.bfloat16)),
        "negative": tf.make_tensor_proto([-1, 2, -3], tf.int32),
        "long": tf.make_tensor_proto([-1 << 40], tf.int64),
        "unsigned": tf.make_tensor_proto([1 << 63], tf.uint64),
        "yes": tf.make_tensor_proto([True, False]),
        "double": tf.make_tensor_proto([1e300, 2], tf.float64),
        "waves": tf.make_tensor_proto(np.array([1 + 2j, 3], np.complex64)),
        "texts": tf.make_tensor_proto([b"some", b"", b"one"]),
        "scalar": tf.make_tensor_proto(7.0),
        "none": tf.make_tensor_proto(np.zeros((0, 3), np.float32)),
    }
    for name, value in values.items():
        node = graph.node.add(name=name, op="Const")
        node.attr["dtype"].type = value.dtype
        node.attr["value"].tensor.CopyFrom(value)
    packed = tf.compat.v1.GraphDef().node.add(name="listed", op="Const")
    packed.attr["dtype"].type = tf.float32.as_datatype_enum
    packed.attr["value"].tensor.dtype = tf.float32.as_datatype_enum
    packed.attr["value"].tensor.tensor_shape.dim.add(size=4)
    packed.attr["value"].tensor.float_val.extend([1, 2, 3])
    graph.node.append(packed)
    graph.library.function.add().signature.name = "inner"
    graph.library.function[0].node_def.append(packed)
    return graph


def test_constants_of_a_frozen_graph_are_what_tensorflow_imports(tmp_path: Path) -> None:
    graph = graph_def()
    (tmp_path / "frozen.pb").write_bytes(graph.SerializeToString())
    expected = {
        each.name: tf.make_ndarray(each.attr["value"].tensor) for each in graph.node if each.op == "Const"
    }
    with tf.Graph().as_default() as imported:
        tf.import_graph_def(graph, name="")
        with tf.compat.v1.Session(graph=imported) as session:
            ran = session.run({name: f"{name}:0" for name in expected})
    ran["inner/listed"] = np.array([1, 2, 3, 3], np.float32)
    found = read(tmp_path)
    for name, value in ran.items():
        ran[name] = np.asarray(value, object) if found[name].dtype == object else np.asarray(value)
    same(found, ran)
    listing = Folder(tmp_path).listing(the_only(tmp_path))
    assert listing.kind == FROZEN
    assert {36, 4, 1000} <= {each.elements for each in listing.weights()}
    assert {each.name for each in listing.of(CONSTANT)} >= {"scalar", "negative", "texts"}
    assert findings(tmp_path) == []


def javascript(folder: Path, **more: Any) -> dict[str, Array]:
    """A model in two groups and three shards, some weights with fewer bits; what they mean."""
    kernel, bias = FLOATS, np.array([1, -2], np.int32)
    levels = np.array([0, 128, 255], np.uint8)
    half = np.array([0.5, -3], np.float16)
    first = kernel.tobytes() + bias.tobytes()
    text = b"".join(len(each).to_bytes(4, "little") + each for each in (b"one", b"", b"three"))
    second = levels.tobytes() + half.tobytes() + text + b"\x01\x00"
    shards = {
        "group1-shard1of2.bin": first[:20],
        "group1-shard2of2.bin": first[20:],
        "group2-shard1of1.bin": second,
    }
    for name, content in shards.items():
        (folder / name).write_bytes(content)
    scale = {"dtype": "uint8", "scale": 0.1, "min": -3.7}
    weights = [
        {"name": "dense/kernel", "shape": [3, 4], "dtype": "float32"},
        {"name": "dense/bias", "shape": [2], "dtype": "int32"},
    ]
    others = [
        {"name": "out/kernel", "shape": [3], "dtype": "float32", "quantization": scale},
        {"name": "out/bias", "shape": [2], "dtype": "float32", "quantization": {"dtype": "float16"}},
        {"name": "words", "shape": [3], "dtype": "string"},
        {"name": "flags", "shape": [2], "dtype": "bool"},
    ]
    described = {
        "format": "layers-model",
        "generatedBy": "keras v2.15.0",
        "weightsManifest": [
            {"paths": [*shards][:2], "weights": weights},
            {"paths": [*shards][2:], "weights": others},
        ],
    }
    (folder / "model.json").write_text(json.dumps(described | more))
    return {
        "dense/kernel": kernel,
        "dense/bias": bias,
        "out/kernel": (levels * 0.1 - 3.7).astype(np.float32),
        "out/bias": half.astype(np.float32),
        "words": np.array([b"one", b"", b"three"], object),
        "flags": np.array([True, False]),
    }


def test_weights_of_a_tensorflow_js_model_over_its_shards(tmp_path: Path) -> None:
    expected = javascript(tmp_path)
    (tmp_path / "config.json").write_text('{"class_name": "Sequential"}')
    same(read(tmp_path), expected)
    only = the_only(tmp_path)
    assert (only.kind, len(only.files)) == (TFJS, 4)
    listing = Folder(tmp_path).listing(only)
    assert {each.name for each in listing.weights()} >= {"dense/kernel", "out/kernel"}
    assert findings(tmp_path) == []
    assert Folder(tmp_path).find().unread == ()


def test_a_missing_or_short_shard_of_tensorflow_js_is_named(tmp_path: Path) -> None:
    javascript(tmp_path)
    (tmp_path / "group1-shard2of2.bin").unlink()
    (wrong,) = findings(tmp_path)
    assert wrong.level == WRONG
    assert "names 1 file that cannot be opened: group1-shard2of2.bin" in wrong.sentence
    assert read(tmp_path).keys() == {"out/kernel", "out/bias", "words", "flags"}
    javascript(tmp_path)
    (tmp_path / "group1-shard2of2.bin").write_bytes(bytes(20))
    (wrong,) = findings(tmp_path)
    assert "the shards end before it" in wrong.sentence
    for path in tmp_path.glob("*.bin"):
        path.unlink()
    (wrong,) = findings(tmp_path)
    assert "is there without its shards: group1-shard1of2.bin is missing" in wrong.sentence


def array(value: Array) -> msgpack.ExtType:
    """An array as Flax packs it."""
    return msgpack.ExtType(1, msgpack.packb((value.shape, value.dtype.name, value.tobytes())))


def tree() -> dict[str, Any]:
    half = np.array([1.5, -2], ml_dtypes.bfloat16)
    params = {"Dense_0": {"kernel": array(FLOATS), "bias": array(half)}}
    chunks = {"0": array(np.arange(4, dtype=np.float32)), "1": array(np.arange(4, 6, dtype=np.float32))}
    large = {"__msgpack_chunked_array__": True, "shape": {"0": 2, "1": 3}, "chunks": chunks}
    slots = {"Dense_0": {"kernel": array(FLOATS * 2), "bias": array(half)}}
    adam = {"count": array(np.array(7, np.int32)), "mu": slots}
    return {"step": 300, "params": {**params, "large": large}, "opt_state": {"0": adam, "1": {}}, "rate": 0.5}


def test_a_tree_of_flax_with_its_optimizer_and_its_large_arrays(tmp_path: Path) -> None:
    (tmp_path / "checkpoint_300").write_bytes(msgpack.packb(tree()))
    half = np.array([1.5, -2], ml_dtypes.bfloat16)
    expected = {
        "step": np.array(300, np.int64),
        "params/Dense_0/kernel": FLOATS,
        "params/Dense_0/bias": half,
        "params/large": np.arange(6, dtype=np.float32).reshape(2, 3),
        "opt_state/0/count": np.array(7, np.int32),
        "opt_state/0/mu/Dense_0/kernel": FLOATS * 2,
        "opt_state/0/mu/Dense_0/bias": half,
        "rate": np.array(0.5),
    }
    same(read(tmp_path), expected)
    listing = Folder(tmp_path).listing(the_only(tmp_path))
    assert (listing.kind, listing.parameters) == (FLAX, 12 + 2 + 6)
    assert {each.name for each in listing.of(SLOT)} == {"Dense_0/kernel/mu", "Dense_0/bias/mu"}
    assert {each.name for each in listing.of(COUNTER)} == {"step", "rate", "opt_state/0/count"}
    assert findings(tmp_path) == []


WRITERS: dict[str, Callable[[Path], object]] = {
    "model.tflite": lambda path: path.write_bytes(packed(model_of(("w", 0, [3, 4], FLOATS.tobytes())))),
    "frozen.pb": lambda path: path.write_bytes(graph_def().SerializeToString()),
    "model.json": lambda path: javascript(path.parent),
    "model.msgpack": lambda path: path.write_bytes(msgpack.packb(tree())),
}


@pytest.mark.parametrize("name", [*WRITERS])
def test_they_are_listed_exported_and_compared_and_no_loader_is_promised(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    WRITERS[name](tmp_path / name)
    path = str(tmp_path / name)
    assert main(["inspect", path]) == 0
    assert main(["export", path, "-o", str(tmp_path / "all.npz")]) == 0
    with np.load(tmp_path / "all.npz") as archive:
        assert any(
            np.array_equal(archive[each], FLOATS) or archive[each].size == 36 for each in archive.files
        )
    assert main(["diff", path, path]) == 0
    assert main(["check", path]) == 0
    capsys.readouterr()
    only = next(each for each in Folder(tmp_path).find().checkpoints if each.path == name)
    told = Folder(tmp_path).would_load(only, only)
    assert told.level == UNKNOWN
    assert told.cause == f"{name} is a {only.kind}: how such a file is loaded is not predicted here."


@pytest.mark.parametrize("name", [*WRITERS])
def test_damage_to_any_byte_ends_in_a_sentence_or_in_values(name: str, tmp_path: Path) -> None:
    WRITERS[name](tmp_path / name)
    content = (tmp_path / name).read_bytes()
    chance = random.Random(name)
    refused = 0
    for n in range(200):
        broken = bytearray(content)
        if n % 3 == 0:
            del broken[chance.randrange(len(broken)) :]
        else:
            for _ in range(1 + n % 4):
                broken[chance.randrange(len(broken))] = chance.choice(
                    (0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256))
                )
        (tmp_path / name).write_bytes(broken)
        for each in find(tmp_path).checkpoints:
            try:
                with opened(tmp_path, each) as values:
                    refused += bool(values.damaged)
                    for entry in values.entries:
                        values.read(entry)
            except CheckpointError as error:
                refused += 1
                assert str(error)
    assert refused > 50


def claimed(model: schema.ModelT, **of_tensor: Any) -> bytes:
    for name, value in of_tensor.items():
        setattr(model.subgraphs[0].tensors[0], name, value)
    return packed(model)


def _constant(**more: Any) -> bytes:
    graph = tf.compat.v1.GraphDef()
    node = graph.node.add(name="w", op="Const")
    tensor = node.attr["value"].tensor
    tensor.dtype = more.get("dtype", 1)
    for size in more["shape"]:
        tensor.tensor_shape.dim.add(size=size)
    tensor.float_val.append(1)
    return graph.SerializeToString()


def _shards(*paths: str, shape: list[int]) -> bytes:
    weights = [{"name": "w", "shape": shape, "dtype": "float32"}]
    return json.dumps({"weightsManifest": [{"paths": paths, "weights": weights}]}).encode()


CRAFTED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a shape without end": (
        "m.tflite",
        lambda: claimed(model_of(("w", 0, [1], b"1234")), shape=[1 << 30] * 20),
    ),
    "a buffer that is not there": (
        "m.tflite",
        lambda: claimed(model_of(("w", 0, [1], b"1234")), buffer=1 << 31),
    ),
    "a type that is not known": ("m.tflite", lambda: claimed(model_of(("w", 0, [1], b"1234")), type=99)),
    "texts that overlap": (
        "m.tflite",
        lambda: packed(model_of(("w", 5, [1], b"\1\0\0\0\xff\0\0\0\1\0\0\0"))),
    ),
    "offsets that lead back": ("m.tflite", lambda: b"\4\0\0\0TFL3" + b"\xff\xff\xff\x7f" * 40),
    "a constant that grows": ("m.pb", lambda: _constant(shape=[1 << 40])),
    "a constant that overflows": ("m.pb", lambda: _constant(shape=[1 << 62, 1 << 62])),
    "a negative constant": ("m.pb", lambda: _constant(shape=[-5])),
    "texts without end": ("m.pb", lambda: _constant(shape=[1 << 40], dtype=7)),
    "a length of 2 to 63": ("m.pb", lambda: b"\x0a\x05\x0a\x01w\x12\x01" + b"\x0a" + b"\xff" * 8 + b"\x7f"),
    "shards that lead out": ("model.json", lambda: _shards("../../etc/passwd", "/etc/passwd", shape=[8])),
    "a weight without end": ("model.json", lambda: _shards("model.json", shape=[1 << 40, 1 << 40])),
    "a shard many times": ("model.json", lambda: _shards(*["model.json"] * 100_000, shape=[8])),
    "a list that is none": ("model.json", lambda: b'{"weightsManifest": {"a": 1}}'),
    "deep lists": ("model.json", lambda: b'{"weightsManifest": ' + b"[" * 100_000),
    "deep dictionaries": ("m.msgpack", lambda: b"\x81\xa1a" * 100_000),
    "a dictionary without end": ("m.msgpack", lambda: b"\xdf\xff\xff\xff\xff\xa1a\x01"),
    "a text without end": ("m.msgpack", lambda: b"\x81\xdb\xff\xff\xff\xffabc"),
    "an array without end": (
        "m.msgpack",
        lambda: msgpack.packb({"w": msgpack.ExtType(1, msgpack.packb(([1 << 40] * 3, "float32", b"1234")))}),
    ),
    "a shape of texts": (
        "m.msgpack",
        lambda: msgpack.packb({"w": msgpack.ExtType(1, msgpack.packb((["a"], "float32", b"1234")))}),
    ),
    "chunks that do not fit": (
        "m.msgpack",
        lambda: msgpack.packb(
            {
                "w": {
                    "__msgpack_chunked_array__": True,
                    "shape": {"0": 1 << 40},
                    "chunks": {"0": array(FLOATS)},
                }
            }
        ),
    ),
}


@pytest.mark.parametrize("what", [*CRAFTED])
def test_what_is_made_to_do_harm_ends_in_a_sentence(what: str, tmp_path: Path) -> None:
    name, made = CRAFTED[what]
    (tmp_path / name).write_bytes(made())
    before = sorted(os.listdir(tmp_path))
    assert all(isinstance(each, str) and each for each in read_everything(tmp_path))
    assert sorted(os.listdir(tmp_path)) == before
    with pytest.raises(CheckpointError, match=r"."):
        values_of(tmp_path)
