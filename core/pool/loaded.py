"""Loaded by the one process from which a cluster's workers are forked: TensorFlow, but not yet a session.

A session has threads, which a fork does not take along; each worker opens its own (core.pool.preload).
"""

from importlib import import_module

from core.pool.silence import quietly

with quietly():
    import_module("core.tf.training")
