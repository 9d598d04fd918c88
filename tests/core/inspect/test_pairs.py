"""The truth of verdicts: what is said of a pair from reading, against what TensorFlow and Keras did."""

import random
from collections import Counter
from pathlib import Path

import pytest

from core.inspect.verdict.verdict import LOADS, LOADS_BUT, REFUSES, UNKNOWN
from tests.core.inspect.pairs import recorded
from tests.core.inspect.pairs.recorded import Held
from tests.core.inspect.pairs.specs import Spec, matrix

LIVE = 20  # pairs that are really loaded here; `make soak ARGS=pairs` loads all


# What seeds of the soak found: layers without a gamma, of which one is frozen, in a model in a model; and an
# optimizer in the list of what could not be loaded.
_WITHOUT_GAMMA = [
    {"class": "BatchNormalization", "scale": False, "name": "one"},
    {"class": "PReLU", "name": "two"},
    {"class": "BatchNormalization", "scale": False, "name": "three"},
    {"class": "Dense", "name": "head", "units": 2},
]
_HEAD = {"class": "Dense", "name": "head", "units": 2}
FOUND: list[Spec] = [
    {
        "family": "keras",
        "source": {
            "arch": {"input": [4], "style": "nested", "layers": _WITHOUT_GAMMA, "keras": 2},
            "kind": ".h5",
        },
        "target": {
            "arch": {"input": [4], "style": "nested", "layers": _WITHOUT_GAMMA, "frozen": ["one"]},
            "kind": ".keras",
        },
        "call": {"how": "load_weights"},
        "name": "without-gamma",
    },
    *(
        {
            "family": "keras",
            "source": {"arch": {"input": [4], "layers": [_HEAD], "optimizer": name}, "kind": ".weights.h5"},
            "target": {
                "arch": {"input": [4], "layers": [{**_HEAD, "units": 5}], "optimizer": name},
                "kind": ".keras",
            },
            "call": {"how": "load_weights"},
            "name": f"two-objects-{name}",
        }
        for name in ("adam", "rmsprop")
    ),
]


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> list[Held]:
    """Every pair that was recorded, with the verdict of today."""
    folder = tmp_path_factory.mktemp("recorded")
    return recorded.hold(recorded.unpack(folder), folder)


def test_the_recorded_pairs_are_those_of_the_matrix(held: list[Held]) -> None:
    assert [each.spec for each in held] == matrix()
    assert len(held) >= 150


def test_every_verdict_and_every_row_is_what_happened(held: list[Held]) -> None:
    assert [f"{each.spec['name']}: {each.wrong}" for each in held if each.wrong] == []


def test_all_refusals_are_predicted_and_nothing_that_is_said_to_load_fails(held: list[Held]) -> None:
    seen = Counter((bool(each.happened["error"]), each.verdict.level) for each in held)
    assert seen[True, LOADS] == seen[True, LOADS_BUT] == 0
    assert seen[False, REFUSES] == 0
    assert seen[True, REFUSES] > 100
    assert seen[False, LOADS] > 100
    assert seen[False, LOADS_BUT] > 100


def test_what_is_not_known_is_only_what_no_file_tells(held: list[Held]) -> None:
    unknown = [each for each in held if each.verdict.level == UNKNOWN]
    assert len(unknown) <= 8
    assert all(each.spec.get("undecided") for each in unknown)


def test_twenty_pairs_are_loaded_now_and_so_are_their_fixes(held: list[Held], tmp_path: Path) -> None:
    some = random.Random(24).sample(held, LIVE)
    specs = [*(dict(each.spec) for each in some), *FOUND]
    recorded.load(specs, tmp_path)
    now = recorded.hold(specs, tmp_path)
    assert [each.wrong for each in now if each.wrong] == []
    assert [each.happened["error"] for each in now][:LIVE] == [each.happened["error"] for each in some]
    assert [*recorded.repaired(now, tmp_path)] == []
