"""Who trains next, and for how long: fair between addresses and visitors, quick for who has just come.

Everybody's first ticket comes before anybody's second: first between addresses, then between the visitors of
one. Among equals the one that came first is first. But a ticket that has had no turn yet passes some that
have, and a short one passes some more; how many is bounded, so that nobody waits for ever. All of this is
counted in arrivals: no clock is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from core.pool.ticket import Ticket

FRESH = 30  # arrivals that one without a turn passes
SHORT = 100  # arrivals that one passes that also is short
TURN = 10.0  # seconds of training after which a run gives way to somebody else's
LEAST = 0.5  # seconds that a first turn has in the longest queue; to go on costs some 0.2 s
ROUND = 16.0  # seconds in which everybody in a long queue should have had a first turn
DOUBLINGS = 3  # how often a turn grows

T = TypeVar("T")


def fair_order(waiting: Sequence[Ticket], training: Sequence[Ticket]) -> list[Ticket]:
    """The waiting tickets in the order in which they are taken, those in training counted in."""
    own: Callable[[Ticket], int] = _ranks(waiting, training, lambda each: each.owner, _urgency)
    near: Callable[[Ticket], int] = _ranks(
        waiting, training, lambda each: each.address or each.owner, lambda each: (own(each), *_urgency(each))
    )
    return sorted(waiting, key=lambda each: (near(each), own(each), *_urgency(each)))


def turn(ticket: Ticket, waiting: int, workers: int) -> float:
    """Seconds that a training has until it gives way.

    The more wait, the shorter is the first turn, so that all of them begin soon. Every further one is twice
    as long, so that going on costs little.

    Args:
        waiting: tickets of others that wait.
        workers: trainings that run together.
    """
    first = max(LEAST, ROUND * workers / max(1, waiting))
    return min(TURN, first * 2 ** min(ticket.turns, DOUBLINGS))


def _urgency(ticket: Ticket) -> tuple[float, float, str]:
    passes = 0 if ticket.turns else SHORT if ticket.short else FRESH
    return ticket.order - passes, ticket.since, ticket.id


def _ranks(
    waiting: Sequence[Ticket],
    training: Sequence[Ticket],
    whose: Callable[[Ticket], str],
    key: Callable[[Ticket], T],
) -> Callable[[Ticket], int]:
    """How many of the same owner, or of the same address, come before a ticket."""
    ahead = Counter(whose(each) for each in training)
    ranks = {}
    for ticket in sorted(waiting, key=key):  # type: ignore[arg-type]  # tuples of numbers and words
        ranks[ticket.id] = ahead[whose(ticket)]
        ahead[whose(ticket)] += 1
    return lambda ticket: ranks[ticket.id]
