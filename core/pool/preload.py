"""Loaded by each worker process as it starts, so that its first job finds TensorFlow imported."""

import gc

from core.jobs import warm_up

warm_up()
# TensorFlow leaves millions of objects that live for ever; do not walk them at every collection.
gc.collect()
gc.freeze()
