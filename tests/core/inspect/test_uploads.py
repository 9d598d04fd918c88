"""An upload stays where it belongs, and is whole or not there; archives that do harm cost one sentence."""

import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import clock, environment
from core.checkpoint import CheckpointError
from core.data import make_sample
from core.inspect import landlock
from core.inspect.confined import ask
from core.inspect.find import find
from core.inspect.places import KEPT_HOURS, place_of
from core.inspect.uploads import sweep, take
from core.run.disk import UPLOADS
from core.run.manifest import FINISHED
from core.run.reservation import FOLDER as ROOM
from core.run.reservation import held, reserve
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from core.storage import disk_bytes
from tests.core.inspect import writer
from tests.core.inspect.bombs import BOMBS

ROOT = Path(__file__).parents[3]
# What is whole and harmless in them, or becomes so: how many files are kept.
KEPT = {
    "zip_just_allowed": 60,
    "zip_nested": 1,
    "zip_absolute": 2,
    "zip_link_and_through_it": 1,
    "zip_name_with_nul": 1,
    "zip_two_ends": 1,
    "tar_absolute": 1,
    "tar_devices_and_links": 1,
    "tar_size_below_nothing": 1,
}


def zipped(**files: bytes) -> io.BytesIO:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    content.seek(0)
    return content


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


def left_by(runs: Runs) -> list[Path]:
    """What uploads have left in the folder: what they were, and halves of them."""
    return [*runs.root.glob(f"{UPLOADS}/*"), *runs.root.glob(f"{ROOM}/*/*")]


def finished(runs: Runs, size: int) -> Run:
    """A run that has ended and takes so many bytes."""
    run = runs.create(make_sample(DataSettings(samples=2)), TrainSettings(), DataSettings(), "me")
    (run.checkpoints / "x").write_bytes(os.urandom(size))
    run.update(status=FINISHED, bytes=run.count_bytes())
    return run


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
        with pytest.raises(CheckpointError, match="would be outside"):
            take([(file, content)], runs)
        assert left_by(runs) == []
    assert not (tmp_path / "outside").exists()


def test_a_damaged_archive_costs_one_sentence_and_nothing_stays(tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    whole = zipped(x=bytes(range(256)) * 64).getvalue()
    damaged = whole[:40] + bytes(each ^ 0x5A for each in whole[40:80]) + whole[80:]
    for content, words in ((damaged, "could not be kept"), (whole[:-30], "no whole zip")):
        with pytest.raises(CheckpointError, match=words):
            take([("x.zip", io.BytesIO(content))], runs)
        assert left_by(runs) == []


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("a", "./a")])
def test_two_of_one_name_cost_one_sentence_and_nothing_stays(names: tuple[str, str], tmp_path: Path) -> None:
    runs = Runs(tmp_path / "runs")
    with pytest.raises(CheckpointError, match=r"is there twice, .*; nothing was kept\. Rename one"):
        take([("x.zip", zipped(**dict.fromkeys(names, b"1")))], runs)
    assert left_by(runs) == []


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
    with pytest.raises(CheckpointError, match="more than 10,000 files or"):
        take([("x.zip", zipped(**{str(n): b"" for n in range(10_001)}))], runs)
    assert left_by(runs) == []


def test_uploads_are_gone_after_their_time(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    place = take([("a", io.BytesIO(b"x"))], runs)
    sweep(runs)
    assert place_of(place.word, runs)
    old = clock.now(tmp_path) - KEPT_HOURS * 3600 - 60
    os.utime(place.root, (old, old))
    sweep(runs)
    with pytest.raises(CheckpointError, match="This upload is gone"):
        place_of(place.word, runs)


def test_what_finds_no_room_is_refused_and_nobodys_run_leaves_for_it(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = finished(empty_runs, 1_000_000)
    monkeypatch.setenv(environment.DISK_MB, "2")
    with pytest.raises(CheckpointError, match=r"There is no room for 3\.0 MB more: 1 of the 2 MB"):
        take([("a", io.BytesIO(bytes(3_000_000)))], empty_runs)
    assert [each.id for each in empty_runs.manifests()] == [run.id]
    assert left_by(empty_runs) == []


@pytest.mark.parametrize("packed", [False, True])
def test_runs_leave_for_the_room_that_an_upload_needs_and_not_for_more(
    empty_runs: Runs, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    runs = [finished(empty_runs, 1_000_000) for _ in range(4)]
    monkeypatch.setenv(environment.DISK_MB, "5")
    small, larger = os.urandom(100), os.urandom(1_500_000)
    for content, left in ((small, runs), (larger, runs[1:])):
        file = ("x.zip", zipped(x=content)) if packed else ("x", io.BytesIO(content))
        place = take([file], empty_runs)
        if packed and content is larger:  # the archive and what is in it take room at the same time
            left = runs[3:]
        assert (place.root / "x").read_bytes() == content
        assert {each.id for each in empty_runs.manifests()} == {each.id for each in left}


def test_uploads_at_once_do_not_take_the_same_room(empty_runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.DISK_MB, "10")
    content = os.urandom(3_000_000)
    together = threading.Barrier(8)

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1, 500_000) if size and size > 0 else size)

    def upload(_: int) -> bool:
        together.wait()
        try:
            take([("x", Slow(content))], empty_runs)
        except CheckpointError as error:
            assert "There is no room" in str(error)
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        kept = sum(pool.map(upload, range(8)))
    assert kept == 3
    assert disk_bytes(empty_runs.root) <= 10e6


def test_archives_that_were_made_to_do_harm_take_little_and_cost_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    for key, (name, make) in BOMBS.items():
        (tmp_path / "made" / f"{key}@{name}").write_bytes(make())
    command = [sys.executable, "-m", "tests.core.inspect.unpacking", str(tmp_path)]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    done, peaks = json.loads(answer.stdout)
    assert len(done) == len(BOMBS) >= 60
    assert max(peaks) < 300e6
    for key, size, seconds, said, kept in done:
        assert seconds < 2 + size / 50e6, key
        assert sum(map(stat.S_ISREG, kept.values())) == KEPT.get(key, 0), (key, said)
        assert all(stat.S_ISREG(mode) or stat.S_ISDIR(mode) for mode in kept.values()), key
        assert bool(said) != bool(kept), key
    assert not {"out", "passwd"} & {each.name for each in tmp_path.iterdir()}
    assert not Path("/out").exists()
    assert held(Runs(tmp_path / "runs")) == 0


def test_what_a_killed_server_left_half_written_is_removed_and_what_another_writes_is_not(
    tmp_path: Path,
) -> None:
    """A child begins an upload and is killed in the middle of it; meanwhile this process writes another."""
    program = """if True:
        import io, sys
        from pathlib import Path
        from core.inspect.uploads import take
        from core.run.runs import Runs
        class Waits(io.BytesIO):
            def read(self, size=-1):
                if size > 4:
                    print("writing", flush=True)
                    sys.stdin.read()
                return super().read(size)
        take([("a", Waits(b"x"))], Runs(Path(sys.argv[1])))
    """
    runs = Runs(tmp_path)

    class Reserves(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            with reserve(runs):
                return super().read(size)

    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        with reserve(runs):
            assert held(runs) > 0, "its server lives"
        assert left_by(runs) != []
        process.kill()
    place = take([("b", Reserves(b"y"))], runs)
    assert left_by(runs) == [place.root]
    assert (place.root / "b").read_bytes() == b"y"


def test_code_in_the_folder_where_one_works_never_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("core", "json", "numpy"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "")
    assert ask("find", str(tmp_path), True).files == 3
    take([("x.zip", zipped(a=b"x"))], Runs(tmp_path / "runs"))
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not landlock.version(), reason="the kernel has no Landlock")
def test_the_confined_process_reaches_its_folders_and_nothing_else(tmp_path: Path) -> None:
    for name in ("mine", "scratch", "others"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    program = """if True:
        import socket, sys
        from pathlib import Path
        from core.inspect import landlock
        root = Path(sys.argv[1])
        assert landlock.confine([root / "mine"], [root / "scratch"])
        def refused(act):
            try:
                act()
            except PermissionError:
                return
            raise AssertionError(act)
        assert (root / "mine/file").read_text() == "mine"
        (root / "scratch/new").write_text("new")
        refused(lambda: (root / "others/file").read_text())
        refused(lambda: Path("/etc/passwd").read_text())
        refused(lambda: (root / "mine/file").write_text("x"))
        refused(lambda: (root / "mine/new").write_text("x"))
        refused(lambda: (root / "others/file").unlink())
        refused(lambda: (root / "scratch/link").symlink_to("/etc"))
        if landlock.version() >= 4:
            refused(lambda: socket.create_connection(("127.0.0.1", 9)))
    """
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, check=True)
    assert (tmp_path / "scratch" / "new").read_text() == "new"
