"""One small model in every format, and a training's checkpoints, written by TensorFlow and Keras."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import keras
import numpy as np
import pytest
import tensorflow as tf

from command.main import main

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "command.schema.json").read_text(encoding="utf-8"))
v1 = tf.compat.v1
STEPS = (100, 200, 300, 400)
# A path below the folder of models, for each format.
FORMATS = {
    "Saver": "saver/model.ckpt-400",
    "V1": "old/model.ckpt-1",
    "objects": "objects/both-1",
    "SavedModel": "saved_model",
    "keras": "model.keras",
    "weights.h5": "only.weights.h5",
    "h5": "older.h5",
}


@dataclass(frozen=True)
class Answer:
    """What a command did.

    Attributes:
        said: what it printed.
        complained: what it printed as an error.
    """

    status: int
    said: str
    complained: str


Ask = Callable[..., Answer]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Call the command in this process."""

    def asked(*words: object) -> Answer:
        capsys.readouterr()
        try:
            status = main([str(each) for each in words])
        except SystemExit as error:
            status = int(str(error.code))
        out, err = capsys.readouterr()
        return Answer(status, out, err)

    return asked


@pytest.fixture
def ask_json(ask: Ask) -> Callable[..., tuple[int, Any]]:
    """The same with --json, checked against the schema."""

    def asked(*words: object) -> tuple[int, Any]:
        answer = ask(*words, "--json")
        told = json.loads(answer.said, parse_constant=_refuse)
        jsonschema.validate(told, SCHEMA)
        return answer.status, told

    return asked


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models, one of each format, of the same layers: hidden (3 to 4) and out (4 to 1)."""
    root = tmp_path_factory.mktemp("models")
    keras.utils.set_random_seed(0)
    hidden, out = keras.layers.Dense(4, name="hidden"), keras.layers.Dense(1, name="out")
    model = keras.Sequential([keras.Input((3,)), hidden, out])
    model.compile(keras.optimizers.Adam(0.01), "mse", run_eagerly=True)
    model.fit(np.ones((2, 3), np.float32), np.ones((2, 1), np.float32), verbose=0)
    for name in ("objects", "saver", "old"):
        (root / name).mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that some of these formats are old
        model.save(root / "model.keras")
        model.save(root / "older.h5")
        model.save_weights(root / "only.weights.h5")
        tf.train.Checkpoint(model=model, optimizer=model.optimizer).save(str(root / "objects" / "both"))
        tf.saved_model.save(model, str(root / "saved_model"))
    values = {
        f"{each.name}/{weight.name}": weight.numpy() for each in (hidden, out) for weight in each.weights
    }
    with tf.Graph().as_default(), v1.Session() as session:
        variables = {name: v1.get_variable(name, initializer=value) for name, value in values.items()}
        x = v1.placeholder(tf.float32, [None, 3], name="x")
        y = tf.add(tf.matmul(x, variables["hidden/kernel"]), variables["hidden/bias"], name="y")
        update = v1.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(y**2), var_list=[*variables.values()][:2])
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver(max_to_keep=None)
        for step in STEPS:
            session.run(update, {x: np.ones((2, 3))})
            saver.save(session, str(root / "saver" / "model.ckpt"), global_step=step)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            older = v1.train.Saver([*variables.values()], write_version=v1.train.SaverDef.V1)
            older.save(session, str(root / "old" / "model.ckpt"), global_step=1, write_meta_graph=False)
    return root
