"""Nobody else on the machine reads what visitors make, unless the administrator names a group."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import clock, environment
from core.data import make_sample
from core.inspect.uploads import take
from core.lessons.classroom import open_class
from core.pool.queue import Queue
from core.pool.ticket import Ticket
from core.pool.training import train_run
from core.private import NoGroup, keep_private
from core.run.manifest import Control
from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def fill(runs: Runs) -> None:
    """Make one of everything that a server makes."""
    run, other = (
        runs.create(make_sample(DataSettings()), TrainSettings(iterations=2), DataSettings(), "me")
        for _ in range(2)
    )
    run.steer(Control())
    queue = Queue(runs.root)
    queue.open()
    queue.add(Ticket(run.id, "me", 0.0), 1)
    train_run(str(run.directory))
    runs.discard(other.id)
    take([("secret/model.index", io.BytesIO(b"secret"))], runs)
    open_class(runs.root, "1-saved", "en", "teacher").say("learner", "1", 1)
    clock.note(runs.root)
    queue.close()


def modes(root: Path) -> dict[str, int]:
    found = {str(path.relative_to(root)): path.lstat().st_mode for path in (root, *root.rglob("*"))}
    assert len(found) > 25
    return found


def test_files_are_for_the_account_that_serves_alone(empty_runs: Runs) -> None:
    empty_runs.root.chmod(0o755)
    keep_private(empty_runs.root)
    fill(empty_runs)
    assert [name for name, mode in modes(empty_runs.root).items() if mode & 0o077] == []


def test_a_group_that_is_named_may_read_and_write_too(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(environment.GROUP, str(os.getgid()))
    keep_private(empty_runs.root)
    fill(empty_runs)
    found = modes(empty_runs.root)
    assert [name for name, mode in found.items() if mode & 0o007] == []
    opened = {name for name, mode in found.items() if mode & 0o060 == 0o060}
    assert {".", ".index.sqlite", "queue/waiting", "classes"} <= opened
    assert any(name.endswith("run.json") for name in opened)
    assert any(name.endswith(".data-00000-of-00001") for name in opened)
    assert any(name.endswith("said.jsonl") for name in opened)
    monkeypatch.setenv(environment.GROUP, "nobody-is-called-so")
    with pytest.raises(NoGroup, match="this machine has no such group"):
        keep_private(empty_runs.root)


def test_a_folder_that_everybody_writes_into_is_left_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    keep_private(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o1777
