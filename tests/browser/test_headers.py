"""The server's own headers, and text that is not ours: a browser fetches nothing and follows nothing."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, Request, expect

PAGES = sorted(path.stem for path in Path("pages").glob("*.py") if path.stem not in ("__init__", "start"))
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


def test_the_policy_holds(visit: Callable[..., Page]) -> None:
    page = visit()
    ran = page.evaluate("() => { try { return eval('1') } catch (error) { return error.name } }")
    assert ran == "EvalError"
    assert page.evaluate("() => fetch('http://evil.example').catch(error => error.name)") == "TypeError"


def test_the_headers_are_on_the_page_and_on_its_files(server: str) -> None:
    for path in ("/", "/_stcore/health", "/healthz"):
        with urlopen(f"{server}{path}") as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["optimizer", "h", "run", "other", "step"])
def test_a_link_makes_no_picture_and_no_link(visit: Callable[..., Page], name: str) -> None:
    asked: list[str] = []
    page = visit("data")
    page.on("request", lambda request: asked.append(Request.url.fget(request)))  # type: ignore[attr-defined]
    page.goto(f"{page.url.partition('?')[0].replace('data', 'history')}?{name}={quote(EVIL)}")
    alert = page.get_by_role("alert").first
    expect(alert).to_contain_text("![p](http")
    assert alert.locator("a, img, [data-testid=stIconMaterial] + a").count() == 0
    assert not [url for url in asked if "evil.example" in url.partition("?")[0]]
