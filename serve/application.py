"""The application as a server: its page, its workers when they are needed, its readiness."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SO_ACCEPTCONN, SOL_SOCKET, TCP_NODELAY
from types import ModuleType

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager

from core import environment, logs
from core.inspect.uploads import upload_limit
from core.run import health
from pages.parts import playground
from pages.ui import services, timemachine
from serve.about import HOME, release
from serve.admission import Admission
from serve.assets import Assets
from serve.headers import Headers
from serve.offered import offered
from serve.presence import Presence
from serve.readiness import PATH, READY, UNWRITABLE
from serve.uploads import Uploads

_log = logging.getLogger(__name__)


def run(address: str, port: int | None) -> int:
    """Serve until the process is told to end; the exit code."""
    logs.configure()
    page = HOME / "app.py"
    # Before the first visitor Streamlit takes each file of `pages` for a page, and any other address for
    # a wrong one. Every page is in the navigation of app.py.
    PagesManager.uses_pages_directory = False
    sys.argv = [str(page)]  # where Streamlit looks for .streamlit/config.toml
    application = st.App(
        page,
        lifespan=_life,
        middleware=[
            Middleware(Headers, early=_early),
            Middleware(Admission, offered=offered()),
            Middleware(Assets, path=offered().path),
            Middleware(Presence),
            Middleware(Uploads, path=offered().path, most=upload_limit()),
        ],
        routes=[Route(f"{offered().path}{PATH}", _healthz)],
    )
    # Whose X-Forwarded-For the web server believes: nobody's, where it would believe this machine's.
    os.environ["FORWARDED_ALLOW_IPS"] = os.environ.get(environment.PROXIES, "")
    # Streamlit's welcome asks the internet for this machine's address when it listens on all networks.
    settings: dict[str, object] = {"server.address": address, "logger.hideWelcomeMessage": True}
    if port is not None:
        settings["server.port"] = port
    if origin := offered().origin:
        settings |= {"server.baseUrlPath": offered().path, "server.corsAllowedOrigins": [origin]}
    with suppress(KeyboardInterrupt):
        application.run(config=settings)
    return 0


@asynccontextmanager
async def _life(application: st.App) -> AsyncIterator[None]:
    """The queue is served from the first second on, and workers end before the server does."""
    logs.configure()  # again: by now the web server has brought handlers of its own
    _answer_at_once()
    # What was loaded stays. Walking it at a collection takes up to 0.2 s, in which no page answers.
    gc.freeze()
    pool = services.pool()
    _log.info("Checkpoint Explorer %s listens on %s", release(), _url())
    _log.info("runs are kept in %s", os.environ[environment.RUNS])
    yield
    _log.info("ending: trainings stop after what they have saved")
    await asyncio.to_thread(pool.close)


def _answer_at_once() -> None:
    """Have the system send what is written to a connection, also while the last piece is unconfirmed.

    asyncio asks for that where a socket says that it speaks TCP. Streamlit's does not, and each answer after
    the first of a connection came 40 ms late. Connections inherit it from the socket that listens.
    """
    sockets = [each for each in gc.get_objects() if type(each) is socket.socket and each.fileno() >= 0]
    for each in sockets:
        if each.family in (AF_INET, AF_INET6) and each.getsockopt(SOL_SOCKET, SO_ACCEPTCONN):
            each.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)


async def _healthz(request: Request) -> JSONResponse:
    """200 while pages are served and the folder of runs takes what is written; 503 while it does not.

    The workers are told beside it: they rest while nobody needs them, and what was saved can be seen without.
    """
    writable = await asyncio.to_thread(health.is_writable, services.runs())
    status = READY if writable else UNWRITABLE
    return JSONResponse({"status": status, "workers": services.pool().standing()}, 200 if writable else 503)


def _early(page: str) -> list[str]:
    return _modules(playground if page in ("", "playground") else timemachine)


@lru_cache(maxsize=2)
def _modules(picture: ModuleType) -> list[str]:
    """The scripts of a page's picture, which import each other: asked for one by one they come late."""
    return [f"{offered().path}/{path}" for path in picture.declare()]


def _url() -> str:
    return f"http://{st.get_option('server.address')}:{st.get_option('server.port')}{offered().path}"
