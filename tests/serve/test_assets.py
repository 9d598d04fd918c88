"""Scripts, styles and fonts: the very bytes of the files, told to be kept, and nothing else."""

from __future__ import annotations

import re
from http.client import HTTPConnection
from pathlib import Path

import pytest
import streamlit

from serve.assets import FOLDER
from tests.serve.conftest import Served

ROOT = Path(__file__).parents[2]
KEPT = {"public", "immutable", "max-age=31536000"}


def answer(place: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection(place)
    try:
        connection.request("GET", path, headers=headers)
        with connection.getresponse() as found:
            return found.status, {name.lower(): value for name, value in found.getheaders()}, found.read()
    finally:
        connection.close()


def kept(headers: dict[str, str]) -> bool:
    return set(headers["cache-control"].split(", ")) == KEPT


def test_what_the_page_asks_for_first_is_what_lies_on_the_disk(served: Served) -> None:
    _, headers, page = answer(served.place, "/")
    assert headers["cache-control"] == "no-cache", "the page itself is asked for anew"
    named = re.findall(rb'(?:src|href)="\./(static/[^"]+\.(?:js|css))"', page)
    assert len(named) > 20
    for path in (each.decode() for each in named):
        status, headers, content = answer(served.place, f"/{path}")
        assert (status, content) == (200, (FOLDER / path.removeprefix("static/")).read_bytes())
        assert kept(headers)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-type"].split(";")[0] in (
            "application/javascript",
            "text/javascript",
            "text/css",
        )


def test_our_scripts_are_kept_since_their_address_changes_with_them(served: Served) -> None:
    named = re.findall(r"<([^>]+)>; rel=modulepreload", answer(served.place, "/")[1]["link"])
    assert len(named) > 20
    for path in named:
        status, headers, content = answer(served.place, path)
        assert (status, content) == (200, (ROOT / "pages" / path.split("/", 4)[4]).read_bytes())
        assert kept(headers)
        other = re.sub(r"-[0-9a-f]{12}/", "-0123456789ab/", path)
        status, headers, _ = answer(served.place, other)
        assert status == 404, "the scripts of another version are not these"


@pytest.mark.parametrize(
    "path",
    [
        "static/../index.html",
        "static/js/../../../__init__.py",
        "static/js/%2e%2e/%2e%2e/index.html",
        "static/js/nothing.js",
        "app.py",
    ],
)
def test_nothing_else_is_given(served: Served, path: str) -> None:
    _, headers, content = answer(served.place, f"/{path}")
    assert not kept({"cache-control": "", **headers})
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    assert content == page or len(content) < 100


def test_a_piece_of_a_file_can_be_asked_for(served: Served) -> None:
    font = next(FOLDER.glob("media/*.woff2"))
    status, _, content = answer(served.place, f"/static/media/{font.name}", Range="bytes=4-7")
    assert (status, content) == (206, font.read_bytes()[4:8])


def test_they_are_not_given_under_a_foreign_name(served: Served) -> None:
    script = next(FOLDER.glob("js/index.*.js"))
    status, _, _ = answer(served.place, f"/static/js/{script.name}", Host="evil.example")
    assert status == 421
