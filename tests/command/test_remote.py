"""Checkpoints at other places: the index first, then only the bytes that are asked for; over HTTP, too."""

import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import fsspec
import numpy as np
import pytest

from command.place import named
from command.remote import Mirror, below
from core.checkpoint import TooLarge, Unsupported
from tests.command.conftest import Ask
from tests.core.inspect.writer import of_arrays

LARGE = 1 << 20  # elements


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three steps of a large and a small tensor."""
    root = tmp_path_factory.mktemp("remote") / "models"
    root.mkdir()
    for step in (1, 2, 3):
        large = np.full(LARGE, step, np.float32)
        of_arrays(root / f"m-{step}", {"body/kernel": large, "head/bias": np.full(4, step, np.float32)})
    return root


@pytest.fixture(scope="module")
def memory(local: Path) -> Iterator[str]:
    store = fsspec.filesystem("memory")
    for each in local.iterdir():
        store.pipe_file(f"/bucket/models/{each.name}", each.read_bytes())
    yield "memory://bucket/models"
    store.rm("/bucket", recursive=True)


class Ranged(SimpleHTTPRequestHandler):
    """Serves ranges, as stores do."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def do_GET(self) -> None:
        wanted = self.headers.get("Range", "")
        self.asked.append((self.path, wanted))
        if not wanted:
            super().do_GET()
            return
        first, last = map(int, wanted.removeprefix("bytes=").split("-"))
        content = Path(self.translate_path(self.path)).read_bytes()
        part = content[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def http(local: Path) -> Iterator[str]:
    Ranged.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Ranged, directory=str(local.parent))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/models"
        server.shutdown()
        thread.join()


def test_every_question_has_its_local_answer(local: Path, memory: str, ask: Ask, tmp_path: Path) -> None:
    for words in (["inspect"], ["inspect", "--over-time"], ["check"], ["inspect", "--tensor", "head/bias"]):
        name, *rest = words
        here, there = ask(name, local, *rest), ask(name, memory, *rest)
        assert (there.status, there.said) == (here.status, here.said.replace(str(local), memory))
    assert ask("diff", f"{memory}@1", local / "m-1").status == 0
    assert ask("diff", f"{memory}@1", f"{memory}/m-2").status == 1
    assert ask("will-load", f"{memory}@1", f"{memory}@2").status == 0
    out = tmp_path / "x.npy"
    assert ask("export", f"{memory}@newest", "head/bias", "-o", out).status == 0
    assert np.load(out).tolist() == [3.0] * 4
    assert "Copy them first" in ask("strip", memory).complained
    assert "There is nothing at memory://nowhere" in ask("inspect", "memory://nowhere").complained


def test_only_what_is_asked_for_comes(memory: str) -> None:
    place = named(f"{memory}@2")
    mirror = place.mirror
    assert isinstance(mirror, Mirror)
    indexes = sum(size for name, size in mirror.sizes.items() if name.endswith(".index"))
    assert mirror.taken == indexes
    place.need([place.chosen()], ["head/bias"])
    assert mirror.taken == indexes + 16
    (bias,) = place.folder.arrays(place.chosen(), ["head/bias"]).values()
    assert bias.tolist() == [2.0] * 4
    mirror.most = LARGE
    with pytest.raises(TooLarge, match=r"takes 4.2 MB; one question may bring 1 MB"):
        place.need([place.chosen()])


def test_a_web_server_gives_one_checkpoint_by_ranges(http: str, ask: Ask) -> None:
    answer = ask("inspect", f"{http}/m-3", "--tensor", "head/bias")
    assert (answer.status, answer.complained) == (0, "")
    assert "[3. 3. 3. 3.]" in answer.said
    data = [wanted for path, wanted in Ranged.asked if ".data-" in path and wanted]
    assert data == [f"bytes={4 * LARGE}-{4 * LARGE + 15}"]
    assert ask("inspect", f"{http}/m-9").status == 2


def test_without_fsspec_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, ask: Ask) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    assert "pip install 'checkpoint-explorer[remote]'" in ask("inspect", "memory://bucket").complained


def test_a_store_without_a_client_is_named(ask: Ask) -> None:
    assert "nosuch://bucket cannot be read" in ask("inspect", "nosuch://bucket").complained


def test_no_name_leads_out_of_the_mirror() -> None:
    for name in ("../b.index", "a/../../b.index", ""):
        with pytest.raises(Unsupported, match="is no name of a file"):
            below("/there", {f"/there/{name}": {"size": 1}})
