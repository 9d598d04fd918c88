"""When the worker processes of a server are needed: at night nobody uses the memory that TensorFlow takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

REST = 600.0  # seconds without a visitor, and without work, after which the workers leave


class Rest:
    """Whether the workers should be there; any thread may ask and tell."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Nobody needs them yet.

        Args:
            clock: gives seconds that never go backwards.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._visitors = 0
        self._awake = False
        self._last = 0.0  # when somebody last was there or had work

    def wake(self) -> None:
        """Somebody has work for them, or opened a page that may have some."""
        with self._lock:
            self._awake, self._last = True, self._clock()

    def arrives(self) -> None:
        """A visitor is there; alone that needs no workers, but those that are there stay."""
        with self._lock:
            self._visitors += 1

    def leaves(self) -> None:
        """A visitor is gone."""
        with self._lock:
            self._visitors -= 1
            self._last = self._clock()

    def is_on(self) -> bool:
        """Whether the workers need not be there now."""
        with self._lock:
            if not self._visitors and self._clock() - self._last >= REST:
                self._awake = False
            return not self._awake
