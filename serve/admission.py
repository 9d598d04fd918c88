"""Which requests are answered at all: by the name that they call the server, their origin, and their path.

A page of another site can send requests to a server on this machine, and by a name of its own that leads here
(DNS rebinding) it can read the answers. So a request must name this server by a name that it has; and what
changes something, or opens a websocket, must come from a page of this server.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core import environment
from serve.offered import Offered

# Streamlit answers everybody with figures about its sessions there.
CLOSED = ("/_stcore/metrics",)
_READS = ("GET", "HEAD", "OPTIONS")

_log = logging.getLogger(__name__)


class Admission:
    """Refuses requests under a foreign name (421), of foreign pages (403), and for closed paths (404)."""

    def __init__(self, application: ASGIApp, offered: Offered) -> None:
        """Wrap an application that a proxy offers there, or none."""
        self._application, self._offered = application, offered
        machine = socket.gethostname().lower()
        named = urlsplit(offered.origin).hostname
        self._names = {"localhost", machine, f"{machine}.local", *([named] if named else [])}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = self._refusal(scope)
            application = refusal or self._application
            await application(scope, receive, send)
        elif scope["type"] == "websocket" and self._refusal(scope):
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._application(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_ours(hosts[0]):
            host = ", ".join(hosts)[:100]
            _note(f"refused a request for {host!r}: name the server's address by {environment.URL} or --url")
            return PlainTextResponse(
                f"This server is not known as {host!r}. Its administrator can name this address with --url.",
                421,
            )
        origin = headers.get("origin")
        changes = scope["type"] == "websocket" or scope["method"] not in _READS
        if changes and origin is not None and not self._is_own(origin, hosts[0]):
            _note(f"refused a request of a page of {origin[:100]!r} to {hosts[0][:100]!r}")
            return PlainTextResponse("This request comes from a page of another site.", 403)
        if scope["path"].rstrip("/") in [f"{self._offered.path}{path}" for path in CLOSED]:
            return PlainTextResponse("Not found", 404)
        return None

    def _is_ours(self, host: str) -> bool:
        """Whether a Host header names this server. An address of numbers does: no rebinding can make one."""
        name = _name(host)
        if name is None:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return name.rstrip(".") in self._names
        return True

    def _is_own(self, origin: str, host: str) -> bool:
        scheme, _, place = origin.lower().partition("://")
        return origin.lower() == self._offered.origin.lower() or (
            scheme in ("http", "https") and place == host.lower()
        )


def _name(host: str) -> str | None:
    """The name in a Host header; None when it is no name with at most a port."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    whole = not (parts.username or parts.password or parts.path or parts.query or parts.fragment)
    return parts.hostname if whole and parts.netloc == host else None


@lru_cache(maxsize=100)
def _note(sentence: str) -> None:
    """Log a sentence; one that is said already is not said again."""
    _log.warning(sentence)
