"""A visitor's whole way through the application, in a real browser."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from core.history.history import read_history
from core.run import recipe
from core.run.runs import Runs
from tests.browser import drawn, playground
from tests.conftest import wait_until

Visit = Callable[..., Page]


def run_id(page: Page) -> str:
    """The run that the URL names."""
    expect(page).to_have_url(re.compile(r"run=[0-9a-f]{16}"))
    return re.search(r"run=([0-9a-f]{16})", page.url)[1]  # type: ignore[index]


def go(page: Page, title: str) -> None:
    """Use the navigation; some versions of Streamlit count the icon's name to that of the link."""
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile(f"{title}$")).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def test_from_the_first_drag_to_the_comparison(visit: Visit, server_runs: Runs) -> None:
    page = playground.ready(visit())
    playground.says(page, "This run came with the application")
    page.get_by_role("button", name="Iteration 5: below twice the final cost").click()
    wait_until(lambda: drawn.step(page) == 5)
    drawn.slider(page).focus()
    page.keyboard.press("Home")
    wait_until(lambda: drawn.step(page) == 0)
    shipped = server_runs.open(recipe.ID)
    first = read_history(shipped, shipped.sample()).row(0)
    assert drawn.fit(page) == pytest.approx(tuple(first[["h", "v"]]), abs=2e-3)

    playground.fill(page, "True h", "0.5")
    playground.fill(page, "True v", "1.25")
    playground.fill(page, "Noise", "0.2")
    expect(page).to_have_url(re.compile(r"h=0\.5.*v=1\.25"))
    playground.says(page, "These points are new")
    playground.fill(page, "Iterations", "150")  # six seconds, so that a busy machine sees it train too
    playground.press(page, "Train")
    playground.says(page, r"Training: [1-9]\d* of 150 iterations")
    playground.says(page, "Finished: 150 of 150 iterations")
    run = server_runs.open(run_id(page))
    assert run.manifest().data.h == 0.5  # type: ignore[union-attr]
    history = read_history(run, run.sample())
    assert history.steps == list(range(151))

    go(page, "History")
    expect(page.get_by_role("heading", name="model_final, restored")).to_be_visible(timeout=60_000)
    drawn.slider(page).focus()
    page.keyboard.press("Home")
    wait_until(lambda: drawn.step(page) == 0)
    assert drawn.fit(page) == pytest.approx(tuple(history.row(0)[["h", "v"]]), abs=2e-3)
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="model_iter-12, restored")).to_be_visible()
    expect(page.get_by_text("They equal those drawn, bit for bit.")).to_be_visible()
    assert drawn.fit(page) == pytest.approx(tuple(history.row(12)[["h", "v"]]), abs=2e-3)
    expect(page).to_have_url(re.compile("step=12"))

    go(page, "Compare")
    expect(page.get_by_text("predictions, bit for bit")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("combobox", name="Checkpoint")).to_have_value("model_iter-12")


def test_the_true_vertex_is_dragged_in_the_picture_and_the_points_follow(visit: Visit) -> None:
    page = playground.ready(visit("", 1400))
    grip = page.get_by_role("slider", name="The true vertex")
    box = grip.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    points = page.locator("[data-role=samples]")
    before, told = points.get_attribute("d"), page.url
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 40, steps=4)
    wait_until(lambda: points.get_attribute("d") != before)
    assert page.url == told, "the server hears of it when the hand rests"
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"[?&]h="))
    h = float(playground.field(page, "True h").input_value())
    v = float(playground.field(page, "True v").input_value().replace("−", "-"))
    assert (h, v) != (1.0, -2.0)
    assert drawn.fit(page, "[data-role=truth]") == pytest.approx((h, v), abs=0.02)
    grip.focus()
    page.keyboard.press("ArrowRight")
    expect(playground.field(page, "True h")).to_have_value(f"{h + 0.1:.2f}".rstrip("0").rstrip("."))


def test_a_link_reopens_run_and_step_in_another_browser_read_only(visit: Visit, recipe_id: str) -> None:
    page = visit(f"history?run={recipe_id}&step=30")
    expect(page.get_by_role("heading", name="model_iter-30, restored")).to_be_visible(timeout=60_000)
    wait_until(lambda: drawn.step(page) == 30)
    page.reload()
    expect(page.get_by_role("heading", name="model_iter-30, restored")).to_be_visible()
    go(page, "Playground")
    playground.ready(page)
    wait_until(lambda: drawn.step(page) == 30)
    panel = page.locator("[data-role=playground]")
    for name in ("Pause", "Resume", "Stop"):
        expect(panel.get_by_role("button", name=name, exact=True)).to_be_hidden()
    expect(page).to_have_url(re.compile(f"run={recipe_id}&step=30"))


@pytest.mark.parametrize(
    ("old", "title"),
    [
        ("train?iterations=7", "Playground"),
        ("data?h=2", "Playground"),
        ("start", "Playground"),
        ("open", "Inspect"),
        ("break_it?card=graph_built_twice", "Error gallery"),
        ("ways", "Compare"),
        ("take_home", "Export"),
    ],
)
def test_an_old_address_leads_to_the_page_that_does_its_work(visit: Visit, old: str, title: str) -> None:
    page = visit(old)
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
    if "iterations" in old:
        expect(playground.field(playground.ready(page), "Iterations")).to_have_value("7")
    if "card" in old:
        expect(page).to_have_url(re.compile("gallery.*card=graph_built_twice"))


def test_training_continues_through_reload_leaving_pause_and_resume(visit: Visit, server_runs: Runs) -> None:
    page = playground.ready(visit("?iterations=2000"))
    playground.press(page, "Train")
    playground.says(page, r"Training: [1-9]\d* of 2000 iterations")
    page.reload()
    playground.says(playground.ready(page), r"Training: [1-9]\d* of 2000 iterations")
    go(page, "Files")
    go(page, "Playground")
    playground.press(playground.ready(page), "Pause")
    playground.says(page, r"Paused: \d+ of 2000 iterations")
    run = server_runs.open(run_id(page))
    done = len(run.steps())
    playground.press(page, "Resume")
    wait_until(lambda: len(run.steps()) > done)
    playground.press(page, "Stop")
    playground.says(page, r"Stopped: \d+ of 2000 iterations")
    assert list(run.steps()["iteration"]) == list(range(len(run.steps())))


def test_two_visitors_do_not_see_each_other(visit: Visit) -> None:
    first, second = visit("?iterations=30"), visit("?iterations=40&h=2")
    for page in (first, second):
        playground.press(playground.ready(page), "Train")
    playground.says(first, "Finished: 30 of 30 iterations")
    playground.says(second, "Finished: 40 of 40 iterations")
    assert run_id(first) != run_id(second)
    for page in (first, second):
        page.locator(".st-key-run-chip button").first.click()
        page.get_by_role("combobox", name="Show another run").click()
        expect(page.get_by_role("option")).to_have_count(2)  # one's own, and the recipe
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    go(first, "All runs")
    tick(first)
    first.get_by_role("button", name="Pin", exact=True).click()
    expect(first.get_by_role("button", name="Unpin")).to_be_visible()
    tick(first)  # off: the first press on it after the table has changed must count
    expect(first.get_by_role("button", name="Unpin")).to_have_count(0)
    press_cell(first, NAME)
    expect(first).to_have_url(re.compile(r"/history\?.*run="))
    go(first, "All runs")
    tick(first)
    first.get_by_role("button", name="Delete 1 run, 1 pinned").click()
    expect(first.get_by_role("button", name="Delete 1 run, 1 pinned")).to_have_count(0)
    second.reload()
    playground.says(playground.ready(second), "Finished: 40 of 40 iterations")


TICK, NAME = 17, 150  # pixels from the left edge of the table


def tick(page: Page) -> None:
    """Press the tick of the table's first row."""
    press_cell(page, TICK)


def press_cell(page: Page, across: int) -> None:
    """Press a cell of the first row of the table, which is drawn on a canvas, as soon as it is there."""
    table = page.get_by_test_id("stDataFrame")
    expect(table.locator("canvas").first).to_be_visible()
    page.wait_for_function("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")
    table.click(position={"x": across, "y": 35 + 18})


def test_a_killed_worker_costs_one_sentence_and_resume_mends_it(visit: Visit, server_runs: Runs) -> None:
    page = playground.ready(visit("?iterations=3000"))
    playground.press(page, "Train")
    playground.says(page, r"Training: [1-9]\d* of 3000 iterations")
    run = server_runs.open(run_id(page))
    os.kill(holder(run.directory / "lock"), signal.SIGKILL)
    playground.says(page, "The worker process that trained this run died")
    playground.press(page, "Resume")
    playground.says(page, r"Training: [1-9]\d* of 3000 iterations")
    playground.press(page, "Stop")
    playground.says(page, r"Stopped: \d+ of 3000 iterations")


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
    page = playground.ready(visit("?learning_rate=1"))
    playground.press(page, "Train")
    playground.says(page, "Train again with a lower one")


def test_own_points_from_a_file_and_a_bad_file(visit: Visit, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text("x,y\n" + "".join(f"{x},{(x - 2) ** 2}\n" for x in range(5)))
    bad.write_text("x,y\n1,2\n2,oops\n")
    page = playground.ready(visit())
    playground.press(page, "Use my own CSV")
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("Column y, row 2 is 'oops', not a number")).to_be_visible()
    page.locator("input[type=file]").set_input_files(good)
    expect(page.get_by_text("good.csv: 5 points.")).to_be_visible()
    page.get_by_role("button", name="Use these points").click()
    expect(page.locator("[data-role=points]")).to_have_text("5 points, good.csv")
    expect(playground.field(page, "True h")).to_be_hidden()
    expect(page.get_by_role("slider", name="The true vertex")).to_be_hidden()
    assert drawn.fit(page, "[data-role=optimum]") == pytest.approx((2.0, 0.0), abs=0.02)


def test_a_pasted_message_finds_its_card_and_both_buttons_work(visit: Visit) -> None:
    page = visit("gallery")
    page.get_by_label("Paste an error message").fill(
        "tensorflow.python.framework.errors_impl.NotFoundError: Key weights_1 not found in checkpoint"
    )  # and no key that sends it: it searches while one types
    expect(page.get_by_text("Your text has the answer: it is the first card.")).to_be_visible()
    page.get_by_role("button", name="Break it").first.click()
    expect(page.get_by_text(re.compile(r"NotFoundError \(\d+ ms, TensorFlow")).first).to_be_visible(
        timeout=60_000
    )
    page.get_by_role("button", name="Run the fix").first.click()
    expect(page.get_by_text("It works").first).to_be_visible(timeout=60_000)


def test_who_comes_back_finds_settings_complaint_and_runs(visit: Visit) -> None:
    before = visit("?iterations=3")
    playground.train(before, 3)
    kept = before.context.storage_state()
    page = visit("?h=much&noise=0.3", storage_state=kept)
    expect(page.get_by_text("The link was not followed entirely: True h is 'much'")).to_be_visible()
    playground.ready(page)
    expect(playground.field(page, "True h")).to_have_value("1")
    expect(playground.field(page, "Noise")).to_have_value("0.3")
    playground.fill(page, "True h", "2.5")
    expect(page).to_have_url(re.compile(r"h=2\.5"))
    playground.fill(page, "True h", "")
    expect(playground.field(page, "True h")).to_have_value("2.5")
    # Without a run in the address, the latest one is shown; the settings stay on their page.
    go(page, "History")
    expect(page.get_by_role("heading", name="model_final, restored")).to_be_visible(timeout=60_000)
    assert "noise" not in page.url
    # A field that can be empty starts with its value for those who come back, too.
    again = visit("retention", storage_state=kept)
    expect(again.get_by_role("spinbutton").first).to_have_value("5", timeout=60_000)


def test_who_follows_a_link_to_a_result_sees_it(visit: Visit, recipe_id: str) -> None:
    asked = f"optimizers=Momentum&rate=0.02&iterations=8&after=3&result=1&run={recipe_id}"
    kept = playground.ready(visit()).context.storage_state()
    # The browser says who comes back, which begins the page again while it computes.
    page = visit(f"resume?{asked}", storage_state=kept)
    expect(page.get_by_text("Without its slots, Momentum has cost")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("spinbutton", name="Learning rate")).to_have_value("0.02")
    expect(page).to_have_url(re.compile("result=1"))
    again = visit("retention?saves=4&max_to_keep=2&result=1", storage_state=kept)
    expect(again.get_by_text("2 checkpoints remain")).to_be_visible(timeout=60_000)


def test_the_menu_says_that_a_run_waits_as_long_as_it_does(visit: Visit) -> None:
    pages = [playground.ready(visit("?iterations=3000")) for _ in range(3)]
    for page in pages:  # two workers: the third waits
        playground.press(page, "Train")
    waits = pages[2]
    told = waits.get_by_test_id("stSidebar").get_by_text("in the queue")
    expect(told).to_be_visible()
    playground.press(pages[0], "Stop")
    playground.says(waits, r"Training: [1-9]\d* of 3000 iterations")
    expect(told).to_have_count(0)
    for page in pages[1:]:
        playground.press(page, "Stop")


def test_what_a_page_says_late_does_not_empty_the_next_one(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    sent: list[bytes | str] = []
    late: list[bytes | str] = []

    def between(browsers: WebSocketRoute) -> None:
        servers = browsers.connect_to_server()

        def on(message: bytes | str) -> None:
            sent.append(message)
            servers.send(message)
            if late:  # right behind the wish for the next page
                servers.send(late.pop())

        browsers.on_message(on)

    page.route_web_socket(re.compile("_stcore/stream"), between)
    page.goto(f"{server}/")
    playground.ready(page)
    drawn.slider(page).focus()
    before = len(sent)
    page.keyboard.press("Home")
    wait_until(lambda: page.evaluate("true") and len(sent) > before)  # what was sent is heard in between
    drawn.at_rest(page)
    late.append(sent[before])
    go(page, "History")
    expect(page.locator("[data-role=timemachine]")).to_be_visible()
    drawn.at_rest(page)
    assert not late
    expect(page.get_by_role("heading", level=1, name="History")).to_be_visible()
    expect(page.locator("[data-role=timemachine]")).to_be_visible()
    context.close()
