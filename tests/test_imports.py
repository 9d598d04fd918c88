"""Imports point one way: app → pages → core, never in a circle, and only `core.tf` imports TensorFlow."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import numpy as np
import pytest

from tests.core.inspect.writer import of_arrays

ROOT = Path(__file__).parent.parent
FILES = [ROOT / "app.py", *sorted((ROOT / "core").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py"))]


def needed(path: Path, modules: set[str]) -> Iterator[str]:
    """The modules of ours that a file imports; `from package import module` needs the module alone."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from names & modules
            if names - modules and node.module in modules:
                yield str(node.module)


def imported(path: Path, *, at_top: bool) -> Iterator[str]:
    """Full names of what a file imports, at its top level or anywhere."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if at_top else list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it points"
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    place = path.relative_to(ROOT).as_posix()
    forbidden = {
        "core/tf/": ("streamlit", "pages", "app"),
        "core/": ("streamlit", "pages", "app"),
        "pages/": ("app", "tensorflow", "core.tf"),
        "app.py": ("core", "tensorflow"),
    }
    for start, packages in forbidden.items():
        if place.startswith(start):
            wrong = [n for n in imported(path, at_top=False) for p in packages if inside(n, p)]
            assert not wrong, f"{place} imports {wrong}"
    if place.startswith("core/") and not place.startswith("core/tf/"):
        wrong = [n for n in imported(path, at_top=True) for p in ("tensorflow", "core.tf") if inside(n, p)]
        assert not wrong, f"{place} imports {wrong} before anybody asked for it"


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_import_leads_back_to_where_it_stands_even_inside_a_function() -> None:
    modules = {module_of(path): path for path in FILES}
    graph = {name: set(needed(path, set(modules))) for name, path in modules.items()}
    assert "core.tf.compare" in graph["core.pool.jobs"]
    TopologicalSorter(graph).prepare()  # raises a CycleError that names the circle


def test_nothing_that_the_server_imports_brings_tensorflow_or_keras() -> None:
    core = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sorted((ROOT / "core").rglob("*.py"))
        if "tf" not in path.parts
        and path.stem not in ("__init__", "preload", "loaded", "priority", "cluster")
    ]
    shared = ["pages.ui.frame", "pages.ui.tracks", "pages.ui.fields"]
    code = (
        f"import importlib, sys; [importlib.import_module(name) for name in {core + shared}];"
        "wrong = {'tensorflow', 'keras'} & set(sys.modules); sys.exit(f'imported {wrong}' if wrong else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr


def test_core_works_without_streamlit_installed() -> None:
    code = (
        "import sys; sys.modules['streamlit'] = None;"
        "from core.data import make_sample, optimum; from core.settings import DataSettings;"
        "import core.history.history, core.run.runs, core.figures, core.pool.workers, core.pool.jobs;"
        "print(optimum(make_sample(DataSettings(noise=0))).h)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    assert abs(float(done.stdout) - 1) < 1e-5


def test_the_command_starts_without_what_a_small_file_does_not_need(tmp_path: Path) -> None:
    of_arrays(tmp_path / "model-1", {"kernel": np.ones((2, 2), np.float32)})
    loaded = (
        "import sys; from command.main import main; "
        f"assert main(['inspect', {str(tmp_path)!r}, '--json']) == 0; print(*sys.modules, file=sys.stderr)"
    )
    stays = "import sys; from core.inspect import jobs; jobs.prepare(); print(*sys.modules, file=sys.stderr)"
    for code, needless in ((loaded, {"h5py", "rich"}), (stays, {"rich"})):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
        )
        modules = set(done.stderr.split())
        assert "core.inspect.find" in modules
        late = {"pandas", "streamlit", "tensorflow", "core.inspect.verdict.judging", *needless}
        assert not late & modules
