"""The address of each page: its own state, there and back, and nothing of another page's."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.data import make_sample
from core.run import recipe
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from pages.ui import services
from pages.ui.links import CHOICES, PARTS, PLAYGROUND, take, to_address
from pages.ui.state import State, state
from tests.pages.conftest import fine, words

Open = Callable[..., AppTest]
Train = Callable[..., Run]

FULL = {
    "data": DataSettings(h=0.1, seed=5),
    "train": TrainSettings(max_to_keep=5),
    "run": "a" * 16,
    "step": 12,
    "others": ("b" * 16,),
    "lesson": "1-saved",
    "at": 3,
    "lang": "fa",
    "code": "ABCDEF",
    "sweep": "c" * 16,
    "opened": "upload-secret",
}


def full(page: str) -> State:
    """Somebody who has been everywhere, and is now on this page."""
    choices = {name: {key: f"{name}-{key}" for key in keys} for name, keys in CHOICES.items()}
    return State(page=page, choices=choices, **FULL)  # type: ignore[arg-type]


def test_the_playgrounds_address_brings_its_state_back() -> None:
    before, after = full(PLAYGROUND), State(page=PLAYGROUND)
    address = to_address(before)
    assert "noise" not in urlencode(address)
    take(after, address)
    fields = ("data", "train", "run", "step")
    assert [getattr(after, f) for f in fields] == [getattr(before, f) for f in fields]
    assert after.complaint == ""


@pytest.mark.parametrize("page", sorted({*PARTS, *CHOICES, "runs", "admin"}))
def test_no_secret_leaves_the_page_that_it_is_of(page: str) -> None:
    said = urlencode(to_address(full(page)))
    assert ("upload-secret" in said) == (page == "inspect")
    assert ("ABCDEF" in said) == (page == "lessons")
    assert ("c" * 16 in said) == (page == "sweep")
    others = [name for name in CHOICES if name != page]
    assert not [name for name in others if f"{name}-" in said], "another page's choices"


@pytest.mark.parametrize("page", sorted({*PARTS, *CHOICES}))
def test_following_a_link_to_one_page_leaves_the_other_pages_state(page: str) -> None:
    after = full(page)
    take(after, {"projector": "1"})
    untouched = full(page)
    if page != PLAYGROUND:
        assert (after.data, after.train) == (untouched.data, untouched.train)
    if page != "inspect":
        assert after.opened == untouched.opened
    assert {name: kept for name, kept in after.choices.items() if name != page} == {
        name: kept for name, kept in untouched.choices.items() if name != page
    }


def test_the_complaint_names_every_wrong_value() -> None:
    state = State(page=PLAYGROUND)
    take(state, {"noise": "much", "samples": "1", "step": "x", "h": "2"})
    for sentence in ("Noise is 'much'", "Points is 1", "step is 'x'"):
        assert sentence in state.complaint
    assert state.data == DataSettings(h=2)


def test_what_a_link_asks_beyond_a_pages_own_words_is_not_kept() -> None:
    state = State(page="compare")
    take(state, {"tab": "formats", "colour": "red", "open": "upload-secret"})
    assert to_address(state) == {"tab": "formats"}


def test_who_follows_a_link_to_a_result_sees_it(application: Open, train: Train) -> None:
    asked = {"optimizers": "Momentum", "rate": "0.02", "iterations": "8", "after": "3", "result": "1"}
    page = fine(application("resume", train(iterations=4), mine=False, **asked))
    results = page.dataframe[0].value.set_index("restored")["result"]
    assert results["every variable"] == "bit-identical"
    assert page.number_input[0].value == 0.02
    assert page.query_params["rate"] in ("0.02", ["0.02"])
    page = fine(page.number_input[0].set_value(0.01).run())
    assert "result" not in page.query_params
    page = fine(application("retention", saves="4", max_to_keep="2", result="1"))
    assert "**2 checkpoints remain:** `model_iter-2`, `model_iter-3`" in words(page)
    assert page.query_params["max_to_keep"] in ("2", ["2"])
    assert fine(application("files", train(iterations=2), file="index")).segmented_control[0].value == "index"


def test_a_number_in_a_link_that_is_out_of_range_is_as_usual(application: Open) -> None:
    page = fine(application("retention", saves="1000", final="perhaps"))
    assert page.number_input(key="retention-saves").value == 20
    assert not page.dataframe


def test_the_latest_run_that_is_shown_unasked_is_in_the_link_and_described_by_the_panel(
    application: Open, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "owner", lambda: "me")
    run = train(iterations=6, optimizer="Adam")
    run.update(owner="me")
    page = fine(application())
    assert page.session_state["explorer"].run == run.id
    assert page.query_params["run"] in (run.id, [run.id])
    assert page.session_state["explorer"].train == run.manifest().train


def followed(page: AppTest, address: dict[str, str]) -> State:
    """What somebody has who follows the link."""
    page.query_params.clear()
    for name, value in address.items():
        page.query_params[name] = value
    state: State = fine(page.run()).session_state["explorer"]
    return state


def test_who_is_known_a_moment_late_sees_their_run_on_its_own_points(
    application: Open, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train(iterations=6, sample=make_sample(DataSettings(samples=9, h=2)))
    run.update(owner="me")
    page = fine(application())
    assert page.session_state["explorer"].own is None, "the recipe is shown to somebody new"
    monkeypatch.setattr(services, "owner", lambda: "me")
    page = fine(page.run())
    current = page.session_state["explorer"]
    assert current.run == run.id
    assert current.own is not None
    assert len(current.own) == 9
    assert page.query_params["run"] in (run.id, [run.id])


def test_a_link_to_a_run_keeps_its_points_where_only_the_training_was_changed(
    application: Open, train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = train(iterations=6, optimizer="Adam", sample=make_sample(DataSettings(samples=9, h=2)))
    page = fine(application("playground", run))
    current = page.session_state["explorer"]
    current.train = replace(current.train, optimizer="gradient descent")
    address = to_address(current)
    assert address == {"run": run.id, "optimizer": "gradient descent"}
    there = followed(application(), address)
    assert there.own is not None
    assert len(there.own) == 9
    assert there.train == current.train


def test_a_link_says_what_differs_from_its_run_also_where_that_is_the_default(
    application: Open, train: Train
) -> None:
    run = train(iterations=6)
    run.update(data=DataSettings(h=2, seed=7))
    page = fine(application("playground", run))
    current = page.session_state["explorer"]
    current.data = replace(current.data, h=DataSettings().h)
    assert to_address(current) == {"run": run.id, "h": "1.0"}
    assert followed(application(), to_address(current)).data == DataSettings(seed=7)


def test_a_link_to_the_recipe_opens_it_on_a_server_that_nobody_has_visited(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "session_state", {})
    state().run = recipe.ID
    found = services.current_run()
    assert found is not None
    assert (found.id, found.manifest().status) == (recipe.ID, "finished")
    assert state().run == recipe.ID
