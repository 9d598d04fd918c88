"""How much the files that visitors send may take of the server's memory, where Streamlit keeps them.

A widget bounds one file, but Streamlit takes any number of files of a session, asked for or not, and forgets
those of a session that ended only when it happens to clean up. Here bytes are counted as they come.
"""

from __future__ import annotations

import asyncio
import gc
import re
import time
from collections import Counter
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

SESSIONS = 2  # so many sessions may have as much as one may
KEPT = 150.0  # seconds that files of a session are kept that is away; Streamlit keeps the session for 120
_FRAME = 1 << 20  # bytes that a form takes around a file, as Streamlit allows
_LEAST = 1 << 16  # bytes that a file counts at least, so that there are not many
_STEP = 4 << 20  # bytes of a file after which is looked at the room once more
_WORTH_COLLECTING = 1 << 20

File: TypeAlias = tuple[str, str]  # a session's id, and a file's in it


_REFUSAL = "The server has no room for this upload now. Try a smaller one, or later."


class Uploads:
    """Refuses files that are too much (413): at once where their size is told, else when they become it."""

    def __init__(self, application: ASGIApp, path: str, most: int) -> None:
        """Wrap Streamlit's application.

        Args:
            path: where the server begins, such as "/explorer"; empty at the root.
            most: bytes of memory that the files of one session may take.
        """
        self._application, self._most = application, most
        self._place = re.compile(re.escape(path) + r"/_stcore/upload_file/([^/]+)/([^/]+)")
        self._coming: Counter[File] = Counter()
        self._away: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            try:
                await self._application(scope, receive, send)
            finally:
                self._let_go()
                asyncio.get_running_loop().call_later(KEPT, self._let_go)
        elif scope["type"] == "http" and scope["method"] == "PUT":
            if place := self._place.fullmatch(scope["path"]):
                await self._take((place[1], place[2]), scope, receive, send)
            else:
                await self._application(scope, receive, send)
        else:
            await self._application(scope, receive, send)

    async def _take(self, file: File, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        declared = Headers(scope=scope).get("content-length", "0")

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            size = len(message.get("body", b""))
            self._coming[file] += size
            before, received = received, received + size
            if before // _STEP != received // _STEP and not self._fits(file[0], 0):
                raise HTTPException(413, _REFUSAL)
            return message

        if not self._fits(file[0], int(declared) if declared.isdecimal() else 0):
            await PlainTextResponse(_REFUSAL, 413)(scope, receive, send)
            return
        try:
            await self._application(scope, counting, send)
        finally:
            self._coming[file] -= received
            if not self._coming[file]:
                del self._coming[file]

    def _fits(self, session: str, more: int) -> bool:
        """Whether there is room for `more` bytes, for the session and for all."""
        kept = _kept()
        coming = sum(size for (whose, _), size in self._coming.items() if whose == session)
        own = sum(kept.get(session, {}).values()) + coming + more
        every = sum(sum(each.values()) for each in kept.values()) + self._coming.total() + more
        return own <= self._most + _FRAME and every <= SESSIONS * self._most + _FRAME

    def _let_go(self) -> None:
        """Give back what sessions sent that have been away for long."""
        if not runtime.exists():
            return
        now, freed = time.monotonic(), 0
        kept = _kept()
        self._away = {each: since for each, since in self._away.items() if each in kept}
        for session, files in kept.items():
            if runtime.get_instance().is_active_session(session):
                self._away.pop(session, None)
            elif now - self._away.setdefault(session, now) >= KEPT - 1:
                _manager().remove_session_files(session)
                freed += sum(files.values())
        if freed > _WORTH_COLLECTING:
            gc.collect()  # the session that held them is a circle of objects


def _manager() -> MemoryUploadedFileManager:
    manager = runtime.get_instance().uploaded_file_mgr
    assert isinstance(manager, MemoryUploadedFileManager)
    return manager


def _kept() -> dict[str, dict[str, int]]:
    """How many bytes each file of each session takes."""
    stored = _manager().file_storage.copy()
    return {
        session: {name: max(_LEAST, len(file.data)) for name, file in files.copy().items()}
        for session, files in stored.items()
    }
