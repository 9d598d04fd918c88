"""A page of another site reaches nothing, by whatever name it calls the server."""

from __future__ import annotations

import socket
from http.client import HTTPConnection

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Scope

from serve.admission import Admission
from serve.offered import Offered
from tests.serve.conftest import Served, finished


def status(place: str, path: str, method: str = "GET", **headers: str) -> int:
    connection = HTTPConnection(place)
    try:
        connection.request(method, path, headers=headers)
        with connection.getresponse() as answer:
            return answer.status
    finally:
        connection.close()


def websocket(place: str, **headers: str) -> int:
    """The answer to a handshake: 101 opens it."""
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw=="}
    return status(place, "/_stcore/stream", **asked, **key, **headers)


def test_a_name_that_leads_here_opens_neither_page_nor_websocket(served: Served) -> None:
    port = served.place.rpartition(":")[2]
    for name in (
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil.example@localhost",
    ):
        assert status(served.place, "/", Host=f"{name}:{port}") == 421
        assert status(served.place, "/_stcore/health", Host=name) == 421
        assert websocket(served.place, Host=f"{name}:{port}", Origin=f"http://{name}:{port}") == 403
    for name in (served.place, f"127.0.0.1:{port}", f"[::1]:{port}", "LOCALHOST", socket.gethostname()):
        assert status(served.place, "/", Host=name) == 200
        assert websocket(served.place, Host=name, Origin=f"http://{name}") == 101


@pytest.mark.parametrize("origin", ["http://localhost:1", "http://127.0.0.1", "http://evil.example", "null"])
def test_a_page_of_another_port_or_site_opens_no_websocket_and_changes_nothing(
    served: Served, origin: str
) -> None:
    assert websocket(served.place, Origin=origin) == 403
    assert status(served.place, "/_stcore/upload_file/a/b", "PUT", Origin=origin) == 403
    assert status(served.place, "/_stcore/upload_file/a/b", "DELETE", Origin=origin) == 403


def test_streamlits_figures_are_for_nobody(served: Served) -> None:
    for path in ("/_stcore/metrics", "/_stcore/metrics/", "/_stcore/metrics?families=active_sessions"):
        assert status(served.place, path) == 404
    assert status(served.place, "/_stcore/%6detrics") == 404


def test_behind_a_proxy_its_name_and_origin_are_known() -> None:
    """The proxy may or may not name a port; its path goes before each of the server's."""
    inside = Starlette(routes=[Route("/x/{rest:path}", lambda _: PlainTextResponse("inside"))])
    application = Admission(inside, Offered("https://school.example", "/x"))

    def answered(kind: str, path: str, **headers: str) -> int:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": f"{kind}.connect" if kind == "websocket" else "http.request"}

        named = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope: Scope = {"type": kind, "method": "GET", "path": path, "headers": named, "query_string": b""}
        finished(application(scope, receive, send))
        return int(sent[0].get("status", sent[0].get("code")))

    origin = "https://school.example"
    assert answered("http", "/x/a", host="school.example") == 200
    assert answered("http", "/x/a", host="school.example:8080") == 200
    assert answered("http", "/x/a", host="other.example") == 421
    assert answered("http", "/x/a") == 421
    assert answered("http", "/x/_stcore/metrics", host="school.example") == 404
    assert answered("websocket", "/x/s", host="school.example", origin="http://school.example:81") == 1008
    assert answered("websocket", "/x/s", host="10.0.0.1:8501", origin="https://other.example") == 1008
    # What the application itself says of a websocket that it does not know, once it is asked.
    assert answered("websocket", "/x/s", host="10.0.0.1:8501", origin=origin) == 1000
