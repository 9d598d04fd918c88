"""What the administrator's page knows: who may see it, the queue, the runs and the disk."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core import environment
from core.pool.queue import Queue
from core.run.disk import Taken, disk_limit, taken
from core.run.reservation import held
from pages.ui import guards, services

SHORTEST = 16  # characters of a secret that nobody guesses
NEWEST = 50  # runs in the table

_KEY = "administrator"


def need_secret() -> None:
    """Go on for an administrator, who came by a link with the secret once in this session.

    Raises:
        PageEnds: it is somebody else; the page has said so.
    """
    secret = os.environ.get(environment.ADMIN, "")
    given = st.query_params.get("secret", "")
    if len(secret) >= SHORTEST and secrets.compare_digest(given.encode(), secret.encode()):
        st.session_state[_KEY] = True
    if not st.session_state.get(_KEY):
        st.info(
            "This page is for the server's administrator, whose link to it holds a secret. "
            f"The secret is what {environment.ADMIN} says, {SHORTEST} characters or more.",
            icon=":material/lock:",
        )
        raise guards.PageEnds


@dataclass(frozen=True)
class Disk:
    """Bytes that everything takes, that it may take, and that the disk has left."""

    taken: Taken
    limit: int
    free: int

    def words(self) -> str:
        """One sentence."""
        parts = {
            "runs": self.taken.runs,
            "sweeps": self.taken.sweeps,
            "uploads": self.taken.uploads,
            "deleted runs that can be brought back": self.taken.discarded,
            "what is being written": self.taken.held,
        }
        named = ", ".join(f"{what} {size / 1e6:,.0f} MB" for what, size in parts.items() if size)
        return (
            f"{self.taken.total / 1e6:,.0f} of {self.limit / 1e6:,.0f} MB are used ({named or 'nothing'}). "
            f"{self.free / 1e6:,.0f} MB of the disk are free."
        )


def disk() -> Disk:
    """How full it is."""
    runs = services.runs()
    return Disk(taken(runs, held(runs)), disk_limit(), shutil.disk_usage(runs.root).free)


def queue() -> pd.DataFrame:
    """Everything that trains or waits, on every server that shares the folder."""
    tickets = Queue(services.runs().root)
    now = time.time()  # which may have been put back since
    return pd.DataFrame(
        [
            {
                "place": place,
                "run": each.id,
                "visitor": each.owner[:6],
                "for seconds": max(0, round(now - each.since)),
                "server": each.server[:6],
            }
            for place, each in [
                *((0, each) for each in tickets.training()),
                *enumerate(tickets.waiting(), start=1),
            ]
        ]
    )


def aside() -> list[str]:
    """What was in the queue's folder and is no ticket."""
    return Queue(services.runs().root).aside()


def newest() -> pd.DataFrame:
    """The newest runs of all visitors."""
    entries = services.runs().index.entries(most=NEWEST)
    return pd.DataFrame(
        [
            {
                "run": each.manifest.id,
                "visitor": each.manifest.owner[:6],
                "status": each.manifest.status,
                "MB": round(each.bytes / 1e6, 1),
                "note": each.problem or each.manifest.note,
            }
            for each in entries
        ]
    )
