"""The catalogue reads the cards without TensorFlow."""

import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.gallery import cards as catalogue
from core.gallery.cards import BEGIN, GROUPS, Outcome, cards, related
from pages.ui import lab_links
from tests.test_plain_words import NOT_SAID

PROJECT = Path(catalogue.__file__).resolve().parents[2]


def test_the_catalogue_does_not_import_tensorflow() -> None:
    code = (
        "import sys; from core.gallery.cards import cards; from core.gallery.search import find; "
        "assert find('not an element of this graph', cards()).matches; "
        "print('tensorflow' in sys.modules, 'keras' in sys.modules, 'numpy' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False", "False", "False"]


def test_every_module_of_the_gallery_is_a_card() -> None:
    files = {path.stem for path in (PROJECT / "core" / "tf" / "gallery").glob("[!_]*.py")}
    assert {f"card_{card.number:02d}_{card.slug}" for card in cards()} == files


def test_the_cards_come_in_the_order_of_their_numbers() -> None:
    assert [card.number for card in cards()] == list(range(1, len(cards()) + 1))


def test_every_card_has_all_its_words() -> None:
    for card in cards():
        for words in (card.title, card.message, card.why, card.check, card.fix):
            assert words == words.strip() != ""
        assert card.fail_source.startswith("def fail(directory: Path) -> Seen:")
        assert card.fix_source.startswith("def fix(directory: Path) -> Seen:")


PARTS = {"why": (2, 45), "check": (2, 40), "fix": (3, 40), "more": (5, 60)}  # sentences, words


@pytest.mark.parametrize("part", PARTS)
def test_a_card_is_short_and_in_plain_words(part: str) -> None:
    """Code counts as one word."""
    most, words = PARTS[part]
    for card in cards():
        said = re.sub(r"`[^`]*`", "X", getattr(card, part))
        sentences = [each for each in re.split(r"(?<=[.!?])\)?\s+(?=[(A-Z])", said) if each]
        assert len(sentences) <= most, card.slug
        assert len(said.split()) <= words, card.slug
        for sentence in sentences:
            assert len(sentence.split()) <= 20, (card.slug, sentence)
        assert not NOT_SAID.search(said), (card.slug, NOT_SAID.search(said))
        assert not NOT_SAID.search(card.title), card.slug


def test_there_are_cards_for_what_people_ask() -> None:
    assert len(cards()) >= 55
    assert {card.group for card in cards()} == set(GROUPS)
    assert set(BEGIN) <= {card.slug for card in cards()}


def test_what_a_card_is_related_to_exists_and_leads_back() -> None:
    slugs, pages = {card.slug for card in cards()}, set(lab_links.WORDS)
    for card in cards():
        assert card.related, card.slug
        assert set(card.related) <= slugs | pages, card.slug
        for other in related(card):
            assert card in related(other)


def test_a_file_that_is_added_becomes_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_scene.py").write_text("Seen = dict[str, str]\n")
    (tmp_path / "card_01_new_card.py").write_text(
        "from pathlib import Path\n"
        "from core.tf.gallery._scene import Seen\n"
        "GROUP = 'silent'\nTITLE = 'A new card'\nERROR = None\nMESSAGE = 'seen'\n"
        "WHY = 'a'\nCHECK = 'b'\nFIX = 'c'\nSHOWS = {'fail': ('x',), 'fix': ('x',)}\n"
        "def fail(directory: Path) -> Seen:\n    return {'x': 'seen'}\n"
        "def fix(directory: Path) -> Seen:\n    return {'x': 'fixed'}\n"
    )
    monkeypatch.setattr(catalogue, "DIRECTORY", tmp_path)
    [card] = cards()
    assert (card.number, card.slug, card.title, card.search, card.prepare_source) == (
        1,
        "new_card",
        "A new card",
        (),
        "",
    )
    assert card.setup_source == "from pathlib import Path\n\n\nSeen = dict[str, str]"


def test_forty_may_ask_for_the_cards_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        catalogue, "DIRECTORY", Path(shutil.copytree(catalogue.DIRECTORY, tmp_path / "gallery"))
    )
    with ThreadPoolExecutor(40) as threads:
        found = list(threads.map(lambda _: cards(), range(40)))
    assert all(each == found[0] for each in found)


def test_a_card_that_lacks_a_constant_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_scene.py").write_text("")
    (tmp_path / "card_01_half.py").write_text("def fail(directory):\n    return {}\n")
    monkeypatch.setattr(catalogue, "DIRECTORY", tmp_path)
    with pytest.raises(ValueError, match=r"card_01_half\.py does not define GROUP, TITLE, .*fix\.$"):
        cards()


def test_the_text_of_an_outcome_is_the_message_or_what_was_seen() -> None:
    raised = Outcome("a", "fail", "ValueError", "No variables to save", {}, 0.1)
    silent = Outcome("b", "fail", None, "", {"h": "0.0", "v": "0.0"}, 0.1)
    assert raised.text == "No variables to save"
    assert silent.text == "h: 0.0\nv: 0.0"


def test_a_card_that_is_not_called_by_its_number_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "_scene.py").write_text("")
    (tmp_path / "half.py").write_text("")
    monkeypatch.setattr(catalogue, "DIRECTORY", tmp_path)
    with pytest.raises(ValueError, match=r"^The card half\.py is not called card_NUMBER_slug\.py\.$"):
        cards()
