"""A visitor's whole way through the application, in a real browser."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.history.history import read_history
from core.run.runs import Runs
from tests.browser import drawn
from tests.conftest import wait_until

Visit = Callable[..., Page]


def run_id(page: Page) -> str:
    """The run that the URL names."""
    expect(page).to_have_url(re.compile(r"run=[0-9a-f]{16}"))
    return re.search(r"run=([0-9a-f]{16})", page.url)[1]  # type: ignore[index]


def fill(page: Page, label: str, value: str) -> None:
    """Type a setting and leave its field."""
    field = page.get_by_role("spinbutton", name=label)
    field.fill(value)
    field.press("Enter")


def go(page: Page, title: str) -> None:
    """Use the navigation; some versions of Streamlit count the icon's name to that of the link."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(f"{title}$")).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def test_from_the_start_to_the_comparison(visit: Visit, server_runs: Runs) -> None:
    page = visit()
    go(page, "Data")
    fill(page, "True h", "0.5")
    fill(page, "True v", "1.25")
    fill(page, "Noise (in y)", "0.2")
    expect(page.get_by_text("The truth is h 0.5, v 1.25.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"h=0\.5.*v=1\.25"))

    page.get_by_role("button", name="Train on these points").click()
    fill(page, "Iterations", "150")  # six seconds, so that a busy machine sees it train too
    page.get_by_role("button", name=re.compile(r"\bTrain$")).click()
    expect(page.get_by_text(re.compile(r"training: \d+ of 150 iterations"))).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"[1-9]\d* files in checkpoints"))).to_be_visible()
    expect(page.get_by_text("finished: 150 of 150 iterations")).to_be_visible()
    run = server_runs.open(run_id(page))
    assert run.manifest().data.h == 0.5  # type: ignore[union-attr]
    history = read_history(run, run.sample())
    assert history.steps == list(range(151))

    page.get_by_role("link", name="Look back").first.click()
    expect(page.get_by_role("heading", name="model_final, restored")).to_be_visible()
    drawn.slider(page).focus()
    page.keyboard.press("Home")
    wait_until(lambda: drawn.step(page) == 0)
    assert drawn.fit(page) == pytest.approx(tuple(history.row(0)[["h", "v"]]), abs=2e-3)
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="model_iter-12, restored")).to_be_visible()
    expect(page.get_by_text("Its values equal those drawn above, bit for bit.")).to_be_visible()
    assert drawn.fit(page) == pytest.approx(tuple(history.row(12)[["h", "v"]]), abs=2e-3)
    expect(page).to_have_url(re.compile("step=12"))

    go(page, "Saver or SavedModel")
    expect(page.get_by_text("the same predictions, bit for bit")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("combobox", name="Checkpoint")).to_have_value("model_iter-12")


def test_a_link_reopens_run_and_step_in_another_browser_read_only(visit: Visit, recipe_id: str) -> None:
    page = visit(f"history?run={recipe_id}&step=30&noise=0.3")
    expect(page.get_by_role("heading", name="model_iter-30, restored")).to_be_visible(timeout=60_000)
    wait_until(lambda: drawn.step(page) == 30)
    page.reload()
    expect(page.get_by_role("heading", name="model_iter-30, restored")).to_be_visible()
    go(page, "Train")
    expect(page.get_by_text("You opened somebody else's run by its link")).to_be_visible()
    expect(page.get_by_role("link", name="Look back")).to_have_count(0)
    go(page, "Data")
    expect(page.get_by_role("spinbutton", name="Noise (in y)")).to_have_value("0.3")
    expect(page).to_have_url(re.compile(f"noise=0.3&run={recipe_id}&step=30"))


def test_one_button_runs_the_recipe_and_lands_on_history(visit: Visit, server_runs: Runs) -> None:
    page = visit()
    page.get_by_role("button", name="Run the recipe and look back").click()
    expect(page.get_by_role("heading", level=1, name="History")).to_be_visible()
    expect(page.get_by_role("heading", name="model_final, restored")).to_be_visible(timeout=60_000)
    wait_until(lambda: drawn.step(page) == 100)
    run = server_runs.open(run_id(page))
    assert drawn.fit(page) == pytest.approx(
        tuple(read_history(run, run.sample()).row(100)[["h", "v"]]), abs=2e-3
    )


def test_training_goes_on_through_reload_leaving_pause_and_resume(visit: Visit, server_runs: Runs) -> None:
    page = visit("train?iterations=2000")
    page.get_by_role("button", name=re.compile(r"\bTrain$")).click()
    expect(page.get_by_text(re.compile(r"training: [1-9]\d* of 2000 iterations"))).to_be_visible(
        timeout=60_000
    )
    page.reload()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    go(page, "Data")
    go(page, "Train")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text(re.compile(r"paused: \d+ of 2000 iterations"))).to_be_visible()
    run = server_runs.open(run_id(page))
    done = len(run.steps())
    page.get_by_role("button", name="Resume").click()
    wait_until(lambda: len(run.steps()) > done)
    page.get_by_role("button", name="Stop training").click()
    expect(page.get_by_text(re.compile(r"stopped: \d+ of 2000 iterations"))).to_be_visible()
    assert list(run.steps()["iteration"]) == list(range(len(run.steps())))


def test_two_visitors_do_not_see_each_other(visit: Visit) -> None:
    first, second = visit("train?iterations=30"), visit("train?iterations=40&h=2")
    for page in (first, second):
        page.get_by_role("button", name=re.compile(r"\bTrain$")).click()
    expect(first.get_by_text("finished: 30 of 30 iterations")).to_be_visible(timeout=60_000)
    expect(second.get_by_text("finished: 40 of 40 iterations")).to_be_visible(timeout=60_000)
    assert run_id(first) != run_id(second)
    for page in (first, second):
        page.get_by_role("combobox", name=re.compile("Your runs")).click()
        expect(page.get_by_role("option")).to_have_count(1)
        page.keyboard.press("Escape")
    go(first, "Runs")
    tick(first)
    first.get_by_role("button", name="Keep", exact=False).click()
    expect(first.get_by_role("button", name="Stop keeping")).to_be_visible()
    tick(first)  # off: the first press on it after the table has changed must count
    expect(first.get_by_text("Tick a run to open, name, keep or delete it.")).to_be_visible()
    tick(first)
    first.get_by_role("button", name="Delete 1 (1 kept)").click()
    expect(first.get_by_text("Your runs will be listed here.")).to_be_visible()
    second.reload()
    expect(second.get_by_text("finished: 40 of 40 iterations")).to_be_visible()


def tick(page: Page) -> None:
    """Press the tick of the first row of the table, which is drawn on a canvas, as soon as it is there."""
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    page.wait_for_function("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")
    table.click(position={"x": 17, "y": 35 + 18})


def test_a_killed_worker_costs_one_sentence_and_resume_mends_it(visit: Visit, server_runs: Runs) -> None:
    page = visit("train?iterations=3000")
    page.get_by_role("button", name=re.compile(r"\bTrain$")).click()
    expect(page.get_by_text(re.compile(r"training: [1-9]\d* of 3000 iterations"))).to_be_visible(
        timeout=60_000
    )
    run = server_runs.open(run_id(page))
    os.kill(holder(run.directory / "lock"), signal.SIGKILL)
    expect(page.get_by_text("The worker process that trained this run died")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text(re.compile(r"training: [1-9]\d* of 3000 iterations"))).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("button", name="Stop training").click()
    expect(page.get_by_text(re.compile(r"stopped: \d+ of 3000 iterations"))).to_be_visible()


def holder(lock: Path) -> int:
    """The process that has this file open."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = [os.readlink(link) for link in (process / "fd").iterdir()]
        except OSError:
            continue
        if str(lock) in links:
            return int(process.name)
    raise AssertionError(f"no process holds {lock}")


def test_divergence_says_what_to_do(visit: Visit) -> None:
    page = visit("train?learning_rate=1")
    page.get_by_role("button", name=re.compile(r"\bTrain$")).click()
    expect(page.get_by_text("train again with a lower one")).to_be_visible(timeout=60_000)


def test_own_points_from_a_file_and_a_bad_file(visit: Visit, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("x,y\n" + "".join(f"{x},{(x - 2) ** 2}\n" for x in range(5)))
    bad.write_text("x,y\n1,2\n2,oops\n")
    page = visit("data")
    page.get_by_text("My own CSV file").click()
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("Column y, row 2 is 'oops', not a number")).to_be_visible()
    page.locator("input[type=file]").set_input_files(good)
    expect(page.get_by_text("good.csv: 5 points.")).to_be_visible()
    expect(page.get_by_text("h 2.0000, v 0.0000")).to_be_visible()
    page.get_by_role("button", name="Train on these points").click()
    expect(page.get_by_text("Trains on good.csv, 5 points")).to_be_visible()


def test_a_pasted_message_finds_its_card_and_both_buttons_work(visit: Visit) -> None:
    page = visit("break_it")
    page.get_by_label("Paste an error message").fill(
        "tensorflow.python.framework.errors_impl.NotFoundError: Key weights_1 not found in checkpoint"
    )  # and no key that sends it: it searches while one types
    expect(page.get_by_text("the best match first")).to_be_visible()
    page.get_by_role("button", name="Break it").first.click()
    expect(page.get_by_text(re.compile(r"NotFoundError \(\d+ ms, TensorFlow")).first).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("button", name="Run the fix").first.click()
    expect(page.get_by_text("It works").first).to_be_visible(timeout=60_000)


def test_who_comes_back_finds_settings_complaint_and_runs(visit: Visit) -> None:
    before = visit("train?iterations=3")
    before.get_by_role("button", name=re.compile(r"\bTrain$")).click()
    expect(before.get_by_text("finished: 3 of 3 iterations")).to_be_visible(timeout=60_000)
    kept = before.context.storage_state()
    page = visit("data?h=much&noise=0.3", storage_state=kept)
    expect(page.get_by_text("The link was not followed entirely: True h is 'much'")).to_be_visible()
    field = page.get_by_role("spinbutton", name="True h")
    expect(field).to_have_value("1")
    expect(page.get_by_role("spinbutton", name="Noise (in y)")).to_have_value("0.3")
    fill(page, "True h", "2.5")
    expect(page).to_have_url(re.compile(r"h=2\.5"))
    fill(page, "True h", "")
    expect(field).to_have_value("1")
    # Without a run in the URL, the runs are in the sidebar all the same, and the settings in the URL.
    go(page, "History")
    expect(page.get_by_text("No run is chosen: open your latest")).to_be_visible()
    expect(page).to_have_url(re.compile(r"history\?noise=0\.3"))
    page.get_by_role("combobox", name=re.compile("Your runs")).click()
    page.get_by_role("option").first.click()
    expect(page.get_by_role("heading", name="model_final, restored")).to_be_visible(timeout=60_000)
