"""The table of messages is read from the libraries, and each card's messages are in it."""

import ast

import pytest

from core.gallery.cards import Card, cards
from core.gallery.causes import TEXT, Cause, cause_of
from core.gallery.folded import Folded, fold
from core.gallery.known import messages
from core.gallery.templates import Template
from tools.messages.native import found_in
from tools.messages.packages import installed
from tools.messages.reading import Message, messages_in

CAUSES = [(card, cause) for card in cards() for cause in card.causes]
TABLE = [message.template for message in messages()]


def filled(template: Template) -> Folded:
    """A message of this template, with something in each hole."""
    return fold("name".join(template.parts))


FILLED = [filled(template) for template in TABLE]


@pytest.mark.parametrize(("card", "cause"), CAUSES, ids=lambda each: getattr(each, "slug", ""))
def test_every_message_of_a_card_is_one_that_something_raises(card: Card, cause: Cause) -> None:
    said = filled(cause.template)
    inside = any(next(cause.template.occurrences(text), None) for text in FILLED)
    around = any(
        next(row.occurrences(said), None) or row.cut(said) for row in TABLE if len("".join(row.folded)) > 7
    )
    assert inside or around, cause.message


def test_causes_of_one_message_each_have_a_question() -> None:
    shared: dict[str, list[tuple[str, Cause]]] = {}
    for card, cause in CAUSES:
        shared.setdefault(cause.message, []).append((card.slug, cause))
    for message, several in shared.items():
        if len({slug for slug, _ in several}) > 1:
            assert all(cause.ask.endswith("?") for _, cause in several), message


def test_a_hole_is_asked_only_of_a_message_that_has_it() -> None:
    with pytest.raises(ValueError, match=r"has no hole name\.$"):
        cause_of({"message": "Key {key} not found", "when": {"name": "x"}})
    with pytest.raises(ValueError, match=r"A cause has no question; it has ask, message, only, when\.$"):
        cause_of({"message": "Key {key} not found", "question": "?"})
    assert TEXT not in Template.of("Key {key} not found").holes


# How messages are read from a source

SOURCE = '''
def load(path, config, n):
    """Says nothing."""
    if not path.endswith(".keras"):
        raise ValueError(f"File not found: filepath={path}. " "Please ensure it is there.")
    elif n > 3:
        raise TypeError("Expected %d layers, got %s: 100%%" % (n, type(path)))
    message = "Cannot load "
    message += f"{config}"
    warnings.warn(message)
    logging.warning("Skipping %s, because it has %d variables", path, n)
    error = KeyError("Key '{}' not in {name}".format(path, name=n))
    raise error
'''


def test_messages_are_read_from_the_syntax_of_a_source() -> None:
    check = "not path.endswith('.keras')"
    assert list(messages_in(SOURCE)) == [
        Message(
            "ValueError",
            ("File not found: filepath=", ". Please ensure it is there."),
            ("path",),
            "load",
            check,
        ),
        Message("TypeError", ("Expected ", " layers, got ", ": 100%"), ("number", "class"), "load", "n > 3"),
        Message("warning", ("Cannot load ", ""), ("configuration",), "load", ""),
        Message("log", ("Skipping ", ", because it has ", " variables"), ("path", "number"), "load", ""),
        Message("KeyError", ("Key '", "' not in ", ""), ("path", "name"), "load", ""),
    ]


@pytest.mark.parametrize(("name", "least"), [("keras", 200), ("h5py", 30)])
def test_the_table_has_what_the_installed_version_raises(name: str, least: int) -> None:
    package = installed(name)
    read = {
        message.parts
        for _, functions, source in package.sources()
        if not functions
        for message in messages_in(source)
    }
    table = {
        message.template.parts for message in messages() if package.version in message.versions.get(name, ())
    }
    assert read <= table
    assert len(table) >= least


def test_a_message_of_compiled_code_is_listed_only_where_it_is() -> None:
    code = [b"\0Unable to lock\0file signature not found\0truncated\0"]
    found = [template for _, _, template in found_in("h5py", code)]
    assert found == ["file signature not found"]
    assert list(found_in("tensorflow", code)) == []


def test_the_table_says_for_each_version_how_much_it_has(capsys: pytest.CaptureFixture[str]) -> None:
    counts: dict[str, int] = {}
    for message in messages():
        for name, versions in message.versions.items():
            for version in versions:
                counts[f"{name} {version}"] = counts.get(f"{name} {version}", 0) + 1
    with capsys.disabled():
        print(
            f"\n{len(messages())} messages: {', '.join(f'{name}: {counts[name]}' for name in sorted(counts))}"
        )
    assert len(messages()) >= 1000
    assert {name.partition(" ")[0] for name in counts} == {"tensorflow", "keras", "tf_keras", "h5py"}


def test_a_condition_in_the_table_is_python() -> None:
    for message in messages():
        if message.check and "…" not in message.check and not message.check.startswith("except"):
            ast.parse(message.check)
