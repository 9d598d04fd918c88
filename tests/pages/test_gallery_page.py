"""The Error gallery: search, cards, links, and the two buttons of a card."""

import re
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from core.gallery.cards import BEGIN, GROUPS, cards

Open = Callable[..., AppTest]
WITHOUT_CARD = "`step_counter` should be passed if `checkpoint_interval` is not None."


def words(test: AppTest) -> str:
    kinds = (test.markdown, test.caption, test.info, test.warning, test.success, test.error, test.code)
    return "\n".join(each.value for kind in kinds for each in kind)


def shown(test: AppTest) -> list[str]:
    """The slugs of the cards that are drawn, in their order."""
    return [b.key.removeprefix("fail-") for b in test.button if b.key and b.key.startswith("fail-")]


def search(test: AppTest, text: str) -> AppTest:
    return test.text_area(key="lab-search").set_value(text).run()


def test_a_card_breaks_and_is_fixed_for_real(application: Open) -> None:
    test = search(application("gallery"), "There is no file model.ckpt not a valid checkpoint")
    slug = shown(test)[0]
    test.button(key=f"fail-{slug}").click().run()
    assert re.search(r"\*\*ValueError\*\* \(\d+ ms, TensorFlow 2\.\d+\.\d+, Keras 3\.\d+\.\d+\)", words(test))
    assert "The passed save_path is not a valid checkpoint" in words(test)
    test.button(key=f"fix-{slug}").click().run()
    assert "It works" in words(test)


def test_without_a_text_the_page_says_where_to_begin_and_has_every_card_in_a_group(application: Open) -> None:
    test = application("gallery")
    keys = {button.key for button in test.button}
    assert {f"begin-{slug}" for slug in BEGIN} <= keys
    assert {f"all-{card.slug}" for card in cards()} <= keys
    labels = [expander.label for expander in test.expander]
    for group, title in GROUPS.items():
        number = sum(card.group == group for card in cards())
        assert f"{title} ({number} cards)" in labels
    assert shown(test) == []


def test_a_chosen_card_is_shown_alone_and_leads_to_others_and_back(application: Open) -> None:
    test = application("gallery")
    test.button(key="all-torn_data").click().run()
    assert shown(test) == ["torn_data"]
    assert re.search(r"Last run with TensorFlow 2\.\d+\.\d+, Keras 3\.\d+\.\d+\.", words(test))
    test.button(key="related-torn_data-mixed_pair").click().run()
    assert shown(test) == ["mixed_pair"]
    test.button(key="lab-all").click().run()
    assert shown(test) == []


def test_a_link_leads_to_the_card_that_was_found_and_from_there_to_others_and_back(application: Open) -> None:
    test = search(application("gallery"), "Key h_1 not found in checkpoint")
    assert dict(test.query_params) == {"card": "graph_built_twice"}
    test = application("gallery", card="torn_data")
    assert shown(test) == ["torn_data"]
    test.button(key="related-torn_data-mixed_pair").click().run()
    assert shown(test) == ["mixed_pair"]
    assert dict(test.query_params) == {"card": "mixed_pair"}
    test.button(key="lab-all").click().run()
    assert shown(test) == []
    assert not dict(test.query_params)


def test_a_match_shows_its_message_and_the_readers_names(application: Open) -> None:
    message = (
        "Unable to open table file /data/net.ckpt.meta: Data loss: not an sstable (bad magic number): perhaps"
    )
    test = search(application("gallery"), message + " your file is in a different file format")
    assert shown(test)[0] == "one_of_the_files"
    assert "need to use a different restore operator?" in words(test)
    assert "saver.restore(sess, '/data/net.ckpt')" in words(test)


def test_causes_that_the_text_does_not_decide_are_shown_with_their_questions(application: Open) -> None:
    test = search(
        application("gallery"), "DataLossError: Checksum does not match: stored 1 vs. calculated on 2"
    )
    assert shown(test) == ["torn_data", "mixed_pair"]
    assert "This message has 2 causes here. Which is yours?" in words(test)
    assert "Was the .data file damaged" in words(test)
    assert "of the same step and the same run? Card 40." in words(test)
    assert "It is this if yes" not in words(test)  # the questions are asked once, above the cards


def test_a_cause_that_the_text_decides_asks_nothing(application: Open) -> None:
    test = search(application("gallery"), "NotFoundError: Key dense/kernel/Adam not found in checkpoint")
    assert shown(test)[0] == "optimizer_changed"
    assert "Your text has the answer" in words(test)
    assert "Which is yours?" not in words(test)


def test_a_known_message_without_a_card_says_where_it_is_raised(application: Open) -> None:
    test = search(application("gallery"), "ValueError: " + WITHOUT_CARD)
    assert "This message is known, but no card explains it yet." in words(test)
    said = dict(zip(*(test.dataframe[0].value[column] for column in ("Detail", "Value")), strict=True))
    assert (
        said["Raised in"]
        == "tensorflow/python/checkpoint/checkpoint_management.py CheckpointManager.__init__"
    )
    assert said["Versions"] == "TensorFlow 2.4.4 to 2.21.0"
    assert said["Raised when"] == "step_counter is None"
    assert shown(test) == []


def test_a_question_says_that_it_is_answered_by_likeness(application: Open) -> None:
    test = search(application("gallery"), "why were my checkpoints deleted")
    assert "Found by likeness" in words(test)
    assert shown(test)[0] == "only_the_last_five"


@pytest.mark.parametrize("text", ["ValueError: frobnicator out of cheese", "qqq zzz", "OSError"])
def test_where_nothing_is_known_the_page_says_one_sentence(application: Open, text: str) -> None:
    test = search(application("gallery"), text)
    assert "No known message of saving or loading is in this text." in words(test)
    assert shown(test) == []


def plain_words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def test_a_recorded_message_is_labelled(application: Open) -> None:
    test = application("gallery")
    test.button(key="all-keras_three_file").click().run()
    card = next(each for each in cards() if each.slug == "keras_three_file")
    assert card.recorded
    assert plain_words(card.recorded) in plain_words(words(test))


def test_pasted_text_is_never_markup(application: Open) -> None:
    hostile = (
        "<script>alert(1)</script> [x](javascript:alert(1)) **Key** a<b>c/kernel_1 not found in checkpoint"
    )
    test = search(application("gallery"), hostile)
    assert not test.exception
    drawn = "\n".join(each.value for kind in (test.markdown, test.caption, test.info) for each in kind)
    assert "<script" not in drawn
    assert "](javascript" not in drawn
