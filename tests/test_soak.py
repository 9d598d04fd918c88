"""A little of what `make soak` does at length, and how its scenarios are named."""

import pytest

from tests.soak.__main__ import SCENARIOS, WrongWords, chosen
from tests.soak.corruptions import measure


def test_thirty_corruptions_of_a_run_are_answered_or_refused_with_a_sentence() -> None:
    (table,) = measure(30)
    for check in table.checks:
        assert check.reached, check.measured


def test_scenarios_are_named_with_a_count_of_their_own_or_the_usual_one() -> None:
    assert chosen([]) == SCENARIOS
    assert chosen(["kills", "20", "replicas", "pages"]) == {"kills": 20, "replicas": None, "pages": 300}


@pytest.mark.parametrize("words", [["kill"], ["20"], ["kills", "0"], ["replicas", "20"], ["kills", "-3"]])
def test_what_is_no_scenario_is_refused_with_the_known_ones(words: list[str]) -> None:
    with pytest.raises(WrongWords, match=f"'{words[-1]}' is no scenario .* bits 300, kills 1000,"):
        chosen(words)
