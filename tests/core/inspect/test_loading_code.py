"""The code that loads a file, for each format: it runs as it is shown, and has the file's values."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import keras
import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from core.inspect.code.block import INTO, JAVASCRIPT, VALUES, WHOLE, Block
from core.inspect.folder import Folder
from tests import elsewhere
from tests.core.inspect import loaders
from tests.core.inspect.test_other_formats import javascript

HOME = Path(__file__).parents[3]
RUN = "from tests.core.inspect.loading_code import main\n\nmain('shown.py', 'answer.npz')\n"
v1 = tf.compat.v1
KERNEL = (np.arange(12, dtype=np.float32).reshape(3, 4) - 5) / 8
BIAS = np.array([0.5, -1.5, 2.5, 3.5], np.float32)
Array = np.ndarray[Any, Any]
GRAPH, OBJECTS, LAYER = "The graph with its values", "Into objects of yours", "A layer of Keras 3"

_DENSE = """
import {keras} as keras

model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, name="first")])
"""


def model_of(k: Any) -> Any:
    """One layer with the values above."""
    model = k.Sequential([k.Input((3,)), k.layers.Dense(4, name="first")])
    model.layers[-1].set_weights([KERNEL, BIAS])
    return model


def blocks(folder: Path, path: str) -> dict[str, Block]:
    """The code of one checkpoint, by what it gives."""
    here = Folder(folder)
    one = next(each for each in here.find().checkpoints if each.path == path)
    return {each.title: each for each in here.code(one, path or ".")}


def ran(folder: Path, block: Block, python: Path = elsewhere.OWN) -> tuple[list[Array], list[Array]]:
    """What the code printed, and the weights of its model.

    Args:
        python: the interpreter that has its libraries.
    """
    (folder / "shown.py").write_text(block.text)
    command = folder / "bin" / "checkpoint-explorer"
    command.parent.mkdir(exist_ok=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m command "$@"\n')
    command.chmod(0o755)
    paths = {
        "PYTHONPATH": os.pathsep.join([str(folder), str(HOME)]),
        "PATH": os.pathsep.join([str(command.parent), os.environ["PATH"]]),
    }
    done = elsewhere.run(RUN, folder, (folder, HOME), paths, python, bool(elsewhere.LOADS.search(block.text)))
    assert done.returncode == 0, f"{block.text}\n{done.stderr[-3000:]}"
    with np.load(folder / "answer.npz") as answer:
        both = {
            kind: [answer[name] for name in answer if name.startswith(kind)] for kind in ("printed", "weight")
        }
    return both["printed"], both["weight"]


def same(found: list[Array], *expected: Array) -> None:
    assert len(found) == len(expected)
    for one, other in zip(found, expected, strict=True):
        assert one.shape == other.shape
        assert np.array_equal(one, other)


def save_graph(folder: Path, *, resource: bool, version: int = 2) -> None:
    """A variable that the checkpoint calls otherwise than the graph, with its `.meta`."""
    with tf.Graph().as_default(), v1.Session() as session:
        kernel = v1.Variable(KERNEL, name="first/kernel", use_resource=resource)
        v1.Variable(BIAS, name="aside", use_resource=resource)  # the Saver does not have it
        session.run(v1.global_variables_initializer())
        session.run(kernel.assign(KERNEL * 2))
        v1.train.Saver({"old/name": kernel}, write_version=version).save(session, str(folder / "m"), 7)


@pytest.mark.parametrize(("resource", "version"), [(True, 2), (False, 2), (False, 1)])
def test_a_savers_checkpoint_with_its_graph(tmp_path: Path, resource: bool, version: int) -> None:
    save_graph(tmp_path, resource=resource, version=version)
    found = blocks(tmp_path, "m-7")
    same(ran(tmp_path, found[GRAPH])[0], KERNEL * 2)
    same(ran(tmp_path, found[VALUES])[0], KERNEL * 2)


def test_a_savers_checkpoint_without_its_graph(tmp_path: Path) -> None:
    save_graph(tmp_path, resource=False)
    (tmp_path / "m-7.meta").unlink()
    own = """
import tensorflow as tf


def build():
    tf.compat.v1.get_variable("old/name", [3, 4])
"""
    (tmp_path / "your_program.py").write_text(own)
    found = blocks(tmp_path, "m-7")
    same(ran(tmp_path, found[VALUES])[0], KERNEL * 2)
    inside = found[INTO]
    shown = f"{inside.text}    print(session.run(tf.compat.v1.global_variables()[0]))\n"
    same(ran(tmp_path, Block(INTO, shown))[0], KERNEL * 2)


def test_objects_of_a_program_and_variables_beside_them(tmp_path: Path) -> None:
    model = model_of(keras)
    model.compile(keras.optimizers.Adam(), "mse")
    model.optimizer.build(model.trainable_variables)
    step = tf.Variable(7, dtype=tf.int64)
    kept = {"model": model, "optimizer": model.optimizer, "step": step}
    tf.train.Checkpoint(**kept).save(str(tmp_path / "whole"))
    tf.train.Checkpoint(model).write(str(tmp_path / "alone"))
    own = _DENSE.format(keras="keras")
    (tmp_path / "your_program.py").write_text(f"{own}\noptimizer = keras.optimizers.Adam()\n")
    found = blocks(tmp_path, "whole-1")
    assert "step=tf.Variable(tf.zeros([], tf.int64))" in found[OBJECTS].text
    same(ran(tmp_path, Block("", found[OBJECTS].text + "print(checkpoint.step)\n"))[0], np.array(7))
    for path in ("whole-1", "alone"):
        found = blocks(tmp_path, path)
        same(ran(tmp_path, found[OBJECTS])[1], KERNEL, BIAS)
        (value,) = ran(tmp_path, found[VALUES])[0]
        assert np.array_equal(value, KERNEL if value.ndim == 2 else BIAS)


def test_a_saved_model_is_called_by_its_signature(tmp_path: Path) -> None:
    model_of(keras).export(tmp_path / "exported", verbose=False)
    found = blocks(tmp_path, "exported")
    assert "zeros([1, 3], tf.float32)" in found[WHOLE].text
    same(ran(tmp_path, found[WHOLE])[0], BIAS[None])
    same(ran(tmp_path, found[LAYER])[0], BIAS[None])
    (value,) = ran(tmp_path, found[VALUES])[0]
    assert np.array_equal(value, KERNEL if value.ndim == 2 else BIAS)


def test_a_saved_model_of_a_graph_with_tags_and_odd_names(tmp_path: Path) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        x, y = v1.placeholder(tf.float32, [None, 3]), v1.placeholder(tf.float32, [])
        kernel = v1.get_variable("first/kernel", initializer=KERNEL)
        result = (x + 1) @ kernel + y
        session.run(v1.global_variables_initializer())
        told = v1.saved_model.predict_signature_def({"class": x, "y": y}, {"result": result})
        builder = v1.saved_model.Builder(str(tmp_path / "odd"))
        builder.add_meta_graph_and_variables(session, ["train", "gpu"], {"answer": told})
        builder.save()
    found = blocks(tmp_path, "odd")
    same(ran(tmp_path, found[WHOLE])[0], np.ones((1, 3), np.float32) @ KERNEL)
    same(ran(tmp_path, found[VALUES])[0], KERNEL)
    assert LAYER not in found


def test_a_saved_model_without_signatures(tmp_path: Path) -> None:
    module = tf.Module()
    module.kernel = tf.Variable(KERNEL)
    tf.saved_model.save(module, str(tmp_path / "bare"))
    found = blocks(tmp_path, "bare")
    same(ran(tmp_path, Block("", found[WHOLE].text + "print(model.kernel)\n"))[0], KERNEL)
    same(ran(tmp_path, found[VALUES])[0], KERNEL)


_OWN = """
import keras


class Mine(keras.layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4))

    def call(self, x):
        return x @ self.kernel


@keras.saving.register_keras_serializable("shop")
class Sold(Mine):
    pass


def squared(x):
    return x * x


def cost(y, z):
    return keras.ops.mean((y - z) ** 2)
"""


def test_keras_files_with_classes_of_ones_own_and_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parts_of_mine.py").write_text(_OWN)
    (tmp_path / "your_program.py").write_text("from parts_of_mine import *\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    own = __import__("parts_of_mine")
    layers = [own.Mine(), own.Sold(), keras.layers.Dense(4, activation=own.squared)]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.compile("sgd", own.cost)
    model.save(tmp_path / "own.keras")
    found = blocks(tmp_path, "own.keras")
    assert "from parts_of_mine import Mine, Sold\nfrom your_program import squared, cost" in found[WHOLE].text
    same(ran(tmp_path, found[WHOLE])[1], *[each.numpy() for each in model.weights])
    layers = [keras.layers.Dense(4), keras.layers.Lambda(lambda x: x + 1, output_shape=(4,))]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.save(tmp_path / "code.keras")
    found = blocks(tmp_path, "code.keras")
    assert found[WHOLE].note == "This runs the Python code in the file. Do so only if you trust its author."
    same(ran(tmp_path, found[WHOLE])[1], *[each.numpy() for each in model.weights])


def save_keras(k: Any, path: Path) -> None:
    model = model_of(k)
    model.compile("adam", "mse")
    if path.name.endswith(("weights.h5", "weights.json")):
        model.save_weights(path, **({"max_shard_size": 1} if path.suffix == ".json" else {}))
    elif path.suffix == "":
        model.save(path.with_suffix(".h5"))
        path.with_suffix(".h5").rename(path)
    else:
        model.save(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("library", [keras, tf_keras])
@pytest.mark.parametrize("name", ["a.keras", "a.h5", "a", "a.weights.h5", "weights_alone.h5"])
def test_keras_files_of_both_keras(tmp_path: Path, name: str, library: Any) -> None:
    if name == "weights_alone.h5":
        if library is keras:
            name = "a.weights.json"
            save_keras(keras, tmp_path / name)
        else:
            model_of(tf_keras).save_weights(tmp_path / name)
    else:
        save_keras(library, tmp_path / name)
    own = "tf_keras" if library is tf_keras and name == "a.weights.h5" else "keras"
    (tmp_path / "your_program.py").write_text(_DENSE.format(keras=own))
    found = blocks(tmp_path, name)
    block = found.get(WHOLE) or found[INTO]
    same(ran(tmp_path, block)[1], KERNEL, BIAS)
    if VALUES in found:
        same(ran(tmp_path, found[VALUES])[0], KERNEL)


def test_an_hdf5_file_that_is_called_keras(tmp_path: Path) -> None:
    model = model_of(keras)
    model.save(tmp_path / "a.h5")
    (tmp_path / "a.h5").rename(tmp_path / "a.keras")
    same(ran(tmp_path, blocks(tmp_path, "a.keras")[WHOLE])[1], KERNEL, BIAS)


def module_of() -> tf.Module:
    module = tf.Module()
    module.kernel, module.bias = tf.Variable(KERNEL), tf.Variable(BIAS)

    @tf.function(input_signature=[tf.TensorSpec((1, 3), name="x")])  # type: ignore[untyped-decorator]
    def call(x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"answer": x @ module.kernel + module.bias}

    module.call = call
    return module


@pytest.mark.parametrize("signed", [True, False])
def test_a_model_of_tensorflow_lite(tmp_path: Path, signed: bool) -> None:
    module = module_of()
    concrete = module.call.get_concrete_function()
    if signed:
        tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"serve": module.call})
        converter = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved"), ["serve"])
    else:
        converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], module)
    content = converter.convert()
    if not signed:
        content = without_signatures(content)
    (tmp_path / "m.tflite").write_bytes(content)
    found = blocks(tmp_path, "m.tflite")
    assert ("get_signature_runner" in found[WHOLE].text) == signed
    same(ran(tmp_path, found[WHOLE])[0], BIAS[None])


def without_signatures(content: bytes) -> bytes:
    import flatbuffers
    from tensorflow.lite.python import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content)
    model.signatureDefs = []
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def test_a_frozen_graph(tmp_path: Path) -> None:
    frozen = convert_variables_to_constants_v2(module_of().call.get_concrete_function())
    (tmp_path / "g.pb").write_bytes(frozen.graph.as_graph_def().SerializeToString())
    (value,) = ran(tmp_path, blocks(tmp_path, "g.pb")[GRAPH])[0]
    assert np.array_equal(value, KERNEL if value.ndim == 2 else BIAS)


def written_by(folder: Path, text: str) -> None:
    """Run a program that has Flax, Orbax and safetensors."""
    start = "import numpy as np\nKERNEL = (np.arange(12, dtype=np.float32).reshape(3, 4) - 5) / 8\n"
    done = elsewhere.run(start + text, folder, python=loaders.python())
    assert done.returncode == 0, done.stderr[-3000:]


def test_safetensors(tmp_path: Path) -> None:
    text = """
from safetensors.numpy import save_file

save_file({"first/kernel": KERNEL}, "a.safetensors")
import tensorflow as tf
from safetensors.tensorflow import save_file

save_file({"first/kernel": tf.cast(KERNEL, tf.bfloat16)}, "half.safetensors")
"""
    written_by(tmp_path, text)
    for name, kernel in (("a", KERNEL), ("half", KERNEL.astype(ml_dtypes.bfloat16).astype(np.float32))):
        found = blocks(tmp_path, f"{name}.safetensors")
        same(ran(tmp_path, found[VALUES], loaders.python())[0], kernel)


def test_flax(tmp_path: Path) -> None:
    text = """
from flax.serialization import msgpack_serialize

tree = {"params": {"Dense_0": {"kernel": KERNEL}}, "step": 3}
open("a.msgpack", "wb").write(msgpack_serialize(tree))
"""
    written_by(tmp_path, text)
    same(ran(tmp_path, blocks(tmp_path, "a.msgpack")[VALUES], loaders.python())[0], KERNEL)


def test_orbax_as_keras_and_as_others_write_it(tmp_path: Path) -> None:
    text = f"""{_DENSE.format(keras="keras")}
import os

model.layers[-1].set_weights([KERNEL, np.ones(4)])
model.compile("sgd", "mse")


class Twice(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.layers[-1].set_weights([KERNEL * (epoch + 1), np.ones(4)])


def saver(folder, alone):
    more = {{"save_freq": "epoch", "max_to_keep": None, "save_weights_only": alone}}
    return keras.callbacks.OrbaxCheckpoint(os.path.abspath(folder), **more)


model.optimizer.learning_rate = 0.0
calls = [Twice(), saver("ckpt", False), saver("alone", True)]
model.fit(np.ones((4, 3)), np.ones((4, 4)), epochs=2, callbacks=calls, verbose=0)
from orbax.checkpoint import v1 as ocp

ocp.save_pytree(os.path.abspath("plain"), {{"first": {{"kernel": KERNEL}}}})
"""
    written_by(tmp_path, text)
    for step in (0, 1):
        found = blocks(tmp_path, f"ckpt/{step}")
        kernel, bias = ran(tmp_path, found[WHOLE], loaders.python())[1]
        same([kernel, bias], KERNEL * (step + 1), np.ones(4, np.float32))
    # What the note says of Keras' own way is so.
    assert "restores no weight of this file and raises no error" in found[WHOLE].note
    text = 'import os\nimport keras\nmodel = keras.saving.load_model(os.path.abspath("ckpt"))\n'
    kernel, bias = ran(tmp_path, Block("", text), loaders.python())[1]
    assert not np.array_equal(kernel, KERNEL * 2)
    assert not bias.any()
    listing = Folder(tmp_path).listing(next(iter(Folder(tmp_path).find().groups()["ckpt/*"])))
    assert (listing.parameters, listing.unsure) == (16, "")
    printed = ran(tmp_path, blocks(tmp_path, "alone/1")[VALUES], loaders.python())[0]
    assert any(np.array_equal(each, KERNEL * 2) for each in printed)
    same(ran(tmp_path, blocks(tmp_path, "plain")[VALUES], loaders.python())[0], KERNEL)


def test_tensorflow_js_has_no_loader_in_python_and_its_values_come_by_the_command(tmp_path: Path) -> None:
    expected = javascript(tmp_path)
    found = blocks(tmp_path, "model.json")
    assert found[WHOLE].language == JAVASCRIPT
    assert "Neither TensorFlow nor Keras loads this format in Python." in found[WHOLE].note
    (value,) = ran(tmp_path, found[VALUES])[0]
    assert any(np.array_equal(value, each) for each in expected.values())


def test_names_from_files_stay_text_in_the_code(tmp_path: Path) -> None:
    name = 'a"\n+ __import__("os").system("touch harm") #'
    tf.raw_ops.SaveV2(
        prefix=str(tmp_path / "m"), tensor_names=[name], shape_and_slices=[""], tensors=[tf.constant(KERNEL)]
    )
    same(ran(tmp_path, blocks(tmp_path, "m")[VALUES])[0], KERNEL)
    assert not (tmp_path / "harm").exists()


def test_a_part_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    layers = [keras.layers.Dense(4, name="first"), keras.layers.Dense(4, name="last")]
    model = keras.Sequential([keras.Input((3,)), *layers])
    model.save_weights(tmp_path / "a.weights.json", max_shard_size=100e-9)
    assert blocks(tmp_path, "a.weights.json")[INTO].note == ""
    max(tmp_path.glob("a_*.weights.h5")).unlink()
    assert "A part of it cannot be read, so this may fail." in blocks(tmp_path, "a.weights.json")[INTO].note
