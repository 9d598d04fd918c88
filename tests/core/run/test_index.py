"""The index says what the directories say, whatever became of either."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.data import make_sample
from core.run import database
from core.run.health import trouble
from core.run.index import FILE
from core.run.manifest import FINISHED
from core.run.runs import Run, RunNotFound, Runs
from core.settings import DataSettings, TrainSettings

SAMPLE = make_sample(DataSettings(samples=2))


def fresh(runs: Runs, owner: str = "me") -> Run:
    return runs.create(SAMPLE, TrainSettings(), DataSettings(), owner)


def test_it_follows_every_change_and_can_be_lost(empty_runs: Runs) -> None:
    first = fresh(empty_runs)
    assert [each.id for each in empty_runs.manifests("me")] == [first.id]
    second = fresh(empty_runs)
    second.update(note="changed")
    assert [each.note for each in empty_runs.manifests("me")] == ["changed", ""]
    (empty_runs.root / FILE).unlink()
    assert [each.id for each in empty_runs.manifests("me")] == [second.id, first.id]
    (empty_runs.root / FILE).write_bytes(b"no database at all")
    assert [each.id for each in empty_runs.manifests("me")] == [second.id, first.id]


def test_it_finds_what_came_and_went_behind_its_back(empty_runs: Runs) -> None:
    gone, copied = fresh(empty_runs), fresh(empty_runs)
    away = empty_runs.root.parent / f"{empty_runs.root.name}-away"
    copied.directory.rename(away)
    empty_runs.index.refresh(now=True)
    assert [each.id for each in empty_runs.manifests()] == [gone.id]
    away.rename(copied.directory)
    shutil.rmtree(gone.directory)
    empty_runs.index.refresh(now=True)
    assert [each.id for each in empty_runs.manifests()] == [copied.id]


def spoil(path: Path, how: str) -> None:
    path.unlink()
    if how == "directory":
        path.mkdir()
    elif how == "loop":
        path.symlink_to(path)
    elif how == "pipe":
        os.mkfifo(path)
    elif how == "deep":
        path.write_text("[" * 100_000 + "]" * 100_000)
    elif how == "types":
        path.write_text(json.dumps({"id": 7, "created": "x", "data": [], "train": {}, "owner": None}))
    elif how == "large":
        with path.open("wb") as file:
            file.truncate(1 << 40)


@pytest.mark.parametrize("how", ["directory", "loop", "pipe", "deep", "types", "large"])
def test_a_spoilt_run_json_costs_its_own_run_and_its_owner_is_told(empty_runs: Runs, how: str) -> None:
    run, other = fresh(empty_runs), fresh(empty_runs)
    other.update(status=FINISHED)
    assert len(empty_runs.manifests("me")) == 2
    spoil(run.directory / "run.json", how)
    began = time.monotonic()
    with pytest.raises(RunNotFound, match="cannot be understood"):
        empty_runs.open(run.id).manifest()
    empty_runs.index.refresh(now=True)
    assert [each.id for each in empty_runs.manifests("me")] == [other.id]
    assert [manifest.id for manifest, _ in empty_runs.problems("me")] == [run.id]
    assert empty_runs.problems("you") == []
    assert empty_runs.manifests()[0].status == FINISHED
    assert time.monotonic() - began < 5


def test_a_list_costs_no_more_with_thousands_of_runs(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    template = (fresh(runs, "others").directory / "run.json").read_text()
    values = json.loads(template)
    for number in range(3000):
        values["id"] = f"{number:016x}"
        folder = tmp_path / values["id"]
        folder.mkdir()
        (folder / "run.json").write_text(json.dumps(values))
    mine = fresh(runs)
    assert len(runs.manifests()) == 3002
    began = time.perf_counter()
    for _ in range(20):
        assert [each.id for each in runs.manifests("me")] == [mine.id]
    assert (time.perf_counter() - began) / 20 < 0.05


class Hindered(sqlite3.Connection):
    """A connection to a file that takes nothing more."""

    hindrance = ""

    def __init__(self, path: object, **options: Any) -> None:
        super().__init__(path, **options)  # type: ignore[arg-type]
        if isinstance(path, Path):
            self.execute(self.hindrance)


@contextmanager
def locked(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with closing(sqlite3.connect(index)) as stranger:
        stranger.execute("begin exclusive")
        yield


@contextmanager
def garbage_in_a_locked_folder(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    content = index.read_bytes()
    index.write_bytes(b"no database at all")

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refused)
        yield
    index.write_bytes(content)


@contextmanager
def directory(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    index.unlink()
    index.mkdir()
    yield
    index.rmdir()


def hindered(pragma: str) -> Callable[[Path, pytest.MonkeyPatch], AbstractContextManager[None]]:
    @contextmanager
    def made(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(Hindered, "hindrance", pragma)
            connect = partial(sqlite3.connect, factory=Hindered)
            patch.setattr("core.run.database.sqlite3.connect", connect)
            yield

    return made


TROUBLES = {
    "database is locked": locked,
    "Permission denied": garbage_in_a_locked_folder,
    "unable to open database file": directory,
    "database or disk is full": hindered("pragma max_page_count = 1"),
    "attempt to write a readonly database": hindered("pragma query_only = on"),
}


@pytest.mark.parametrize("what", TROUBLES)
def test_an_index_that_cannot_be_used_costs_nobody_a_run_and_is_used_again(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(database, "RETRY", 0.0)
    first, second = fresh(empty_runs), fresh(empty_runs, "you")
    second.update(note="x" * 20_000)  # more than a page of the database
    assert len(empty_runs.manifests()) == 2
    with TROUBLES[what](empty_runs.root / FILE, monkeypatch):
        began = time.monotonic()
        third = fresh(empty_runs)
        third.update(note="y" * 20_000)
        first.update(name="mine")
        empty_runs.index.refresh(now=True)
        assert what in trouble(empty_runs)
        empty_runs.delete(second.id)
        assert {each.id: each.name for each in empty_runs.manifests()} == {first.id: "mine", third.id: ""}
        first.update(name="again")
        assert empty_runs.manifests("me")[-1].name == "again"
        assert time.monotonic() - began < 20
    assert {each.id: each.name for each in empty_runs.manifests()} == {first.id: "again", third.id: ""}
    assert trouble(empty_runs) == ""
    with closing(sqlite3.connect(empty_runs.root / FILE)) as index:
        assert index.execute("select count(*) from runs").fetchone() == (2,)


def test_nobody_waits_long_for_an_index_that_somebody_else_holds(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fresh(empty_runs)
    assert empty_runs.manifests("me")
    with locked(empty_runs.root / FILE, monkeypatch):
        began = time.monotonic()
        for _ in range(50):
            assert [each.id for each in empty_runs.manifests("me")] == [run.id]
        assert time.monotonic() - began < 2


def test_who_waited_for_an_index_in_memory_finds_the_file_that_took_its_place(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = fresh(empty_runs)
    with locked(empty_runs.root / FILE, monkeypatch):
        assert empty_runs.manifests("me")
    there = database._memories[empty_runs.root / FILE]

    class Gone(dict[Path, object]):
        """The memories, of which one is forgotten as soon as somebody has found it."""

        def get(self, path: Path, default: object = None) -> object:
            return self.pop(path, default)

    there.until = time.monotonic() + 60
    monkeypatch.setattr(database, "_memories", Gone({empty_runs.root / FILE: there}))
    there.database.close()
    assert [each.id for each in empty_runs.manifests("me")] == [run.id]


def test_a_run_that_lost_its_run_json_is_named_to_its_owner(empty_runs: Runs) -> None:
    run = fresh(empty_runs)
    assert empty_runs.manifests("me")
    record = (run.directory / "run.json").read_bytes()
    (run.directory / "run.json").unlink()
    empty_runs.index.refresh(now=True)
    assert [(manifest.id, why) for manifest, why in empty_runs.problems("me")] == [(run.id, "it is missing")]
    (run.directory / "run.json").write_bytes(record)
    empty_runs.index.refresh(now=True)
    assert [each.id for each in empty_runs.manifests("me")] == [run.id]
    assert empty_runs.problems("me") == []


def test_a_row_that_is_no_record_any_more_costs_its_own_run_alone(empty_runs: Runs) -> None:
    good, bad = fresh(empty_runs), fresh(empty_runs)
    assert len(empty_runs.manifests()) == 2
    with closing(sqlite3.connect(empty_runs.root / FILE)) as database, database:
        spoilt = "update runs set manifest = json_set(manifest, '$.created', json('true')) where id = ?"
        database.execute(spoilt, (bad.id,))
    assert [each.id for each in empty_runs.manifests()] == [good.id]


@pytest.mark.parametrize(
    "spoilt", [{"owner": "\ud800"}, {"number": 2**53}, {"bytes": -(10**12)}, {"note": "\ud800"}]
)
def test_a_spoilt_record_costs_its_own_run_alone(empty_runs: Runs, spoilt: dict[str, Any]) -> None:
    good, bad = fresh(empty_runs), fresh(empty_runs)
    path = bad.directory / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | spoilt))
    empty_runs.index.refresh(now=True)
    assert good.id in {each.id for each in empty_runs.manifests()}
    later = fresh(empty_runs)
    assert later.manifest().number > good.manifest().number
    assert sum(each.bytes for each in empty_runs.index.holdings()) >= 0
