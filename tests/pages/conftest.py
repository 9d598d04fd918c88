"""The application without a browser: every page inside its frame, with the tests' own workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.pool.workers import Pool
from core.run.runs import Run, Runs
from pages.ui import services
from pages.ui.state import State

APP = Path(__file__).parents[2] / "app.py"
VISITOR = "0" * 32


@pytest.fixture
def application(empty_runs: Runs, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a page for a visitor, who may look at a run, own it, and come by a link."""

    def opened(
        page: str = "start", run: Run | None = None, step: int | None = None, mine: bool = True, **link: str
    ) -> AppTest:
        test = AppTest.from_file(str(APP), default_timeout=60)
        state = State(run=run.id if run else None, step=step, arrived=True)
        test.session_state["explorer"] = state
        if run is not None and mine:
            monkeypatch.setattr(services, "owner", lambda: "me")
            run.update(owner="me")
        for name, value in link.items():
            test.query_params[name] = value
        test.run()
        return test.switch_page(f"pages/{page}.py").run()

    monkeypatch.setattr(services, "pool", lambda: pool)
    monkeypatch.setattr(services, "recipe_run", lambda: None)  # the start page's own run
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


def look_at(page: AppTest, run: Run, step: int | None = None) -> AppTest:
    """The page as it is for who looks at this run."""
    page.session_state["explorer"] = State(run=run.id, step=step, visitor=VISITOR)
    return fine(page.run())


def words(test: AppTest) -> str:
    """Everything that the page says."""
    kinds = (test.title, test.header, test.subheader, test.markdown, test.caption, test.info)
    more = (test.warning, test.error, test.success, test.code)
    return "\n".join(str(each.value) for kind in (*kinds, *more) for each in kind)
