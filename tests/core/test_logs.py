"""The log: one event, one line, and the last warnings at hand."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEGIN = "import logging; from core import logs; logs.configure(); log = logging.getLogger('here')\n"


def said(code: str) -> list[str]:
    """The lines of a process that logs as the code says."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not done.stdout
    return done.stderr.splitlines()


def test_a_traceback_stays_on_its_event_s_line() -> None:
    (line,) = said("try: int('two\\nlines')\nexcept ValueError: log.exception('run 01ab: failed')")
    assert " ERROR here: run 01ab: failed | Traceback" in line
    assert "| ValueError: invalid literal for int()" in line


def test_the_word_of_an_upload_is_in_no_line() -> None:
    """It opens the upload; and the folder of one that is still written has another name."""
    token = "Ab-_" * 5 + "xy"
    lines = said(
        f"log.warning('/?open=upload-{token} is gone')\n"
        f"try: open('/runs/.opened/{token}/deep/m.index')\n"
        "except OSError: log.exception('no file')"
    )
    assert len(lines) == 2
    assert not any(token in line for line in lines)
    assert "/?open=upload-… is gone" in lines[0]
    assert ".opened/…/deep/m.index" in lines[1]


def test_what_libraries_say_comes_in_the_same_form_and_once() -> None:
    (line,) = said(
        "library = logging.getLogger('uvicorn.error')\n"
        "library.addHandler(logging.StreamHandler())\n"
        "library.propagate = False\n"
        "logs.configure()\n"
        "library.info('Started server process')\n"
        "library.warning('Invalid HTTP request received.')"
    )
    assert line.endswith(" WARNING uvicorn.error: Invalid HTTP request received.")


def test_the_engine_s_errors_come_without_their_traceback() -> None:
    (line,) = said(
        "try: raise OSError('in <TLS> 10.0.0.5: the other end is gone')\n"
        "except OSError: logging.getLogger('distributed.client').exception('lost %s', 'it')"
    )
    assert line.endswith(
        " ERROR distributed.client: lost it (OSError('in <TLS> 10.0.0.5: the other end is gone'))"
    )


def test_the_last_warnings_are_kept_newest_first() -> None:
    lines = said(
        "for number in range(logs.LAST + 5): log.warning('number %d', number)\n"
        "log.info('not a warning')\n"
        "kept = logs.last()\n"
        "log.info('%d, %s', len(kept), kept[0])"
    )
    assert lines[-1].endswith("WARNING here: number 54")
    assert " INFO here: 50, " in lines[-1]
