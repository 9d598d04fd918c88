"""The process that stays answers many at once, outlives its children, and is replaced when it is gone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.inspect.confined import HOME
from core.inspect.reader import Died, Reader

PROGRAM = f"""
import os, signal, sys
sys.path[0] = {str(HOME)!r}
from core.inspect.reader import serve

def work(job, bounds, raw):
    if job == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if job == "hang":
        os.write(os.open(raw, os.O_WRONLY), b"here")  # a pipe with a name: the other side reads who it is
        while True:
            signal.pause()
    if job == "files":
        return " ".join(sorted(os.listdir("/proc/self/fd"))).encode()
    if job == "who":
        return str(os.getppid()).encode()
    return raw[::-1]

serve(int(sys.argv[1]), work, lambda: None)
"""


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader(PROGRAM, dict(os.environ))
    yield made
    made.close()


def ask(reader: Reader, job: str, raw: bytes = b"", wall: float = 60.0) -> bytes:
    return reader.ask(job, [1.0], raw, wall, 1 << 24)


def test_many_questions_at_once_each_get_their_answer(reader: Reader) -> None:
    questions = [bytes([n]) * (1 << 18) + b"end" for n in range(24)]
    with ThreadPoolExecutor(8) as threads:
        answers = [*threads.map(lambda raw: ask(reader, "turn", raw), questions)]
    assert answers == [raw[::-1] for raw in questions]
    assert reader.seconds > 0


def test_a_child_that_dies_costs_its_own_answer(reader: Reader) -> None:
    stays = ask(reader, "who")
    with pytest.raises(Died) as died:
        ask(reader, "die")
    assert died.value.code == -signal.SIGSEGV
    assert ask(reader, "turn", b"abc") == b"cba"
    assert ask(reader, "who") == stays


def test_a_child_that_nobody_waits_for_is_killed(reader: Reader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(ask, reader, "hang", os.fsencode(tmp_path / "pipe"), 5.0)
        with (tmp_path / "pipe").open("rb") as pipe:
            assert pipe.read(4) == b"here"
            with pytest.raises(Died) as died:
                asked.result()
            assert died.value.code == -signal.SIGPROF
            assert pipe.read() == b""  # the child's end is closed: it is gone
    assert ask(reader, "turn", b"abc") == b"cba"


def test_an_answer_that_is_too_large_is_refused(reader: Reader) -> None:
    with pytest.raises(Died):
        reader.ask("turn", [1.0], bytes(1 << 20), 60.0, 1 << 10)


def test_the_process_that_stays_is_replaced_when_it_is_killed(reader: Reader) -> None:
    first = int(ask(reader, "who"))
    os.kill(first, signal.SIGKILL)
    second = int(ask(reader, "who"))
    assert second != first
    reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)


def test_a_child_has_no_other_childs_files(reader: Reader) -> None:
    assert ask(reader, "files") == b"0 1 2 3 4"  # its socket, and the folder that it lists
