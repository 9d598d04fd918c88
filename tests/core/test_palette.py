"""The palette's colours stand out from the page, and from one another with any colour vision."""

from itertools import combinations

import numpy as np
import pytest

from core.data import make_sample
from core.figures import style
from core.figures.sample import add_parabola, points_figure
from core.files import listing
from core.palette import COLOURS, KINDS, RUNS, STYLE, colour, css
from core.settings import DataSettings

PAGES = {"light": "#ffffff", "dark": "#0e1117"}
MARKS = [*COLOURS.items(), *KINDS.items(), *((f"run {number}", each) for number, each in enumerate(RUNS))]

# Machado, Oliveira and Fernandes 2009, table 1, severity 1.0; they apply to linear RGB.
VISIONS = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}


def linear(text: str) -> np.ndarray:
    """Linear RGB of a hexadecimal colour (sRGB, IEC 61966-2-1)."""
    values = np.array([int(text[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    low, high = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (one, other))
    return (high + 0.05) / (low + 0.05)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """OKLab (bottosson.github.io/posts/oklab) of linear RGB."""
    to_cones = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566]]
    cones = np.cbrt([*to_cones, [0.0883024619, 0.2817188376, 0.6299787005]] @ np.clip(rgb, 0, 1))
    to_lab = [[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099]]
    return [*to_lab, [0.0259040371, 0.7827717662, -0.808675766]] @ cones


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize(("name", "mark"), MARKS, ids=[name for name, _ in MARKS])
def test_every_mark_stands_out_from_the_page(name: str, mark: object, theme: str) -> None:
    assert contrast(getattr(mark, theme), PAGES[theme]) >= 3


@pytest.mark.parametrize("name", COLOURS)
def test_where_the_theme_is_not_known_a_colour_is_legible_on_both(name: str) -> None:
    assert min(contrast(colour(name), page) for page in PAGES.values()) >= 3


@pytest.mark.parametrize("name", KINDS)
def test_so_are_the_colours_of_the_kinds_of_files(name: str) -> None:
    assert min(contrast(KINDS[name].both, page) for page in PAGES.values()) >= 3


def test_every_kind_of_file_has_a_colour() -> None:
    assert set(KINDS) == set(listing.KINDS)


@pytest.mark.parametrize("theme", PAGES)
@pytest.mark.parametrize("vision", VISIONS)
def test_eight_runs_are_told_apart_with_any_colour_vision(vision: str, theme: str) -> None:
    seen = [oklab(np.array(VISIONS[vision]) @ linear(getattr(run, theme))) for run in RUNS]
    assert len(seen) == 8
    assert min(float(np.linalg.norm(a - b)) for a, b in combinations(seen, 2)) >= 0.09


@pytest.mark.parametrize("theme", PAGES)
def test_warnings_can_be_read_as_text(theme: str) -> None:
    assert contrast(getattr(COLOURS["warning"], theme), PAGES[theme]) >= 4.5


def test_the_stylesheet_gets_every_colour_for_both_themes() -> None:
    light, dark = css(".tm").splitlines()
    assert light.startswith(".tm {")
    assert dark.startswith(".tm.dark {")
    for name, each in COLOURS.items():
        assert f"--{name.replace(' ', '-')}: {each.light};" in light
        assert f"--{name.replace(' ', '-')}: {each.dark};" in dark
    assert f"--run-7: {RUNS[7].dark};" in dark


def test_charts_take_their_axes_and_their_way_to_save_from_one_place_and_grow_for_the_back_row() -> None:
    sample = make_sample(DataSettings())
    plain, large = (points_figure(sample) for _ in range(2))
    for figure in (plain, large):
        add_parabola(figure, sample, 1.0, -2.0, "truth", "truth")
        add_parabola(figure, sample, 1.01, -1.98, "optimum", "optimum")
    style.enlarged(large)
    assert plain.layout.xaxis.gridcolor == plain.layout.yaxis.gridcolor
    assert large.layout.font.size == 1.5 * plain.layout.font.size == 1.5 * STYLE["font_size"]
    assert large.layout.height == 1.5 * plain.layout.height
    for before, after in zip(plain.data[1:], large.data[1:], strict=True):
        assert after.line.width == 1.5 * before.line.width
    truth, best = plain.data[1:]
    assert (truth.line.color, truth.line.dash) == (COLOURS["truth"].both, "8px,5px")
    assert best.line.dash == "2px,3.1px", "dots as wide as the line, as far apart as the time machine's"
    assert style.config("data")["toImageButtonOptions"] == {"format": "svg", "filename": "data"}
