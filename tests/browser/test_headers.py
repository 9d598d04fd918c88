"""The server's own headers, and text that is not ours: a browser fetches nothing and follows nothing."""

import re
from collections.abc import Callable
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


def test_a_page_names_every_script_of_the_time_machine_for_an_early_start(
    visit: Callable[..., Page], server: str, recipe_id: str
) -> None:
    with urlopen(f"{server}/history") as answer:
        named = re.findall(r"<([^>]+)>; rel=modulepreload", answer.headers["Link"])
    asked: list[str] = []
    page = visit("files")
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(f"{server}/history?run={recipe_id}")
    expect(page.locator(".tm input.slider")).to_be_visible()
    scripts = {path for path in asked if "/checkpoint_explorer.timemachine-" in path}
    assert scripts == set(named)
    with urlopen(f"{server}/healthz") as answer:
        assert "Link" not in answer.headers


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
