"""What one visitor has chosen: one record in the session state, and its way to and from the URL.

The whole state is in the URL: settings, run and step. A link reopens the same thing elsewhere.
Only this module knows the names in the URL and the key in the session state.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import streamlit as st

from core.data import Sample, make_sample
from core.palette import RUNS
from core.settings import PACE, DataSettings, SettingsError, TrainSettings
from core.words import counted

_KEY = "explorer"

MOST_OTHERS = len(RUNS) - 1  # runs laid over another: with it they are as many as there are colours
OWN_URLS = 4  # how many URLs can be on their way at once: two clicks, each with a rerun


@dataclass
class State:
    """One visitor's choices.

    Attributes:
        data, train: the settings of the next run.
        own: the visitor's own points, which then take the place of `data`; and their file's name.
        run, step: what the looking-back pages show.
        others: further runs, laid over it on History.
        projector: whether everything is drawn for the back row.
        pace: of the next training, in the words of the page Train.
        lesson, at, lang, code: the lesson, its step from 1, its language, and the class that is followed.
        sweep: what the page Sweep shows.
        opened: the place that the page Open looks into, as its link has it.
        uploads: places that this visitor has uploaded or opened by their links.
        visitor: tells this browser from others; runs that it makes are its own.
        revision: grows when the server moves the slider, so that the browser follows.
        complaint, complained: what was wrong with the link that was followed; the page that says so.
        arrived: whether Streamlit knows the navigation, so that fragments work.
        settled: the URL's parameters that are this state's own, the last few: followed or published.
    """

    data: DataSettings = field(default_factory=DataSettings)
    train: TrainSettings = field(default_factory=TrainSettings)
    own: Sample | None = None
    own_name: str = ""
    run: str | None = None
    step: int | None = None
    others: tuple[str, ...] = ()
    projector: bool = False
    pace: str = PACE
    lesson: str = ""
    at: int = 1
    lang: str = ""
    code: str = ""
    sweep: str | None = None
    opened: str = ""
    uploads: tuple[str, ...] = ()
    visitor: str = field(default_factory=lambda: secrets.token_hex(16))
    revision: int = 0
    complaint: str = ""
    complained: str = ""
    arrived: bool = False
    settled: list[dict[str, str]] = field(default_factory=list)

    def sample(self) -> Sample:
        """The points that the next run will train on."""
        return self.own or make_sample(self.data)

    def points(self) -> str:
        """The points that the next run will train on, in words; a file's name as it is, not yet plain."""
        if self.own:
            return f"{self.own_name}, {counted(len(self.own), 'point')}"
        data = self.data
        return f"{data.samples:,} points of h {data.h:g}, v {data.v:g}, noise {data.noise:g}"

    def show(self, run: str, step: int | None = None) -> None:
        """Make `run` the one that is looked at."""
        if run != self.run:
            self.others = ()  # they were chosen to be seen over another run
        self.run, self.step = run, step
        self.revision += 1


def state() -> State:
    """This visitor's state."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = State()
    return st.session_state[_KEY]


def restore() -> None:
    """Take over what the URL asks for, if somebody followed a link or edited it.

    A rerun that was asked for before the last `publish` still carries an older URL: one that we wrote,
    or the link that brought the visitor here.
    """
    asked = st.query_params.to_dict()
    current = state()
    if asked and asked not in current.settled:
        _apply(current, asked)
        _settle(current, asked)


def publish() -> None:
    """Write the state into the URL. Streamlit empties it when the page changes."""
    current = state()
    address = to_address(current)
    _settle(current, address)
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)


def to_address(current: State) -> dict[str, str]:
    """The state as URL parameters; what has its default is left out."""
    address: dict[str, str] = {}
    for record in (current.data, current.train):
        usual = type(record)().to_strings()
        address |= {key: text for key, text in record.to_strings().items() if usual[key] != text}
    if current.run:
        address["run"] = current.run
        if current.step is not None:
            address["step"] = str(current.step)
        if current.others:
            address["other"] = ",".join(current.others)
    if current.lesson:
        address |= {"lesson": current.lesson, "at": str(current.at)}
    if current.lang:
        address["lang"] = current.lang
    if current.code:
        address["class"] = current.code
    if current.projector:
        address["projector"] = "1"
    if current.sweep:
        address["sweep"] = current.sweep
    if current.opened:
        address["open"] = current.opened
    return address


def _settle(current: State, address: dict[str, str]) -> None:
    if address not in current.settled[-1:]:
        current.settled = [*current.settled[-OWN_URLS:], address]


def _apply(current: State, asked: Mapping[str, str]) -> None:
    """Take every value that is one; say which are not."""
    wrong: list[str] = []
    current.data = _settings(DataSettings, asked, wrong)
    current.train = _settings(TrainSettings, asked, wrong)
    step = asked.get("step", "")
    if step and not (step.isdecimal() and len(step) < 10):
        wrong.append(f"step is {step[:20]!r}; it must be a whole number.")
        step = ""
    current.run = asked.get("run") or None
    current.others = tuple(filter(None, asked.get("other", "").split(",")))[:MOST_OTHERS]
    current.projector = asked.get("projector") == "1"
    current.sweep = asked.get("sweep") or None
    current.opened = asked.get("open", "")[:200]
    current.step = int(step) if step else None
    at = asked.get("at", "")
    current.lesson, current.at = asked.get("lesson", ""), int(at) if at.isdecimal() and len(at) < 4 else 1
    current.lang, current.code = asked.get("lang", ""), asked.get("class", "")
    current.revision += 1
    if wrong:
        current.complained = ""
        current.complaint = "The link was not followed entirely: " + " ".join(wrong)


S = TypeVar("S", DataSettings, TrainSettings)


def _settings(kind: type[S], asked: Mapping[str, str], wrong: list[str]) -> S:
    """The settings that the URL names; each that is out of range keeps its default."""
    given = {name: asked[name] for name in kind.settings() if name in asked}
    try:
        return kind.from_strings(given)
    except SettingsError:
        good: dict[str, str] = {}
        for name, text in given.items():
            try:
                kind.from_strings({**good, name: text})
                good[name] = text
            except SettingsError as error:
                wrong.append(str(error))
        return kind.from_strings(good)
