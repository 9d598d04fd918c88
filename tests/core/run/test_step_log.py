"""The step log gives back what was written, whatever happened to its end."""

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.run.step_log import append, iterations_done, read_steps, step_line
from core.training.step import Step

numbers = st.floats(allow_nan=False, width=32)
STEPS = [Step(n, 0.1 * n, -n / 3, 1 / (n + 1), 0.001) for n in range(30)]


@given(st.lists(st.tuples(numbers, numbers, st.floats(allow_nan=False)), max_size=20))
def test_every_bit_comes_back(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[float, ...]]
) -> None:
    path = tmp_path_factory.mktemp("log") / "steps.csv"
    path.write_bytes(b"".join(step_line(Step(n, h, v, c, 0.5)) for n, (h, v, c) in enumerate(values)))
    found = read_steps(path)
    assert iterations_done(path) == len(values) == len(found)
    for column, expected in zip(("h", "v"), zip(*values, strict=True), strict=False):
        assert found[column].to_numpy().tobytes() == np.array(expected, np.float32).tobytes()
    assert list(found["cost"]) == [cost for _, _, cost in values]


@pytest.mark.parametrize(
    "end",
    [
        b"30,0.5",  # still being written
        b"30,0.530,0.5,0.5,0.5,0.5\n31,1,1,1,1\n",  # a line that went on in the middle of another
        b"\0" * 40 + b"\n",  # after a power cut
        b"30,h,v,cost,seconds\n",
    ],
)
def test_what_comes_before_a_torn_line_counts(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "steps.csv"
    path.write_bytes(b"".join(map(step_line, STEPS)) + end)
    assert list(read_steps(path)["iteration"]) == list(range(30))
    assert iterations_done(path) >= 30


def test_a_line_that_did_not_fit_is_an_error() -> None:
    class Full(io.RawIOBase):
        def write(self, line: object) -> int:
            return 7

    with pytest.raises(OSError, match="No space left"):
        append(Full(), STEPS[0])
