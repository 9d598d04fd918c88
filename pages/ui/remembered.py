"""What a page keeps: answers, until their inputs change or one asks again; and what its widgets showed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar, cast

import streamlit as st

T = TypeVar("T")

_KEY = "remembered"
_WIDGETS = "widgets"


class Remembered(Generic[T]):
    """One visitor's last answer to one kind of question.

    Args:
        name: of the question; two places with one name share the answer.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def _answers(self) -> dict[str, tuple[Hashable, object]]:
        return cast("dict[str, tuple[Hashable, object]]", st.session_state.setdefault(_KEY, {}))

    def get(self, inputs: Hashable = None) -> T | None:
        """The answer, if it was given for these inputs."""
        known, answer = self._answers.get(self._name, (None, None))
        return cast("T", answer) if known == inputs else None

    def put(self, answer: T, inputs: Hashable = None) -> T:
        """Keep an answer to these inputs in place of the last one."""
        self._answers[self._name] = inputs, answer
        return answer

    @contextmanager
    def until_done(self) -> Iterator[None]:
        """Forget the answer when the block ends or fails, but not where Streamlit ends the run in it."""
        try:
            yield
        except Exception:
            self._answers.pop(self._name, None)
            raise
        self._answers.pop(self._name, None)

    def get_or(self, inputs: Hashable, ask: Callable[[], T]) -> T:
        """The answer to these inputs, asked for if it is not the last one given."""
        known, answer = self._answers.get(self._name, (None, None))
        if self._name in self._answers and known == inputs:
            return cast("T", answer)
        return self.put(ask(), inputs)


def kept(key: str, usual: T) -> T:
    """What a widget starts with: what it showed when its page was left, else `usual`.

    Streamlit forgets a widget that is not drawn. While it is drawn its start stays the same, since another
    start would make it another widget.

    Args:
        key: of the widget.
    """
    starts, shown = st.session_state.setdefault(_WIDGETS, ({}, {}))
    if key in st.session_state:
        shown[key] = st.session_state[key]
    else:
        starts[key] = shown.get(key, usual)
    return cast("T", starts.setdefault(key, usual))
