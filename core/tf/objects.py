"""Saves and restores by objects, as a program of TensorFlow 2 does."""

from __future__ import annotations

import tempfile
from pathlib import Path

import tensorflow as tf

from core.compare.objects import ByObject
from core.sources import sources
from core.words import natural


def save_objects(directory: str) -> tuple[float, float]:
    h, v = tf.Variable(1.01), tf.Variable(-1.96)
    checkpoint = tf.train.Checkpoint(h_est=h, v_est=v)
    manager = tf.train.CheckpointManager(checkpoint, directory, max_to_keep=3)
    manager.save()
    return float(h.numpy()), float(v.numpy())


def restore_objects(directory: str) -> tuple[float, float]:
    h, v = tf.Variable(0.0), tf.Variable(0.0)
    checkpoint = tf.train.Checkpoint(h_est=h, v_est=v)
    status = checkpoint.restore(tf.train.latest_checkpoint(directory))
    status.assert_existing_objects_matched()
    return float(h.numpy()), float(v.numpy())


def by_object() -> ByObject:
    """Save in one program, restore in another, in a directory that is gone afterwards."""
    with tempfile.TemporaryDirectory() as scratch:
        saved = save_objects(scratch)
        restored = restore_objects(scratch)
        latest = tf.train.latest_checkpoint(scratch)
        return ByObject(
            tuple(name for name, _ in tf.train.list_variables(latest)),
            tuple(sorted((path.name for path in Path(scratch).iterdir()), key=natural)),
            saved,
            restored,
            Path(latest).name,
            sources(save_objects),
            sources(restore_objects),
        )
