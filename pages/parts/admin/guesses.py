"""How often somebody may be wrong about a secret: some times, and then once for each minute that passes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

AT_ONCE = 5  # wrong guesses of one address, before it has to wait
PERIOD = 60.0  # seconds after which one more is allowed
ADDRESSES = 1000  # that are told apart; all others count as one

_OTHERS = "others"


@dataclass(frozen=True)
class Guesses:
    """The wrong guesses of each network address.

    Attributes:
        clock: gives seconds that never go backwards.
    """

    clock: Callable[[], float] = time.monotonic
    _free_at: dict[str, float] = field(default_factory=dict)  # when all wrong ones will be forgotten

    def allowed(self, address: str) -> bool:
        """Whether this address may try once more now."""
        return self._left(self._key(address)) <= (AT_ONCE - 1) * PERIOD

    def wrong(self, address: str) -> None:
        """Count a wrong guess."""
        for each in [each for each in self._free_at if not self._left(each)]:
            del self._free_at[each]
        key = self._key(address)
        self._free_at[key] = self.clock() + self._left(key) + PERIOD

    def _left(self, key: str) -> float:
        return max(0.0, self._free_at.get(key, 0.0) - self.clock())

    def _key(self, address: str) -> str:
        return address if address in self._free_at or len(self._free_at) < ADDRESSES else _OTHERS
