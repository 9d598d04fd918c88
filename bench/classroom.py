"""A class of forty goes through a lesson together, while others train."""

from __future__ import annotations

import asyncio
import random
import statistics
from collections import defaultdict
from collections.abc import Sequence

from bench.chromium import application
from bench.learner import SAY, Learner, button_of
from bench.places import runs_folder
from bench.report import Check, Table, p95
from bench.visitor import Visitor
from core.data import make_sample
from core.lessons.classroom import Classroom, open_class
from core.lessons.lesson import Lesson
from core.lessons.shelf import shelf
from core.pool.training import train_run

LEARNERS = 40
OTHERS = 4  # visitors who train all the time
THINKS = (3.0, 9.0)  # seconds between two presses: much less than who reads the words needs
ANSWER = 1.0  # seconds in which a step has to answer, 95th percentile

Times = dict[str, list[float]]


def measure() -> Sequence[Table]:
    """One server with two training workers, forty learners in a class, four visitors who only train."""
    lesson = shelf("en").lesson("1-saved")
    runs = runs_folder()
    run = runs.create(make_sample(lesson.data), lesson.train, lesson.data)
    train_run(str(run.directory))
    room = open_class(runs.root, lesson.slug, "en", "a teacher")
    with application(runs) as site:
        times, trained = asyncio.run(_class(site.address, room, lesson, run.id))
    pupils = room.pupils()
    answers = times["guess"] + times["next"] + times["action"]
    arrived = pupils.at.get(len(lesson.steps), 0)
    counted = {len(pupils.said.get(str(number), ())) for number in range(1, len(lesson.steps))}
    rows = [
        ("a guess, until it stands on the page", _answer(times["guess"])),
        ("next, until the step's heading", _answer(times["next"])),
        ("an action, until the answer stands beside the guess", _answer(times["action"])),
        ("runs that the others finished meanwhile", str(trained)),
        ("guesses counted in each step", ", ".join(str(each) for each in sorted(counted))),
    ]
    return [
        Table(
            f"A class of {LEARNERS}",
            f"Lesson “{lesson.title}”, from its first step to the questions at its end, with the teacher's "
            f"run in the link; each learner waits {THINKS[0]:.0f} to {THINKS[1]:.0f} s before each press. "
            f"{OTHERS} other visitors train without a pause. All send what a browser would send.",
            ("what", "measured"),
            tuple(rows),
            (
                Check(
                    f"every step answers within {ANSWER:g} s, 95th percentile",
                    f"{p95(answers):.2f} s",
                    p95(answers) <= ANSWER,
                ),
                Check(
                    f"all {LEARNERS} arrive at the end, and every guess is counted",
                    f"{arrived}, {min(counted)} to {max(counted)}",
                    arrived == LEARNERS and counted == {LEARNERS},
                ),
            ),
        )
    ]


async def _class(address: str, room: Classroom, lesson: Lesson, run: str) -> tuple[Times, int]:
    """The times of all presses, and how many runs the others finished."""
    first = await Visitor.arrive(address, "")  # a server that nobody has visited is still starting
    await first.sees("This run came with the application")
    await first.leave()
    trained: list[str] = []
    others = [asyncio.create_task(_train(address, trained)) for _ in range(OTHERS)]
    times: Times = defaultdict(list)
    chance = random.Random(0)
    query = f"lesson={lesson.slug}&at=1&lang=en&run={run}&class={room.code}"
    learners = []
    for _ in range(LEARNERS):
        learners.append(await Learner.arrive(address, "lessons", query))
        await asyncio.sleep(0.25)
    await asyncio.gather(*(_walk(each, lesson, times, chance) for each in learners))
    for other in others:
        other.cancel()
    for learner in learners:
        await learner.leave()
    return times, len(trained)


async def _walk(learner: Learner, lesson: Lesson, times: Times, chance: random.Random) -> None:
    """From the first step to the last."""
    for number in range(1, len(lesson.steps)):
        await asyncio.sleep(chance.uniform(*THINKS))
        times["guess"].append(await learner.guesses())
        # The run of the first step is there; a diagram has nothing to press.
        if number > 1 and lesson.step(number).deed is not None:
            await asyncio.sleep(chance.uniform(*THINKS))
            seconds = await learner.does(button_of(lesson, number), SAY["what_happened"])
            times["action"].append(seconds)
        await asyncio.sleep(chance.uniform(*THINKS))
        times["next"].append(await learner.does(SAY["next"], lesson.step(number + 1).title))


async def _train(address: str, trained: list[str]) -> None:
    """Train again and again; note every run that was finished."""
    visitor = await Visitor.arrive(address, "", "iterations=500")
    await visitor.at_full_speed()
    while True:
        await visitor.asks("train")
        await visitor.sees("Training: ")
        await visitor.sees("Finished: 500 of 500")
        trained.append("finished")


def _answer(seconds: list[float]) -> str:
    return (
        f"median {statistics.median(seconds):.2f} s, 95th percentile {p95(seconds):.2f} s, "
        f"slowest {max(seconds):.2f} s ({len(seconds)} presses)"
    )
