"""Flush-to-zero around a call: results below 2⁻¹²⁶ become 0, as they do in TensorFlow's own threads.

TensorFlow's thread pools flush denormal numbers to zero (`tsl/platform/denormal.cc`: flush-to-zero and
denormals-are-zero). The single-threaded executor runs in the caller's thread, which does not. Without this,
Adam's `beta1_power` stops at 5.6e-45 in place of 0.

The C library sets the processor's register: `fesetenv` with what `fegetenv` gave and the bits added.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np

# Where the register is in the C library's `fenv_t`, its type and its bits; the structure's size in bytes.
# Sources: glibc sysdeps/x86/fpu/bits/fenv.h and sysdeps/aarch64/fpu/bits/fenv.h; Apple's usr/include/fenv.h.
_PLACES: dict[tuple[str, str], tuple[int, type[ctypes.c_uint32] | type[ctypes.c_uint64], int, int]] = {
    ("linux", "x86_64"): (28, ctypes.c_uint32, 0x8040, 32),  # MXCSR: flush to zero, denormals are zero
    ("linux", "aarch64"): (0, ctypes.c_uint32, 1 << 24, 8),  # FPCR: FZ, which covers both
    ("darwin", "x86_64"): (4, ctypes.c_uint32, 0x8040, 16),
    ("darwin", "arm64"): (8, ctypes.c_uint64, 1 << 24, 16),
}

_C = ctypes.CDLL(None)


@contextmanager
def flushed() -> Iterator[None]:
    """Flush in this thread, and put back what was before.

    Raises:
        KeyError: this machine is none that is known; ask `can_flush` before.
    """
    at, kind, bits, size = _PLACES[sys.platform, platform.machine()]
    before = ctypes.create_string_buffer(size)
    _C.fegetenv(before)
    during = ctypes.create_string_buffer(before.raw, size)
    kind.from_buffer(during, at).value |= bits
    _C.fesetenv(during)
    try:
        yield
    finally:
        _C.fesetenv(before)


@cache
def can_flush() -> bool:
    """Whether it works on this machine, found by trying."""
    if (sys.platform, platform.machine()) not in _PLACES:
        return False
    half = np.array([0.5, 0.5], np.float32)
    least = np.full(2, np.finfo(np.float32).tiny)
    with np.errstate(all="ignore"):
        with flushed():
            during = half * least
        after = half * least
    return not during.any() and bool(after.all())
