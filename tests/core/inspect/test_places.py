"""What may be looked into: nothing that is not named."""

import os
from pathlib import Path

import pytest

from core import environment
from core.checkpoint import CheckpointError
from core.inspect.places import folders, place_of
from core.run.runs import Runs


def test_only_the_folders_that_are_named_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.setenv(environment.OPEN, os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]))
    runs = Runs(tmp_path / "runs")
    assert [each.word for each in folders()] == ["folder-0", "folder-1"]
    assert place_of("folder-0", runs).root == tmp_path / "a"
    for word in (
        "folder-2",
        "folder-../..",
        "/etc",
        "upload-..",
        "upload-" + "x" * 22,
        "run-../..",
        "run-",
        "",
    ):
        with pytest.raises(CheckpointError):
            place_of(word, runs)
