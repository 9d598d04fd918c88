"""What every answer of the server tells the browser: what to refuse, what to fetch early."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def inline_scripts() -> str:
    """The scripts that are written into Streamlit's own page, each allowed by its SHA-256."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    scripts = re.findall(r"<script>(.*?)</script>", page.read_text(encoding="utf-8"), re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    return " ".join(f"'sha256-{digest}'" for digest in digests)


# What Streamlit's page needs, and no more: code comes from this server alone, WebAssembly too, which draws
# the graph of a file; styles are written into the page, pictures of charts are data or blobs.
POLICY = {
    "default-src": "'self'",
    "script-src": f"'self' blob: 'wasm-unsafe-eval' {inline_scripts()}",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "worker-src": "'self' blob:",
    "frame-ancestors": "'self'",
    "form-action": "'self'",
    "base-uri": "'self'",
    "object-src": "'none'",
}

HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {where}" for what, where in POLICY.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    # A link to a run is all that is needed to look at it: other sites do not learn it.
    "Referrer-Policy": "same-origin",
}


class Headers:
    """Adds them to every answer over HTTP, and to a page what the browser should fetch while it loads."""

    def __init__(self, application: ASGIApp, early: Callable[[str], Sequence[str]]) -> None:
        """Wrap an application.

        Args:
            early: gives the paths of JavaScript modules, from the root of the host, for the last part of a
                page's path.
        """
        self._application, self._early = application, early

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if headers.get("Content-Type", "").startswith("text/html"):
                    modules = self._early(scope["path"].rpartition("/")[2])
                    headers["Link"] = ", ".join(f"<{path}>; rel=modulepreload" for path in modules)
            await send(message)

        await self._application(scope, receive, sending if scope["type"] == "http" else send)
