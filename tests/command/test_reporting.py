"""A folder as one HTML file: small, strict, with everything that the command finds; safe to open."""

import base64
import gzip
import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from command.told import plain
from core.inspect.find import V2, Checkpoint
from core.inspect.html_file import of_series, record_of
from core.inspect.model import WEIGHT, Listing, Tensor
from core.inspect.over_time import Measured
from core.inspect.statistics import COLUMNS
from core.run.runs import Run
from tests.command.conftest import FORMATS, Ask
from tests.core.inspect.writer import of_arrays

AskJson = Callable[..., tuple[int, Any]]


def data_of(file: str) -> Any:
    packed = re.search(r'id="data">([^<]+)<', file)
    assert packed
    return json.loads(gzip.decompress(base64.b64decode(packed[1])))


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_has_a_report(models: Path, tmp_path: Path, ask_json: AskJson, kind: str) -> None:
    out = tmp_path / "report.html"
    status, told = ask_json("report", models / FORMATS[kind], "-o", out)
    file = out.read_text(encoding="utf-8")
    assert (status, told["bytes"], told["problems"]) == (0, out.stat().st_size, 0)
    assert "hidden" in {each["name"] for each in data_of(file)["groups"]}
    assert "21 parameters, 84 B." in file
    assert ("From model.ckpt-100 to model.ckpt-400" in file) == (kind == "Saver")


def test_it_says_which_files_it_shows(models: Path, tmp_path: Path, ask: Ask) -> None:
    out = tmp_path / "report.html"
    assert ask("report", models / "saver@400", "-o", out).status == 0
    named = sorted(each.name for each in (models / "saver").glob("model.ckpt-[1-4]00.*"))
    done = subprocess.run(["sha256sum", *named], cwd=models / "saver", capture_output=True, check=True)
    assert hashlib.sha256(done.stdout).hexdigest() in out.read_text(encoding="utf-8")


def test_the_recipe_is_small(recipe_run: Run, tmp_path: Path, ask: Ask) -> None:
    out = tmp_path / "report.html"
    assert ask("report", recipe_run.directory / "checkpoints", "-o", out).status == 0
    assert out.stat().st_size < 300_000


def test_no_name_becomes_markup(tmp_path: Path, ask: Ask) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    for step in (1, 2):
        of_arrays(tmp_path / f"m-{step}", {name: np.full(3, step, np.float32)})
    out = tmp_path / "report.html"
    assert ask("report", tmp_path, "-o", out).status == 0
    file = out.read_text(encoding="utf-8")
    assert "<img" not in file
    assert file.count("</script>") == 2
    assert name in json.dumps(data_of(file))
    assert ask("report", tmp_path / "m-9", "-o", out).status == 2
    assert "cannot be written" in ask("report", tmp_path, "-o", tmp_path / "no" / "x.html").complained


def test_a_report_with_nan_fails_like_check(tmp_path: Path, ask: Ask) -> None:
    of_arrays(tmp_path / "m-1", {"kernel": np.array([1, np.nan], np.float32)})
    assert ask("report", tmp_path, "-o", tmp_path / "report.html").status == 1
    assert "NaN in m-1" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_a_thousand_steps_of_two_hundred_tensors_are_five_megabytes(tmp_path: Path) -> None:
    (tmp_path / "m-0.index").write_bytes(b"")
    random = np.random.default_rng(0)
    tensors = tuple(
        Tensor(f"l{n}/w", f"l{n}/w", f"l{n}", WEIGHT, "", "", "float32", (64, 64), 16384, 4096)
        for n in range(200)
    )
    walk = np.cumsum(random.normal(size=(1000, 200, len(COLUMNS))), axis=0)
    walk[..., [COLUMNS.index(name) for name in ("zeros", "nan", "inf")]] = 0
    series = []
    for at in range(1000):
        checkpoint = Checkpoint(f"m-{at}", V2, "m-*", at, (("m-0.index", 0, 0),))
        series.append(Measured(checkpoint, "", Listing(f"m-{at}", V2, tensors, {}), walk[at], {}))
    file = of_series("many", tmp_path, series, ())
    assert len(file.encode()) < 5_000_000
    stats = np.frombuffer(base64.b64decode(data_of(file)["stats"]["norm"]), "<f4").reshape(1000, 200)
    assert np.allclose(stats, walk[..., COLUMNS.index("norm")], rtol=2**-13)
    assert record_of(tmp_path, series).endswith("  m-0.index\n")


def test_json_has_no_bare_nan() -> None:
    told = plain({"a": [np.float32("nan"), np.inf, -np.inf, 1 + 2j], "b": b"\xff", "c": "\ud800"})
    assert json.loads(json.dumps(told, allow_nan=False)) == {
        "a": ["NaN", "Infinity", "-Infinity", [1.0, 2.0]],
        "b": "\\xff",
        "c": "\\ud800",
    }
