"""What one visitor has chosen: one record in the session state; `links` has its way to and from the address.

Only this module knows the key in the session state.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import streamlit as st

from core.data import Sample, make_sample
from core.palette import RUNS
from core.settings import PACE, DataSettings, TrainSettings
from core.words import counted

_KEY = "explorer"

MOST_OTHERS = len(RUNS) - 1  # runs laid over another: with it they are as many as there are colours


@dataclass
class State:
    """One visitor's choices.

    Attributes:
        data, train: the settings of the next run.
        swept, begun: those of training of the next sweep, and the ones of `train` that they began with.
        own: the visitor's own points, which then take the place of `data`; and their file's name.
        run, step: what the looking-back pages show.
        others: further runs, laid over it on History.
        projector: whether everything is drawn for the back row.
        pace: of the next training, as `core.settings.PACES` calls it.
        lesson, at, lang, code: the lesson, its step from 1, its language, and the class that is followed.
        lesson_data, lesson_run: the points that a link or a class gives to lessons, None for each lesson's
            own; and the run that a link offers to them.
        sweep: what the page Sweep shows.
        opened: the place that the page Inspect looks into, as its link has it.
        uploads: places that this visitor has uploaded or opened by their links.
        visitor: tells this browser from others; runs that it makes are its own.
        revision: grows when the server moves the slider, so that the browser follows.
        complaint, complained: what was wrong with the link that was followed; the page that says so.
        arrived: whether Streamlit knows the navigation, so that fragments work.
        settled: the addresses that are this state's own, the last few: followed or published.
        adopt: whether the Playground's panel is to describe the run that was just chosen.
        adopted: the settings of data and training that it took from there; data is None for one's own points.
        asked: the settings that a link asks for in place of those of its run, as the address has them.
        page: the path of the page in sight.
        choices: what each page keeps for itself, by the page's path; it is in that page's address alone.
    """

    data: DataSettings = field(default_factory=DataSettings)
    train: TrainSettings = field(default_factory=TrainSettings)
    swept: TrainSettings = field(default_factory=TrainSettings)
    begun: TrainSettings = field(default_factory=TrainSettings)
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
    lesson_data: DataSettings | None = None
    lesson_run: str = ""
    sweep: str | None = None
    opened: str = ""
    uploads: tuple[str, ...] = ()
    visitor: str = field(default_factory=lambda: secrets.token_hex(16))
    revision: int = 0
    complaint: str = ""
    complained: str = ""
    arrived: bool = False
    settled: list[dict[str, str]] = field(default_factory=list)
    adopt: bool = True
    adopted: tuple[DataSettings | None, TrainSettings] | None = None
    asked: dict[str, str] = field(default_factory=dict)
    page: str = ""
    choices: dict[str, dict[str, str]] = field(default_factory=dict)

    def sample(self) -> Sample:
        """The points that the next run will train on."""
        return self.own or make_sample(self.data)

    def words(self) -> str:
        """How many points the next run has, and from where; a file's name as it is, not yet plain."""
        if self.own:
            return f"{counted(len(self.own), 'point')}, {self.own_name}"
        return f"{counted(self.data.samples, 'point')}, seed {self.data.seed}"

    def points(self) -> str:
        """The points that the next run will train on, in words; a file's name as it is, not yet plain."""
        if self.own:
            return f"{self.own_name}, {counted(len(self.own), 'point')}"
        data = self.data
        return f"{data.samples:,} points of h {data.h:g}, v {data.v:g}, noise {data.noise:g}"

    def describes_run(self) -> bool:
        """Whether the panel has the settings that it took from a run, as they were."""
        return (None if self.own else self.data, self.train) == self.adopted

    def show(self, run: str, step: int | None = None) -> None:
        """Make `run` the one that is looked at."""
        if run != self.run:
            self.others = ()  # they were chosen to be seen over another run
            self.adopt = True
        self.run, self.step = run, step
        self.revision += 1


def state() -> State:
    """This visitor's state."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = State()
    return st.session_state[_KEY]
