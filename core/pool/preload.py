"""Loaded by each worker process as it starts, so that its first job finds TensorFlow imported."""

import ctypes
import gc
import os

from core.pool.jobs import warm_up
from core.pool.silence import quietly

if "MALLOC_TRIM_THRESHOLD_" in os.environ:
    # Dask's own workers, on a cluster that somebody else started, have it: see core.pool.cluster.
    M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
    libc = ctypes.CDLL(None)
    libc.mallopt(M_TRIM_THRESHOLD, 1 << 28)
    libc.mallopt(M_MMAP_THRESHOLD, 1 << 25)

with quietly():
    warm_up()
# TensorFlow leaves millions of objects that live for ever; do not walk them at every collection.
gc.collect()
gc.freeze()
