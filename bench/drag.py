"""Dragging a slider that redraws in the browser with a real pointer, and how soon it does."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from bench.chromium import LONG, Site
from core.run.runs import Run
from tests.browser import drawn

EVENTS = 150  # each way
FRAME, SLOW = 16.7, 33.0  # milliseconds: one display frame, two

# Beside the time of the input event, that of the pointer's movement before it; and beside the time at
# which the picture was drawn, that at which the browser had laid it out and painted it.
LISTEN = """(role) => {
  const find = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.matches(`[data-role=${role}]`)) return each;
      const inner = each.shadowRoot && find(each.shadowRoot);
      if (inner) return inner;
    }
  };
  const root = find(document);
  window.redrawn = [];
  const slider = root.querySelector(".slider");
  let input = null, pointer = null, moved = null;
  slider.addEventListener("pointermove", (event) => { pointer = event.timeStamp; });
  slider.addEventListener("input", (event) => {
    input ??= event.timeStamp;
    moved ??= pointer;
  });
  new MutationObserver(() => {
    if (input === null) return;
    const at = Number(root.dataset.drawn), from = moved;
    const entry = { drawn: at - input, pointer: at - from };
    input = moved = null;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      window.redrawn.push({ ...entry, painted: performance.now() - from });
    };
    channel.port2.postMessage(0);
  }).observe(root, { attributes: true, attributeFilter: ["data-drawn"] });
}"""


@dataclass(frozen=True)
class Drag:
    """One drag over the whole slider and back; times in milliseconds, one for each redrawn picture.

    Attributes:
        drawn: from the slider's input event to the redrawn curve.
        pointer: from the pointer's movement to the redrawn curve.
        painted: from the pointer's movement to the end of the browser's painting.
        during, after: messages to the server while the pointer was down, and after it rested.
    """

    drawn: list[float]
    pointer: list[float]
    painted: list[float]
    during: int
    after: int


def drag(page: Page, sent: list[float]) -> Drag:
    """Drag the time machine's slider, and wait until a Saver has restored the step where it rests."""
    quiet = pull(page, "timemachine", sent)
    at = drawn.step(page)
    expect(page.get_by_role("heading", name=f"model_iter-{at}, restored")).to_be_visible(timeout=LONG)
    return seen(page, sent, quiet)


def pull(page: Page, role: str, sent: list[float]) -> tuple[int, int]:
    """Drag from the right end to the left and back; how many messages there were before, and in the end.

    Args:
        role: of the component that the slider belongs to.
        sent: grows with every message to the server.
    """
    page.evaluate(LISTEN, role)
    box = page.locator(f"[data-role={role}] input.slider").bounding_box()
    assert box
    right, middle, way = box["x"] + box["width"] - 12, box["y"] + box["height"] / 2, box["width"] - 24
    page.mouse.move(right, middle)
    page.wait_for_timeout(1000)
    before = len(sent)
    page.mouse.down()
    for number in range(1, 2 * EVENTS - 10):
        part = min(number, 2 * EVENTS - number) / EVENTS
        page.mouse.move(right - way * 0.95 * part, middle)
        page.wait_for_timeout(16)
    page.wait_for_timeout(500)
    end = len(sent)
    page.mouse.up()
    return before, end


def seen(page: Page, sent: list[float], quiet: tuple[int, int]) -> Drag:
    """What a drag has drawn, once the slider has come to rest; `quiet` is what `pull` gave."""
    page.wait_for_timeout(1000)
    found = page.evaluate("window.redrawn")
    return Drag(
        [each["drawn"] for each in found],
        [each["pointer"] for each in found],
        [each["painted"] for each in found],
        quiet[1] - quiet[0],
        len(sent) - quiet[1],
    )


def opened(page: Page) -> None:
    """Wait until History has drawn a step."""
    drawn.machine(page).wait_for()
    expect(drawn.machine(page)).to_have_attribute("data-drawn", re.compile(r"\d"), timeout=LONG)


def settled(page: Page) -> None:
    """Wait until a Saver has restored the step that is drawn: then nothing is under way."""
    expect(page.get_by_text(re.compile("^A Saver restored"))).to_be_visible(timeout=LONG)


def history_address(site: Site, run: Run, step: int) -> str:
    """The link to this step of the run."""
    return f"{site.address}/history?run={run.id}&step={step}"
