"""The page Lessons: the list, a step at a time, the questions at the end, and what a link can get wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core import environment
from core.lessons.classroom import DAY, find_class, open_class
from core.lessons.lesson import Lesson
from core.lessons.shelf import shelf
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from pages.parts.lessons import following, together
from pages.parts.lessons.progress import Progress, read
from pages.ui import services
from pages.ui.glossary import jargon_of
from pages.ui.links import take, to_address
from pages.ui.state import State
from tests.pages.conftest import words

Open = Callable[..., AppTest]
Train = Callable[..., Run]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has answers of its own."""
    monkeypatch.setattr(together, "_answers", together._Answers)


def lesson(slug: str = "3-remains") -> Lesson:
    return shelf("en").lesson(slug)


def test_the_list_names_every_lesson_and_begins_one(application: Open) -> None:
    test = application("lessons")
    for each in shelf("en").lessons:
        assert each.title in words(test)
    test.button(key="begin-2-restore").click().run()
    assert test.title[0].value == lesson("2-restore").title
    assert test.session_state["explorer"].lesson == "2-restore"


def test_opening_a_lesson_leaves_the_visitors_own_settings_and_run(application: Open, train: Train) -> None:
    run = train()
    test = application("lessons", run=run, step=3)
    before = test.session_state["explorer"]
    before.data, before.train = DataSettings(h=2), TrainSettings(optimizer="Momentum")
    test.button(key="begin-1-saved").click().run()
    test.button(key="skip-1").click().run()
    after = test.session_state["explorer"]
    assert after.lesson == "1-saved"
    assert (after.data, after.train) == (DataSettings(h=2), TrainSettings(optimizer="Momentum"))
    assert (after.run, after.step) == (run.id, 3)


@pytest.mark.parametrize("slug", [each.slug for each in shelf("en").lessons])
def test_every_step_explains_the_jargon_that_its_question_uses(slug: str) -> None:
    for step in lesson(slug).steps[:-1]:
        used = "\n".join((step.title, step.text, *(each.ask for each in step.questions)))
        missing = {*jargon_of(used)} - {*step.words}
        assert not missing, f"{step.title} uses {missing}"


def test_a_guess_stands_beside_what_happened(application: Open) -> None:
    test = application("lessons", lesson="3-remains", at="3", lang="en")
    assert not any(button.key == "do-3" for button in test.button)
    test.button(key="guess-3").click().run()
    assert "Choose an answer first" in words(test)
    test.number_input[0].set_value(3.0).run()
    test.button(key="guess-3").click().run()
    test.button(key="do-3").click().run()
    assert not test.exception
    test.button(key="show-repair-3").click().run()
    said = words(test)
    assert "**Your guess**\n\n3 checkpoints" in said
    assert "**What happened**\n\n6 checkpoints" in said
    assert "Not quite. Here is what happened." in said
    assert "There are 6: `model_iter-2`" in said
    assert "Ran on this server at" in said


def test_one_who_would_rather_not_guess_is_not_held(application: Open) -> None:
    test = application("lessons", lesson="3-remains", at="5", lang="en")
    test.button(key="skip-5").click().run()
    test.button(key="do-5").click().run()
    assert "0 of the 4 checkpoints have values" not in words(test)
    test.radio(key="repair-choice-5").set_value(2).run()
    test.button(key="run-repair-5").click().run()
    assert "Not this line. This keeps the newest one." in words(test)
    test.radio(key="repair-choice-5").set_value(1).run()
    test.button(key="run-repair-5").click().run()
    assert "0 of the 4 checkpoints have values" in words(test)
    test.button(key="lesson-next").click().run()
    assert test.session_state["explorer"].at == 6


def test_a_step_that_needs_the_run_trains_it_first_and_a_fitting_one_serves(
    application: Open, train: Train
) -> None:
    test = application("lessons", lesson="1-saved", at="4", lang="en")
    test.button(key="skip-4").click().run()
    assert "Train it first" in words(test)
    run = train(optimizer="Adam")
    test = application("lessons", lesson="1-saved", at="4", lang="en")
    test.query_params["run"] = run.id
    test.run()
    test.button(key="skip-4").click().run()
    test.button(key="do-4").click().run()
    assert "It has 32 bytes: 8 numbers of 4 bytes each" in words(test)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_the_end_gives_a_result_and_says_what_to_look_at_again(application: Open, language: str) -> None:
    found = shelf(language).lesson("3-remains")
    test = application("lessons", lesson="3-remains", at="8", lang=language)
    test.button(key="lesson-judge").click().run()
    assert len(test.radio) == 7
    for number, question in enumerate(found.steps[-1].questions):
        right = next(n for n, option in enumerate(question.options) if option.right)
        test.radio[number].set_value((right + 1) % len(question.options) if number == 3 else right)
    test.button(key="lesson-judge").click().run()
    assert not test.exception
    assert len(test.success) == 6
    score = test.session_state["lessons"]["3-remains"].score(found)
    assert score == (6, 7)
    test.button(key="look-4").click().run()
    assert test.session_state["explorer"].at == 1


def test_the_list_shows_the_score_and_where_one_was(application: Open) -> None:
    test = application("lessons", lang="en")
    right = [next(n for n, o in enumerate(q.options) if o.right) for q in lesson().steps[-1].questions]
    said = {f"8.{place}": answer for place, answer in enumerate(right, 1)}
    test.session_state["lessons"] = {
        "3-remains": Progress(said=dict(said), judged=True),
        "2-restore": Progress(at=4),
    }
    test.run()
    assert "7 of 7 right. 8 steps" in words(test)
    assert "Step 4 of 12. 12 steps" in words(test)
    test.button(key="begin-2-restore").click().run()
    assert test.session_state["explorer"].at == 4
    test.button(key="lesson-next").click().run()
    test.button(key="lesson-leave").click().run()
    assert "Step 5 of 12. 12 steps" in words(test)


def test_a_link_that_names_nonsense_leads_to_the_list(application: Open) -> None:
    test = application("lessons", lesson="nothing", at="-7", lang="xx", **{"class": "QQQQQQ"})
    assert not test.exception
    assert "There is no lesson `nothing` here" in words(test)
    assert "There is no such class" in words(test)
    assert test.title[0].value == "Lessons"


@pytest.mark.parametrize(
    ("link", "said"), [({"lesson": "nothing"}, "no lesson"), ({"class": "QQQQQQ"}, "no such class")]
)
def test_why_a_link_leads_nowhere_stays_until_the_visitor_goes_on(
    application: Open, link: dict[str, str], said: str
) -> None:
    test = application("lessons", lang="en", **link).run().run()
    assert f"There is {said}" in words(test)
    test.button(key="begin-2-restore").click().run()
    assert f"There is {said}" not in words(test)


def test_a_broken_file_of_the_servers_is_said_on_the_list(
    application: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "broken.md").write_text("---\ntitle: Broken\nseconds: 3\n---\n## One\n```action fly\n```\n")
    monkeypatch.setenv(environment.LESSONS, str(folder))
    test = application("lessons")
    assert "broken.md, line 6: There is no action 'fly'. Write one of: train" in words(test)


def test_a_typed_code_joins_and_a_class_that_is_over_lets_one_go_on(
    application: Open, empty_runs: Runs
) -> None:
    room = open_class(empty_runs.root, "3-remains", "en", "a teacher", {"h": "2.0"})
    test = application("lessons")
    test.text_input(key="class-code").set_value(room.code.lower())
    (submit,) = [each for each in test.button if each.label == "Join the class"]
    submit.click().run()
    state = test.session_state["explorer"]
    assert (state.lesson, state.code, state.lesson_data) == ("3-remains", room.code, DataSettings(h=2))
    assert state.data == DataSettings()
    assert room.pupils().at == {1: 1}
    assert "Nobody knows your name" in words(test)
    assert not any(each.key == "class-view" for each in test.toggle)
    facts = json.loads((room.directory / "class.json").read_text())
    (room.directory / "class.json").write_text(json.dumps({**facts, "opened": facts["opened"] - DAY}))
    test.run()
    assert not test.exception
    assert "A class ends by itself after a day" in words(test)
    assert test.title[0].value == lesson().title


def test_a_class_is_opened_from_the_list_and_learners_wait_for_the_answer(
    application: Open, empty_runs: Runs
) -> None:
    teacher = application("lessons")
    teacher.button(key="open-class-3-remains").click().run()
    assert not teacher.exception
    room = find_class(empty_runs.root, teacher.session_state["explorer"].code)
    room.ask("3", "vote")
    learner = application("lessons", lesson="3-remains", at="3", lang="en", **{"class": room.code})
    learner.number_input[0].set_value(3.0).run()
    learner.button(key="guess-3").click().run()
    assert "Your vote is counted. Discuss it." in words(learner)
    assert not any(button.key == "do-3" for button in learner.button)
    room.ask("3", "answer")
    learner.run()
    learner.button(key="do-3").click().run()
    assert not learner.exception
    assert room.pupils().right == {"3": 6}


def test_who_predicted_before_the_class_is_counted_and_who_passed_is_asked(
    application: Open, empty_runs: Runs
) -> None:
    room = open_class(empty_runs.root, "3-remains", "en", "a teacher")
    learner = application("lessons", lesson="3-remains", at="3", lang="en")
    learner.number_input[0].set_value(3.0).run()
    learner.button(key="guess-3").click().run()
    assert room.pupils().said == {}
    room.ask("3", "vote")
    learner.session_state["explorer"].code = room.code
    learner.run()
    assert "Your vote is counted." in words(learner)
    learner.run()
    assert room.pupils().said == {"3": (3,)}

    other = application("lessons", lesson="3-remains", at="3", lang="en", **{"class": room.code})
    other.session_state["explorer"].visitor = "1" * 32
    room.ask("3", "answer")
    other.run()
    other.button(key="skip-3").click().run()
    room.ask("3", "vote")
    other.run()
    assert "Your vote is counted." not in words(other)
    assert not any(button.key == "skip-3" for button in other.button)
    other.number_input[0].set_value(6.0).run()
    other.button(key="guess-3").click().run()
    assert "Your vote is counted." in words(other)
    assert sorted(room.pupils().said["3"]) == [3, 6]


def test_a_teacher_sees_the_answer_that_is_the_first_option(application: Open, empty_runs: Runs) -> None:
    teacher = application("lessons")
    teacher.button(key="open-class-2-restore").click().run()
    room = find_class(empty_runs.root, teacher.session_state["explorer"].code)
    steps = enumerate(lesson("2-restore").steps, 1)
    number, question = next(
        (number, each.questions[0])
        for number, each in steps
        if each.questions and each.questions[0].right({}) == 0
    )
    room.ask(str(number), "answer")
    teacher.selectbox(key=f"class-step-{room.code}").set_value(number).run()
    assert not teacher.exception
    assert question.options[0].text in "".join(str(each.value) for each in teacher.success)


def test_nothing_comes_between_a_press_and_the_vote(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = open_class(empty_runs.root, "3-remains", "en", "a teacher")

    def interrupted() -> State:
        raise RuntimeError("the page begins anew")

    monkeypatch.setattr(following, "state", interrupted)
    following.say(room, "somebody", "3", 6)
    assert room.pupils().said == {"3": (6,)}


def test_the_url_brings_lesson_step_language_and_class_back() -> None:
    before = State(page="lessons", lesson="1-saved", at=7, lang="fa", code="ABCDEF")
    before.lesson_data, before.lesson_run = DataSettings(h=2, seed=5), "a-run"
    after = State(page="lessons", data=DataSettings(v=3), run="mine")
    take(after, to_address(before))
    assert (after.lesson, after.at, after.lang, after.code) == ("1-saved", 7, "fa", "ABCDEF")
    assert (after.lesson_data, after.lesson_run) == (before.lesson_data, "a-run")
    assert (after.data, after.run) == (DataSettings(v=3), "mine")
    assert not {"lesson", "at", "lang", "class"} & set(to_address(State()))


def test_what_a_browser_kept_comes_back_as_far_as_it_fits() -> None:
    before = Progress("a" * 16, {"1": (0, 2), "2": 6, "8.4": 2}, {3}, {1, 2}, {2}, True, 3)
    assert read(before.to_text(), lesson()) == before
    now = Progress("b" * 16, {"2": 3}, done={5})
    now.take_over(before)
    assert now == Progress("b" * 16, {"1": (0, 2), "2": 3, "8.4": 2}, {3}, {1, 2, 5}, {2}, True, 3)
    for text in ("", "[]", "{", '{"said": [1], "done": 3, "run": 7}', "[" * 30_000):
        assert read(text, lesson()) == Progress()
    made_up = json.dumps(
        {"said": {"1": [99], "2": "x", "77": 1}, "done": [1, 99, "2"], "judged": 1, "at": 99}
    )
    assert read(made_up, lesson()) == Progress(done={1})


def test_what_a_class_asks_for_together_is_done_once() -> None:
    answers, asked = together._Answers(), []

    def ask(waits: services.Unanswered) -> int:
        asked.append(1)
        return 7

    first, second = answers.get("a", ask), answers.get("a", ask)
    assert first == second
    assert len(asked) == 1

    def fail(waits: services.Unanswered) -> int:
        raise TimeoutError("too slow")

    with pytest.raises(TimeoutError):
        answers.get("b", fail)
    assert answers.get("b", ask)[0] == 7
