"""The server's own headers, and text that is not ours: a browser fetches nothing and follows nothing."""

import re
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

PAGES = sorted(
    path.stem for path in Path("pages").glob("*.py") if path.stem not in ("__init__", "playground")
)
EVIL = "![p](http://evil.example/p.png) [Sign in](http://evil.example) www.evil.example :material/home:"


def test_every_page_works_under_the_content_policy(
    visit: Callable[..., Page], server: str, recipe_id: str
) -> None:
    page = visit(f"?run={recipe_id}&step=50")
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
    for path in PAGES:
        page.goto(f"{server}/{path}?run={recipe_id}&step=50")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
    assert not refused


def test_the_browser_refuses_what_the_policy_does_not_allow(visit: Callable[..., Page]) -> None:
    refused = visit().evaluate(
        """() => new Promise(done => {
            const seen = [];
            document.addEventListener("securitypolicyviolation", event => {
                seen.push(event.effectiveDirective);
                if (seen.length === 2) done(seen.sort());
            });
            const picture = document.body.appendChild(document.createElement("img"));
            picture.src = "http://evil.example/p.png";
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.appendChild(script);
        })"""
    )
    assert refused == ["img-src", "script-src-elem"]


def test_the_headers_are_on_the_page_and_on_its_files(server: str) -> None:
    for path in ("/", "/_stcore/health", "/healthz"):
        with urlopen(f"{server}{path}") as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "picture"), [("", "playground"), ("history", "timemachine")])
def test_a_page_names_every_script_of_its_picture_for_an_early_start(
    visit: Callable[..., Page], server: str, recipe_id: str, path: str, picture: str
) -> None:
    with urlopen(f"{server}/{path}") as answer:
        named = re.findall(r"<([^>]+)>; rel=modulepreload", answer.headers["Link"])
    asked: list[str] = []
    page = visit("files")
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(f"{server}/{path}?run={recipe_id}")
    expect(page.locator("input.slider")).to_be_visible()
    assert {each for each in asked if "/ui/timemachine/" in each or f".{picture}-" in each} == set(named)


def test_an_answer_that_is_no_page_names_no_scripts(server: str) -> None:
    with urlopen(f"{server}/healthz") as answer:
        assert "Link" not in answer.headers


def test_the_answers_of_one_connection_are_not_held_back(server: str) -> None:
    """A client's system confirms a piece after 40 ms: a server that waits for that takes as long."""
    connection = HTTPConnection(urlsplit(server).netloc)
    took = []
    for _ in range(60):
        began = time.perf_counter()
        connection.request("GET", "/_stcore/health")
        assert connection.getresponse().read() == b"ok"
        took.append(time.perf_counter() - began)
    connection.close()
    # The first pieces of a connection are confirmed at once by any system.
    assert min(took[30:]) < 0.03


@pytest.mark.parametrize("name", ["optimizer", "h", "run", "other", "step"])
def test_a_link_makes_no_picture_and_no_link(
    visit: Callable[..., Page], server: str, recipe_id: str, name: str
) -> None:
    asked: list[str] = []
    page = visit("files")
    page.on("request", lambda request: asked.append(urlsplit(request.url).hostname or ""))
    # The Playground's address has the settings, that of History what is looked at.
    asks = {name: EVIL} if name in ("optimizer", "h") else {"run": recipe_id, name: EVIL}
    page.goto(f"{server}/{'' if name in ('optimizer', 'h') else 'history'}?{urlencode(asks)}")
    alert = page.get_by_role("alert").first
    expect(alert).to_contain_text("![p](http")
    expect(alert.locator("a, img")).to_have_count(0)
    assert {host for host in asked if host} == {"localhost"}
