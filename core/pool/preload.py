"""Loaded by each worker process as it starts, so that its first job finds TensorFlow imported."""

import ctypes
import gc
import logging
import os

from core.jobs import warm_up

if "MALLOC_TRIM_THRESHOLD_" in os.environ:
    # Dask's own workers, on a cluster that somebody else started, have it: see core.pool.cluster.
    M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # malloc.h
    libc = ctypes.CDLL(None)
    libc.mallopt(M_TRIM_THRESHOLD, 1 << 28)
    libc.mallopt(M_MMAP_THRESHOLD, 1 << 25)

# TensorFlow's C++ part writes what it thinks of this machine to standard error, before any setting of its own
# can stop it; what goes wrong here comes as an exception, which is seen all the same.
logging.getLogger("tensorflow").setLevel(logging.ERROR)
heard, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
os.dup2(nowhere, 2)
try:
    warm_up()
finally:
    os.dup2(heard, 2)
    os.close(heard)
    os.close(nowhere)
# TensorFlow leaves millions of objects that live for ever; do not walk them at every collection.
gc.collect()
gc.freeze()
