"""Visitors who come and go, also while something is sent to them."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace

import pytest
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.ui import services
from serve.presence import Presence
from tests.serve.conftest import finished


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who has come and gone."""
    said: list[str] = []
    rest = SimpleNamespace(arrives=lambda: said.append("came"), leaves=lambda: said.append("went"))
    monkeypatch.setattr(services, "pool", lambda: SimpleNamespace(rest=rest))
    return said


async def endpoint(scope: Scope, receive: Receive, send: Send) -> None:
    """What Streamlit's does: what it cannot receive it takes for text, and closes."""
    websocket = WebSocket(scope, receive, send)
    await websocket.accept()
    with suppress(WebSocketDisconnect):
        await websocket.send_bytes(b"a page")
    try:
        await websocket.receive_bytes()
    except RuntimeError:
        await websocket.close()
        raise TypeError("no text, please") from None


def visited(application: Presence, lost: bool) -> None:
    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        if lost and message["type"] == "websocket.send":
            raise OSError("the browser has gone")

    scope: Scope = {"type": "websocket", "path": "/_stcore/stream", "headers": []}
    finished(application(scope, receive, send))


def test_a_browser_that_goes_while_something_is_sent_to_it_is_no_error(there: list[str]) -> None:
    visited(Presence(endpoint), lost=True)
    assert there == ["came", "went"]


def test_any_other_error_is_one(there: list[str]) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        visited(Presence(broken), lost=False)
    assert there == ["came", "went"]
