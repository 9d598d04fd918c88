"""Who is there: a visitor is an open websocket."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from pages.ui import services


class Presence:
    """Tells the workers' rest of each visitor who comes and goes."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._application(scope, receive, send)
            return
        rest = services.pool().rest
        rest.arrives()
        try:
            await self._application(scope, receive, send)
        finally:
            rest.leaves()
