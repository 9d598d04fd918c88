"""A weight of 2 × 3 numbers, trained for one update and saved with what its optimizer keeps."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.bundle import read_index
from core.retention.weights import Stored, Weight
from core.settings import TrainSettings
from core.sources import sources
from core.tf.model import session
from core.training.optimizers import optimizer

v1 = tf.compat.v1


def save_weight(rule: Any, directory: str) -> None:
    with tf.Graph().as_default() as graph:
        weight = v1.get_variable(
            "weight", shape=(2, 3), initializer=tf.zeros_initializer(), use_resource=True
        )
        train = rule.minimize(tf.reduce_sum(tf.square(weight - 1.0)), var_list=[weight])
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            opened.run(train)
            v1.train.Saver([weight]).save(opened, f"{directory}/alone")
            v1.train.Saver().save(opened, f"{directory}/whole")


def weigh(name: str) -> Weight:
    """Save it with this optimizer, in a directory that is gone afterwards.

    Raises:
        UnknownOptimizer: there is none of this name.
    """
    with tempfile.TemporaryDirectory() as scratch:
        save_weight(optimizer(name).tensorflow.make(v1.train, TrainSettings(optimizer=name)), scratch)
        stored = tuple(
            Stored(each.name, tuple(each.shape), each.size) for each in read_index(Path(scratch) / "whole")
        )
        alone = sum(each.size for each in read_index(Path(scratch) / "alone"))
        return Weight(name, alone, stored, sources(save_weight))
