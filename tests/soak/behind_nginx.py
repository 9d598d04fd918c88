"""Every page in a real Chromium behind a real nginx, under a path, with the guide's headers and limits."""

from __future__ import annotations

import asyncio
import tempfile
import urllib.request
from collections.abc import Sequence
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, expect
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from bench.chromium import chromium
from bench.places import fresh
from bench.report import Check, Table
from core import environment
from core.pool.training import train_run
from core.run.runs import Runs
from tests.soak.members import Member, seconds_until, status
from tests.soak.proxy import free_port, nginx

PAGES = sorted(path.stem for path in Path("pages").glob("*.py") if path.stem not in ("__init__", "start"))
ELSEWHERE = "https://evil.example"
ONCE = ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy")


def measure() -> Sequence[Table]:
    """Open everything and count what the browser complains of."""
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        runs = Runs(folder / "runs")
        shown = fresh(runs)
        train_run(str(shown.directory))
        port = free_port()
        with nginx(folder, [port]) as address:
            known = address.replace("localhost", "explorer.example")  # as if a name led to it
            words = ["--port", str(port), "--runs", str(runs.root)]
            server = Member("server", words, folder / "server.log", {environment.URL: known})
            server.start()
            try:
                ready = seconds_until(lambda: status(f"{address}/healthz") == 200, 180, "ready behind nginx")
                complaints = _visit(address, shown.id)
                checks = (
                    Check(
                        "no page behind nginx makes the browser complain", _listed(complaints), not complaints
                    ),
                    Check("each header is there once", *_headers(address)),
                    Check("websockets from the proxy's origin, and no other", *_origins(address, known)),
                    Check("a file of 600 MB is refused by nginx", *_upload(address)),
                )
            finally:
                server.end()
    rows = (
        ("from the command to ready, seen through nginx", f"{ready:.1f} s"),
        ("pages opened by a link under /explorer/", str(len(PAGES) + 1)),
    )
    note = "docs/nginx.conf as it stands, but for its ports; Chromium, one server."
    return [Table("Behind nginx", note, ("what", "measured"), rows, checks)]


def _visit(address: str, run_id: str) -> list[str]:
    """What the browser complains of, opening every page by a link."""
    complaints: list[str] = []
    with chromium() as browser:
        page = browser.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                # Streamlit's page looks for its server under the page's path first; that is how it finds it.
                if said.type == "error" and "/_stcore/" not in str(said.location.get("url"))
                else None
            ),
        )
        for path in ("", *PAGES):
            _open(page, f"{address}/{path}?run={run_id}&step=50")
        expect(page.get_by_role("link", name="History")).to_be_visible()
    return complaints


def _open(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
    page.wait_for_load_state("networkidle")


def _headers(address: str) -> tuple[str, bool]:
    with urllib.request.urlopen(f"{address}/") as answer:
        counts = {name: len(answer.headers.get_all(name) or []) for name in ONCE}
    return ", ".join(f"{name} {count}" for name, count in counts.items()), set(counts.values()) == {1}


def _origins(address: str, known: str) -> tuple[str, bool]:
    answers = [asyncio.run(_websocket(address, origin)) for origin in (known.rpartition("/")[0], ELSEWHERE)]
    return f"answers {answers[0]} and {answers[1]}", answers == [101, 403]


async def _websocket(address: str, origin: str) -> int:
    url = address.replace("http", "ws", 1) + "/_stcore/stream"
    try:
        (
            await websocket_connect(HTTPRequest(url, headers={"Origin": origin}), subprotocols=["streamlit"])
        ).close()
    except HTTPClientError as error:
        return error.code
    return 101


def _upload(address: str) -> tuple[str, bool]:
    parts = urlsplit(address)
    with closing(HTTPConnection(parts.netloc)) as connection:
        connection.putrequest("PUT", f"{parts.path}/_stcore/upload_file/a/b")
        connection.putheader("Content-Length", str(600_000_000))  # which alone is enough to be refused
        connection.endheaders()
        found = connection.getresponse().status
    return f"answer {found}", found == 413


def _listed(complaints: list[str]) -> str:
    return f"{len(complaints)} complaints" + "".join(f"; {each[:120]}" for each in complaints[:3])
