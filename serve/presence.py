"""Who is there: a visitor is an open websocket."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui import services


class Presence:
    """Tells the workers' rest of each visitor who comes and goes."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._application(scope, receive, send)
            return
        rest, gone = services.pool().rest, False

        async def sending(message: Message) -> None:
            nonlocal gone
            gone = gone or message["type"] == "websocket.close"
            try:
                await send(message)
            except OSError:
                gone = True
                raise

        rest.arrives()
        try:
            await self._application(scope, receive, sending)
        except RuntimeError:
            # A browser that goes while something is sent to it: Streamlit then closes what is closed already.
            if not gone:
                raise
        finally:
            rest.leaves()
