"""The catalogue reads the cards without TensorFlow, and finds them by pasted text."""

import subprocess
import sys
from pathlib import Path

import pytest

from core import lab
from core.lab import Card, Outcome, cards, find

PROJECT = Path(lab.__file__).resolve().parents[1]


def test_the_catalogue_does_not_import_tensorflow() -> None:
    code = (
        "import sys; from core.lab import Outcome, cards, find; "
        "assert find('not an element of this graph', cards()); "
        "print('tensorflow' in sys.modules, 'keras' in sys.modules, 'numpy' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False", "False", "False"]


def test_every_module_of_the_lab_is_a_card() -> None:
    files = {path.stem for path in (PROJECT / "core" / "tf" / "lab").glob("[!_]*.py")}
    assert {card.slug for card in cards()} == files


def test_the_cards_come_in_the_order_of_their_numbers() -> None:
    assert [card.number for card in cards()] == list(range(1, len(cards()) + 1))


def test_every_card_has_all_its_words() -> None:
    for card in cards():
        for words in (card.title, card.message, card.asked, card.why, card.repair, card.earlier):
            assert words == words.strip() != ""
        assert card.fail_source.startswith("def fail(directory: Path) -> Seen:")
        assert card.repair_source.startswith("def repair(directory: Path) -> Seen:")


def test_a_file_that_is_added_becomes_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_scene.py").write_text("Seen = dict[str, str]\n")
    (tmp_path / "new_card.py").write_text(
        "from pathlib import Path\n"
        "from core.tf.lab._scene import Seen\n"
        "NUMBER = 1\nTITLE = 'A new card'\nERROR = None\nMESSAGE = 'seen'\nASKED = 'a'\n"
        "WHY = 'b'\nREPAIR = 'c'\nEARLIER = 'd'\n"
        "def fail(directory: Path) -> Seen:\n    return {'x': 'seen'}\n"
        "def repair(directory: Path) -> Seen:\n    return {'x': 'repaired'}\n"
    )
    monkeypatch.setattr(lab, "DIRECTORY", tmp_path)
    [card] = cards.__wrapped__()
    assert (card.slug, card.title, card.search, card.prepare_source) == (
        "new_card",
        "A new card",
        (),
        "",
    )
    assert card.setup_source == "from pathlib import Path\n\n\nSeen = dict[str, str]"


def test_a_card_that_lacks_a_constant_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_scene.py").write_text("")
    (tmp_path / "half.py").write_text("NUMBER = 1\n\n\ndef fail(directory):\n    return {}\n")
    monkeypatch.setattr(lab, "DIRECTORY", tmp_path)
    with pytest.raises(ValueError, match=r"^The card half\.py does not define TITLE, .*repair\.$"):
        cards.__wrapped__()


@pytest.mark.parametrize("text", ["", "  \n"])
def test_no_text_gives_all_cards_in_their_order(text: str) -> None:
    assert find(text, cards()) == cards()


@pytest.mark.parametrize(
    "text", ["xylophone", "12345 -- ???", "CUDA_ERROR_OUT_OF_MEMORY: out of memory", "/tmp/a/b/c"]
)
def test_a_text_about_something_else_finds_nothing(text: str) -> None:
    assert find(text, cards()) == ()


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("max_to_keep=-1", "minus_one_deletes"),
        ("bad magic number", "one_of_the_files"),
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
            "other_shape",
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
    assert find(text, cards())[0].slug == slug


@pytest.mark.parametrize("name", ["NotFoundError", "valueerror", " RuntimeError: "])
def test_the_name_of_an_exception_gives_the_cards_that_raise_it(name: str) -> None:
    found = find(name, cards())
    assert len(found) > 1
    assert {str(card.error).lower() for card in found} == {name.strip(" :").lower()}


def test_find_searches_the_cards_that_it_is_given() -> None:
    some: tuple[Card, ...] = cards()[:3]
    assert find("No variables to save", some) == ()


def test_the_text_of_an_outcome_is_the_message_or_what_was_seen() -> None:
    raised = Outcome("a", "fail", "ValueError", "No variables to save", {}, 0.1)
    silent = Outcome("b", "fail", None, "", {"h": "0.0", "v": "0.0"}, 0.1)
    assert raised.text == "No variables to save"
    assert silent.text == "h: 0.0\nv: 0.0"
