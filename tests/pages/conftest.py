"""The application without a browser: every page inside its frame, with the tests' own workers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from core.pool.workers import Pool
from core.run import recipe
from core.run.manifest import Manifest
from core.run.runs import Run, Runs
from pages.ui import services
from pages.ui.state import State

APP = Path(__file__).parents[2] / "app.py"
VISITOR = "0" * 32


@pytest.fixture(scope="session", autouse=True)
def quick() -> Iterator[None]:
    """What Streamlit does once in a server, or never there, it does again for every test."""
    with pytest.MonkeyPatch.context() as patched:
        scan = manifest_scanner.scan_component_manifests  # looks through all installed packages
        patched.setattr(manifest_scanner, "scan_component_manifests", cache(scan))
        # Clears Keras, which collects all garbage of TensorFlow's process. The server never loads Keras.
        patched.setattr(script_runner, "_clean_problem_modules", lambda: None)
        yield


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the recipe's run, unpacked once."""
    return recipe.install(Runs(tmp_path_factory.mktemp("shipped"))).directory


@pytest.fixture
def with_recipe(empty_runs: Runs, shipped: Path) -> Runs:
    """The folder of runs as a server has it: with the recipe's run."""
    shutil.copytree(shipped, empty_runs.root / recipe.ID, copy_function=os.link)
    empty_runs.index.refresh(now=True)
    return empty_runs


def made(runs: Runs) -> list[Manifest]:
    """The runs that visitors have made, without the one that ships."""
    return [each for each in runs.manifests() if each.id != recipe.ID]


@pytest.fixture
def application(with_recipe: Runs, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page for a visitor, who may look at a run, own it, and come by a link."""

    def opened(
        page: str = "playground",
        run: Run | None = None,
        step: int | None = None,
        mine: bool = True,
        **link: str,
    ) -> AppTest:
        test = AppTest.from_file(str(APP), default_timeout=60)
        if run is not None and mine:
            monkeypatch.setattr(services, "owner", lambda: "me")
            run.update(owner="me")
        test.session_state["explorer"] = State(arrived=True)
        test.run()  # from here on the test knows the pages
        test.query_params.clear()
        test.session_state["explorer"] = State(run=run.id if run else None, step=step, arrived=True)
        if page != "playground":
            test.switch_page(f"pages/{page}.py")
        for name, value in link.items():
            test.query_params[name] = value
        return test.run()

    monkeypatch.setattr(services, "pool", lambda: pool)
    return opened


ALONE = """
import contextlib, runpy
from pages.ui.guards import PageEnds
with contextlib.suppress(PageEnds):
    runpy.run_path({path!r})
"""


def alone(name: str, seconds: float = 60) -> AppTest:
    """One page without the frame around it, so that its errors come out."""
    return AppTest.from_string(
        ALONE.format(path=str(APP.parent / "pages" / f"{name}.py")), default_timeout=seconds
    )


def fine(page: AppTest) -> AppTest:
    """The page, which has come up without an error."""
    assert not page.exception, [each.value for each in page.exception]
    return page


def look_at(test: AppTest, run: Run, step: int | None = None, **more: Any) -> AppTest:
    """The page as it is for who looks at this run; `more` goes to the state."""
    test.session_state["explorer"] = State(run=run.id, step=step, visitor=VISITOR, **more)
    return fine(test.run())


def checkpoint_choice(test: AppTest) -> Any:
    """The widget that chooses the checkpoint of the page."""
    return next(each for each in test.selectbox if str(each.key).startswith("checkpoint-"))


def words(test: AppTest) -> str:
    """Everything that the page says."""
    kinds = (test.title, test.header, test.subheader, test.markdown, test.caption, test.info)
    more = (test.warning, test.error, test.success, test.code)
    return "\n".join(str(each.value) for kind in (*kinds, *more) for each in kind)
