"""A learner without a browser: walks a lesson, and notes how soon each press is answered."""

from __future__ import annotations

import asyncio
from time import perf_counter

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from bench.visitor import Visitor
from core.lessons.lesson import Lesson
from core.lessons.shelf import words

SAY = words("en")
LONG = 600.0  # seconds to wait for what trains


class Learner(Visitor):
    """One session on the page Lessons."""

    _fresh: dict[str, str]
    _said: list[str]
    _inputs: dict[str, tuple[str, str]]

    def _forget(self) -> None:
        self._fresh, self._said, self._inputs = {}, [], {}

    async def _read(self) -> None:
        self._forget()
        await super()._read()

    async def _look_at(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        what = element.WhichOneof("type")
        if what == "button":
            self._fresh[element.button.label] = element.button.id
        elif what in ("markdown", "heading"):
            self._said.append(getattr(element, what).body)
        elif what == "radio":
            option = element.radio.options[0]
            self._inputs[element.radio.id] = ("string_value", option)
        elif what == "number_input":
            self._inputs[element.number_input.id] = ("double_value", "7")
        await super()._look_at(message)

    async def sees_words(self, sentence: str) -> None:
        """Wait until the page says so."""
        await self._until(lambda: any(sentence in each for each in self._said))

    async def does(self, label: str, sentence: str) -> float:
        """Press a button of the page as it is now; seconds until the page says `sentence`."""
        await self._until(lambda: label in self._fresh)
        button = self._fresh[label]
        self._forget()
        began = perf_counter()
        await self._send(once=WidgetState(id=button, trigger_value=True))
        await asyncio.wait_for(self.sees_words(sentence), LONG)
        return perf_counter() - began

    async def guesses(self) -> float:
        """Say the first of the options, or a number; seconds until the page repeats it."""
        await self._until(lambda: SAY["guess"] in self._fresh)
        for widget, (kind, value) in self._inputs.items():
            state = WidgetState(id=widget)
            setattr(state, kind, float(value) if kind == "double_value" else value)
            self._chosen[widget] = state
        return await self.does(SAY["guess"], SAY["your_guess"])


BUTTONS = {
    "train": "do_train",
    "history": "take_me",
    "files": "do_files",
    "file": "do_file",
    "card": "do_card",
}


def button_of(lesson: Lesson, number: int) -> str:
    """What is written on the button that does a step's action."""
    deed = lesson.step(number).deed
    assert deed is not None
    return SAY[BUTTONS[deed.name]].format(name=deed.parameters.get("checkpoint", ""))
