"""Nothing wrong is never said of NaN, of an empty folder, or of formats that are not read."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from command.main import main
from core.inspect.compare import CHANGED, SAME
from core.inspect.diagnosis import NOTE, WARNING, WRONG, diagnose
from core.inspect.find import find
from core.inspect.folder import Folder
from tests.core.inspect.writer import of_arrays

NAN, INF = np.float32("nan"), np.float32("inf")


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Four steps of a kernel and a bias; the bias has NaN at the third and the fourth."""
    for step in (1, 2, 3, 4):
        kernel = np.full((512, 512), step, np.float32)
        bias = np.full(5, step, np.float32)
        if step > 2:
            bias[[1, 3]] = NAN
        of_arrays(tmp_path / f"m-{step}", {"kernel": kernel, "bias": bias})
    return tmp_path


def test_nan_is_found_with_its_tensor_and_its_first_step(
    series: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (wrong,) = [each for each in diagnose(series, find(series)) if each.level == WRONG]
    assert wrong.sentence == "NaN first in m-3: bias (2 of 5 elements)."
    assert wrong.advice == "Resume from m-2, the last without NaN."
    assert main(["check", str(series)]) == 1
    assert "NaN first in m-3" in capsys.readouterr().out


def test_what_was_not_read_is_not_said_to_be_right(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(series), "--quick"])
    assert "The values were not read, so checksums and NaN are not checked." in capsys.readouterr().out


def test_infinity_in_a_lone_checkpoint(tmp_path: Path) -> None:
    of_arrays(tmp_path / "m-1", {"kernel": np.array([1, INF, -INF, 0], np.float32)})
    (found,) = [each for each in diagnose(tmp_path, find(tmp_path)) if each.level != NOTE]
    assert (found.level, found.sentence) == (WRONG, "Infinity in m-1: kernel (2 of 4 elements).")


def test_infinity_in_what_only_steers_is_a_warning(tmp_path: Path) -> None:
    of_arrays(tmp_path / "m-1", {"learning_rate": np.array(INF), "kernel": np.ones(3, np.float32)})
    (found,) = [each for each in diagnose(tmp_path, find(tmp_path)) if each.level != NOTE]
    assert (found.level, found.sentence) == (WARNING, "Infinity in m-1: learning_rate (1 of 1 element).")


def test_values_in_many_pieces_are_counted_whole(tmp_path: Path) -> None:
    value = np.ones((600, 600), np.float64)
    value[0, 0] = value[599, 599] = np.nan
    value[300, 300] = np.inf
    of_arrays(tmp_path / "m-1", {"kernel": value})
    (found,) = [each for each in diagnose(tmp_path, find(tmp_path)) if each.level == WRONG]
    assert "NaN and infinity in m-1: kernel (3 of 360,000 elements)" in found.sentence


def test_comparing_nan_gives_no_norm(series: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Folder(series)
    _, second, third, fourth = folder.find().checkpoints
    appears = folder.compare(second, third)
    assert [(row.name, row.kind) for row in appears.rows] == [("bias", CHANGED), ("kernel", CHANGED)]
    bias, kernel = appears.rows
    assert np.isnan([bias.norm, bias.relative, bias.largest]).all()
    assert bias.sentence == "NaN in 2 of 5 in the second"
    assert kernel.norm == pytest.approx(512.0)
    assert appears.conclusion() == "Of 2 tensors: 2 changed. NaN or infinity in 1 of them."
    stays = folder.compare(fourth, fourth)
    assert {row.kind for row in stays.rows} == {SAME}
    assert "bit for bit. NaN or infinity in 1 of them." in stays.conclusion()
    assert main(["diff", f"{series}@2", f"{series}@3"]) == 1
    assert main(["diff", f"{series}@3", f"{series}@3"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"bias +same +NaN in 2 of 5 in the first, NaN in 2 of 5 in the second", said)


def test_an_empty_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 2
    assert "The folder is empty." in capsys.readouterr().out


def test_formats_that_are_not_read_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.pt", "b.pth", "pytorch_model.bin", "m.onnx", "notes.txt"):
        (tmp_path / name).write_bytes(b"content")
    (tmp_path / "weights").write_bytes(b"\x80\x04\x95" + bytes(20))
    assert main(["check", str(tmp_path), "--json"]) == 2
    (finding,) = json.loads(capsys.readouterr().out)["paths"][0]["problems"]
    assert finding["level"] == WRONG
    assert "there are 3 PyTorch files, 1 ONNX file and 1 pickle file" in finding["sentence"]
    of_arrays(tmp_path / "m-1", {"kernel": np.ones(3, np.float32)})
    assert main(["check", str(tmp_path)]) == 0
    assert "There are also 3 PyTorch files" in capsys.readouterr().out


def test_files_that_are_nothing_of_the_kind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert main(["check", str(tmp_path)]) == 2
    assert "none of the 1 file is a checkpoint" in capsys.readouterr().out


def test_a_folder_of_which_nothing_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "m-1.index").write_bytes(b"no index")
    (tmp_path / "m-1.data-00000-of-00001").write_bytes(b"data")
    assert main(["check", str(tmp_path)]) == 2
    assert "m-1.index is damaged" in capsys.readouterr().out
