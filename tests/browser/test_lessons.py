"""Each lesson walked from the first step to the last: by one who is always right, and by one who never is."""

import re
from collections.abc import Callable
from time import perf_counter

import pytest
from playwright.sync_api import Page, expect

from core.data import make_sample
from core.lessons.lesson import Lesson, Question
from core.lessons.numerals import localized
from core.lessons.shelf import shelf, words
from core.pool.training import train_run
from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings
from tests.browser import drawn
from tests.browser.foreign import english

Visit = Callable[..., Page]
KEPT = {"model_iter-96", "model_iter-99", "model_final"}  # of those that the question offers

# What is right where it is not marked in the file, because a lesson computes it from what happened.
RIGHT: dict[tuple[str, int], float | tuple[float, float] | set[str]] = {
    ("1-saved", 1): (1.0, -2.0),
    ("1-saved", 2): 101 * 3 + 1,
    ("1-saved", 4): 8 * 4,
    ("1-saved", 9): 1,
    ("2-restore", 4): {"hor_estimate/Adam", "ver_estimate/Adam_1", "beta1_power"},
    ("2-restore", 5): 80,
    ("2-restore", 7): 6,
    ("3-remains", 1): KEPT,
    ("3-remains", 2): 5,
    ("3-remains", 3): 6,
    ("4-travels", 1): 2,
    ("4-travels", 6): {
        *("SavedModel (v1)", "tf.saved_model.save"),
        *("Keras .keras (built-in layers)", "Keras .keras با لایه‌های آماده"),
    },
}


@pytest.fixture(scope="module")
def adam_id(server_runs: Runs) -> str:
    """A finished run of the lessons' settings, nobody's own."""
    data = DataSettings()
    run = server_runs.create(make_sample(data), TrainSettings(optimizer="Adam"), data)
    train_run(str(run.directory))
    return run.id


def answer(page: Page, question: Question, right: object, place: int = 0) -> None:
    """Answer one question of those on the page."""
    options = [option.text.replace("`", "") for option in question.options]
    if question.kind == "choice":
        group = page.get_by_test_id("stRadio").nth(place).get_by_role("radiogroup")
        group.locator("label").nth(int(str(right))).click()
    elif question.kind == "number":
        field = page.locator("[class*=st-key-number-] input").nth(place)
        field.fill(str(right))
        field.press("Enter")
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    elif question.kind == "ticking":
        for text in (option for option in options if option in right):  # type: ignore[operator]
            box = page.get_by_test_id("stCheckbox").filter(has_text=re.compile(f"^{re.escape(text)}$"))
            box.locator("label").click()
            expect(box.get_by_role("checkbox")).to_be_checked()


def wanted(lesson: Lesson, number: int, *, right: bool) -> object:
    """What the one who is right, or the one who is wrong, says at a step."""
    question = lesson.step(number).questions[0]
    if question.kind == "choice":
        marked = next(n for n, option in enumerate(question.options) if option.right)
        return marked if right else (marked + 1) % len(question.options)
    known = RIGHT[lesson.slug, number]
    if question.kind == "ticking":
        options = {option.text.replace("`", "") for option in question.options}
        return known if right else options - known  # type: ignore[operator]
    return known if right else 100_000


def walk(page: Page, lesson: Lesson, language: str, *, right: bool) -> float:
    """From where the page stands to the questions at the end; the seconds that the experiments took."""
    say, ran = words(language), 0.0
    for number in range(1, len(lesson.steps)):
        step = lesson.step(number)
        expect(page.get_by_role("heading", level=2, name=step.title)).to_be_visible(timeout=30_000)
        speaks(page, language)
        question = step.questions[0]
        if question.kind == "sketch":
            sketch(page, number, right=right)
        else:
            answer(page, question, wanted(lesson, number, right=right))
        page.locator(f".st-key-guess-{number} button").click()
        shown = page.locator(f".st-key-reveal-{number}")
        do = page.locator(f".st-key-do-{number} button, .st-key-lesson-train button")
        expect(do.or_(shown).first).to_be_visible(timeout=60_000)
        began = perf_counter()
        if do.count():
            do.first.click()
        expect(shown).to_be_visible(timeout=180_000)  # five ways, ten repeats each
        ran += perf_counter() - began
        verdict = shown.get_by_text(say["right"], exact=True)
        if right:
            expect(verdict).to_be_visible()
        else:
            expect(shown.get_by_text(say["other"], exact=True)).to_be_visible()
        if step.repair is not None:
            fix(page, number, step.repair, right=right)
        expect(shown.get_by_text(say["find_line"])).to_have_count(0)
        expect(shown).not_to_contain_text(re.compile(r"\{\w+\}"))
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], f"{step.title} is {wide[0]} px wide"
        drawn.at_rest(page)  # a button that moves as charts join would get half of the press
        speaks(page, language)
        page.locator(".st-key-lesson-next button").click()
    return ran


def speaks(page: Page, language: str) -> None:
    """Whatever is seen or heard is of the page's language, where it has letters of its own."""
    assert language == "en" or not english(page)


def fix(page: Page, number: int, repair: Question, *, right: bool) -> None:
    """Find the missing line; the one who is wrong is told so, then asks for it."""
    box = page.locator(f".st-key-repair-{number}")
    expect(box).to_be_visible(timeout=30_000)
    drawn.at_rest(page)
    if repair.kind == "dict":
        typed = '{"hor_estimate": shift, "ver_estimate": height}' if right else '{"h": shift}'
        box.get_by_role("textbox").fill(typed)
    else:
        place = next(n for n, option in enumerate(repair.options) if option.right)
        place = place if right else (place + 1) % len(repair.options)
        box.locator("[data-testid=stRadioOption], [role=radiogroup] label").nth(place).click()
    page.locator(f".st-key-run-repair-{number} button").click()
    if not right:
        expect(box.get_by_test_id("stAlert")).to_be_visible()
        page.locator(f".st-key-show-repair-{number} button").click()
    expect(box).to_have_count(0)


def sketch(page: Page, number: int, *, right: bool) -> None:
    """Move the sliders by their keys."""
    if right:
        for name, key, times in (("sketch-h", "ArrowRight", 10), ("sketch-v", "ArrowLeft", 20)):
            slider = page.locator(f"[class*=st-key-{name}-]").get_by_role("slider")
            slider.focus()
            for _ in range(times):
                page.keyboard.press(key)
            value = "1.00" if name == "sketch-h" else "-2.00"
            expect(slider).to_have_attribute("aria-valuetext", value)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def finish(page: Page, lesson: Lesson, language: str, *, right: bool) -> None:
    """Answer the questions at the end and ask for the result."""
    expect(page.get_by_role("heading", level=2, name=lesson.steps[-1].title)).to_be_visible()
    speaks(page, language)
    choices = numbers = 0
    for question in lesson.steps[-1].questions:
        if question.kind == "choice":
            marked = next(n for n, option in enumerate(question.options) if option.right)
            answer(page, question, marked if right else (marked + 1) % len(question.options), choices)
            choices += 1
        else:
            known = float(question.answer[0])
            answer(page, question, f"{known if right else known + 1:g}", numbers)
            numbers += 1
    page.locator(".st-key-lesson-judge button").click()


def test_a_lesson_is_walked_by_one_who_is_right(visit: Visit) -> None:
    lesson = shelf("en").lesson("1-saved")
    page = visit("lessons?lesson=1-saved&at=1&lang=en")  # it trains its own run, live
    walk(page, lesson, "en", right=True)
    finish(page, lesson, "en", right=True)
    count = len(lesson.steps[-1].questions)
    expect(page.get_by_role("heading", name=f"{count} of {count} right")).to_be_visible()
    page.locator(".st-key-lesson-follow button").click()
    following = shelf("en").lesson(lesson.follows)
    expect(page.get_by_role("heading", level=1, name=following.title)).to_be_visible()


# The right and the wrong walk of each lesson in each language are a part of the soak.
@pytest.mark.parametrize(
    ("slug", "right"), [("1-saved", False), ("2-restore", False), ("3-remains", False), ("4-travels", True)]
)
def test_a_lesson_is_walked_in_persian_without_a_word_of_english(
    visit: Visit, slug: str, right: bool, adam_id: str
) -> None:
    lesson, say = shelf("fa").lesson(slug), words("fa")
    page = visit(f"lessons?lesson={slug}&at=1&lang=fa&run={adam_id}")
    expect(page.locator("[lang=fa]")).to_have_css("direction", "rtl", timeout=30_000)
    for name in (say["for_teachers"], say["all_steps"]):
        page.get_by_role("button", name=name).click()
        expect(page.get_by_test_id("stPopoverBody")).to_have_css("direction", "rtl")
        speaks(page, "fa")
        page.keyboard.press("Escape")
    walk(page, lesson, "fa", right=right)
    finish(page, lesson, "fa", right=right)
    count = len(lesson.steps[-1].questions)
    result = say["result"].format(right=count if right else 0, count=count)
    expect(page.get_by_role("heading", name=localized(result, say["digits"]))).to_be_visible()
    speaks(page, "fa")
    if right:
        expect(page.get_by_role("link", name=say["explore"])).to_be_visible()
    else:
        look = lesson.steps[-1].questions[0].look or 0
        page.locator(".st-key-look-1 button").click()
        expect(page.get_by_role("heading", level=2, name=lesson.step(look).title)).to_be_visible()
    page.locator(".st-key-lesson-leave button").click()
    expect(page.get_by_role("heading", level=1, name=say["title"])).to_be_visible()
    speaks(page, "fa")


def test_a_reload_keeps_step_and_guess_and_other_pages_lead_back(visit: Visit, adam_id: str) -> None:
    lesson = shelf("en").lesson("2-restore")
    page = visit(f"lessons?lesson=2-restore&at=1&lang=en&run={adam_id}")
    answer(page, lesson.step(1).questions[0], 2)
    page.locator(".st-key-guess-1 button").click()
    expect(page.get_by_text("Your guess: An error: a variable")).to_be_visible()
    page.locator(".st-key-lesson-next button").click()
    expect(page.get_by_role("heading", level=2, name=lesson.step(2).title)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=2, name=lesson.step(2).title)).to_be_visible()
    page.get_by_role("link", name="The full page").click()
    expect(page.get_by_role("heading", level=1, name="Error gallery")).to_be_visible()
    page.get_by_test_id("stSidebarNavLink").filter(has_text=re.compile("Lessons$")).click()
    expect(page.get_by_role("heading", level=2, name=lesson.step(2).title)).to_be_visible()
    page.locator(".st-key-lesson-back button").click()
    expect(page.get_by_text("Your guess: An error: a variable")).to_be_visible()


def test_a_class_votes_discusses_votes_again_and_then_sees_the_answer(visit: Visit) -> None:
    lesson, votes = shelf("en").lesson("3-remains"), []
    teacher = visit("lessons?lesson=3-remains&at=1&lang=en&h=2&seed=5")
    drawn.at_rest(teacher)
    teacher.get_by_role("button", name="Teach a class").click()
    drawn.at_rest(teacher)
    teacher.get_by_role("button", name="Open a class").click()
    link = teacher.locator("[data-testid=stCode]").first.inner_text().strip()
    assert re.search(r"lesson=3-remains&at=1&lang=en&h=2\.0&seed=5&class=[A-Z2-9]{6}$", link)
    expect(teacher.get_by_role("img", name=re.compile("QR code of the link"))).to_be_visible()
    expect(teacher.get_by_role("heading", name="Learners: 0")).to_be_visible()
    teacher.get_by_role("button", name="Start the vote").click()
    expect(teacher.get_by_role("button", name="Vote a second time")).to_be_visible()
    for said in ({"model_iter-99", "model_final"}, {"model_iter-0"}):
        learner = visit(link.partition("/lessons")[2] and "lessons" + link.partition("/lessons")[2])
        expect(learner.get_by_text("You are in class")).to_be_visible()
        answer(learner, lesson.step(1).questions[0], said)
        learner.locator(".st-key-guess-1 button").click()
        expect(learner.get_by_text("Your vote is counted. Discuss it.")).to_be_visible()
        expect(learner.get_by_role("heading", name=re.compile("Learners:"))).to_have_count(0)
        votes.append(learner)
    expect(teacher.get_by_role("heading", name="Learners: 2")).to_be_visible()
    expect(teacher.get_by_text("2 of 2 have answered")).to_be_visible()
    expect(teacher.locator(".ce-code.ce-small")).to_be_visible()
    bars = teacher.locator(".ce-bars")
    expect(bars.first).to_contain_text(re.compile(r"model_iter-0\s*1"))
    expect(bars.first).to_contain_text(re.compile(r"model_iter-50\s*0"))
    expect(bars.first).not_to_contain_text("✓")
    teacher.get_by_role("button", name="Vote a second time").click()
    second = votes[1]
    expect(second.get_by_text("Your class votes a second time.")).to_be_visible()
    answer(second, lesson.step(1).questions[0], {"model_iter-50"})
    second.locator(".st-key-again-1 button").click()
    expect(second.get_by_text("Your vote is counted. Discuss it.")).to_be_visible()
    expect(bars.nth(1)).to_contain_text(re.compile(r"model_iter-50\s*1"))
    expect(bars.nth(0)).to_contain_text(re.compile(r"model_iter-50\s*0"))
    teacher.get_by_role("button", name="Show the answer").click()
    expect(second.locator(".st-key-do-1 button")).to_be_visible()
    second.locator(".st-key-do-1 button").click()
    expect(second.locator(".st-key-reveal-1")).to_be_visible(timeout=60_000)
    expect(bars.first).to_contain_text(re.compile(r"✓ model_iter-96"))
    with teacher.expect_download() as votes_file:
        teacher.get_by_role("button", name="Download the votes").click()
    assert "model_iter-50,1" in votes_file.value.path().read_text()
    teacher.get_by_role("button", name="End the class").click()
    teacher.locator(".st-key-end-class button").click()
    expect(teacher.get_by_text("Step 1 of")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_step_fits_a_telephone(visit: Visit, scheme: str, adam_id: str) -> None:
    page = visit(f"lessons?lesson=1-saved&at=3&lang=fa&run={adam_id}", 390, color_scheme=scheme)
    expect(page.get_by_role("heading", level=2)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("[lang=fa]")).to_have_css("direction", "rtl", timeout=30_000)
