"""Two training histories, written by TensorFlow, in which something is planted at every turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

v1 = tf.compat.v1
STEPS = 8
DEAD, RENAMED, NAN, RESHAPED = 3, 4, 5, 6  # positions at which each begins


@pytest.fixture(scope="session")
def tf1_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Saver's files with Adam's slots, one every ten steps."""
    folder = tmp_path_factory.mktemp("tf1")
    random = np.random.default_rng(0)
    with tf.Graph().as_default(), v1.Session() as session:

        def variable(name: str, *shape: int) -> tf.Variable:
            return v1.Variable(random.normal(size=shape).astype(np.float32), name=name, use_resource=True)

        alive, dead = variable("layer1/kernel", 4, 3), variable("layer2/kernel", 3, 3)
        bias, moved = variable("layer3/bias", 5), variable("moved", 6)
        narrow, wide = variable("narrow", 3, 2), variable("wide", 3, 5)
        cost = tf.reduce_sum(alive**2) + tf.reduce_sum(dead**2)
        optimizer = v1.train.AdamOptimizer(0.1)
        both, one = optimizer.minimize(cost), optimizer.minimize(cost, var_list=[alive])
        tick = [
            v1.assign_add(bias, np.full(5, 0.5, np.float32)),
            v1.assign_add(narrow, np.ones((3, 2), np.float32)),
        ]
        poison = v1.assign(bias, np.array([1, np.nan, 2, np.nan, np.inf], np.float32))
        session.run(v1.global_variables_initializer())
        for at in range(STEPS):
            session.run([both if at <= DEAD else one, *tick])
            if at >= NAN:
                session.run(poison)
            names = {each.op.name: each for each in v1.global_variables()}
            for name in ("moved", "narrow", "wide"):
                del names[name]
            names["old/name" if at < RENAMED else "new/name"] = moved
            names["head/kernel"] = narrow if at < RESHAPED else wide
            v1.train.Saver(names).save(session, str(folder / "model"), global_step=10 * (at + 1))
    return folder


@pytest.fixture(scope="session")
def tf2_history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Keras model and its optimizer in `tf.train.Checkpoint`, five times."""
    folder = tmp_path_factory.mktemp("tf2")
    tf.keras.backend.clear_session()  # names count the models of the whole process
    tf.keras.utils.set_random_seed(0)
    layers = [
        tf.keras.layers.Input((3,)),
        tf.keras.layers.Dense(4, name="first"),
        tf.keras.layers.Dense(1, name="last"),
    ]
    model = tf.keras.Sequential(layers)
    model.compile("adam", "mse")
    manager = tf.train.CheckpointManager(
        tf.train.Checkpoint(model=model, optimizer=model.optimizer), str(folder), max_to_keep=None
    )
    x, y = np.ones((8, 3), np.float32), np.ones((8, 1), np.float32)
    for at in range(5):
        model.fit(x, y, verbose=0)
        if at == 3:
            model.get_layer("last").bias.assign([np.nan])
        manager.save()
    return folder
