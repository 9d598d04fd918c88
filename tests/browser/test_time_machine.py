"""The time machine redraws what the files hold, while the slider is in the user's hand."""

import re
from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from core.bundle import read_values
from core.data import make_sample
from core.history.history import read_history
from core.pool.training import train_run
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from tests.browser import drawn, playground
from tests.conftest import wait_until

Visit = Callable[..., Page]
SUFFIXES = (".meta", ".index", ".data-00000-of-00001")


def trained(runs: Runs, **train: object) -> Run:
    data = DataSettings()
    run = runs.create(make_sample(data), TrainSettings(**train), data)  # type: ignore[arg-type]
    train_run(str(run.directory))
    return run


def in_file(run: Run, step: int) -> tuple[float, float]:
    """(h, v) of the checkpoint file of this step."""
    name = str(read_history(run, run.sample()).row(step)["name"])
    values = read_values(run.checkpoints / name)
    return float(values["hor_estimate"]), float(values["ver_estimate"])


def opened(visit: Visit, run: Run, step: int, width: int = 1280, **options: object) -> Page:
    page = visit(f"history?run={run.id}&step={step}", width, **options)
    expect(page.get_by_role("heading", name=re.compile("restored"))).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    expect(drawn.machine(page)).to_have_attribute("data-drawn", re.compile(r"\d"))
    return page


def stands_near(page: Page, step: int, within: int) -> bool:
    return abs(drawn.step(page) - step) <= within


def grip(page: Page, step: int, last: int) -> tuple[float, float]:
    """Where the slider's thumb is at this step, in pixels of the window."""
    box = drawn.slider(page).bounding_box()
    assert box
    thumb = box["height"]
    usable = box["width"] - min(thumb, 24)
    return box["x"] + min(thumb, 24) / 2 + usable * step / last, box["y"] + box["height"] / 2


def test_the_link_that_is_copied_has_the_step_on_which_the_slider_rests(
    visit: Visit, server_runs: Runs
) -> None:
    run = trained(server_runs)
    page = opened(visit, run, 100, permissions=["clipboard-read", "clipboard-write"])
    drawn.slider(page).press("Home")
    expect(page.get_by_role("heading", name="model_iter-0, restored")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status").filter(has_text="Copied. It leads")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    assert link.endswith(f"run={run.id}&step=0")


def test_the_settings_are_copied_without_the_run_so_that_a_class_starts_alike(
    visit: Visit, server_runs: Runs
) -> None:
    run = trained(server_runs, iterations=7)
    page = visit(f"?run={run.id}&step=3&h=1.5", permissions=["clipboard-read", "clipboard-write"])
    expect(drawn.machine(page)).to_have_attribute("data-step", "3")
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Copy the settings without the run").click()
    expect(page.get_by_role("status").filter(has_text="Copied. People who open it")).to_be_visible()
    link = urlsplit(page.evaluate("navigator.clipboard.readText()"))
    everything = DataSettings(h=1.5).to_strings() | TrainSettings(iterations=7).to_strings()
    assert dict(parse_qsl(link.query)) == everything

    student = visit(f"?{link.query}")
    expect(student.get_by_role("textbox", name="Iterations")).to_have_value("7")
    expect(student.get_by_role("textbox", name="True h")).to_have_value("1.5")
    expect(student.get_by_role("button", name="The recipe")).to_be_visible()


def test_without_a_clipboard_the_link_stands_there_to_be_copied(visit: Visit) -> None:
    page = visit("data?h=2")
    expect(page).to_have_url(re.compile(r"/\?h=2\.0$"))
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("textbox", name="The link")).to_have_value(page.url)


def test_every_step_of_a_drag_is_drawn_from_its_file_without_a_message(
    visit: Visit, server_runs: Runs
) -> None:
    run = trained(server_runs)
    page = opened(visit, run, 100)
    drawn.count_messages(page)
    page.mouse.move(*grip(page, 100, 100))
    page.mouse.down()
    seen = set()
    for step in range(98, 0, -7):
        page.mouse.move(*grip(page, step, 100))
        wait_until(partial(stands_near, page, step, 2), 5)
        now = drawn.step(page)
        seen.add(now)
        assert drawn.fit(page) == pytest.approx(in_file(run, now), abs=3e-3)
    assert len(seen) >= 12
    assert page.evaluate("window.sent") == 0
    page.mouse.up()
    expect(page.get_by_role("heading", name=f"model_iter-{drawn.step(page)}, restored")).to_be_visible()
    assert page.evaluate("window.sent") == 1
    expect(page).to_have_url(re.compile(f"step={drawn.step(page)}$"))


def test_the_keys_move_it_and_the_label_says_where(visit: Visit, recipe_id: str, server_runs: Runs) -> None:
    run = server_runs.open(recipe_id)
    page = opened(visit, run, 50)
    slider = drawn.slider(page)
    slider.focus()
    for key, step in (
        ("ArrowRight", 51),
        ("ArrowLeft", 50),
        ("PageDown", 40),
        ("PageUp", 50),
        ("Home", 0),
        ("End", 100),
    ):
        page.keyboard.press(key)
        wait_until(partial(stands_near, page, step, 0))
        place = f"iteration {step}" if step < 100 else r"model_final \(= iteration 99\)"
        expect(slider).to_have_attribute("aria-valuetext", re.compile(f"{place}, h .*, v .*, cost .*"))


def test_a_finger_drags_it(visit: Visit, recipe_id: str, server_runs: Runs) -> None:
    run = server_runs.open(recipe_id)
    page = opened(visit, run, 100, width=390, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    client = page.context.new_cdp_session(page)
    drawn.slider(page).scroll_into_view_if_needed()

    def touch(kind: str, *points: tuple[float, float]) -> None:
        client.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    touch("touchStart", grip(page, 100, 100))
    for step in (90, 70, 50, 30):
        touch("touchMove", grip(page, step, 100))
        wait_until(partial(stands_near, page, step, 3))
        assert drawn.fit(page) == pytest.approx(in_file(run, drawn.step(page)), abs=5e-3)
    touch("touchEnd")
    expect(page.get_by_role("heading", name=f"model_iter-{drawn.step(page)}, restored")).to_be_visible()


def test_best_play_and_step_buttons(visit: Visit, recipe_id: str, server_runs: Runs) -> None:
    run = server_runs.open(recipe_id)
    page = opened(visit, run, 0)
    table = read_history(run, run.sample()).table
    page.get_by_role("button", name="Lowest cost").click()
    best = int(table["step"].iloc[int(np.argmin(table["cost"]))])
    wait_until(lambda: drawn.step(page) == best)
    page.get_by_role("button", name="First checkpoint").click()
    wait_until(lambda: drawn.step(page) == 0)
    page.get_by_role("button", name="Step forward").click()
    wait_until(lambda: drawn.step(page) == 1)
    page.get_by_role("button", name="Play", exact=True).click()
    wait_until(lambda: drawn.step(page) >= 5)
    page.get_by_role("button", name="Pause", exact=True).click()
    rested = drawn.step(page)
    expect(page.get_by_role("heading", name=f"model_iter-{rested}, restored")).to_be_visible()


def test_deleted_checkpoints_are_marked_and_skipped(visit: Visit, server_runs: Runs) -> None:
    run = trained(server_runs, iterations=30, max_to_keep=5)
    page = opened(visit, run, 30)
    expect(page.get_by_text(re.compile("0.25 were deleted by retention"))).to_be_visible()
    drawn.slider(page).focus()
    page.keyboard.press("Home")
    wait_until(lambda: drawn.step(page) == 26)
    assert drawn.fit(page) == pytest.approx(in_file(run, 26), abs=3e-3)


def test_files_that_vanish_under_an_open_page_cost_their_steps_only(visit: Visit, server_runs: Runs) -> None:
    run = trained(server_runs, iterations=20)
    page = opened(visit, run, 10)
    for step in (9, 10, 11):
        for suffix in SUFFIXES:
            (run.checkpoints / f"model_iter-{step}{suffix}").unlink()
    (run.checkpoints / f"model_iter-5{SUFFIXES[2]}").write_bytes(b"12345678")
    drawn.slider(page).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name="model_iter-12, restored")).to_be_visible()
    wait_until(lambda: drawn.step(page) == 12)
    page.keyboard.press("ArrowLeft")
    wait_until(lambda: drawn.step(page) == 8)
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("model_iter-5 cannot be restored")).to_be_visible()
    expect(page.get_by_text("the checksum of hor_estimate").first).to_be_visible()


def test_a_second_run_is_drawn_on_the_same_slider(visit: Visit, recipe_id: str, server_runs: Runs) -> None:
    other = trained(server_runs, optimizer="Adam", iterations=50)
    page = visit(f"history?run={recipe_id}&step=20&other={other.id}")
    row = page.locator("[data-role=values] tr[data-row=overlay-1]")
    expect(row).to_contain_text("20", timeout=60_000)
    h, v = in_file(other, 20)
    expect(row).to_contain_text(f"{h:.3f}"[:5])
    expect(row).to_contain_text(f"{v:.3f}"[:5])


def test_new_checkpoints_join_while_training_runs_and_following_can_end(
    visit: Visit, server_runs: Runs
) -> None:
    page = playground.ready(visit("?iterations=4000"))
    playground.press(page, "Train")
    playground.says(page, r"Training: [1-9]\d* of 4000 iterations")
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile("History$")).click()
    expect(page.get_by_text("Following the newest checkpoint")).to_be_visible()
    first = drawn.step(page)
    wait_until(lambda: drawn.step(page) > first + 5)
    drawn.slider(page).focus()
    page.keyboard.press("Home")
    expect(page.get_by_role("heading", name="model_iter-0, restored")).to_be_visible()
    longest = int(drawn.slider(page).get_attribute("max") or 0)
    wait_until(lambda: int(drawn.slider(page).get_attribute("max") or 0) > longest + 5)
    assert drawn.step(page) == 0
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile("Playground$")).click()
    playground.press(playground.ready(page), "Stop")
    playground.says(page, r"Stopped: \d+ of 4000 iterations")
