"""Every lesson in every language, walked in a browser by one who is right and by one who is wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Browser, expect, sync_playwright

from bench.report import Check, Table
from core import environment
from core.data import make_sample
from core.lessons.lesson import Lesson
from core.lessons.numerals import localized
from core.lessons.shelf import languages, shelf, words
from core.pool.training import train_run
from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings
from tests.browser.conftest import FLAGS, start_server
from tests.browser.install import find
from tests.browser.test_lessons import finish, walk
from tests.soak.progress import progress

WIDTHS = {True: 1400, False: 390}  # by whether the one who walks is right


def measure() -> Sequence[Table]:
    """The walks, how long each took, and how long the experiments take that nobody has asked for before."""
    rows: list[tuple[str, ...]] = []
    wrong: list[str] = []
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        runs = Runs(Path(name) / "runs")
        runs.root.mkdir()
        data = DataSettings()
        run = runs.create(make_sample(data), TrainSettings(optimizer="Adam"), data)
        train_run(str(run.directory))
        process, address = start_server(runs.root, Path(name) / "log", **{environment.WORKERS: "2"})
        walks = [
            (lesson, language, right)
            for right in (True, False)
            for language in languages()
            for lesson in shelf(language).lessons
        ]
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=find(), args=list(FLAGS))
                for number, (lesson, language, right) in enumerate(walks, 1):
                    what = f"{lesson.slug} in {language}, {'right' if right else 'wrong'}"
                    began = perf_counter()
                    try:
                        ran = _walked(browser, address, lesson, language, run.id, right=right)
                        seconds.setdefault(lesson.slug, ran)  # the first time nothing is known yet
                    except Exception as error:
                        wrong.append(f"{what}: {str(error)[:400]}")
                    rows.append((what, f"{perf_counter() - began:.0f} s"))
                    progress(f"{number} of {len(walks)} walks, {len(wrong)} broke", number, len(walks))
                browser.close()
        finally:
            process.terminate()
            process.wait(30)
    rows += [(f"{slug}: its experiments, the first time", f"{ran:.0f} s") for slug, ran in seconds.items()]
    return [
        Table(
            "Lessons",
            "From the first step to the result; at 1400 px by one who is always right, at 390 px by one who "
            "never is.",
            ("walk", "took"),
            tuple(rows),
            (
                Check(
                    f"{len(walks)} walks: every step says what it has to, nothing is wider than the window",
                    "; ".join(wrong) or "all",
                    not wrong,
                ),
            ),
        )
    ]


def _walked(browser: Browser, address: str, lesson: Lesson, language: str, run: str, *, right: bool) -> float:
    """One walk in a browser session of its own; the seconds that its experiments took."""
    expect.set_options(timeout=30_000)
    context = browser.new_context(viewport={"width": WIDTHS[right], "height": 900})
    try:
        page = context.new_page()
        # The first lesson trains its own run, live.
        given = "" if lesson.slug == "1-saved" else f"&run={run}"
        page.goto(f"{address}/lessons?lesson={lesson.slug}&at=1&lang={language}{given}")
        ran = walk(page, lesson, language, right=right)
        finish(page, lesson, language, right=right)
        say, count = words(language), len(lesson.steps[-1].questions)
        told = localized(say["result"].format(right=count if right else 0, count=count), say["digits"])
        expect(page.get_by_role("heading", name=told)).to_be_visible()
        return ran
    finally:
        context.close()
