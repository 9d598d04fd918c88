"""Scripts, styles and fonts from memory, for a browser to keep: their addresses change with their content.

A browser that sees the application for the first time asks for a hundred of them at once (docs/decisions.md).
"""

from __future__ import annotations

import mimetypes
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.ui.components import script_at

FOLDER = Path(streamlit.__file__).parent / "static" / "static"  # Streamlit's own, whose names carry a digest
KEPT = "public, immutable, max-age=31536000"  # a year


class Assets:
    """Answers a request for such a file, and leaves every other to the application."""

    def __init__(self, application: ASGIApp, path: str) -> None:
        """Wrap an application.

        Args:
            path: where it begins, such as "/explorer"; empty at the root of the host.
        """
        self._application, self._path = application, path
        files = (file for file in FOLDER.rglob("*") if file.is_file())
        self._files = {f"static/{file.relative_to(FOLDER).as_posix()}": file for file in files}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        application = self._answer(scope) or self._application
        await application(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        if scope["type"] != "http" or scope["method"] != "GET" or "range" in Headers(scope=scope):
            return None
        address = scope["path"].removeprefix(f"{self._path}/")
        file = self._files.get(address) or script_at(address)
        if file is None:
            return None
        kind = mimetypes.guess_type(file)[0]
        return Response(_content(file), headers={"Cache-Control": KEPT}, media_type=kind)


@cache
def _content(file: Path) -> bytes:
    return file.read_bytes()
