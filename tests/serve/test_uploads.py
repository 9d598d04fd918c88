"""What visitors send takes a bounded part of the server's memory, and gives it back."""

from __future__ import annotations

import asyncio
import secrets
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Scope
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from tornado.websocket import websocket_connect

from bench.visitor import Visitor
from serve import uploads
from serve.uploads import KEPT, Uploads
from tests.serve.conftest import UPLOAD, Served, finished

FORM = b'--B\r\nContent-Disposition: form-data; name="f"; filename="x.h5"\r\n\r\n%s\r\n--B--\r\n'


def test_a_session_can_send_so_much_and_then_no_more_until_it_deletes_some(served: Served) -> None:
    finished(_fill(served))


async def _fill(served: Served) -> None:
    connection = await websocket_connect(
        served.address.replace("http", "ws", 1) + "/_stcore/stream", subprotocols=["streamlit"]
    )
    visitor = Visitor(connection, "", "")
    visitor._reading.cancel()
    await visitor._send(page_name="inspect")
    session = ""
    while not session:
        message = ForwardMsg()
        received = await connection.read_message()
        assert isinstance(received, bytes)
        message.ParseFromString(received)
        session = message.new_session.initialize.session_id
    with urllib.request.urlopen(f"{served.address}/_stcore/health") as answer:
        token = answer.headers["Set-Cookie"].split("_streamlit_xsrf=")[1].split(";")[0]

    def send(name: str, size: int, method: str = "PUT", told: bool = True) -> int:
        body = FORM % secrets.token_bytes(size)
        request = urllib.request.Request(
            f"{served.address}/_stcore/upload_file/{session}/{name}",
            method=method,
            data=body if told else iter([body[:1000], body[1000:]]),
            headers={
                "Content-Type": "multipart/form-data; boundary=B",
                "Cookie": f"_streamlit_xsrf={token}",
                "X-Xsrftoken": token,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except (ConnectionError, urllib.error.URLError):
            return 0  # refused before all of it was sent

    before = served.process.memory_info().rss
    answers = [await asyncio.to_thread(send, f"n{number}", UPLOAD // 4) for number in range(20)]
    taken = answers.count(204)
    assert 4 <= taken <= 5
    assert set(answers[taken:]) <= {413, 0}
    assert 413 in answers
    assert await asyncio.to_thread(send, "n0", 1, "DELETE") == 204
    assert await asyncio.to_thread(send, "more", UPLOAD // 4) == 204
    assert await asyncio.to_thread(send, "untold", 3 * UPLOAD, told=False) in (413, 0)
    assert served.process.memory_info().rss - before < 60e6
    connection.close()
    while await connection.read_message() is not None:
        pass  # until the server has closed it, too


class Stub:
    """An application that keeps what is sent to it as Streamlit does, and the runtime that it asks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        self.manager = MemoryUploadedFileManager("")
        self.active: set[str] = set()
        self.now = 0.0
        instance = SimpleNamespace(
            uploaded_file_mgr=self.manager, is_active_session=lambda session: session in self.active
        )
        monkeypatch.setattr(
            uploads, "runtime", SimpleNamespace(exists=lambda: True, get_instance=lambda: instance)
        )
        monkeypatch.setattr(uploads, "time", SimpleNamespace(monotonic=lambda: self.now))
        path = "/_stcore/upload_file/{session}/{file}"
        inside = Starlette(routes=[Route(path, self._keep, methods=["PUT"])])
        self.application = Uploads(inside, "", most)

    async def _keep(self, request: Request) -> Response:
        session, file = request.path_params["session"], request.path_params["file"]
        body = await request.body()
        self.manager.add_file(session, UploadedFileRec(file, file, "", body))
        return Response(status_code=204)

    async def send(self, session: str, file: str, pieces: AsyncIterator[bytes]) -> int:
        """Send a file whose size is not told; the status."""
        sent: list[Message] = []

        async def receive() -> Message:
            piece = await anext(pieces, b"")
            return {"type": "http.request", "body": piece, "more_body": bool(piece)}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.application(self._scope("http", session, file), receive, send)
        return int(sent[0]["status"])

    async def leave(self, session: str) -> None:
        """The session's websocket closes."""
        self.active.discard(session)

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            assert message["type"] == "websocket.close"

        await self.application(self._scope("websocket", session, ""), receive, send)

    def _scope(self, kind: str, session: str, file: str) -> Scope:
        path = f"/_stcore/upload_file/{session}/{file}"
        return {"type": kind, "method": "PUT", "path": path, "headers": [], "query_string": b""}


async def pieces(
    count: int, before_last: Callable[[], Awaitable[object]] | None = None
) -> AsyncIterator[bytes]:
    """So many megabytes."""
    for number in range(count):
        if before_last and number == count - 1:
            await before_last()
        yield bytes(1 << 20)


def test_two_sessions_may_have_as_much_as_one_may_and_a_third_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = Stub(monkeypatch, 10 << 20)
    assert finished(stub.send("a", "1", pieces(10))) == 204
    assert finished(stub.send("a", "2", pieces(8))) == 413
    assert finished(stub.send("b", "1", pieces(9))) == 204
    assert finished(stub.send("c", "1", pieces(8))) == 413
    stub.manager.remove_file("a", "1")
    assert finished(stub.send("c", "1", pieces(8))) == 204


def test_what_is_on_its_way_counts_and_what_was_refused_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = Stub(monkeypatch, 10 << 20)
    seen = []

    async def another() -> None:
        seen.append(await stub.send("a", "2", pieces(8)))

    assert finished(stub.send("a", "1", pieces(8, before_last=another))) == 204
    assert seen == [413]
    stub.manager.remove_file("a", "1")
    assert finished(stub.send("a", "3", pieces(9))) == 204


def test_many_small_files_are_as_much_as_a_large_one(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = Stub(monkeypatch, 1 << 20)

    async def small(number: int) -> int:
        async def content() -> AsyncIterator[bytes]:
            yield b"x"

        return await stub.send("a", str(number), content())

    answers = [finished(small(number)) for number in range(100)]
    assert answers == [204] * 33 + [413] * 67


def test_what_a_session_sent_is_given_back_some_time_after_it_left(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = Stub(monkeypatch, 10 << 20)
    stub.active = {"a", "b"}
    finished(stub.send("a", "1", pieces(2)))
    finished(stub.send("b", "1", pieces(2)))
    finished(stub.leave("a"))
    stub.now += KEPT / 2
    finished(stub.leave("elsewhere"))
    assert set(stub.manager.file_storage) == {"a", "b"}, "it may come back"
    stub.now += KEPT / 2
    finished(stub.leave("elsewhere"))
    assert set(stub.manager.file_storage) == {"b"}


def test_a_session_that_came_back_keeps_what_it_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    stub = Stub(monkeypatch, 10 << 20)
    stub.active = {"a"}
    finished(stub.send("a", "1", pieces(2)))
    finished(stub.leave("a"))
    stub.active = {"a"}
    stub.now += KEPT / 2
    finished(stub.leave("elsewhere"))
    finished(stub.leave("a"))
    stub.now += KEPT * 0.9
    finished(stub.leave("elsewhere"))
    assert set(stub.manager.file_storage) == {"a"}


def test_it_looks_again_by_itself_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last visitor leaves, and nobody comes: the loop's own timer gives the memory back."""
    monkeypatch.setattr(uploads, "KEPT", 0.0)
    stub = Stub(monkeypatch, 10 << 20)

    async def alone() -> None:
        stub.active = {"a"}
        await stub.send("a", "1", pieces(2))
        await stub.leave("a")
        stub.now += 1
        while stub.manager.file_storage:
            await asyncio.sleep(0)

    finished(asyncio.wait_for(alone(), 30))
