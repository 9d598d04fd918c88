"""The scrubber over anybody's checkpoints redraws what the files hold, while one drags."""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import start_server
from tests.browser.drawn import at_rest, count_messages
from tests.conftest import wait_until
from tests.core.inspect import writer
from tests.core.inspect.conftest import tf1_history as tf1_history

MANY, TENSORS = 400, 200  # the bench drags over a thousand steps


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hundreds of steps of two hundred tensors."""
    folder = tmp_path_factory.mktemp("many")
    random = np.random.default_rng(0)
    values = {f"layer{n:03d}/kernel": random.normal(size=8).astype(np.float32) for n in range(TENSORS)}
    for step in range(MANY):
        values = {name: value + np.float32(0.01) for name, value in values.items()}
        writer.of_arrays(folder / f"m-{step}", values)
    return folder


@pytest.fixture(scope="module")
def visited(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, tf1_history: Path, many: Path
) -> Iterator[Callable[..., Page]]:
    """The page Inspect by a link, of a server that allows two folders and uploads of a megabyte."""
    log = tmp_path_factory.mktemp("open-server") / "log"
    process, address = start_server(
        tmp_path_factory.mktemp("open-runs"),
        log,
        CHECKPOINT_EXPLORER_OPEN=f"{tf1_history}:{many}",
        CHECKPOINT_EXPLORER_UPLOAD_MB="1",
        CHECKPOINT_EXPLORER_WORKERS="1",
    )
    contexts, errors = [], []

    def visit(link: str = "", width: int = 1280, scheme: str = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(120_000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{error}\n{error.stack}"))
        page.goto(f"{address}/open{link}")
        return page

    yield visit
    for context in contexts:
        context.close()
    process.terminate()
    process.wait(30)
    assert not errors
    assert b"Traceback" not in log.read_bytes(), log.read_text()[-4000:]


@pytest.fixture(scope="module")
def opened(visited: Callable[..., Page]) -> Callable[..., Page]:
    """A folder's view Over time."""

    def folder(number: int, width: int = 1280, scheme: str = "light") -> Page:
        page = visited(f"?open=folder-{number}", width, scheme)
        expect(scrubber(page)).to_have_attribute(
            "data-step", "7" if number == 0 else str(MANY - 1), timeout=240_000
        )
        return page

    return folder


def scrubber(page: Page) -> Locator:
    return page.locator("[data-role=scrubber]")


def norm(page: Page, name: str) -> float:
    """The norm that the table shows of a tensor."""
    row = page.locator(".rows tbody tr", has=page.get_by_role("button", name=name, exact=True))
    return float(row.locator("td[data-of=norm]").inner_text().replace("−", "-"))


def test_every_step_of_a_drag_is_drawn_from_its_file_without_a_message(
    opened: Callable[..., Page], tf1_history: Path
) -> None:
    page = opened(0)
    count_messages(page)
    slider = page.locator("input.slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 8, middle)
    page.mouse.down()
    for step in (5, 3, 0):
        page.mouse.move(box["x"] + 8 + (box["width"] - 16) * step / 7, middle, steps=3)
        expect(scrubber(page)).to_have_attribute("data-step", str(step))
        reader = tf.train.load_checkpoint(str(tf1_history / f"model-{10 * (step + 1)}"))
        expected = float(np.linalg.norm(reader.get_tensor("layer1/kernel").astype(np.float64)))
        assert norm(page, "layer1/kernel") == pytest.approx(expected, rel=1e-3)
    assert page.evaluate("window.sent") == 0
    page.mouse.up()
    wait_until(lambda: page.evaluate("window.sent") >= 1)
    assert page.evaluate("window.sent") == 1


def test_a_tensor_is_looked_at_closely_and_keys_move_the_slider(opened: Callable[..., Page]) -> None:
    page = opened(0)
    page.get_by_role("button", name="layer3/bias", exact=True).click()
    expect(page.get_by_text("Values of layer3/bias")).to_be_visible()
    page.get_by_role("button", name="First NaN").click()
    expect(page.get_by_text("layer3/bias has its first NaN in model-60").first).to_be_visible()
    page.locator("input.slider").focus()
    page.keyboard.press("Home")
    expect(scrubber(page)).to_have_attribute("data-step", "0")
    expect(page.locator("input.slider")).to_have_attribute(
        "aria-valuetext", re.compile("model-10, 1 of 8, norm of")
    )
    before = page.evaluate(PICTURE)
    page.keyboard.press("ArrowRight")
    wait_until(lambda: page.evaluate(PICTURE) != before)


def test_exact_numbers_stand_beside_the_picture(opened: Callable[..., Page], tf1_history: Path) -> None:
    page = opened(0)
    page.get_by_role("button", name="layer1/kernel", exact=True).click()
    expect(page.get_by_text("Values of layer1/kernel")).to_be_visible()
    value = tf.train.load_checkpoint(str(tf1_history / "model-80")).get_tensor("layer1/kernel")
    rows, columns = value.shape
    picture = page.locator(".weights canvas")
    expect(page.locator(".exact pre")).to_contain_text(str(value[0, 0]))
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box
    picture.hover(position={"x": box["width"] * 1.5 / columns, "y": box["height"] * 2.5 / rows})
    shown = f"layer1/kernel[2, 1] = {str(value[2, 1]).replace('-', '−')}"
    expect(page.locator(".under")).to_have_text(shown)
    page.get_by_label("Slice", exact=True).fill("-1, 1:3")
    page.keyboard.press("Enter")
    expect(page.locator(".exact pre")).to_have_text(np.array2string(value[-1, 1:3], floatmode="unique"))
    page.locator("input.slider").focus()
    page.keyboard.press("Home")
    first = tf.train.load_checkpoint(str(tf1_history / "model-10")).get_tensor("layer1/kernel")
    expect(page.locator(".exact pre")).to_have_text(np.array2string(first[-1, 1:3], floatmode="unique"))


PICTURE = """() => {
  const find = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.matches(".weights canvas")) return each;
      const inner = each.shadowRoot && find(each.shadowRoot);
      if (inner) return inner;
    }
  };
  return find(document).toDataURL();
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone(opened: Callable[..., Page], scheme: str) -> None:
    page = opened(0, 390, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    scrubber(page).scroll_into_view_if_needed()


def test_hundreds_of_steps_of_two_hundred_tensors_follow_the_hand(opened: Callable[..., Page]) -> None:
    page = opened(1)
    count_messages(page)
    times = page.evaluate(
        """async () => {
          const find = (root, wanted) => {
            for (const each of root.querySelectorAll("*")) {
              if (each.matches(wanted)) return each;
              const inner = each.shadowRoot && find(each.shadowRoot, wanted);
              if (inner) return inner;
            }
          };
          const slider = find(document, "input.slider");
          const root = find(document, "[data-role=scrubber]");
          slider.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
          const taken = [];
          for (let step = 396; step >= 0; step -= 4) {
            slider.value = step;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
            while (root.dataset.step !== String(step)) await new Promise(requestAnimationFrame);
            taken.push(Number(root.dataset.took));
          }
          return taken;
        }"""
    )
    assert len(times) == 100  # how long each took is the bench's
    assert page.evaluate("window.sent") == 0


def upload(page: Page, *files: Path) -> None:
    """Drop files into the upload's field and open them."""
    expect(page.get_by_text("Look into any TensorFlow")).to_be_visible(timeout=60_000)
    chip = page.locator("[class*=st-key-open-chip] button")
    if chip.count():
        chip.click()
    page.get_by_role("tab", name="Upload").click()
    page.locator("input[type=file]").set_input_files(files)
    expect(page.get_by_role("button", name=re.compile("^Remove "))).to_have_count(len(files))
    page.get_by_role("button", name="Open them").click()


def test_uploads_are_opened_compared_and_seen_by_their_link_alone(
    visited: Callable[..., Page], tmp_path: Path
) -> None:
    kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
    loose = writer.of_arrays(tmp_path / "loose-1", {"kernel": kernel})
    writer.of_arrays(tmp_path / "packed-1", {"kernel": kernel + 1})
    files = [loose.with_name(loose.name + ending) for ending in (".index", ".data-00000-of-00001")]
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        for path in tmp_path.glob("packed-1.*"):
            archive.write(path, f"deep/{path.name}")
    with zipfile.ZipFile(tmp_path / "large.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("large", np.random.default_rng(0).integers(0, 100, 600_000).astype("<u2").tobytes())

    page = visited()
    upload(page, tmp_path / "large.zip")
    expect(page.get_by_text("up to 1 MB unpacked").first).to_be_attached(timeout=60_000)
    expect(page.get_by_text("for 24 hours").first).to_be_attached()
    expect(page.get_by_text("larger, unpacked, than the 1.0 MB that this server takes")).to_be_visible(
        timeout=60_000
    )

    page = visited()
    upload(page, tmp_path / "model.zip")
    expect(page.get_by_text("Your upload.")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"Only people with its link .* deleted on \d\d \w+"))).to_be_visible()
    page.wait_for_url(re.compile(r"open=upload-[\w-]{22}(&|$)"))
    link = page.url

    upload(page, *files)
    page.wait_for_url(lambda url: url != link)
    at_rest(page)  # the address is told before the views of the new place are drawn
    page.get_by_text("Compare two", exact=True).click()
    page.get_by_role("combobox", name="Folder of the second").click()
    page.get_by_role("option", name=re.compile("^your upload of")).click()
    expect(page.get_by_text("Of 1 tensor: 1 changed.")).to_be_visible(timeout=60_000)

    other = visited("?" + link.partition("?")[2])
    expect(other.get_by_text("Your upload.")).to_be_visible(timeout=60_000)
    stranger = visited("?open=folder-0")
    stranger.get_by_text("Compare two", exact=True).click(timeout=60_000)
    stranger.get_by_role("combobox", name="Folder of the second").click()
    expect(stranger.get_by_role("option")).to_have_count(2)  # the same place, and the other folder
