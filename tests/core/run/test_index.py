"""The index says what the directories say, whatever became of either."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

import pytest

from core.data import make_sample
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
