"""Samples are reproducible, the optimum is NumPy's, and a bad file costs one sentence."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import data
from core.data import DataError, Sample, make_sample, optimum, read_csv, write_csv
from core.settings import DataSettings


def test_the_same_settings_give_the_same_bits_and_another_seed_does_not() -> None:
    first, again = make_sample(DataSettings()), make_sample(DataSettings())
    assert first.y.tobytes() == again.y.tobytes()
    assert first.y.tobytes() != make_sample(DataSettings(seed=1)).y.tobytes()


def test_the_sample_is_the_recipes() -> None:
    sample = make_sample(DataSettings(seed=7))
    x = np.linspace(-2, 4, 201)
    y = (x - 1) ** 2 - 2 + np.random.default_rng(7).normal(0, 0.4, 201)
    assert sample.x.dtype == sample.y.dtype == np.float32
    np.testing.assert_array_equal(sample.x, x.astype(np.float32))
    np.testing.assert_array_equal(sample.y, y.astype(np.float32))


def test_without_noise_the_optimum_is_the_truth() -> None:
    best = optimum(make_sample(DataSettings(h=-3.5, v=2.25, noise=0)))
    assert best.h == pytest.approx(-3.5, abs=1e-5)
    assert best.v == pytest.approx(2.25, abs=1e-4)
    assert best.cost == pytest.approx(0, abs=1e-10)


points = st.lists(st.floats(-100, 100, width=32), min_size=3, max_size=30, unique=True)


@given(points, st.integers(0, 1000))
def test_the_optimum_is_numpys_line_fit(x: list[float], seed: int) -> None:
    if max(x) - min(x) < 1e-2:
        return
    sample = Sample(
        np.array(x, np.float32), np.random.default_rng(seed).normal(0, 5, len(x)).astype(np.float32)
    )
    x64 = sample.x.astype(float)
    slope, intercept = np.polyfit(x64, sample.y.astype(float) - x64**2, 1)
    best = optimum(sample)
    assert best.h == pytest.approx(-slope / 2, rel=1e-6, abs=1e-6)
    assert best.v == pytest.approx(intercept - (slope / 2) ** 2, rel=1e-5, abs=1e-3)


@given(st.floats(-50, 50), st.floats(-50, 50), st.integers(0, 1000))
def test_the_cost_is_the_mean_squared_error(h: float, v: float, seed: int) -> None:
    sample = make_sample(DataSettings(seed=seed))
    residual = sample.y.astype(float) - ((sample.x.astype(float) - h) ** 2 + v)
    assert float(data.cost(sample, h, v)) == pytest.approx(float((residual**2).mean()), rel=1e-9)


def test_the_cost_broadcasts_over_a_grid() -> None:
    sample = make_sample(DataSettings())
    h, v = np.linspace(-1, 2, 5)[None, :], np.linspace(-3, 0, 4)[:, None]
    grid = data.cost(sample, h, v)
    assert grid.shape == (4, 5)
    assert grid[2, 3] == float(data.cost(sample, h[0, 3], v[2, 0]))


def test_a_csv_file_brings_every_bit_back(tmp_path: Path) -> None:
    sample = make_sample(DataSettings(noise=3, h=0.1))
    write_csv(sample, tmp_path / "data.csv")
    again = read_csv((tmp_path / "data.csv").read_bytes())
    assert again.x.tobytes() == sample.x.tobytes()
    assert again.y.tobytes() == sample.y.tobytes()


def test_spaces_other_columns_and_a_byte_order_mark_are_accepted() -> None:
    sample = read_csv("\ufeff x , note, y \n1, a, 2\n3, b, 4\n".encode())
    np.testing.assert_array_equal(sample.x, [1, 3])
    np.testing.assert_array_equal(sample.y, [2, 4])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"x,y\n", "no points below"),
        (b"a,b\n1,2\n", "no column x and no column y (columns found: a, b)"),
        (b"x,z\n1,2\n", "no column y"),
        (b"x,y\n1,2\n2,abc\n", "Column y, row 2 is 'abc', not a number"),
        (b"x,y\n1,2\n,3\n", "Column x, row 2 is missing or NaN"),
        (b"x,y\n1,nan\n2,3\n", "Column y, row 1 is missing or NaN"),
        (b"x,y\n1,inf\n2,3\n", "Column y, row 1 is inf"),
        (b"x,y\n1,2e9\n2,3\n", "outside ±1,000,000"),
        (b"x,y\n1,2\n1,3\n", "Every x of the file is the same (2 rows)"),
        (b"x,y\n0,2\n1e-44,3\n", "All x of the file are within 1e-44 of one another"),
        (b"\xff\xfex\x00", "not UTF-8"),
        (b"x,y\n1,2\x00\n", "zero bytes"),
        (b"x,y\n1,2\n1,2,3,4\n", "Row 2 has 4 entries, and the first line has 2"),
        (b"x,y\n1,5,2,5\n", "write decimals with a point"),
        (b'x,y\n1,"2\n', "not a table"),
        (b"x ,x,y\n1,2,3\n", "more than one column x or y"),
        (b"x,y" + b",a" * 200_000 + b"\n1,2\n", "200,002 columns"),
        (b"x,y\n" + b"1,2\n" * 10_001, "10,001 rows"),
        (b"x" * 1_000_001, "1,000,001 bytes"),
    ],
)
def test_a_file_that_cannot_be_used_costs_one_sentence(content: bytes, words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_csv(content)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200))
def test_no_file_at_all_raises_anything_else(content: bytes) -> None:
    for prefix in (b"", b"x,y\n"):
        try:
            sample = read_csv(prefix + content)
        except DataError:
            continue
        assert np.isfinite(sample.y).all()
