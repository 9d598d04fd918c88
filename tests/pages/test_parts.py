"""Parts of a page that run alone, and the page that comes after it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.scriptrunner_utils.script_requests import (
    RerunData,
    ScriptRequests,
    ScriptRequestType,
)

from pages.ui import frame


@pytest.fixture
def context(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A session in which the page before has a part."""
    storage = MemoryFragmentStorage()
    storage.register("part", lambda: None)
    found = SimpleNamespace(fragment_storage=storage, script_requests=ScriptRequests())
    monkeypatch.setattr(frame, "get_script_run_ctx", lambda: found)
    return found


def test_a_part_of_the_page_before_is_forgotten_and_its_waiting_run_taken_back(
    context: SimpleNamespace,
) -> None:
    context.script_requests.request_rerun(RerunData(fragment_id="part"))
    frame._forget_parts()
    assert context.script_requests.on_scriptrunner_ready().type == ScriptRequestType.STOP, "nothing waits"
    assert not context.fragment_storage.contains("part")


def test_a_whole_run_that_waits_still_comes(context: SimpleNamespace) -> None:
    context.script_requests.request_rerun(RerunData(query_string="step=7"))
    frame._forget_parts()
    waiting = context.script_requests.on_scriptrunner_ready()
    assert waiting.type == ScriptRequestType.RERUN
    assert waiting.rerun_data.query_string == "step=7"
