"""Text that is not ours is shown as text, and cut."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from core.run.runs import Run
from pages.ui.plain import code, plain, sentence
from pages.ui.state import State
from tests.pages.conftest import APP
from tests.pages.test_pages import LOOKING_BACK, Open, Train

EVIL = "![p](http://evil.example/p.png)[Sign in](http://evil.example)"


def follow(page: str, **link: str) -> AppTest:
    """A page as somebody sees it who followed a link."""
    test = AppTest.from_file(str(APP), default_timeout=60)
    test.session_state["explorer"] = State(arrived=True)
    test.run()
    if page != "playground":
        test.switch_page(f"pages/{page}.py")
    for name, value in link.items():
        test.query_params[name] = value
    return test.run()


def said(test: AppTest) -> str:
    """The sentences of the page that may quote what is not ours."""
    return "\n".join(str(each.value) for kind in (test.warning, test.error, test.info) for each in kind)


def harmless(text: str) -> bool:
    """Whether no address and no link is left that Markdown would make one of."""
    return "://" not in text and re.search(r"(?<!\\)\]\(", text) is None


def test_nothing_that_markdown_reads_is_left() -> None:
    assert plain("![p](http://x)") == "!\\[p\\](http:\u2060//x)"
    assert plain("*a* `b` <b> $c$ _d_ | ~e~") == "\\*a\\* \\`b\\` \\<b\\> \\$c\\$ \\_d\\_ \\| \\~e\\~"
    assert plain(":red[x] :material/home: :smile:") == ":\u2060red\\[x\\] :\u2060material/home: :\u2060smile:"
    assert plain("www.x.org, me@x.org") == "www\u2060.x.org, me@\u2060x.org"
    assert plain("1. x") == "\u20601. x"
    assert plain("- x") == "\u2060- x"


def test_ordinary_words_stay_as_they_are() -> None:
    for text in ("model_iter-3.index", "x from is 50: too large; 1.5, (2)", "h ≤ v², “so”"):
        assert plain(text) == text


def test_it_is_one_line_of_at_most_so_many_characters() -> None:
    assert plain("a\nb\t c\u202ed\x00") == "a b c d"
    assert plain("a" * 41) == "a" * 39 + "…"
    assert plain("a" * 40) == "a" * 40
    assert len(sentence("a" * 5000)) == 1000


@pytest.mark.parametrize("text", ["a`b", "`", "``a``", "", "a\nb"])
def test_code_holds_any_backticks(text: str) -> None:
    shown = code(text)
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    inside = shown[len(fence) : -len(fence)]
    assert fence not in inside
    assert inside.strip() == text.replace("\n", " ")


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize("name", ["optimizer", "order", "h", "iterations", "max_to_keep", "step"])
def test_a_setting_in_a_link_is_shown_as_text(name: str) -> None:
    test = follow("playground", **{name: EVIL})
    assert "must be" in said(test)
    assert harmless(said(test))
    assert "evil.example)" not in said(test), "it is cut to 40 characters"


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize("page", LOOKING_BACK)
def test_a_run_in_a_link_is_shown_as_text(page: str) -> None:
    test = follow(page, run=EVIL)
    assert "There is no run" in said(test)
    assert harmless(said(test))


def test_a_second_run_in_a_link_is_shown_as_text(application: Open, train: Train) -> None:
    run: Run = train(iterations=3)
    test = application("history", run, other=EVIL)
    assert "There is no run" in said(test)
    assert harmless(said(test))


def test_what_tensorflow_said_is_shown_as_text(application: Open, train: Train) -> None:
    run: Run = train(iterations=3)
    run.update(note=f"TensorFlow refused: {EVIL}")
    test = application("playground", run)
    assert any("TensorFlow refused" in each.proto.json for each in test.get("bidi_component"))
    assert harmless(said(test))
