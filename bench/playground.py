"""The Playground in a real browser: how soon its slider moves, and the vertex on a slow processor."""

from __future__ import annotations

import re
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from bench.chromium import LONG, Site, application, chromium
from bench.first_picture import HEADING, SLIDER, seconds_until_seen
from bench.places import runs_folder
from bench.report import Check, Table, median_seconds, p95
from tests.browser import drawn
from tests.browser.conftest import start_server
from tests.soak.members import has_workers, seconds_until

WARM, COLD = 1.5, 3.0  # seconds until the slider can be dragged
TIMES = 9
LOADS = 60.0  # seconds until TensorFlow is loaded, which takes both processors meanwhile
SLOWER = 6
MOVES = 120  # of the pointer, each way
EVERY_FRAME = 0.95  # of the display's frames in which the vertex had been moved

# A frame counts where the pointer had moved before it; drawn, where the next one finds other points: what is
# asked here comes before the page's own drawing in a frame.
FRAMES = """() => {
  const find = (root, what) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.matches(what)) return each;
      const inner = each.shadowRoot && find(each.shadowRoot, what);
      if (inner) return inner;
    }
  };
  const points = find(document, "[data-role=samples]");
  let moved = false, counts = false, last = points.getAttribute("d"), before = performance.now();
  window.frames_seen = [];
  find(document, "[data-role=grip-vertex]").addEventListener("pointermove", () => { moved = true; });
  const frame = (now) => {
    const d = points.getAttribute("d");
    if (counts) window.frames_seen.push({ drawn: d !== last, took: now - before });
    counts = moved;
    moved = false;
    last = d;
    before = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}"""


@dataclass(frozen=True)
class Frames:
    """What the display showed while the vertex was dragged.

    Attributes:
        drawn: for each frame before which the pointer had moved, whether other points were drawn.
        took: milliseconds since the frame before.
    """

    drawn: list[bool]
    took: list[float]

    @property
    def part(self) -> float:
        """The part of these frames in which other points were drawn."""
        return sum(self.drawn) / len(self.drawn)


@dataclass(frozen=True)
class Opening:
    """Seconds until the first picture, and until the heading of a page with nothing else.

    Attributes:
        first: in a browser that knows nothing.
        again: in the same browser, once more.
        heading: of the other page, in a browser that knows nothing.
    """

    first: float
    again: float
    heading: float

    @classmethod
    def measured(cls, address: str, alone: str) -> Opening:
        """All three, in turn."""
        first, again = seconds_until_seen(address, SLIDER, visits=2)
        (heading,) = seconds_until_seen(alone, HEADING)
        return cls(first, again, heading)


def measure() -> Sequence[Table]:
    """A server that has just begun to listen, and one with its workers; the vertex at two speeds."""
    runs = runs_folder()
    with application(runs) as site:
        (cold,) = seconds_until_seen(site.address, SLIDER)
        seconds_until(lambda: has_workers(f"{site.address}/healthz"), LOADS, "the workers")
        with _streamlit() as alone:
            seconds_until_seen(alone, HEADING)
            pictures = [Opening.measured(site.address, alone) for _ in range(TIMES)]
        with chromium() as browser:
            dragged = {times: _drag_vertex(browser, site, times) for times in (1, SLOWER)}
    return [_opening(cold, pictures), _frames(dragged)]


@contextmanager
def _streamlit() -> Iterator[str]:
    """A page of Streamlit with one heading; its address."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "heading.py"
        script.write_text('import streamlit as st\n\nst.title("A heading")\n', encoding="utf-8")
        process, address = start_server(Path(folder), Path(folder) / "log", str(script))
        yield address
        process.terminate()
        process.wait(30)


def _drag_vertex(browser: Browser, site: Site, slower: int) -> Frames:
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.goto(site.address)
    expect(drawn.machine(page)).to_have_attribute("data-drawn", re.compile(r"\d"), timeout=LONG)
    drawn.at_rest(page)
    page.evaluate(FRAMES)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    _pull(page)
    seen = page.evaluate("window.frames_seen")
    page.context.close()
    return Frames([each["drawn"] for each in seen], [each["took"] for each in seen])


def _pull(page: Page) -> None:
    """Take the vertex to the right and back, two pixels at a time."""
    box = page.get_by_role("slider", name="The true vertex").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for number in range(1, 2 * MOVES):
        away = min(number, 2 * MOVES - number)
        page.mouse.move(x + away, y - away / 2)
        page.wait_for_timeout(16)
    page.mouse.up()


def _opening(cold: float, pictures: Sequence[Opening]) -> Table:
    first = [each.first for each in pictures]
    middle = statistics.median(first)
    return Table(
        "The first picture",
        "A browser opens the application's address; until the slider, moved at once, has drawn another "
        f"checkpoint of the shipped run. Timed by the page itself, {TIMES} times, in turn with a page of "
        "Streamlit that has one heading.",
        ("what", "time"),
        (
            ("a browser that knows nothing, a server that has just begun to listen", f"{cold:.2f} s"),
            ("the same, a server with its workers", median_seconds(first)),
            ("a browser that was here before", median_seconds([each.again for each in pictures])),
            (
                "Streamlit's heading alone, a browser that knows nothing",
                median_seconds([each.heading for each in pictures]),
            ),
        ),
        (
            Check(f"a warm server: at most {WARM} s", f"{middle:.2f} s", middle <= WARM),
            Check(
                f"a server that has just begun to listen: at most {COLD:g} s", f"{cold:.2f} s", cold <= COLD
            ),
        ),
    )


def _frames(dragged: dict[int, Frames]) -> Table:
    slow = dragged[SLOWER]
    return Table(
        "Dragging the true vertex",
        "201 points, computed and drawn in the browser. Counted are the display's frames before which the "
        "pointer had moved.",
        (
            "processor",
            "frames",
            "with other points than the frame before",
            "between two frames, median / 95th percentile",
        ),
        tuple(
            (
                "as it is" if times == 1 else f"{times} times slower",
                str(len(found.drawn)),
                f"{found.part:.0%}",
                f"{statistics.median(found.took):.1f} / {p95(found.took):.1f} ms",
            )
            for times, found in dragged.items()
        ),
        (
            Check(
                f"{SLOWER} times slower: other points in at least {EVERY_FRAME:.0%} of the frames",
                f"{slow.part:.0%}",
                slow.part >= EVERY_FRAME and len(slow.drawn) >= MOVES,
            ),
        ),
    )
