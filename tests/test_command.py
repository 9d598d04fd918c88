"""The wheel holds the whole application, and its command serves it from any folder."""

import io
import json
import os
import re
import site
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core import environment
from core.data import make_sample
from core.inspect import places
from core.pool.queue import Queue
from core.pool.ticket import Ticket
from core.run.manifest import STOPPED
from core.run.runs import Runs
from core.run.step_log import iterations_done
from core.settings import DataSettings, TrainSettings
from serve import application, readiness
from serve.starting import main
from tests.conftest import wait_until
from tests.core.inspect.writer import of_arrays

ROOT = Path(__file__).parent.parent
VERSION = re.findall(
    r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in a fresh environment, which finds what the wheel needs in this one.

    Downloading and unpacking TensorFlow anew would take minutes and prove nothing about this application:
    that the wheel asks for it is looked at in its metadata.
    """
    folder = tmp_path_factory.mktemp("installed")
    build = [
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *build], check=True)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    (packages,) = (folder / "venv").glob("lib/python*/site-packages")
    (packages / "needed.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    python = folder / "venv" / "bin" / "python"
    install = ["--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True)
    return python.with_name("checkpoint-explorer")


def run(command: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([command, *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 0


def test_it_tells_its_version(command: Path, tmp_path: Path) -> None:
    assert run(command, "--version", cwd=tmp_path).stdout == f"checkpoint-explorer {VERSION[0]}\n"


def test_the_environment_sees_one_package_only(command: Path, tmp_path: Path) -> None:
    (packages,) = command.parent.parent.glob("lib/python*/site-packages")
    there = {path.name for path in packages.iterdir() if not path.name.endswith((".dist-info", ".pth"))}
    assert there - {"__pycache__"} == {"checkpoint_explorer"}
    code = "import importlib.util as u; print(u.find_spec('core'), u.find_spec('pages'))"
    done = run(command.with_name("python"), "-c", code, cwd=tmp_path)
    assert done.stdout == "None None\n"


def listed(file: str) -> set[str]:
    """What a file of requirements names."""
    return set(re.findall(r"^[\w-]+", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE))


def test_it_asks_for_little_and_with_extras_for_more(command: Path) -> None:
    (metadata,) = command.parent.parent.glob("lib/python*/site-packages/checkpoint_explorer-*/METADATA")
    lines = re.findall(r"^Requires-Dist: (.+)$", metadata.read_text(encoding="utf-8"), re.MULTILINE)
    asked: dict[str, set[str]] = {}
    for name, _, extra in (re.split(r"[^\w-].*?(; extra == |$)", line, maxsplit=1) for line in lines):
        asked.setdefault(extra.strip("'"), set()).add(name)
    assert asked == {
        "": listed("requirements-command.txt"),
        "app": listed("requirements.txt"),
        "remote": listed("requirements-remote.txt"),
    }
    assert asked[""] < asked["app"]
    assert asked[""].isdisjoint({"tensorflow", "streamlit", "pandas"})


def test_it_answers_from_any_folder(command: Path, tmp_path: Path) -> None:
    of_arrays(tmp_path / "m-1", {"layer/kernel": np.arange(4, dtype=np.float32)})
    done = run(command, "inspect", "m-1", "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["checkpoint"]["parameters"]) == (0, 4)


def test_in_python_it_answers_and_brings_nothing_else_along(command: Path, tmp_path: Path) -> None:
    for step in (1, 2, 3):
        of_arrays(tmp_path / f"m-{step}", {"layer/kernel": np.full(4, step, np.float32)})
    for name in ("core", "pages", "command"):  # of somebody's own, which must not be taken for ours
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this is somebody else’s')", encoding="utf-8")
    code = """
import sys
import checkpoint_explorer as ce
one = ce.open("m-2")
assert one.parameters == 4 and list(one.layers.path) == ["layer"], one.layers
assert list(one.tensors.name) == ["layer/kernel"] and one.tensor("layer/kernel").tolist() == [2.0] * 4
assert ce.open(".").over_time().norm.tolist() == [2.0, 4.0, 6.0]
difference = ce.diff(".@1", ".@3")
assert not difference.same and difference.rows.largest.tolist() == [2.0]
assert not ce.check(".").failed and ce.will_load("m-1", "m-2").loads
assert "srcdoc=" in ce.show(".")._repr_html_()
print({"core", "pages", "command", "serve"} & set(sys.modules))
"""
    # What docs/python.md tells works as it stands.
    (tmp_path / "models").mkdir()
    for step in (100, 200):
        of_arrays(tmp_path / "models" / f"m-{step}", {"layer/kernel": np.full(4, step, np.float32)})
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    told = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (block,) = [each for each in told if "checkpoint_explorer" in each]
    said = run(command.with_name("python"), "-c", block, cwd=tmp_path)
    assert "layer/kernel" in said.stdout, said.stderr
    done = run(command.with_name("python"), "-c", code, cwd=tmp_path)
    assert done.stdout == "set()\n", done.stderr


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["nowhere"], "There is no folder nowhere; name one that exists."),
        (["--port", "http"], "'http' is no port; ports are numbers from 1 to 65535"),
        (["--url", "example.org"], "CHECKPOINT_EXPLORER_URL is 'example.org'; it must be like https://"),
        (["--runs", "taken/runs"], "Runs cannot be kept in taken/runs: Not a directory."),
        (["--runs", "/proc"], "Runs cannot be kept in /proc: "),
        (
            ["--runs", "runs [1]"],
            "Runs cannot be kept in runs [1]: its path has a [, which TensorFlow takes for",
        ),
        (["--address", "192.0.2.1"], "It cannot listen on 192.0.2.1: Cannot assign requested address."),
        (["--port", "PORT"], "port PORT: Address already in use. Name another port with --port"),
    ],
)
def test_what_it_cannot_do_it_says(command: Path, tmp_path: Path, words: list[str], answer: str) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        words = [word.replace("PORT", port) for word in ("--runs", "mine", *words)]
        done = run(command, *words, cwd=tmp_path)
    assert done.returncode == 2
    assert answer.replace("PORT", port) in done.stderr
    assert done.stderr.splitlines()[-1].startswith("checkpoint-explorer: ")
    assert "Traceback" not in done.stderr


def test_folders_that_are_named_are_those_that_the_page_open_offers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (environment.OPEN, environment.RUNS, "PYTHONPATH"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(application, "run", lambda address, port: 0)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    assert main(["--runs", "runs", "one", str(tmp_path / "two")]) == 0
    assert [place.root for place in places.folders()] == [tmp_path / "one", tmp_path / "two"]


@pytest.fixture
def server(command: Path, tmp_path: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """The command, started in an empty folder by a user whose home is read-only and whose system is set
    neither to English nor to UTF-8; its process and its log."""
    log = tmp_path / "log"
    (tmp_path / "médaille").mkdir()
    plain = {name: value for name, value in os.environ.items() if name != environment.RUNS}
    plain |= {"HOME": "/proc", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [command, "--port", str(port), "médaille"],
            cwd=tmp_path,
            env={**plain, "XDG_DATA_HOME": str(tmp_path / "data"), environment.WORKERS: "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    yield process, log
    process.terminate()
    process.wait(30)


def test_it_serves_from_any_folder_until_it_is_told_to_end(
    server: tuple[subprocess.Popen[bytes], Path], command: Path, port: int, tmp_path: Path
) -> None:
    process, log = server
    wait_until(lambda: status(f"http://localhost:{port}/") == 200)
    with urllib.request.urlopen(f"http://localhost:{port}/healthz") as answer:
        health = json.load(answer)
    assert health == {"status": "ready", "workers": "resting"}
    done = run(command, "--check", "--port", str(port), cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"The server on localhost:{port} is ready.\n")
    assert (tmp_path / "data").is_dir(), "runs are kept among the user's data"
    process.terminate()
    assert process.wait(20) in (0, -15)
    said = log.read_text(encoding="utf-8")
    assert f"Checkpoint Explorer {VERSION[0]} listens on http://localhost:{port}\n" in said
    assert "Traceback" not in said
    assert run(command, "--check", "--port", str(port), cwd=tmp_path).returncode == 1


@pytest.mark.parametrize("address", ["::1", "::", "127.0.0.1"])
def test_the_check_asks_the_address_that_is_listened_on(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def answer(url: str, timeout: float) -> io.BytesIO:
        asked.append(urllib.request.Request(url).host)
        return io.BytesIO(b'{"status": "ready"}')

    monkeypatch.setattr("urllib.request.urlopen", answer)
    assert readiness.check(address, 8501) == 0
    assert asked == ["127.0.0.1:8501" if "." in address else "[::1]:8501"]
    assert "is ready" in capsys.readouterr().out


def test_told_to_end_it_notes_where_a_training_stands(
    server: tuple[subprocess.Popen[bytes], Path], tmp_path: Path
) -> None:
    process, log = server
    wait_until(lambda: any((tmp_path / "data").glob("**/queue/waiting")))
    runs = Runs(next((tmp_path / "data").glob("**/queue/waiting")).parents[1])
    run = runs.create(make_sample(DataSettings()), TrainSettings(iterations=20_000), DataSettings(), "me")
    Queue(runs.root).add(Ticket(run.id, "me", time.time()), 1)
    wait_until(lambda: iterations_done(run.steps_file) > 20, 120)
    process.terminate()
    assert process.wait(20) in (0, -15)
    manifest = run.manifest()
    assert manifest.status == STOPPED
    assert f"The server was ended after iteration {iterations_done(run.steps_file) - 1}." in manifest.note
    said = log.read_text(encoding="utf-8")
    assert "Traceback" not in said
    assert "cannot schedule new futures" not in said


def test_it_listens_on_this_machine_only(server: tuple[subprocess.Popen[bytes], Path], port: int) -> None:
    wait_until(lambda: status(f"http://localhost:{port}/") == 200)
    with socket.socket() as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2", port))
