"""What the address of each page holds: its own state, and nothing of another page's.

A link means what is on the screen. The session keeps everything between a visitor's own pages; the address
has only what the page in sight needs to be drawn again elsewhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException

from core.retention.retention import RetentionSettings
from core.run.runs import DATA_FILE, Run
from core.settings import DataSettings, SettingsError, TrainSettings
from pages.ui.state import MOST_OTHERS, State, state

S = TypeVar("S", DataSettings, TrainSettings)

PLAYGROUND = "playground"  # the page at the root, whose path Streamlit gives as ""

# Which parts of the state a page's address holds.
PARTS: Mapping[str, tuple[str, ...]] = {
    PLAYGROUND: ("data", "train", "run", "step"),
    "lessons": ("lesson",),
    "history": ("run", "step", "other"),
    "compare": ("run", "step"),
    "sweep": ("sweep",),
    "export": ("run",),
    "files": ("run", "step"),
    "resume": ("run",),
    "inspect": ("open",),
}
RESULT = "result"  # of a page whose answer has to be asked for: who follows the link sees it at once
# The choices of each page, by their names in the address.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "compare": ("tab",),
    "files": ("file",),
    "gallery": ("card",),
    "inspect": ("folder", "series", "view", "at", "tensor"),
    "retention": (*RetentionSettings.settings(), RESULT),
    "resume": ("optimizers", "rate", "iterations", "after", "updates", "kill", RESULT),
}
OWN_ADDRESSES = 4  # how many can be on their way at once: two clicks, each with a rerun
LONGEST = 200  # characters of one choice


def to(page: str, label: str) -> None:
    """A link to another page, by the name of its file; nothing where the navigation has no such page."""
    with contextlib.suppress(StreamlitAPIException):
        st.page_link(f"pages/{page}.py", label=label)


def chosen(name: str, usual: str = "") -> str:
    """A choice of the page in sight, as its address or `choose` gave it."""
    current = state()
    return current.choices.get(current.page, {}).get(name, usual)


def number(name: str, usual: float, low: float, high: float) -> float:
    """A choice that is a number; the usual one where the address has none within these bounds."""
    with contextlib.suppress(ValueError):
        value = float(chosen(name))
        return value if low <= value <= high else usual
    return usual


def asks_result(page: str) -> bool:
    """Whether the link that led to this page asks for its result, which nobody has seen yet.

    A rerun may end the one that computes it, so it is asked for until it is `answered`.
    """
    return bool(chosen(RESULT)) and f"answered-{page}" not in st.session_state


def answered(page: str) -> None:
    """The page has had its result in this session: later ones come by a press."""
    st.session_state[f"answered-{page}"] = True


def choose(**values: str) -> None:
    """Keep choices of the page in sight; they are in its address from now on. An empty one leaves it."""
    current = state()
    if current.page not in CHOICES:
        return  # a page by itself, without the frame
    own = current.choices.setdefault(current.page, {})
    for name, value in values.items():
        assert name in CHOICES[current.page], f"{current.page} has no choice {name}"
        if value:
            own[name] = value[:LONGEST]
        else:
            own.pop(name, None)


def restore(page: str) -> None:
    """Take over what the address asks of this page, if somebody followed a link or edited it.

    A rerun that was asked for before the last `publish` still carries an older address: one that we wrote, or
    the link that brought the visitor here.
    """
    current = state()
    current.page = page or PLAYGROUND
    asked = st.query_params.to_dict()
    if asked and asked not in current.settled:
        take(current, asked)
        _settle(current, asked)


def publish() -> None:
    """Write the state of the page in sight into the address. Streamlit empties it when the page changes."""
    current = state()
    address = to_address(current)
    _settle(current, address)
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)


def to_address(current: State) -> dict[str, str]:
    """The address of the page in sight; what its run says, and else what has its default, is left out."""
    parts = PARTS.get(current.page, ())
    address: dict[str, str] = {}
    made, trained = _usual(current)
    if "data" in parts and current.own is None:
        address |= changed(current.data, made) if made else current.data.to_strings()
    if "train" in parts:
        address |= changed(current.train, trained)
    if "run" in parts and current.run:
        address["run"] = current.run
        if "step" in parts and current.step is not None:
            address["step"] = str(current.step)
        if "other" in parts and current.others:
            address["other"] = ",".join(current.others)
    if "lesson" in parts:
        if current.lesson:
            address |= {"lesson": current.lesson, "at": str(current.at)}
            if current.lesson_data is not None:
                address |= changed(current.lesson_data)
            if current.lesson_run:
                address["run"] = current.lesson_run
        if current.lang:
            address["lang"] = current.lang
        if current.code:
            address["class"] = current.code
    if "sweep" in parts and current.sweep:
        address["sweep"] = current.sweep
    if "open" in parts and current.opened:
        address["open"] = current.opened
    address |= current.choices.get(current.page, {})
    if current.projector:
        address["projector"] = "1"
    return address


def _usual(current: State) -> tuple[DataSettings | None, TrainSettings]:
    """The settings that an address leaves out: those of its run, without one the defaults.

    Without data settings are the runs on a visitor's own points.
    """
    return current.adopted if current.run and current.adopted else (DataSettings(), TrainSettings())


def usual_settings() -> dict[str, str] | None:
    """The settings that the address of the page in sight may leave out; None where it cannot have all."""
    current = state()
    if not {"data", "train"} <= set(PARTS.get(current.page, ())) or current.own is not None:
        return None
    made, trained = _usual(current)
    return trained.to_strings() | (made.to_strings() if made else {})


def changed(record: S, usual: S | None = None) -> dict[str, str]:
    """The settings as an address has them: what is as usual, which is its default, is left out."""
    left_out = (usual or type(record)()).to_strings()
    return {key: text for key, text in record.to_strings().items() if left_out[key] != text}


def _settle(current: State, address: dict[str, str]) -> None:
    if address not in current.settled[-1:]:
        current.settled = [*current.settled[-OWN_ADDRESSES:], address]


def take(current: State, asked: Mapping[str, str]) -> None:
    """Take every value of the page in sight that is one; say which are not."""
    parts = PARTS.get(current.page, ())
    wrong: list[str] = []
    if "data" in parts:
        current.data = _settings(DataSettings, asked, wrong)
    if "train" in parts:
        current.train = _settings(TrainSettings, asked, wrong)
    if "run" in parts:
        current.run = asked.get("run") or None
        current.step = _whole("step", asked.get("step", ""), wrong)
        current.others = tuple(filter(None, asked.get("other", "").split(",")))[:MOST_OTHERS]
        settings = DataSettings.settings().keys() | TrainSettings.settings().keys()
        given = {name: asked[name] for name in settings & asked.keys()}
        current.adopt = bool(current.run) or not given
        current.asked = given if "data" in parts and current.run else {}
    if "lesson" in parts:
        at = asked.get("at", "")
        current.lesson, current.at = asked.get("lesson", ""), int(at) if at.isdecimal() and len(at) < 4 else 1
        current.lang, current.code = asked.get("lang", ""), asked.get("class", "")
        data = DataSettings.settings().keys() & asked.keys()
        current.lesson_data = _settings(DataSettings, asked, wrong) if data else None
        current.lesson_run = asked.get("run", "")
    if "sweep" in parts:
        current.sweep = asked.get("sweep") or None
    if "open" in parts:
        current.opened = asked.get("open", "")[:LONGEST]
    current.projector = asked.get("projector") == "1"
    own = CHOICES.get(current.page, ())
    current.choices[current.page] = {name: asked[name][:LONGEST] for name in own if asked.get(name)}
    current.revision += 1
    if wrong:
        current.complained = ""
        current.complaint = "The link was not followed entirely: " + " ".join(wrong)


def adopt(run: Run) -> None:
    """Have the panel describe the run that was chosen, but for what its link asks, once."""
    current, manifest = state(), run.manifest()
    if not current.adopt:
        return
    current.adopt, current.adopted = False, (manifest.data, manifest.train)
    before, current.own, current.train = current.own, None, manifest.train
    if manifest.data is not None:
        current.data = manifest.data
    else:
        its = run.sample()
        same = before is not None and before.same_points(its)
        current.own, current.own_name = its, current.own_name if same else DATA_FILE
    _put_asked(current)


def _put_asked(current: State) -> None:
    """Put the settings that the link asks for in place of those of its run."""
    asked, current.asked = current.asked, {}
    data = {name: asked[name] for name in DataSettings.settings() if name in asked}
    if data:
        made = {} if current.own else current.data.to_strings()
        current.data, current.own, current.own_name = _settings(DataSettings, made | data, []), None, ""
    train = {name: asked[name] for name in TrainSettings.settings() if name in asked}
    current.train = _settings(TrainSettings, current.train.to_strings() | train, [])


def _whole(name: str, text: str, wrong: list[str]) -> int | None:
    if text and not (text.isdecimal() and len(text) < 10):
        wrong.append(f"{name} is {text[:20]!r}; it must be a whole number.")
        return None
    return int(text) if text else None


def _settings(kind: type[S], asked: Mapping[str, str], wrong: list[str]) -> S:
    """The settings that the address names; each that is out of range keeps its default."""
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
