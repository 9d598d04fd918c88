"""A lesson is read from its file, and every mistake in one is a sentence with its line."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import environment
from core.checkpoint import FINAL
from core.data import cost, make_sample, optimum
from core.gallery.cards import cards
from core.history.history import read_history
from core.lessons import facts as lesson_facts
from core.lessons.actions import ACTIONS
from core.lessons.facts import Facts
from core.lessons.format import parse
from core.lessons.lesson import Lesson
from core.lessons.shelf import LessonNotFound, _load, charts, explanation, languages, shelf, words
from core.pool import jobs
from core.retention.retention import RetentionSettings
from core.retention.saver_options import NotADict, read_dict
from core.run.runs import Run
from core.settings import DataSettings, TrainSettings
from core.training.resume import Interruption, Resumed
from pages.parts.lessons import deeds
from pages.parts.lessons.asking import bounds

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8")

GOOD = """---
title: A lesson
seconds: 90
settings: optimizer=Adam, iterations=20
---

## First

Words.

```question number
How many?
answer: {values}
unit: values
close: 2
```

```action file
checkpoint: model_iter-4
kind: data
```

```reveal
There are {values} in {file}.
```

```code
restore()
```

## The end

```question choice
Which?
- [ ] one
- [x] two
look: First
```

```question number
What is 1 + 1?
answer: 2
look: First
```
"""


def read(text: str, slug: str = "mine") -> Lesson:
    found = parse(text.encode(), "mine.md", slug, "en")
    assert isinstance(found, Lesson), found
    return found


def mistakes(text: str, slug: str = "mine") -> list[str]:
    found = parse(text.encode(), "mine.md", slug, "en")
    assert isinstance(found, tuple), "nothing was found to be wrong"
    return [str(each) for each in found]


def test_a_good_lesson_is_read_whole() -> None:
    lesson = read(GOOD)
    assert (lesson.title, lesson.seconds, lesson.train) == (
        "A lesson",
        90,
        TrainSettings(optimizer="Adam", iterations=20),
    )
    first, end = lesson.steps
    assert (first.title, first.text, first.code) == ("First", "Words.", "restore()")
    assert first.deed is not None
    assert (first.deed.name, first.deed.parameters["kind"]) == ("file", "data")
    assert first.revealed({"values": 8, "file": "a.data"}) == "There are 8 in a.data."
    assert end.is_final
    assert not first.is_final
    assert [each.look for each in end.questions] == [1, 1]
    assert lesson.step(0) == first
    assert lesson.step(99) == end
    assert [step.length for step in lesson.steps] == [9, 10]
    assert lesson.minutes == 2  # 19 words at 200 per minute, and 90 seconds
    assert read(GOOD.replace("Words.", "word " * 400)).minutes == 4
    assert read(GOOD.replace("seconds: 90", "minutes: 20")).minutes == 1  # a line of earlier versions


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("---\ntitle", "title", 1, "A lesson begins with a line of three hyphens"),
        ("title: A lesson\n", "", 1, "lack a line title:"),
        ("seconds: 90", "seconds: soon", 3, "seconds is 'soon'; it must be a whole number from 0 to 9999"),
        ("seconds: 90", "seconds: 90\ncolour: red", 4, "'colour: red' is not known here. Known are: title"),
        ("iterations=20", "iterations=0", 4, "Iterations is 0; it must be a whole number from 1 to 20000"),
        ("iterations=20", "steps=20", 4, "The settings say 'steps=20'; write them as optimizer=Adam"),
        ("## First", "## ", 7, "The step has no title"),
        ("\n## First", "Too early.\n## First", 6, "Words are before the first step"),
        ("Words.", "Look: <b>here</b>.", 9, "HTML is not shown in a lesson"),
        ("```reveal", "```revael", 23, "There is no block 'revael'. Known are: question, action"),
        ("question number\nHow", "question guess\nHow", 11, "no question of the kind 'guess'"),
        ("How many?\n", "", 11, "The question asks nothing"),
        ("answer: {values}\n", "", 11, "The question has no line answer:"),
        ("answer: {values}", "answer: eight", 13, "answer is 'eight'; it must be a number, or a fact"),
        ("answer: {values}", "answer: 1 2", 13, "answer is '1 2'; it must be one value"),
        (
            "answer: {values}",
            "answer: {files}",
            13,
            "{files} is not known. The action file tells: name, file",
        ),
        ("close: 2", "close: near", 15, "close is 'near'; it must be a number from 0"),
        ("close: 2", "close: 2\nlook: First", 16, "Only a question at the end has a line look:"),
        ("```action file", "```action open", 18, "There is no action 'open'. Write one of: train, history"),
        ("kind: data\n", "", 18, "The action file needs a line kind:"),
        (
            "```reveal",
            "```words\ngraph, sesion\n```\n\n```reveal",
            24,
            "The glossary does not explain 'sesion'",
        ),
        (
            "action file\ncheckpoint: model_iter-4\nkind: data",
            "action card\ncard: keras_refuses\nrepaired: y at x = 4",
            20,
            "repaired is 'y at x = 4'; it must be one of: y at x = 3, tf.saved_model.load | y at x = 3, TFSM",
        ),
        (
            "kind: data",
            "kind: all",
            20,
            "kind is 'all'; it must be one of: data, index, values, meta, checkpoint",
        ),
        ("kind: data", "kind: data\nsize: 4", 21, "The action file takes checkpoint and kind, not 'size: 4'"),
        ("model_iter-4", "model_iter-20", 19, "it must be model_iter-0 to model_iter-19, or model_final"),
        (
            "```reveal",
            "```repair\nWhich?\n- [x] a\n- [ ] b\n```\n\n```reveal",
            23,
            "The action file has no fix",
        ),
        (
            "```code",
            "```diagram\nto train, this\n```\n\n```code",
            28,
            "A line of a diagram is: situation -> what",
        ),
        ("{file}.", "{folder}.", 24, "{folder} is not known. The action file tells"),
        ("{file}.", "{file.", 24, "A brace has no partner"),
        ("- [x] two", "- [ ] two", 33, "Exactly one option of a choice is marked - [x]; here 0 are"),
        ("- [ ] one\n", "", 33, "The question needs at least two options"),
        ("- [x] two\nlook: First", "- [x] two", 33, "A question at the end needs a line look:"),
        (
            "two\nlook: First",
            "two\nlook: me",
            37,
            "look is 'me'; it must be the title of a step before the end",
        ),
        ("two\nlook: First", "two\nlook: The end", 37, "look is 'The end'; it must be the title"),
        ("answer: 2\nlook: First\n```", "answer: 2\nlook: First", 40, "This block has no end"),
    ],
)
def test_each_mistake_is_one_sentence_with_its_line(old: str, new: str, line: int, sentence: str) -> None:
    assert old in GOOD
    found = mistakes(GOOD.replace(old, new, 1))
    assert any(each.startswith(f"mine.md, line {line}: ") and sentence in each for each in found), found


def test_other_mistakes_of_a_whole_file() -> None:
    assert "small letters, digits and hyphens" in mistakes(GOOD, "My Lesson")[0]
    assert "The lesson has no steps" in mistakes(GOOD.partition("## First")[0])[0]
    assert "have no end" in mistakes(GOOD.replace("---\n\n## First", "\n## First"))[0]
    twice = GOOD.replace("```code", "```reveal\nagain\n```\n\n```code", 1)
    assert "line 27: The step has a second reveal" in mistakes(twice)[0]
    early = GOOD.replace("## The end", "```question choice\nIs it?\n- [x] yes\n- [ ] no\n```\n\n## The end")
    assert "only the last step of a lesson has several" in " ".join(mistakes(early))
    assert "it must be two values, h and v" in " ".join(
        mistakes(GOOD.replace("question number\nHow", "question sketch\nHow"))
    )
    assert "the step has no action from which it could come" in " ".join(
        mistakes(re.sub(r"```action.*?```\n", "", GOOD, count=1, flags=re.DOTALL))
    )
    found = parse(b"---\ntitle: \xff", "mine.md", "mine", "en")
    assert isinstance(found, tuple)
    assert str(found[0]) == "mine.md, line 2: The file is not text in UTF-8."


@given(st.data())
def test_whatever_stands_in_a_file_is_a_lesson_or_mistakes(data: st.DataObject) -> None:
    lines = data.draw(st.permutations(GOOD.splitlines()) | st.just(GOOD.splitlines()))
    kept = data.draw(st.lists(st.booleans(), min_size=len(lines), max_size=len(lines)))
    text = "\n".join(line for line, keep in zip(lines, kept, strict=True) if keep)
    found = parse(text.encode(), "mine.md", "mine", "en")
    if isinstance(found, tuple):
        assert found
        assert all(1 <= each.line <= len(lines) for each in found)
    else:
        assert found.title


def test_a_repair_says_why_a_line_is_wrong_and_a_diagram_has_arrows() -> None:
    text = GOOD.replace("action file", "action card\ncard: uninitialized").replace("kind: data\n", "")
    text = text.replace("checkpoint: model_iter-4\n", "").replace("{values} in {file}", "{error}")
    text = text.replace("answer: {values}", "answer: 3")
    repair = "```repair\nWhich line?\n- [ ] `a` | It saves.\n- [x] `b`\n```\n\n"
    repair += "```diagram\nto train -> `Saver`\n```\n\n"
    step = read(text.replace("```reveal", repair + "```reveal")).steps[0]
    assert step.repair is not None
    assert [(o.text, o.right, o.why) for o in step.repair.options] == [
        ("`a`", False, "It saves."),
        ("`b`", True, ""),
    ]
    assert step.diagram == (("to train", "`Saver`"),)


def test_a_dict_that_a_learner_writes_is_read_and_never_evaluated() -> None:
    right = (("hor_estimate", "shift"), ("ver_estimate", "height"))
    assert read_dict('{"hor_estimate": shift, "ver_estimate": height}') == right
    assert read_dict("Saver({'hor_estimate': shift, 'ver_estimate': height})") == right
    for text, why in (
        ("", "not a dict"),
        ("{", "not Python"),
        ("{}", "not a dict"),
        ("__import__('os')", "not a dict"),
        ('{"a": __import__("os")}', "right side is a variable"),
        ('{"a": "shift"}', "right side is a variable"),
        ("{hor_estimate: shift}", "left side is the name"),
        ("{**{}}", "left side is the name"),
    ):
        with pytest.raises(NotADict, match=why):
            read_dict(text)
    found = jobs.match_written(right)
    assert found.restores_all
    wrong = jobs.match_written((("ver_estimate", "shift"), ("hor_estimate", "height")))
    assert not wrong.restores_all
    assert wrong.error == ""  # it runs, and h and v are swapped
    assert "Key shift not found" in jobs.match_written((("shift", "shift"),)).error


def test_verdicts() -> None:
    number, choice = read(GOOD).steps[0].questions[0], read(GOOD).steps[1].questions[0]
    facts: Facts = {"values": 8}
    assert [number.verdict(said, facts) for said in (8, 6, 10.0, 11)] == ["right", "close", "close", "other"]
    assert [choice.verdict(said, {}) for said in (1, 0)] == ["right", "other"]
    with pytest.raises(ValueError, match="not known yet"):
        number.verdict(8, {})
    ticking = (
        read(
            GOOD.replace("question number\nHow many?", "question ticking\nWhich?\n- [ ] `a`\n- [ ] `b`")
            .replace("answer: {values}", "answer: {names}")
            .replace("action file", "action files")
            .replace("kind: data\n", "")
            .replace("{values} in {file}", "{bytes}")
        )
        .steps[0]
        .questions[0]
    )
    assert ticking.right({"names": ("b", "c")}) == (1,)
    assert ticking.verdict((0, 1), {"names": ("b",)}) == "other"


def test_our_lessons_have_no_mistakes_and_the_promised_length() -> None:
    found = shelf("en")
    assert found.mistakes == ()
    assert len(found.lessons) == 4
    for lesson in found.lessons:
        assert 8 <= len(lesson.steps) <= 14
        assert 2 <= lesson.minutes <= 10
        assert lesson.seconds
        for step in lesson.steps[:-1]:
            assert all((step.questions, step.reveal, step.code)), step.title
            assert step.deed or step.diagram, step.title
            assert len(step.code.splitlines()) <= 5, step.title
        assert not [(step.title, step.length) for step in lesson.steps[:-1] if step.length > 150]
        if lesson.follows:
            assert found.lesson(lesson.follows)
    with pytest.raises(LessonNotFound, match=r"There is no lesson 'x' here\. The lessons are: 1-saved"):
        found.lesson("x")


@pytest.mark.parametrize("language", languages())
def test_no_word_explained_up_to_a_question_answers_it(language: str) -> None:
    answers = {("1-saved", 5): "index", ("1-saved", 6): "meta", ("4-travels", 2): "signature"}
    for (slug, number), answer in answers.items():
        terms = {term for step in shelf(language).lesson(slug).steps[:number] for term in step.words}
        told = " ".join(explanation(term, language) for term in terms) + " ".join(terms)
        assert answer not in told, (slug, number)


def test_every_language_has_the_same_lessons_and_words() -> None:
    def shape(lesson: Lesson) -> object:
        return (
            lesson.slug,
            lesson.seconds,
            lesson.data,
            lesson.train,
            lesson.follows,
            [
                (
                    step.deed and (step.deed.name, dict(step.deed.parameters)),
                    sorted(re.findall(r"\{\w+\}", step.reveal)),
                    step.code,
                    step.words,
                    len(step.diagram),
                    step.repair and [option.right for option in step.repair.options],
                    [
                        (q.kind, [o.right for o in q.options], q.answer, q.close, q.look, bool(q.unit))
                        for q in step.questions
                    ],
                )
                for step in lesson.steps
            ],
        )

    assert languages() == ("en", "fa")
    english = words("en")
    for language in languages():
        assert shelf(language).mistakes == ()
        assert [shape(each) for each in shelf(language).lessons] == [shape(e) for e in shelf("en").lessons]
        terms = {term for lesson in shelf(language).lessons for step in lesson.steps for term in step.words}
        assert language == "en" or all(
            explanation(each, language) != explanation(each, "en") for each in terms
        )
        said = words(language)
        assert said.keys() == english.keys()
        for name, text in said.items():
            assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[name])), name
        assert said["direction"] in ("ltr", "rtl")


def test_charts_say_in_persian_all_that_they_say_in_english() -> None:
    folder = ROOT / "pages" / "ui" / "timemachine"
    scripts = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    said = re.findall(r"words\.say\((?:first\.source \|\| )?\"([^\"]+)\"", scripts)
    assert len(said) == scripts.count("words.say("), "each call begins with its English words"
    html = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.html"))
    in_html = re.findall(r">([^<>{]+)<", html) + re.findall(r"(?:title|aria-label)=\"([^\"]+)\"", html)
    told = {*said, *(each.strip() for each in in_html if re.search("[A-Za-z]{2}", each))}
    table = charts("fa")["table"]
    assert isinstance(table, dict)
    assert told <= table.keys(), told - table.keys()
    assert charts("en") == {}
    for english, persian in table.items():
        assert set(re.findall(r"\{\w+\}", persian)) == set(re.findall(r"\{\w+\}", english)), english
        assert re.search(r"[\u0600-\u06ff]", persian), english


def test_the_guides_example_loads_and_a_folder_of_ones_own_appears_beside_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = DOCUMENT.partition("~~~markdown\n")[2].partition("~~~")[0]
    (tmp_path / "three.md").write_text(example)
    (tmp_path / "1-saved.md").write_text(example)
    (tmp_path / "broken.md").write_text("hello")
    (tmp_path / "fa").mkdir()
    (tmp_path / "fa" / "only-here.md").write_text(example)
    (tmp_path / "pipe.md").mkdir()
    monkeypatch.setenv(environment.LESSONS, str(tmp_path))
    found = shelf("en")
    assert [each.slug for each in found.lessons] == [
        "1-saved",
        "2-restore",
        "3-remains",
        "4-travels",
        "three",
    ]
    said = " ".join(str(each) for each in found.mistakes)
    assert "1-saved.md, line 1: There is a lesson '1-saved' already" in said
    assert "broken.md, line 1: A lesson begins with a line of three hyphens" in said
    assert "pipe.md, line 1: The file cannot be read: " in said
    assert "only-here" in [each.slug for each in shelf("fa").lessons]


def test_every_plan_for_teachers_leads_to_a_step_that_there_is() -> None:
    plans = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    linked = re.findall(r"/lessons\?lesson=([\w-]+)&at=(\d+)", plans)
    assert len(linked) > 12
    for slug, at in linked:
        assert 1 <= int(at) <= len(shelf("en").lesson(slug).steps)
    assert all(words("en")[label] in plans for label in ("for_teachers", "start_vote", "second_vote"))


def test_the_guide_names_every_action_with_its_parameters_and_facts() -> None:
    rows = {
        name: (parameters, facts)
        for name, parameters, facts in re.findall(
            r"^\| `(\w+)` \| (.*?) ?\| (.+) \|$", DOCUMENT, re.MULTILINE
        )
    }
    for name, action in ACTIONS.items():
        parameters, facts = rows[name]
        assert set(action.parameters) <= set(re.findall(r"`(\w+)`", parameters))
        told = set(re.findall(r"\w+", facts))
        assert {*action.facts, *action.rows} <= told
        assert {each for more in action.more[1].values() for each in more if not each.endswith("_2")} <= told


@pytest.fixture(scope="module")
def facts(recipe_run: Run) -> dict[str, Facts]:
    """What every action gives, done for real."""
    directory = str(recipe_run.directory)
    history = read_history(recipe_run, recipe_run.sample())
    train = TrainSettings(iterations=6)
    card = next(each for each in cards() if each.slug == "keras_refuses")
    rows = {"repaired": "y at x = 3, tf.saved_model.load"}
    broken, fixed = (jobs.try_card(card.slug, "fail"), jobs.try_card(card.slug, "fix"))
    return {
        "train": lesson_facts.of_run(recipe_run, history),
        "history": lesson_facts.of_history(history, "model_iter-4"),
        "files": lesson_facts.of_files(recipe_run, "model_iter-4"),
        "file data": lesson_facts.of_data(recipe_run, "model_iter-4"),
        "file index": lesson_facts.of_index(recipe_run, "model_iter-4"),
        "file meta": lesson_facts.of_meta("model_iter-4", jobs.decode_meta(directory, "model_iter-4")),
        "file checkpoint": lesson_facts.of_state(recipe_run, "model_iter-4"),
        "card": lesson_facts.of_card(card, broken, fixed, rows),
        "keep": lesson_facts.of_keep(jobs.keep(RetentionSettings(max_to_keep=5, saves=100))),
        "trap resumed": lesson_facts.of_trap(jobs.spring("resumed")),
        "trap default": lesson_facts.of_trap(jobs.spring("default")),
        "options": lesson_facts.of_options(jobs.match_all()[0]),
        "interrupt": lesson_facts.of_interruption(jobs.interrupt(directory, train, 2, False)),
        "file values": lesson_facts.of_values(recipe_run, "model_iter-4"),
        "weight": lesson_facts.of_weight(jobs.weigh("Adam")),
        "objects": lesson_facts.of_objects(jobs.by_object()),
        "compare": lesson_facts.of_comparison(jobs.compare(directory, FINAL)),
    }


def test_every_action_gives_the_facts_that_it_promises(facts: dict[str, Facts]) -> None:
    for name, found in facts.items():
        action, _, value = name.partition(" ")
        parameter = ACTIONS[action].more[0]
        given = {"repaired": ""} if action == "card" else {}
        promised = set(ACTIONS[action].facts_of({parameter: value, **given}))
        assert promised - {"data_bytes"} == set(found) - {"data_bytes"}, name


def test_every_action_has_the_function_of_its_name() -> None:
    done = {name for name, each in vars(deeds).items() if getattr(each, "__module__", "") == deeds.__name__}
    assert {name for name in done if name[0].islower()} == set(ACTIONS)


def test_facts_are_what_the_files_hold(facts: dict[str, Facts]) -> None:
    assert facts["train"]["files"] == 101 * 3 + 1
    assert facts["train"]["values"] == 2
    assert facts["file data"]["bytes"] == 8
    assert facts["file data"]["h_at"] == 0
    assert facts["keep"]["kept"] == (*(f"model_iter-{n}" for n in (96, 97, 98, 99)), "model_final")
    assert (facts["trap resumed"]["count_1"], facts["trap resumed"]["count_2"]) == (6, 3)
    assert facts["interrupt"]["departs"] == "never"
    assert facts["compare"]["saved_values"] == 2
    assert (facts["weight"]["alone"], facts["weight"]["bytes"]) == (6 * 4, (3 * 6 + 2) * 4)
    assert facts["objects"]["restored"] == facts["objects"]["saved"] == ("1.01", "-1.96")
    # The card's scene has h = 1.01 and v = -1.96; below this row stand the layer's answer and a gradient.
    assert float(str(facts["card"]["repaired"])) == pytest.approx((3 - 1.01) ** 2 - 1.96, abs=1e-3)


def test_the_formula_of_a_graph_is_what_leads_to_its_prediction(recipe_run: Run) -> None:
    formula = jobs.decode_meta(str(recipe_run.directory), "model_iter-4").formula
    kinds = [kind for _, kind, _ in formula if kind in ("Placeholder", "Sub", "Square", "AddV2")]
    assert kinds == ["Placeholder", "Sub", "Square", "AddV2"]  # (x - h)**2 + v, and nothing of its gradients
    before: set[str] = set()
    for name, _, takes in formula:
        assert {*filter(None, takes.split(", "))} <= before
        before.add(name)
    assert {"hor_estimate", "ver_estimate"} <= before
    assert name == "prediction"


def test_the_largest_gap_of_an_interruption_is_named_with_its_place() -> None:
    whole = np.zeros((6, 2), np.float32)
    whole[:4, 0] = (3, 2, 1, 0.5)
    other = whole[2:].copy()
    other[1] = (0, 0.75)
    sample = make_sample(DataSettings())
    gap = Resumed.beside(False, 2, other, whole, sample)
    same = Resumed.beside(True, 2, whole[2:], whole, sample)
    h, v = whole.T
    costs = cost(sample, h, v)
    cut = Interruption("Adam", 1, False, "model_iter-1", (), h, v, costs, 0.0, 1.0, ("a",), same, gap)
    found = lesson_facts.of_interruption(cut)
    assert (found["largest_in"], found["largest_at"], found["largest"]) == ("v", 3, 0.75)
    assert (found["there_whole"], found["there_without"], found["end_v"]) == (4, 4, 0.0)


def test_code_and_quotations_are_filled_in_and_pythons_own_braces_stay() -> None:
    text = GOOD.replace("restore()", 'restore({file}); Saver({"h": h})').replace("in {file}.", "in `{file}`.")
    step = read(text).steps[0]
    facts: Facts = {"values": 8, "file": "`.keras` or `.h5`"}
    assert step.revealed(facts) == "There are 8 in `` `.keras` or `.h5` ``."
    assert step.coded({"file": "a"}) == 'restore(a); Saver({"h": h})'


def test_facts_are_written_as_people_read_them() -> None:
    written = lesson_facts.written
    assert [written(each) for each in (1.0149817, 47032, "x", ("a", "b"), ())] == [
        "1.015",
        "47,032",
        "x",
        "`a`, `b`",
        "–",
    ]


def test_every_trap_has_as_many_variants_as_lessons_may_name(facts: dict[str, Facts]) -> None:
    from core.retention.retention import TRAPS
    from core.tf.retention import _TRAPS

    variants = {key: len(each) for key, each in _TRAPS.items()}
    assert variants == {key: each.variants for key, each in TRAPS.items()}


def test_forty_who_open_the_lessons_at_once_all_get_them() -> None:
    with ThreadPoolExecutor(40) as threads:
        for _ in range(3):
            _load.cache_clear()
            found = list(threads.map(shelf, ["en"] * 40))
            assert all(len(each.lessons) == 4 and not each.mistakes for each in found)


@pytest.mark.parametrize("v", [-8.0, -2.0, 6.0, 10.0])
def test_the_sketch_has_room_for_where_the_training_ends(v: float) -> None:
    sample = make_sample(DataSettings(v=v))
    (low, high), (bottom, top) = bounds(sample)
    best = optimum(sample)
    assert low < best.h < high
    assert bottom < best.v < top
