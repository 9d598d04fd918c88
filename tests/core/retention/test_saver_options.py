"""What a Saver's list or dict of variables saves, and what finds it again: the names alone decide."""

import pickle

import pytest

from core.retention.saver_options import Match
from core.tf import saver_options

Matches = dict[tuple[int, int], Match]


@pytest.fixture(scope="module")
def matches() -> Matches:
    found = iter(saver_options.match_all())
    return {
        (i, j): next(found)
        for i in range(len(saver_options.SAVES))
        for j in range(len(saver_options.RESTORES))
    }


H, V = 1.01, -1.96
# By number of the save (everything, list, dict) and of the restore: what the two variables then hold.
EXPECTED: dict[tuple[int, int], tuple[float | None, float | None]] = {
    (0, 0): (H, V),
    (0, 1): (H, None),
    (0, 2): (None, None),
    (0, 3): (H, V),
    (1, 0): (None, None),
    (1, 1): (H, None),
    (1, 2): (None, None),
    (1, 3): (None, None),
    (2, 0): (None, None),
    (2, 1): (None, None),
    (2, 2): (H, V),
    (2, 3): (None, None),
}


@pytest.mark.parametrize("cell", EXPECTED, ids=str)
def test_names_alone_decide_what_is_found(cell: tuple[int, int], matches: Matches) -> None:
    match = matches[cell]
    for value, expected in zip(match.values.values(), EXPECTED[cell], strict=True):
        assert value == (None if expected is None else pytest.approx(expected, abs=1e-7))
    assert bool(match.error) == bool(match.missing)
    assert set(match.found) | set(match.missing) == set(match.asked)
    assert set(match.found) | set(match.unused) == set(match.tensors)


def test_the_message_is_tensorflows_own_and_names_the_missing_key(
    matches: Matches,
) -> None:
    match = matches[1, 0]
    assert match.error.startswith("NotFoundError: ")
    assert "Key ver_estimate not found in checkpoint" in match.error
    assert 'File "' not in match.error
    assert match.missing == ("ver_estimate",)
    assert "Missing: ver_estimate." in match.conclusion()
    assert "Saver([h])" in match.save_code


def test_each_match_travels_back_without_tensorflow(matches: Matches) -> None:
    for record in matches.values():
        assert b"core.tf" not in pickle.dumps(record)
        assert pickle.loads(pickle.dumps(record)) == record
