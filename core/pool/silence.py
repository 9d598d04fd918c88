"""Loading TensorFlow without a word."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quietly() -> Iterator[None]:
    """Keep TensorFlow's C++ part from standard error.

    It writes there what it thinks of this machine, before any setting of its own can stop it; what goes wrong
    comes as an exception, which is seen all the same.
    """
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    heard, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(heard, 2)
        os.close(heard)
        os.close(nowhere)
