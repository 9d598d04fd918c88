"""`tf.train.Checkpoint` with a `CheckpointManager`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.checkpoint import H, V
from core.tf.formats.material import Brought, Calls, Material, Save

v1 = tf.compat.v1


@contextmanager
def offer_to_checkpoint(material: Material) -> Iterator[Save]:
    checkpoint = tf.train.Checkpoint(
        hor_estimate=tf.Variable(material.values[H]),
        ver_estimate=tf.Variable(material.values[V]),
        slots={name: tf.Variable(value) for name, value in material.slots.items()},
    )
    yield lambda directory: tf.train.CheckpointManager(checkpoint, str(directory), max_to_keep=5).save()


def read_with_checkpoint(directory: Path, material: Material) -> Brought:
    h, v = tf.Variable(0.0), tf.Variable(0.0)
    slots = {name: tf.Variable(0.0) for name in material.slots}
    checkpoint = tf.train.Checkpoint(hor_estimate=h, ver_estimate=v, slots=slots)
    manager = tf.train.CheckpointManager(checkpoint, str(directory), max_to_keep=5)
    checkpoint.restore(manager.latest_checkpoint).assert_consumed()
    prediction = tf.square(material.x - h) + v
    return Brought(
        h.numpy(),
        v.numpy(),
        prediction.numpy(),
        {name: slot.numpy() for name, slot in slots.items()},
        getattr(checkpoint, "signatures", {}),
        assets_how="a Checkpoint takes variables only: there is no call that would hand it the file",
    )


def checkpoint_without_code(directory: str, x: Any) -> Any:
    import tensorflow as tf

    checkpoint = tf.train.Checkpoint()
    checkpoint.restore(tf.train.latest_checkpoint(directory)).expect_partial()
    return checkpoint.predict(x)


WAY = Calls(
    "tf.train.Checkpoint",
    offer_to_checkpoint,
    read_with_checkpoint,
    checkpoint_without_code,
    "objects, formula",
)
