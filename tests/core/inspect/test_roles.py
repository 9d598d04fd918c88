"""What a variable is for, in checkpoints of TF1 and of tf.train.Checkpoint."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from core.inspect.find import find
from core.inspect.model import COUNTER, ITERATOR, METRIC, RANDOM, REPLAY, SLOT, TABLE, WEIGHT, Listing
from core.inspect.tensors import listing, opened
from tests.core.inspect.writer import of_arrays

v1 = tf.compat.v1


def only(folder: Path) -> Listing:
    """What the only checkpoint of a folder holds."""
    (checkpoint,) = find(folder).checkpoints
    with opened(folder, checkpoint) as values:
        return listing(checkpoint, values)


def roles(found: Listing) -> dict[str, str]:
    return {each.key.partition("/.ATTRIBUTES/")[0]: each.role for each in found.tensors}


def owners(found: Listing) -> dict[str, tuple[str, str]]:
    return {each.key: (each.owner, each.slot) for each in found.of(SLOT)}


OPTIMIZERS = {
    "adam": lambda: v1.train.AdamOptimizer(0.1),
    "momentum": lambda: v1.train.MomentumOptimizer(0.1, 0.9),
    "rmsprop": lambda: v1.train.RMSPropOptimizer(0.1, momentum=0.9, centered=True),
    "adagrad": lambda: v1.train.AdagradOptimizer(0.1),
    "adadelta": lambda: v1.train.AdadeltaOptimizer(0.1),
    "ftrl": lambda: v1.train.FtrlOptimizer(0.1),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_slot_of_a_tf1_optimizer_belongs_to_its_variable(name: str, tmp_path: Path) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        optimizer = OPTIMIZERS[name]()
        with v1.variable_scope("main"):
            kernel = v1.get_variable("dense/kernel", [3, 2])
            bias = v1.get_variable("bias", [2])
            step = v1.train.get_or_create_global_step()
            average = tf.train.ExponentialMovingAverage(0.9, step)
            train = optimizer.minimize(tf.reduce_sum(kernel**2) + tf.reduce_sum(bias**2), step)
            with tf.control_dependencies([train]):
                train = average.apply([kernel])
        session.run(v1.global_variables_initializer())
        session.run(train)
        v1.train.Saver().save(session, str(tmp_path / "m"), write_meta_graph=False, write_state=False)
        expected = {}
        for slot in optimizer.get_slot_names():
            for variable in (kernel, bias):
                expected[optimizer.get_slot(variable, slot).op.name] = variable.op.name
        expected[average.average_name(kernel)] = kernel.op.name
    found = only(tmp_path)
    assert {key: owner for key, (owner, _) in owners(found).items()} == expected
    assert found.parameters == 3 * 2 + 2
    assert {each.name for each in found.of(COUNTER)} <= {
        "main/beta1_power",
        "main/beta2_power",
        "main/global_step",
        "global_step",
        "beta1_power",
        "beta2_power",
    }


def test_scopes_colons_and_unnamed_values(tmp_path: Path) -> None:
    shapes = {
        "main/q/kernel:0": (4, 2),
        "main/main/q/kernel/Adam:0": (4, 2),
        "main/main/q/kernel/Adam_1:0": (4, 2),
        "main/beta1_power:0": (),
        "iter:0": (),
        "dense_1/kernel": (5, 3),
        "training/Adam/Variable": (5, 3),
        "training/Adam/Variable_1": (5, 3),
        "training/Adam/dense_1/kernel/m": (5, 3),
        "Adam/iterations": (),
        "Adam/lr": (),
        "metrics/accuracy/total": (2,),
        "norm/moving_mean": (6,),
        "norm/moving_mean/biased": (6,),
        "norm/moving_mean/local_step": (),
        "decoder/layer/kernel": (7, 2),
        "decoder/layer/kernel_slot_vr": (7,),
        "decoder/layer/kernel_slot_vc": (2,),
    }
    of_arrays(tmp_path / "m", {name: np.zeros(shape, np.float32) for name, shape in shapes.items()})
    found = only(tmp_path)
    weights = {"main/q/kernel:0", "dense_1/kernel", "norm/moving_mean", "decoder/layer/kernel"}
    assert {each.key for each in found.weights()} == weights
    assert found.parameters == 8 + 15 + 6 + 14
    slots = owners(found)
    assert slots["main/main/q/kernel/Adam_1:0"] == ("main/q/kernel:0", "Adam_1")
    assert slots["training/Adam/Variable_1"] == ("", "")
    assert slots["training/Adam/dense_1/kernel/m"] == ("dense_1/kernel", "m")
    assert slots["norm/moving_mean/local_step"] == ("norm/moving_mean", "local_step")
    assert slots["decoder/layer/kernel_slot_vc"] == ("decoder/layer/kernel", "slot_vc")
    assert len(found.of(METRIC)) == 1


def test_partitioned_slots_belong_to_partitioned_variables(tmp_path: Path) -> None:
    with tf.Graph().as_default(), v1.Session() as session:
        kernel = v1.get_variable("kernel", [6, 2], partitioner=v1.fixed_size_partitioner(3))
        train = v1.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(tf.concat([*kernel], 0) ** 2))
        session.run(v1.global_variables_initializer())
        session.run(train)
        v1.train.Saver().save(session, str(tmp_path / "m"), write_meta_graph=False, write_state=False)
    found = only(tmp_path)
    assert found.parameters == 12
    assert {owner for owner, _ in owners(found).values()} == {"kernel"}
    assert found.slot_bytes == 2 * 12 * 4


def test_what_tf_train_checkpoint_keeps_beside_a_model(tmp_path: Path) -> None:
    class Buffer(tf.Module):  # type: ignore[misc]
        """As TF-Agents names its storage."""

        def __init__(self) -> None:
            super().__init__(name="TFUniformReplayBuffer")
            self.table = tf.Variable(tf.zeros([1000, 4]), name="TFUniformReplayBuffer/Table/observation")
            self.last = tf.Variable(np.int64(7), name="last_id")

    net = tf.Module()
    net.kernel, net.scale = tf.Variable(tf.ones([3, 2]), name="kernel"), tf.Variable(2.0)
    iterator = iter(tf.data.Dataset.range(5).shuffle(3, seed=1))
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    table.insert(["a", "b"], [1, 2])
    loss = tf_keras.metrics.Mean()
    loss.update_state(3.0)
    tf.train.Checkpoint(
        net=net,
        step=tf.Variable(3),
        epoch=tf.Variable(np.int64(2)),
        learning_rate=tf.Variable(0.1),
        iterator=iterator,
        generator=tf.random.Generator.from_seed(1),
        replay_buffer=Buffer(),
        train_loss=loss,
        table=table,
    ).save(str(tmp_path / "ckpt"))
    found = only(tmp_path)
    said = roles(found)
    assert {key for key, role in said.items() if role == WEIGHT} == {"net/kernel", "net/scale"}
    assert found.parameters == 7
    assert said["step"] == said["epoch"] == said["learning_rate"] == said["save_counter"] == COUNTER
    assert said["iterator"] == ITERATOR
    assert {role for key, role in said.items() if key.startswith("generator")} == {RANDOM}
    assert {role for key, role in said.items() if key.startswith("replay_buffer")} == {REPLAY}
    assert {role for key, role in said.items() if key.startswith("train_loss")} == {METRIC}
    assert {role for key, role in said.items() if key.startswith("table")} == {TABLE}


def test_hundreds_of_unnamed_variables_are_called_by_their_paths(tmp_path: Path) -> None:
    module = tf.Module()
    module.layers = [tf.Module() for _ in range(250)]
    for each in module.layers:
        each.kernel, each.bias = tf.Variable(tf.zeros([2])), tf.Variable(tf.zeros([1]))
    tf.train.Checkpoint(model=module).write(str(tmp_path / "m"))
    found = only(tmp_path)
    names = [each.name for each in found.weights()]
    assert len(set(names)) == len(names) == 500
    assert names[:3] == ["layers/0/bias", "layers/0/kernel", "layers/1/bias"]
    assert [layer.path for layer in found.tree().layers] == ["layers"]
    assert len(found.tree().layers[0].layers) == 250


def test_slots_are_known_without_the_data_file(tmp_path: Path) -> None:
    model = tf.Module()
    model.kernel = tf.Variable(tf.ones([3, 2]))
    optimizer = v1.train.AdamOptimizer(0.1)
    optimizer.minimize(lambda: tf.reduce_sum(model.kernel**2), var_list=[model.kernel])
    tf.train.Checkpoint(model=model, optimizer=optimizer, step=tf.Variable(1)).save(str(tmp_path / "c"))
    whole = only(tmp_path)
    (tmp_path / "c-1.data-00000-of-00001").unlink()
    left = only(tmp_path)
    assert left.notes
    assert left.notes[0].sentence.startswith("The names of layers are not known")
    for found in (whole, left):
        assert found.parameters == 6
        assert {owner for owner, _ in owners(found).values()} == {"model/kernel/.ATTRIBUTES/VARIABLE_VALUE"}
        assert {slot for _, slot in owners(found).values()} == {"m", "v"}
    said = roles(left)
    assert said["optimizer/beta1_power"] == said["step"] == said["save_counter"] == COUNTER
