"""The log: one event, one line, and the last warnings at hand."""

import logging
from collections.abc import Iterator

import pytest

from core import logs


@pytest.fixture(autouse=True)
def configured() -> Iterator[None]:
    """The log as a server has it, put back afterwards."""
    before, level = logging.root.handlers, logging.root.level
    logs.configure()
    yield
    logging.root.handlers = before
    logging.root.setLevel(level)


def test_a_traceback_stays_on_its_event_s_line(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("here").exception("run 01ab: failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert " ERROR here: run 01ab: failed | Traceback" in line
    assert line.endswith("ValueError: two | lines")


def test_what_libraries_say_comes_in_the_same_form_and_once(capsys: pytest.CaptureFixture[str]) -> None:
    library = logging.getLogger("uvicorn.error")
    library.addHandler(logging.StreamHandler())
    library.propagate = False
    logs.configure()
    library.info("Started server process")
    library.warning("Invalid HTTP request received.")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(" WARNING uvicorn.error: Invalid HTTP request received.")


def test_the_last_warnings_are_kept_newest_first() -> None:
    log = logging.getLogger("here")
    for number in range(logs.LAST + 5):
        log.warning("number %d", number)
    log.info("not a warning")
    kept = logs.last()
    assert len(kept) == logs.LAST
    assert kept[0].endswith(f"number {logs.LAST + 4}")
