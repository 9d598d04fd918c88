"""What was read once is not read again: a rerun of the page asks no process."""

from pathlib import Path

import numpy as np
import pytest

from core.inspect.confined import ask
from core.inspect.folder import Folder
from tests.core.inspect.writer import of_arrays


def fill(root: Path, steps: range) -> None:
    for step in steps:
        of_arrays(root / f"m-{step}", {"kernel": np.full(3, step, np.float32)})


def test_a_rerun_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, range(1, 4))
    (tmp_path / "model.json").write_text('{"class_name": "Sequential", "config": {"layers": []}}')
    folder = Folder(tmp_path)

    def everything() -> list[object]:
        found = folder.find()
        first, second, *_ = found.checkpoints
        measured, left = folder.measure(found.checkpoints)
        assert not left
        return [
            found,
            folder.listings(found.checkpoints),
            folder.compare(first, second),
            folder.diagnose(found),
            folder.would_load(first, second),
            folder.would_load(first, "model.json"),
            folder.entries(first),
            folder.first_bytes(first, "kernel"),
            folder.look(measured, "kernel"),
            measured,
        ]

    once = everything()
    asked: list[str] = []

    def counted(job: str, *arguments: object, **bounds: int) -> object:
        asked.append(job)
        return ask(job, *arguments, **bounds)

    monkeypatch.setattr("core.inspect.folder.ask", counted)
    again = everything()
    assert asked == []
    assert once == again
    fill(tmp_path, range(4, 5))
    assert len(folder.find().checkpoints) == 4
    assert asked == ["find"]
