"""The same curve as a Keras model of built-in layers: a stranger can load it without our code."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from core.bundle import read_values
from core.checkpoint import H, V
from core.compare.formats import BuiltIn
from core.run.runs import Run
from core.sources import sources
from core.tf.formats.keras import keras_without_code

SECONDS = 120.0  # for the process without the code; it imports TensorFlow
ROUNDED = 1e-5  # of the largest value: what the same sums in another order may differ by


def model_of_layers(h: float, v: float) -> Any:
    x = tf.keras.Input((1,), name="x")
    shifted = tf.keras.layers.Dense(1)(x)  # x - h
    squared = tf.keras.layers.Multiply()([shifted, shifted])
    model = tf.keras.Model(x, tf.keras.layers.Dense(1)(squared))  # + v
    one = np.ones((1, 1), np.float32)
    model.layers[1].set_weights([one, np.array([-h], np.float32)])
    model.layers[3].set_weights([one, np.array([v], np.float32)])
    return model


def try_built_in(run: Run, name: str) -> BuiltIn:
    """Keep a checkpoint's h and v in built-in layers; a process without our code predicts from the file.

    Raises:
        CheckpointError: a file is missing or was changed since the run wrote it.
    """
    run.verify(name)
    values = {key: float(value) for key, value in read_values(run.checkpoints / name).items()}
    x = np.linspace(-2, 4, 7, dtype=np.float32).reshape(-1, 1)
    expected = (x - np.float32(values[H])) ** 2 + np.float32(values[V])
    with tempfile.TemporaryDirectory() as scratch:
        model_of_layers(values[H], values[V]).save(Path(scratch) / "model.keras")
        script = (
            "import json, sys\nimport numpy as np\nfrom typing import Any\n\n"
            f"{sources(keras_without_code)}\n\n"
            "x = np.linspace(-2, 4, 7, dtype=np.float32).reshape(-1, 1)\n"
            "print(json.dumps(keras_without_code(sys.argv[1], x).ravel().tolist()))\n"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", script, scratch],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=scratch,
            check=False,
        )
    if done.returncode:
        return BuiltIn(False, (done.stderr.strip().splitlines() or ["no reason given"])[-1][:300])
    predicted = np.array(json.loads(done.stdout.strip().splitlines()[-1]), np.float32)
    apart = np.abs(predicted - expected.ravel()).max()
    if not apart <= ROUNDED * max(1.0, np.abs(expected).max()):
        return BuiltIn(False, f"its predictions are up to {apart:g} away from the formula's")
    return BuiltIn(True, "")
