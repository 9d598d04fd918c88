"""A run's directory, corrupted hundreds of times, through the pages, each time another one."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from streamlit.testing.v1 import AppTest

from bench.places import workers
from bench.report import Check, Table
from core import environment
from core.run.runs import Runs
from pages.ui import services
from pages.ui.state import State
from tests.soak.corruptions import original, shown
from tests.soak.damage import damaged
from tests.soak.progress import progress

APP = Path(__file__).parents[2] / "app.py"
PAGES = ("playground", "runs", "history", "compare", "export", "files", "resume", "retention")
PRESSED = {"export": "prepare-zip", "files": "check-all"}  # keys of buttons
SECONDS = 60.0  # for one page


def measure(count: int) -> Sequence[Table]:
    """`count` corruptions, each looked at by its owner on one page, which is then used."""
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        runs = Runs(Path(name) / "runs")
        run = original(Runs(Path(name) / "whole"))
        runs.root.mkdir()
        with (
            workers(runs) as pool,
            patch.object(services, "pool", lambda: pool),
            patch.object(services, "recipe_run", lambda: None),
            patch.object(services, "owner", lambda: "me"),
            patch.dict(os.environ, {environment.RUNS: str(runs.root)}),
        ):
            for seed in range(count):
                _, done = damaged(run.directory, runs.root, seed)
                runs.index.refresh(now=True)
                page = PAGES[seed % len(PAGES)]
                wrong += [f"{page}, {done}: {said}" for said in _complaints(page, run.id)]
                progress(f"{seed + 1} of {count} corruptions, {len(wrong)} not caught", seed + 1, count)
    return [
        Table(
            "Corruptions of a run's directory, through the pages",
            f"The same corruptions, each looked at by the run's owner on one of {len(PAGES)} pages.",
            ("what", "times"),
            (("corruptions", str(count)), ("pages that broke", str(len(wrong)))),
            (
                Check(
                    f"{count} corruptions through pages: no “Something went wrong”", shown(wrong), not wrong
                ),
            ),
        )
    ]


def _complaints(page: str, run_id: str) -> list[str]:
    """What a page says of this run that no visitor should ever read."""
    test = AppTest.from_file(str(APP), default_timeout=SECONDS)
    test.session_state["explorer"] = State(run=run_id, step=3, arrived=True)
    try:
        test.run()
        test.switch_page(f"pages/{page}.py").run()
        found = _broken(test)
        if any(button.key == PRESSED.get(page) for button in test.button):
            test.button(key=PRESSED[page]).click().run()
            found += _broken(test)
    except RuntimeError as error:  # AppTest's word for a page that does not end
        return [f"{type(error).__name__}: {error}"]
    return found


def _broken(test: AppTest) -> list[str]:
    bad = [each.value for each in test.error if "Something went wrong" in each.value]
    return bad + [str(each.value) for each in test.exception]
