"""A class loses no answer, knows nobody's name, shows its answers to its teacher, and ends after a day."""

import csv
import io
import json
import os
import re
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from core.lessons import classroom
from core.lessons.classroom import DAY, ClassOver, Classroom, clear, find_class, fits, key_of, open_class
from core.lessons.lesson import Option, Question
from core.lessons.shelf import shelf

CHOICE = Question("choice", "?", (Option("five", True), Option("a hundred", False)))
NUMBER = Question("number", "?", answer=("8",))
TICKING = Question("ticking", "?", (Option("a", True), Option("b", True)))
SKETCH = Question("sketch", "?", answer=("1", "2"))


def opened(tmp_path: Path) -> Classroom:
    return open_class(tmp_path, "1-saved", "en", "owner", {"h": "2.0"})


def test_a_class_is_found_by_its_code_however_it_is_typed(tmp_path: Path) -> None:
    room = opened(tmp_path)
    assert re.fullmatch("[A-Z2-9]{6}", room.code)
    found = find_class(tmp_path, f" {room.code.lower()} ")
    assert found == room
    assert (found.lesson, found.settings) == ("1-saved", (("h", "2.0"),))
    assert open_class(tmp_path, "1-saved", "en", "owner").code != room.code


@pytest.mark.parametrize("code", ["", "ABCDEF", "../../", "ABC/EF", "x" * 5000])
def test_a_code_that_is_none_is_one_sentence(tmp_path: Path, code: str) -> None:
    with pytest.raises(ClassOver, match=r"There is no class .* here\."):
        find_class(tmp_path, code)


def answer(arguments: tuple[Path, int]) -> None:
    """One of forty learners, in a process of their own: arrives at three steps and predicts in each."""
    directory, number = arguments
    room = Classroom(directory, "1-saved", "en", time.time(), "owner")
    who = room.learner(f"visitor {number}")
    for step in (1, 2, 3):
        room.arrive(who, step)
        room.say(who, key_of(step), number % 2)


def test_forty_who_answer_at_once_are_all_counted(tmp_path: Path) -> None:
    room = opened(tmp_path)
    with ProcessPoolExecutor(4) as processes:
        list(processes.map(answer, [(room.directory, number) for number in range(40)]))
    pupils = room.pupils()
    assert (pupils.count, pupils.at) == (40, {3: 40})
    assert pupils.votes("2", CHOICE) == {"five": 20, "a hundred": 20}
    assert pupils.votes("9", CHOICE) == {"five": 0, "a hundred": 0}


def test_the_last_prediction_counts(tmp_path: Path) -> None:
    room = opened(tmp_path)
    room.say("a", "1", 0)
    assert room.pupils().votes("1", CHOICE)["five"] == 1
    room.say("a", "1", 1)
    assert room.pupils().votes("1", CHOICE) == {"five": 0, "a hundred": 1}
    room.say("a", "2", 8)
    room.say("b", "2", 200.5)
    assert room.pupils().votes("2", NUMBER) == {"8": 1, "200.5": 1}
    room.say("a", "3", (0, 1))
    room.say("b", "3", (1,))
    assert room.pupils().votes("3", TICKING) == {"a": 1, "b": 2}
    room.say("a", "4", (1.04, -2.0))
    assert room.pupils().votes("4", SKETCH) == {"h 1.0, v -2.0": 1}


def test_a_second_vote_stands_beside_the_first_and_the_teacher_leads(tmp_path: Path) -> None:
    room = opened(tmp_path)
    assert room.pupils().phase("1") is None
    room.arrive("a", 2)
    room.arrive("b", 2)
    room.arrive("c", 5)
    room.say("a", "2", 1)
    room.say("b", "2", 1)
    room.ask("2", "vote")
    assert (room.pupils().phase("2"), room.pupils().phase("3")) == ("vote", None)
    room.ask("2", "again")
    room.say("a", "2", 0, again=True)
    room.tell("4", 9.5)
    pupils = room.pupils()
    assert (pupils.count, pupils.step, pupils.phase("2"), pupils.right) == (3, 2, "again", {"4": 9.5})
    assert pupils.votes("2", CHOICE) == {"five": 0, "a hundred": 2}
    assert pupils.votes("2", CHOICE, again=True) == {"five": 1, "a hundred": 0}
    room.ask("3", "vote")
    assert room.pupils().phase("2") is None  # whoever waited there goes on


def test_the_votes_as_csv_name_nobody_and_an_end_deletes_them(tmp_path: Path) -> None:
    lesson = shelf("en").lesson("1-saved")
    room = opened(tmp_path)
    room.say(room.learner("ada"), "2", 304)
    room.say(room.learner("ada"), "2", 200, again=True)
    room.say(room.learner("bob"), "3", 2)
    rows = list(csv.reader(io.StringIO(room.pupils().to_csv(lesson))))
    assert rows[0] == ["step", "question", "vote", "answer", "learners"]
    asked = lesson.step(2).questions[0].ask.replace("`", "")
    assert rows[1:3] == [["2", asked, "1", "304", "1"], ["2", asked, "2", "200", "1"]]
    assert [row[4] for row in rows[3:]] == ["0", "0", "1", "0"]
    assert not {"ada", "bob", room.learner("ada")} & {cell for row in rows for cell in row}
    room.end()
    assert not room.directory.exists()
    with pytest.raises(ClassOver):
        room.ask("2", "answer")


def test_nothing_personal_is_stored(tmp_path: Path) -> None:
    room = opened(tmp_path)
    visitor = "a visitor's secret number"
    room.say(room.learner(visitor), "1", 1)
    (line,) = (room.directory / "said.jsonl").read_text().splitlines()
    assert json.loads(line).keys() == {"who", "key", "said"}
    assert re.fullmatch("[0-9a-f]{16}", json.loads(line)["who"])
    other = open_class(tmp_path, "1-saved", "en", "owner")
    assert other.learner(visitor) != room.learner(visitor)
    assert {path.name for path in room.directory.iterdir()} == {"class.json", "said.jsonl"}


def test_a_class_ends_after_a_day_and_is_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, young = opened(tmp_path), opened(tmp_path)
    room.say("a", "1", 1)
    facts = json.loads((room.directory / "class.json").read_text())
    (room.directory / "class.json").write_text(json.dumps({**facts, "opened": time.time() - DAY - 1}))
    old = replace(room, opened=time.time() - DAY - 1)
    for what in (lambda: old.say("a", "1", 1), old.pupils, lambda: find_class(tmp_path, room.code)):
        with pytest.raises(ClassOver, match="There is no class"):
            what()
    clear(tmp_path)
    assert not room.directory.exists()
    assert young.directory.exists()
    with pytest.raises(ClassOver):
        room.say("a", "1", 1)


def test_what_somebody_put_there_does_no_harm(tmp_path: Path) -> None:
    room = opened(tmp_path)
    room.say("a", "1", 1)
    with (room.directory / "said.jsonl").open("ab") as file:
        file.write(
            b'nonsense\n{"who": "b", "key": "1", "said": {"x": [1]}}\n{"who": "c", "key": "1", "said": 99}\n'
        )
        file.write(
            b'{"who": "d", "at": "many"}\n{"who": "e", "key": "../1", "said": 1}\n[1]\n{"who": "f", "at": 7'
        )
    assert room.pupils().votes("1", CHOICE) == {"five": 0, "a hundred": 1}
    with (room.directory / "said.jsonl").open("ab") as file:
        file.write(b'\n{"who": "g", "at": Infinity}\n')
        file.write(
            b'{"at": 3}\n{"key": "1", "said": 0}\n{"lead": "3"}\n{"who": "h", "key": "1", "said": [true]}\n'
        )
    pupils = room.pupils()
    assert (pupils.count, pupils.at, pupils.lead) == (2, {}, None)
    assert pupils.votes("1", CHOICE) == {"five": 0, "a hundred": 1}
    facts = json.loads((room.directory / "class.json").read_text())
    wrong: object
    for wrong in ([], {**facts, "opened": 10**400}):
        (room.directory / "class.json").write_text(json.dumps(wrong))
        with pytest.raises(ClassOver):
            find_class(tmp_path, room.code)
    os.mkfifo(tmp_path / classroom.FOLDER / "pipe")
    clear(tmp_path)


def test_a_flood_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classroom, "LARGEST", 200)
    room = opened(tmp_path)
    for number in range(50):
        room.say("a" * 16, "1", number)
    assert (room.directory / "said.jsonl").stat().st_size <= 200


@pytest.mark.parametrize(
    ("question", "good", "bad"),
    [
        (CHOICE, 1, (2, -1, True, 1.0, "1", None)),
        (NUMBER, 2.5, ("2", True, 1e300, float("nan"), (1,))),
        (TICKING, (0, 1), ((0, 0), (2,), (True,), 1, ("a",))),
        (SKETCH, (1, -2.0), ((1,), (1, 2, 3), ("1", 2), (1e9, 0))),
    ],
)
def test_what_can_be_said_to_a_question(question: Question, good: object, bad: tuple[object, ...]) -> None:
    assert fits(question, good)
    assert not any(fits(question, each) for each in bad)


def test_a_class_whose_folder_was_removed_has_ended(tmp_path: Path) -> None:
    room = open_class(tmp_path, "1-saved", "en", "owner")
    assert room.pupils().count == 0
    shutil.rmtree(room.directory)
    with pytest.raises(ClassOver):
        room.pupils()


def test_who_turns_out_to_be_somebody_else_is_not_counted_twice(tmp_path: Path) -> None:
    room = open_class(tmp_path, "1-saved", "en", "teacher")
    room.arrive("stranger", 1)
    room.leave("stranger")
    room.arrive("a", 1)
    assert (room.pupils().count, room.pupils().at) == (1, {1: 1})
    room.say("a", "1", 3.0)
    room.leave("a")
    assert (room.pupils().count, room.pupils().at, room.pupils().said) == (1, {}, {"1": (3.0,)})
