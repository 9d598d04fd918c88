"""Reads a lesson's file: Markdown with fenced blocks; every mistake is one sentence with its line.

---                     front matter: title, about, seconds, settings, next
## A step               a heading begins a step; what follows is its text
```question choice      also number, ticking, sketch
```action train         one of `core.lessons.actions.ACTIONS`, a parameter a line
```repair               which line is missing: options, or `repair dict` for a dict that the learner types
```reveal               with facts of the action in braces
```code                 the lines of code that did it
```diagram              situation -> what to use, a line each
```words                terms of the glossary that the step explains
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace

from core.glossary import UnknownTerm, explain
from core.lessons.actions import ACTIONS, unknown_row
from core.lessons.lesson import KINDS, PLACEHOLDER, Deed, Lesson, Mistake, Option, Question, Step
from core.settings import DataSettings, SettingsError, TrainSettings
from core.words import listed

BLOCKS = ("question", "action", "repair", "reveal", "code", "diagram", "words")
FRONT = ("title", "about", "seconds", "settings", "next", "minutes")  # the last one of earlier versions
LINES = ("answer", "unit", "close", "look")  # of a question
SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")

_HTML = re.compile(r"<[a-zA-Z/!][^>]*>")
_CODE = re.compile(r"`[^`]*`")
_OPTION = re.compile(r"- \[([ xX])\] (.+)")
_LINE = re.compile(r"(\w+):\s*(.*)")

Lines = list[tuple[int, str]]  # (line number from 1, text)


@dataclass
class _Block:
    """One fenced block as it stands in the file."""

    line: int
    name: str
    word: str
    lines: Lines


@dataclass
class _Part:
    """One step as it stands in the file."""

    line: int
    title: str
    text: Lines = field(default_factory=list)
    blocks: list[_Block] = field(default_factory=list)


class _Reader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self, file: str) -> None:
        self._file = file
        self.mistakes: list[Mistake] = []
        self.train = TrainSettings()
        self.titles: list[str] = []  # of the steps before the end

    def wrong(self, line: int, sentence: str) -> None:
        self.mistakes.append(Mistake(self._file, line, sentence))

    def front(self, lines: Lines) -> tuple[dict[str, tuple[int, str]], Lines]:
        """The front matter, and the lines below it."""
        if not lines or lines[0][1].strip() != "---":
            self.wrong(1, "A lesson begins with a line of three hyphens, then its title and settings.")
            return {}, lines
        ends = next((n for n, (_, text) in enumerate(lines[1:], 1) if text.strip() == "---"), None)
        if ends is None:
            self.wrong(1, "The settings at the top have no end: close them with a line of three hyphens.")
            return {}, []
        found: dict[str, tuple[int, str]] = {}
        for number, text in lines[1:ends]:
            named = _LINE.fullmatch(text.strip())
            if not text.strip():
                continue
            if named is None or named[1] not in FRONT:
                self.wrong(number, f"{text.strip()[:40]!r} is not known here. Known are: {listed(FRONT)}.")
            else:
                found[named[1]] = number, named[2]
        return found, lines[ends + 1 :]

    def settings(self, given: tuple[int, str]) -> tuple[DataSettings, TrainSettings]:
        """The settings of the lesson's run, as `optimizer=Adam, seed=3`."""
        line, text = given
        values: dict[str, str] = {}
        for each in filter(None, (part.strip() for part in text.split(","))):
            name, equals, value = (part.strip() for part in each.partition("="))
            if not equals or name not in {
                f.name for kind in (DataSettings, TrainSettings) for f in fields(kind)
            }:
                self.wrong(line, f"The settings say {each[:40]!r}; write them as optimizer=Adam, seed=3.")
            else:
                values[name] = value
        try:
            self.train = TrainSettings.from_strings(values)
            return DataSettings.from_strings(values), self.train
        except SettingsError as error:
            self.wrong(line, f"The settings cannot be used: {error}")
            return DataSettings(), TrainSettings()

    def parts(self, lines: Lines) -> list[_Part]:
        """The steps with their blocks, none of them understood yet."""
        found: list[_Part] = []
        rest = iter(lines)
        for number, text in rest:
            if text.startswith("## "):
                found.append(_Part(number, text[3:].strip()))
                continue
            if text.startswith("```"):
                block = self._block(number, text, rest)
                if not found:
                    self.wrong(number, "A block is before the first step. A step begins with ## and a title.")
                elif block.name not in BLOCKS:
                    self.wrong(number, f"There is no block {block.name!r}. Known are: {listed(BLOCKS)}.")
                else:
                    found[-1].blocks.append(block)
                continue
            if _HTML.search(_CODE.sub("", text)):
                self.wrong(number, "HTML is not shown in a lesson. Write it in Markdown, or as `code`.")
            if found:
                found[-1].text.append((number, text))
            elif text.strip():
                self.wrong(number, "Words are before the first step. A step begins with ## and a title.")
        return found

    def _block(self, number: int, text: str, rest: Iterator[tuple[int, str]]) -> _Block:
        name, _, word = text[3:].strip().partition(" ")
        block = _Block(number, name, word.strip(), [])
        for inside, line in rest:
            if line.startswith("```"):
                return block
            block.lines.append((inside, line))
            if name in ("question", "reveal") and _HTML.search(_CODE.sub("", line)):
                self.wrong(inside, "HTML is not shown in a lesson. Write it in Markdown, or as `code`.")
        self.wrong(number, "This block has no end: close it with a line of three backquotes.")
        return block

    def step(self, part: _Part, *, last: bool) -> Step:
        """One step, understood."""
        if not part.title:
            self.wrong(part.line, "The step has no title: write it after ##.")
        if not part.blocks and not any(text.strip() for _, text in part.text):
            self.wrong(part.line, "The step is empty: give it words, a question or something to do.")
        by_name = {name: [each for each in part.blocks if each.name == name] for name in BLOCKS}
        for name in BLOCKS[1:]:
            for more in by_name[name][1:]:
                self.wrong(more.line, f"The step has a second {name}; one step has one.")
        asked = by_name["question"]
        final = len(asked) > 1
        if final and not last:
            self.wrong(
                asked[1].line, "The step has a second question; only the last step of a lesson has several."
            )
        if final and by_name["action"]:
            self.wrong(by_name["action"][0].line, "The questions at the end come without an action.")
        deed = self._deed(by_name["action"][0]) if by_name["action"] else None
        known = deed.facts if deed and deed.name else ()
        questions = tuple(self._question(each, known, deed, final=final) for each in asked)
        reveal = self._reveal(by_name["reveal"][0], known, deed) if by_name["reveal"] else ""
        code = _joined(by_name["code"][0].lines) if by_name["code"] else ""
        return Step(
            part.title,
            _joined(part.text),
            questions,
            deed if known else None,
            reveal,
            code,
            self._words(by_name["words"][0]) if by_name["words"] else (),
            self._repair(by_name["repair"][0], deed) if by_name["repair"] else None,
            self._diagram(by_name["diagram"][0]) if by_name["diagram"] else (),
        )

    def _repair(self, block: _Block, deed: Deed | None) -> Question:
        """Which line is missing; "dict" lets the learner type it."""
        if deed is not None and not deed.action.repaired:
            those = listed([each.name for each in ACTIONS.values() if each.repaired])
            self.wrong(block.line, f"The action {deed.name} has no fix. Those with one: {those}.")
        if block.word == "dict":
            return Question("dict", _joined(block.lines))
        return self._question(replace(block, word="choice"), (), deed, final=False)

    def _diagram(self, block: _Block) -> tuple[tuple[str, str], ...]:
        found = []
        for number, text in block.lines:
            when, arrow, use = (each.strip() for each in text.partition("->"))
            if arrow and when and use:
                found.append((when, use))
            elif text.strip():
                self.wrong(number, "A line of a diagram is: situation -> what to use.")
        return tuple(found)

    def _words(self, block: _Block) -> tuple[str, ...]:
        found: list[str] = []
        for number, text in block.lines:
            for term in filter(None, (each.strip() for each in text.split(","))):
                try:
                    explain(term)
                except UnknownTerm as error:
                    self.wrong(number, str(error))
                found.append(term)
        return tuple(found)

    def _deed(self, block: _Block) -> Deed | None:
        if block.word not in ACTIONS:
            self.wrong(block.line, f"There is no action {block.word!r}. Write one of: {', '.join(ACTIONS)}.")
            return None
        needed, rows = ACTIONS[block.word].parameters, ACTIONS[block.word].rows
        checks = {**needed, **ACTIONS[block.word].optional}
        given: dict[str, str] = {}
        lines: dict[str, int] = {}
        for number, text in block.lines:
            named = _LINE.fullmatch(text.strip())
            if not text.strip():
                continue
            if named is None or named[1] not in (*checks, *rows):
                names = listed([*checks, *rows], "nothing")
                self.wrong(number, f"The action {block.word} takes {names}, not {text.strip()[:40]!r}.")
                continue
            given[named[1]] = named[2]
            lines[named[1]] = number
            if named[1] in checks and (problem := checks[named[1]](named[2], self.train)):
                self.wrong(number, f"{named[1]} is {named[2][:40]!r}; {problem}.")
        for name in set(given) & set(rows):
            if problem := unknown_row(given, name):
                self.wrong(lines[name], f"{name} is {given[name][:40]!r}; {problem}.")
        for name in needed:
            if name not in given:
                self.wrong(block.line, f"The action {block.word} needs a line {name}: with its value.")
        return Deed(block.word, given)

    def _reveal(self, block: _Block, known: tuple[str, ...], deed: Deed | None) -> str:
        for number, text in block.lines:
            plain = text
            for name in PLACEHOLDER.findall(text):
                plain = plain.replace(f"{{{name}}}", "")
                if name not in known:
                    self.wrong(number, _unknown_fact(name, known, deed))
            if "{" in plain or "}" in plain:
                self.wrong(number, "A brace has no partner. A fact is written as {name}.")
        return _joined(block.lines)

    def _question(self, block: _Block, known: tuple[str, ...], deed: Deed | None, *, final: bool) -> Question:
        asks: Lines = []
        options: list[Option] = []
        given: dict[str, tuple[int, str]] = {}
        for number, text in block.lines:
            option, named = _OPTION.fullmatch(text.strip()), _LINE.fullmatch(text.strip())
            if option:
                told, _, why = option[2].partition(" | ")
                options.append(Option(told.strip(), option[1] != " ", why.strip()))
            elif named and named[1] in LINES:
                given[named[1]] = number, named[2]
            else:
                asks.append((number, text))
        kind = next((each for each in KINDS if each == block.word), None)
        if kind is None:
            self.wrong(
                block.line, f"There is no question of the kind {block.word!r}. Write one of: {listed(KINDS)}."
            )
            return Question("choice", "", (Option("", True),))
        found = Question(kind, _joined(asks), tuple(options), unit=given.get("unit", (0, ""))[1])
        if not found.ask:
            self.wrong(block.line, "The question asks nothing: write it in the block's first lines.")
        found = replace(
            found,
            answer=self._answer(found, block, given.get("answer"), known, deed),
            close=self._number(given.get("close"), "close"),
        )
        return replace(found, look=self._look(block, given.get("look"), final=final))

    def _answer(
        self,
        question: Question,
        block: _Block,
        given: tuple[int, str] | None,
        known: tuple[str, ...],
        deed: Deed | None,
    ) -> tuple[str, ...]:
        marked = sum(option.right for option in question.options)
        if question.kind in ("choice", "ticking"):
            if len(question.options) < 2:
                self.wrong(block.line, "The question needs at least two options, each a line - [ ] or - [x].")
            elif question.kind == "choice" and marked != 1:
                self.wrong(block.line, f"Exactly one option of a choice is marked - [x]; here {marked} are.")
            if question.kind == "choice" or given is None:
                return ()
        elif given is None:
            self.wrong(block.line, "The question has no line answer: with what is right.")
            return ("0",) * (2 if question.kind == "sketch" else 1)
        line, text = given
        parts = tuple(text.replace(",", " ").split())
        count = 2 if question.kind == "sketch" else 1
        if len(parts) != count:
            what = "two values, h and v" if count == 2 else "one value"
            self.wrong(line, f"answer is {text[:40]!r}; it must be {what}.")
            return ("0",) * count
        for part in parts:
            name = PLACEHOLDER.fullmatch(part)
            if name and name[1] not in known:
                self.wrong(line, _unknown_fact(name[1], known, deed))
            elif not name and (question.kind == "ticking" or not _is_number(part)):
                self.wrong(line, f"answer is {part[:40]!r}; it must be a number, or a fact as {{name}}.")
                return ("0",) * count
        return parts

    def _number(self, given: tuple[int, str] | None, name: str) -> float:
        if given is None:
            return 0.0
        if not _is_number(given[1]) or float(given[1]) < 0:
            self.wrong(given[0], f"{name} is {given[1][:40]!r}; it must be a number from 0.")
            return 0.0
        return float(given[1])

    def _look(self, block: _Block, given: tuple[int, str] | None, *, final: bool) -> int | None:
        if not final:
            if given:
                self.wrong(given[0], "Only a question at the end has a line look:.")
            return None
        if given is None:
            self.wrong(
                block.line,
                "A question at the end needs a line look: with the title of the step to look at again.",
            )
            return 1
        if given[1] not in self.titles:
            self.wrong(given[0], f"look is {given[1][:40]!r}; it must be the title of a step before the end.")
            return 1
        return self.titles.index(given[1]) + 1


def parse(content: bytes, file: str, slug: str, language: str) -> Lesson | tuple[Mistake, ...]:
    """The lesson that a file holds, or everything that is wrong with it, in order of the lines."""
    reader = _Reader(file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return (Mistake(file, line, "The file is not text in UTF-8."),)
    if not SLUG.fullmatch(slug):
        reader.wrong(1, "The file's name must be small letters, digits and hyphens: links contain it.")
    front, lines = reader.front(list(enumerate(text.splitlines(), 1)))
    if not front.get("title", (1, ""))[1]:
        reader.wrong(1, "The settings at the top lack a line title:.")
    line, seconds = front.get("seconds", (1, "0"))
    if not (seconds.isdecimal() and int(seconds) <= 9999):
        reader.wrong(line, f"seconds is {seconds[:40]!r}; it must be a whole number from 0 to 9999.")
        seconds = "0"
    data, train = reader.settings(front.get("settings", (1, "")))
    parts = reader.parts(lines)
    if not parts:
        reader.wrong(1, "The lesson has no steps. A step begins with ## and a title.")
    reader.titles = [part.title for part in parts[:-1]]
    steps = tuple(reader.step(part, last=part is parts[-1]) for part in parts)
    if reader.mistakes:
        return tuple(sorted(reader.mistakes, key=lambda each: each.line))
    said = {name: value for name, (_, value) in front.items()}
    return Lesson(
        slug,
        language,
        said["title"],
        said.get("about", ""),
        int(seconds),
        data,
        train,
        said.get("next", ""),
        steps,
    )


def _unknown_fact(name: str, known: tuple[str, ...], deed: Deed | None) -> str:
    if deed is None:
        return f"{{{name}}} is not known: the step has no action from which it could come."
    return f"{{{name}}} is not known. The action {deed.name} tells: {', '.join(known)}."


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _joined(lines: Lines) -> str:
    return "\n".join(text for _, text in lines).strip()
