"""Files that were damaged, or made to do harm: right values or a sentence, soon, nothing touched.

The whole of it is `python -m tests.soak.open_files`; here is a part that is quick.
"""

from pathlib import Path

import pytest

from core.checkpoint import CheckpointError
from core.inspect.confined import TooMuch, ask
from core.inspect.diagnosis import diagnose
from core.inspect.find import find
from tests.core.inspect.corruptions import check, whole
from tests.core.inspect.crafted import CASES
from tests.core.inspect.questions import MAKERS, Answers, corrupted, make
from tests.core.inspect.questions import ask as ask_everything
from tests.core.inspect.reading import read_everything, snapshot

# These are only bounded from outside, by the process that reads them.
OUTSIDE = {
    "all_tensors_claim_the_same_bytes",
    "a_million_small_entries",
    "keras_with_a_zip_bomb",
    "keras_with_deep_json",
    "snappy_bombs",
}
CONFINED = (
    "a_million_small_entries",
    "object_graph_in_a_circle",
    "keras_with_a_lambda",
    "h5_that_leads_out",
    "meta_nested_deep",
    "meta_that_would_write",
    "a_pipe_where_the_index_should_be",
    "links_that_lead_out",
)


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("name", sorted(CASES.keys() - OUTSIDE))
def test_crafted_files_end_in_a_sentence(name: str, tmp_path: Path) -> None:
    CASES[name](tmp_path)
    before = snapshot(tmp_path)
    try:
        findings = diagnose(tmp_path, find(tmp_path))
    except CheckpointError as error:
        assert str(error)
    else:
        assert all(each.sentence and each.advice for each in findings)
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("name", CONFINED)
def test_the_worst_of_them_do_no_harm_to_the_page(name: str, tmp_path: Path) -> None:
    CASES[name](tmp_path)
    before = snapshot(tmp_path)
    assert all(isinstance(each, str) for each in read_everything(tmp_path))
    assert snapshot(tmp_path) == before


def test_no_damage_ever_yields_a_wrong_value(tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.mkdir()
    whole(original)
    noticed = sum(check(original, tmp_path / "scratch", seed) for seed in range(150))
    assert noticed > 75


def test_no_damage_to_any_format_leaves_a_question_without_an_answer(tmp_path: Path) -> None:
    make(tmp_path / "whole")
    answers = Answers()
    for sort in MAKERS:
        for seed in range(12):
            ask_everything(
                tmp_path / "copy", corrupted(tmp_path / "whole" / sort, tmp_path / "copy", seed), answers
            )
    assert answers.wrong == []
    assert answers.counts["refused with a sentence"] > 100


def test_a_job_that_does_not_exist_costs_only_its_process() -> None:
    with pytest.raises(TooMuch, match="died at it"):
        ask("no such job")
