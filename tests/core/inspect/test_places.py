"""What may be looked into, and that an upload stays where it belongs."""

import io
import os
import stat
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

from core import environment
from core.checkpoint import CheckpointError
from core.inspect.find import find
from core.inspect.places import KEPT_HOURS, UPLOADS, folders, place_of, sweep, take
from core.run.runs import Runs
from tests.core.inspect import writer


def zipped(**files: bytes) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    content.seek(0)
    return content


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


def test_an_upload_is_unpacked_and_found_by_its_word(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    writer.write(tmp_path / "m-1", [writer.header(), writer.entry("a")])
    names = ["m-1.index", "m-1.data-00000-of-00001"]
    files = {f"deep/{name}": (tmp_path / name).read_bytes() for name in names}
    place = take([("model.zip", zipped(**files))], runs)
    assert place_of(place.word, runs).root == place.root
    assert [each.path for each in find(place.root).checkpoints] == ["deep/m-1"]
    loose = take([(name, io.BytesIO((tmp_path / name).read_bytes())) for name in names], runs)
    assert [each.path for each in find(loose.root).checkpoints] == ["m-1"]
    tape = io.BytesIO()
    with tarfile.open(fileobj=tape, mode="w:gz") as archive:
        for name in names:
            archive.add(tmp_path / name, name)
    tape.seek(0)
    taken = take([("model.tar.gz", tape)], runs)
    assert [each.path for each in find(taken.root).checkpoints] == ["m-1"]
    assert len({place.word, loose.word, taken.word}) == 3
    assert stat.S_IMODE(place.root.stat().st_mode) == 0o700
    assert runs.manifests() == []


@pytest.mark.parametrize("name", ["../outside", "a/../../outside", "..\\outside", "a/\0b"])
def test_names_that_lead_out_are_refused_and_nothing_stays(tmp_path: Path, name: str) -> None:
    tape = io.BytesIO()
    with tarfile.open(fileobj=tape, mode="w") as archive:
        info = tarfile.TarInfo(name.replace("\0", ""))
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    for file, content in (("x.zip", zipped(**{name: b"x"})), ("x.tar", tape)):
        content.seek(0)
        runs = Runs(tmp_path / "runs")
        if "\0" in name:
            continue  # both formats end a name there
        with pytest.raises(CheckpointError, match="would lie outside"):
            take([(file, content)], runs)
        assert list((runs.root / UPLOADS).iterdir()) == []
    assert not (tmp_path / "outside").exists()


def test_a_damaged_archive_costs_one_sentence_and_nothing_stays(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    whole = zipped(x=bytes(range(256)) * 64).getvalue()
    damaged = whole[:40] + bytes(each ^ 0x5A for each in whole[40:80]) + whole[80:]
    for content, words in ((damaged, "could not be kept"), (whole[:-30], "no whole zip")):
        with pytest.raises(CheckpointError, match=words):
            take([("x.zip", io.BytesIO(content))], runs)
        assert list((runs.root / UPLOADS).iterdir()) == []


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("a", "./a")])
def test_two_of_one_name_cost_one_sentence_and_nothing_stays(names: tuple[str, str], tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    with pytest.raises(CheckpointError, match=r"is there twice, .*; nothing was kept\. Rename one"):
        take([("x.zip", zipped(**dict.fromkeys(names, b"1")))], runs)
    assert list((runs.root / UPLOADS).iterdir()) == []


def test_links_and_devices_are_left_out(tmp_path: Path) -> None:
    tape = io.BytesIO()
    with tarfile.open(fileobj=tape, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("real")
        info.size = 1
        archive.addfile(info, io.BytesIO(b"x"))
    tape.seek(0)
    place = take([("x.tar", tape)], Runs(tmp_path))
    assert [each.name for each in place.root.iterdir()] == ["real"]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("real", b"x")
    content.seek(0)
    place = take([("x.zip", content)], Runs(tmp_path))
    assert [each.name for each in place.root.iterdir()] == ["real"]


def test_bombs_and_what_is_too_large_are_refused(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    with pytest.raises(CheckpointError, match="far more than its size explains"):
        take([("x.zip", zipped(zeros=bytes(50_000_000)))], runs)
    with pytest.raises(CheckpointError, match=r"larger, unpacked, than the 0\.0 MB that"):
        take([("big", io.BytesIO(bytes(2000)))], runs, limit=1000)
    with pytest.raises(CheckpointError, match="no file"):
        take([("x.zip", zipped())], runs)
    with pytest.raises(CheckpointError, match="could not be kept"):
        take([("x.tar", io.BytesIO(b"no tape" * 1000))], runs)
    with pytest.raises(CheckpointError, match="more than 10,000 files"):
        take([("x.zip", zipped(**{str(n): b"" for n in range(10_001)}))], runs)
    assert list((tmp_path / UPLOADS).iterdir()) == []


def test_uploads_are_gone_after_their_time(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    place = take([("a", io.BytesIO(b"x"))], runs)
    old = time.time() - KEPT_HOURS * 3600 - 60
    os.utime(place.root, (old, old))
    sweep(runs)
    with pytest.raises(CheckpointError, match="This upload is gone"):
        place_of(place.word, runs)


def test_a_full_disk_takes_no_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.DISK_MB, "1")
    with pytest.raises(CheckpointError, match="no room for an upload"):
        take([("a", io.BytesIO(b"x"))], Runs(tmp_path))
