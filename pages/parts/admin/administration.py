"""What the administrator's page knows: who may see it, the queue, the runs and the disk."""

from __future__ import annotations

import logging
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
from pages.parts.admin.guesses import Guesses
from pages.ui import guards, services

SHORTEST = 16  # characters of a secret that nobody guesses
NEWEST = 50  # runs in the table
HEADER = "X-Explorer-Admin"  # in which a proxy that knows its administrator sends the secret

_KEY = "is-administrator"
_guesses = Guesses()
_log = logging.getLogger(__name__)


def need_secret() -> None:
    """Go on for an administrator, who has given the secret once in this session.

    Raises:
        PageEnds: it is somebody else; the page has asked for the secret.
    """
    if _KEY not in st.session_state:
        sent = st.context.headers.get(HEADER)
        st.session_state[_KEY] = isinstance(sent, str) and _is_right(sent)
    if st.session_state[_KEY]:
        return
    with st.form("administrator", clear_on_submit=True, width=480):
        given = st.text_input(
            "Secret", type="password", autocomplete="off", help=f"The value of {environment.ADMIN}"
        )
        if st.form_submit_button("Show the server's state") and given:
            st.session_state[_KEY] = _is_right(given)
            if st.session_state[_KEY]:
                st.rerun()
    raise guards.PageEnds


def _is_right(given: str) -> bool:
    """Whether this is the secret; the page and the log say why not."""
    secret, address = os.environ.get(environment.ADMIN, ""), services.address()
    if len(secret) < SHORTEST:
        st.error(f"This server has no secret of {SHORTEST} characters or more, so this page stays closed.")
        return False
    if not _guesses.allowed(address):
        st.error("Too many wrong secrets came from your network address. Try again in a minute.")
        return False
    right = secrets.compare_digest(given.encode(), secret.encode())
    if not right:
        _guesses.wrong(address)
        _log.warning("a wrong secret for the administrator's page came from %s", address or "this machine")
        st.error("The secret is wrong.")
    return right


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
