"""What people paste finds its card: measured on messages from public threads."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest

from core.gallery.cards import Card, cards
from core.gallery.search import Match, find

MESSAGES = [
    json.loads(line)
    for line in (Path(__file__).parent / "messages.jsonl").read_text(encoding="utf-8").splitlines()
]


def best(text: str) -> Match | None:
    return next(iter(find(text, cards()).matches), None)


def test_of_the_messages_nine_in_ten_find_their_card_first(capsys: pytest.CaptureFixture[str]) -> None:
    asked, right = Counter[str](), Counter[str]()
    for each in MESSAGES:
        asked[each["category"]] += 1
        found = best(each["text"])
        right[each["category"]] += found is not None and found.card.slug == each["card"]
    with capsys.disabled():
        figures = ", ".join(f"{name} {right[name]} of {asked[name]}" for name in asked)
        print(f"\nfirst card right: {sum(right.values())} of {len(MESSAGES)} ({figures})")
    assert len(MESSAGES) >= 60
    assert sum(right.values()) >= 0.9 * len(MESSAGES)
    for category in asked:
        assert right[category] >= 0.75 * asked[category], category


def test_every_message_names_its_thread_and_a_card() -> None:
    slugs = {card.slug for card in cards()}
    for each in MESSAGES:
        assert "#" in each["source"]
        assert each["text"].strip()
        assert each["card"] in slugs
    assert len({each["text"] for each in MESSAGES}) == len(MESSAGES)


def test_ten_kilobytes_take_no_time_that_one_notices() -> None:
    text = "\n".join(each["text"] for each in MESSAGES)[:10_000]
    find(text, cards())  # the first search weighs the cards
    took = []
    for _ in range(5):
        started = time.process_time()
        find(text, cards())
        took.append(time.process_time() - started)
    assert min(took) < 0.2  # 35 ms on two quiet cores


@pytest.mark.parametrize("char", ["/", "a.", "[", "_1", "-", "'a', ", "\\"])
def test_no_text_makes_the_search_hang(char: str) -> None:
    started = time.process_time()
    find(char * 20_000, cards())
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("why were my checkpoints deleted", "only_the_last_five"),
        ("variables are zero after restore", "initializer_after_restore"),
        ("training starts again from epoch 0 after restart", "epoch_restarts"),
        ("keras loss jumps after resuming from saved weights", "keras_slots_lost"),
        ("git lfs pointer instead of the weights", "lfs_pointer"),
        ("two savers in one directory", "manager_and_saver"),
    ],
)
def test_plain_words_find_their_card(text: str, slug: str) -> None:
    found = best(text)
    assert found is not None
    assert found.card.slug == slug


def test_the_readers_names_shapes_and_paths_do_not_count() -> None:
    one = find(
        "Assign requires shapes of both tensors to match. lhs shape= [13] rhs shape= [150] a/b", cards()
    )
    two = find(
        "Assign requires shapes of both tensors to match. lhs shape= [7,2] rhs shape= [1] xy/zz", cards()
    )
    assert [match.card.slug for match in one.matches] == [match.card.slug for match in two.matches]
    for key in ("encoder/checkpoint_model/restore", "graph/session/bias", "x"):
        found = best(f"NotFoundError: Key {key} not found in checkpoint")
        assert found is not None
        assert found.card.slug == "other_scope"


def test_what_stands_in_the_place_of_a_name_counts() -> None:
    keys = {
        "dense/kernel": "other_scope",
        "dense/kernel_1": "graph_built_twice",
        "dense/kernel/Adam": "optimizer_changed",
        "beta1_power": "optimizer_changed",
        "Variable": "other_graph",
    }
    for key, slug in keys.items():
        found = best(f"Key {key} not found in checkpoint")
        assert found is not None
        assert found.card.slug == slug, key


def test_a_match_shows_the_words_that_made_it() -> None:
    found = best("my_net.h5: OSError: Unable to open file (truncated file: eof = 98304, stored_eof = 12)")
    assert found is not None
    assert found.card.slug == "h5_truncated"
    assert {"truncated", "eof"} <= set(found.words)
    assert not {"my", "net", "OSError"} & set(found.words)


def test_what_stood_in_the_place_of_a_name_is_said_too() -> None:
    found = best("Key rnn/weights_1 not found in checkpoint")
    assert found is not None
    assert found.kinds == ("a number after a name",)


def test_an_exceptions_name_alone_never_wins_over_telling_words() -> None:
    found = best("ValueError: the json file has no key 'epochs'")
    assert found is None
    nearest = find("ValueError: frobnicator out of cheese", cards())
    assert nearest.matches == ()
    assert nearest.kind == "exception"
    assert {card.error for card in nearest.nearest} == {"ValueError"}


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_text_gives_all_cards_in_their_order(text: str) -> None:
    assert [match.card for match in find(text, cards()).matches] == list(cards())


@pytest.mark.parametrize(
    "text", ["xylophone", "12345 -- ???", "CUDA_ERROR_OUT_OF_MEMORY: out of memory", "/tmp/a/b/c"]
)
def test_a_text_about_something_else_finds_nothing(text: str) -> None:
    assert find(text, cards()).matches == ()


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("max_to_keep=-1", "minus_one_deletes"),
        ("bad magic number", "index_pointer"),
        ("need to use a different restore operator", "one_of_the_files"),
        ("latest_checkpoint returns None", "directory_moved"),
        ("placeholder", "eager_habits"),
        ("TFSMLayer", "keras_refuses"),
        ("recover_last_checkpoints", "restart_forgets"),
        ("not an element of this graph", "not_an_element"),
        ("Key global_step_1 not found in checkpoint", "graph_built_twice"),
        ("Key conv2d_3/kernel/Adam not found in checkpoint", "optimizer_changed"),
        ("NotFoundError: Key lstm/weights/RMSProp not found in checkpoint", "optimizer_changed"),
        (
            "FailedPreconditionError (see above for traceback): Attempting to use uninitialized "
            "value conv1/biases\n\t [[Node: conv1/biases/read = Identity[T=DT_FLOAT]]]",
            "uninitialized",
        ),
        (
            "tensorflow.python.framework.errors_impl.DataLossError: Unable to open table file "
            "C:\\models\\inception.ckpt: Data loss: not an sstable (bad magic number): perhaps "
            "your file is in a different file format and you need to use a different restore "
            "operator?",
            "one_of_the_files",
        ),
        (
            "InvalidArgumentError: Assign requires shapes of both tensors to match. lhs shape= "
            "[1024,90] rhs shape= [1024,3]",
            "classes_changed",
        ),
        (
            "RuntimeError: MetaGraphDef associated with tags {'serve'} could not be found in "
            "SavedModel. To inspect available tag-sets in the SavedModel, please use the "
            "SavedModel CLI: `saved_model_cli`",
            "wrong_tag",
        ),
        (
            "AttributeError: module 'tensorflow' has no attribute 'Session'",
            "eager_habits",
        ),
        (
            'ValueError: Tensor Tensor("dense_2/Softmax:0", shape=(?, 10), dtype=float32) is '
            "not an element of this graph.",
            "not_an_element",
        ),
    ],
)
def test_what_people_paste_finds_its_card_first(text: str, slug: str) -> None:
    assert find(text, cards()).matches[0].card.slug == slug


@pytest.mark.parametrize("name", ["NotFoundError", "valueerror", " RuntimeError: "])
def test_the_name_of_an_exception_gives_the_cards_that_raise_it(name: str) -> None:
    found = find(name, cards()).matches
    assert len(found) > 1
    assert {str(match.card.error).lower() for match in found} == {name.strip(" :").lower()}


def test_find_searches_the_cards_that_it_is_given() -> None:
    some: tuple[Card, ...] = cards()[:3]
    assert find("No variables to save", some).matches == ()
