"""The glossary explains the field's words, each once, and to pages as well."""

import pytest

from core.glossary import FILE, UnknownTerm, explain, terms


def test_a_term_is_found_by_each_of_its_names_in_any_case_and_number() -> None:
    assert explain("prefix").startswith("The name by which `save` and `restore` know a checkpoint")
    assert explain("slot") == explain("Slot variables") == explain("slot variable")
    assert explain("SHA-256") == explain("digest")
    assert explain("savedmodel").endswith("the graph and the values.")


@pytest.mark.parametrize("term", terms())
def test_every_term_has_one_or_two_plain_sentences(term: str) -> None:
    text = explain(term)
    assert text[0].isupper()
    assert text.endswith(".")
    assert "\n" not in text
    assert 20 < len(text) < 300
    assert "#" not in text


def test_the_words_that_pages_use_are_all_there() -> None:
    for word in (
        *("checkpoint", "prefix", "step", "iteration", "slot", "signature", "tag", "asset", "meta graph"),
        *("graph", "session", "bundle", "state file", "retention", "fork"),
    ):
        assert explain(word)


def test_no_name_stands_for_two_terms() -> None:
    headings = [line[3:] for line in FILE.read_text(encoding="utf-8").splitlines() if line.startswith("## ")]
    names = [name.strip().casefold() for heading in headings for name in heading.split(",")]
    assert len(names) == len(set(names))
    assert len(headings) == len(terms())


def test_what_is_not_explained_is_said_by_its_name() -> None:
    with pytest.raises(UnknownTerm, match="does not explain 'flux'; write it"):
        explain("flux")
