"""Open shows what is in a folder, and every word from a file as text."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from command.main import main
from core import environment
from core.gallery.cards import cards
from core.inspect import folder
from core.inspect.diagnosis import diagnose
from core.inspect.find import find
from core.inspect.folder import Folder
from core.run.disk import UPLOADS
from core.run.runs import Run
from pages.parts.inspect import facts, ways_in
from pages.parts.inspect.terminal import path_of
from tests.core.inspect import writer
from tests.core.inspect.conftest import tf1_history as tf1_history
from tests.pages.conftest import words

VIEWS = ("tensors", "compare", "loading", "problems", "files", "export")
Open = Callable[..., AppTest]


def fine(test: AppTest) -> AppTest:
    assert not test.exception
    assert not any("Something went wrong" in each.value for each in test.error), words(test)
    return test


def views(test: AppTest) -> Any:
    """The widget that chooses the view."""
    (choice,) = [each for each in test.button_group if str(each.key).startswith("open-view-")]
    return choice


def viewed(test: AppTest, view: str) -> AppTest:
    return fine(views(test).set_value(view).run(timeout=120))


def scrubber_of(test: AppTest) -> dict[str, Any]:
    """What the scrubber was given to draw."""
    (data,) = [each for each in map(given, test.get("bidi_component")) if "tensors" in each]
    return data


def given(component: Any) -> dict[str, Any]:
    data = json.loads(component.proto.json or "{}")
    return data if isinstance(data, dict) else {}


def test_a_newcomer_is_told_what_this_is(application: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(environment.OPEN, raising=False)
    test = fine(application("inspect"))
    assert "Nothing in it is executed" in words(test)
    assert "make app OPEN=" in words(test)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_of_a_training(
    application: Open, monkeypatch: pytest.MonkeyPatch, tf1_history: Path, tmp_path: Path, view: str
) -> None:
    monkeypatch.setenv(environment.OPEN, str(tf1_history))
    test = viewed(application("inspect", open="folder-0"), view)
    said = words(test) + " ".join(each.label for each in test.expander)
    expected = {
        "tensors": "Notable changes",
        "compare": "Of ",
        "loading": "tf.compat.v1.train.Saver",
        "problems": "NaN and infinity first in model-60",
        "files": "Where the ",
        "export": "tf.train.load_checkpoint",
    }[view]
    assert expected in said
    (told,) = [each.value for each in test.code if each.value.startswith("checkpoint-explorer ")]
    monkeypatch.chdir(tmp_path)
    (tmp_path / tf1_history.name).symlink_to(tf1_history)
    assert main(shlex.split(told)[1:]) in (0, 1)


@pytest.mark.parametrize(("view", "step"), [("tensors", 30), ("files", 80), ("export", 80)])
def test_the_code_that_loads_what_is_shown_is_there_to_be_copied(
    application: Open, monkeypatch: pytest.MonkeyPatch, tf1_history: Path, view: str, step: int
) -> None:
    monkeypatch.setenv(environment.OPEN, str(tf1_history))
    test = viewed(application("inspect", open="folder-0", at="3"), view)
    (box,) = [each for each in test.expander if each.label == f"Code that loads model-{step}"]
    assert not any("restore" in each.value for each in box.code)  # it is written when it is opened
    test.session_state[f"open-code-{view}"] = True
    (box,) = [each for each in fine(test.run()).expander if each.label == f"Code that loads model-{step}"]
    assert f'saver.restore(session, "{tf1_history}/model-{step}")' in box.code[0].value


def test_a_path_is_real_for_who_is_at_the_machine_and_tells_nothing_of_an_upload(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    monkeypatch.setenv(environment.OPEN, str(own))
    here, upload = Folder(own), Folder(tmp_path / UPLOADS / "secret")
    assert path_of(here, "model-10") == f"{own}/model-10"
    monkeypatch.chdir(tmp_path)
    assert path_of(here, "model-10") == "own/model-10"
    assert path_of(upload, "mine/model-10") == "mine/model-10"
    assert path_of(upload) == "."
    monkeypatch.setenv(environment.URL, "https://example.org")
    monkeypatch.chdir("/")
    assert path_of(here, "model-10") == "own/model-10"
    assert path_of(Folder(tmp_path / "run"), "model-10") == "model-10"


def test_what_is_read_first_is_drawn_before_more_is_read(
    application: Open, monkeypatch: pytest.MonkeyPatch, tf1_history: Path
) -> None:
    monkeypatch.setenv(environment.OPEN, str(tf1_history))
    monkeypatch.setattr(folder, "_FIRST", 0.0)  # one checkpoint at a time
    monkeypatch.setattr(folder, "_BATCH", 0.0)
    ways_in.folder_of.clear()
    test = fine(application("inspect"))
    assert len(scrubber_of(test)["names"]) == 1
    assert len(scrubber_of(fine(test.run()))["names"]) > 1


def test_five_facts_come_first(application: Open, monkeypatch: pytest.MonkeyPatch, tf1_history: Path) -> None:
    monkeypatch.setenv(environment.OPEN, str(tf1_history))
    test = fine(application("inspect"))  # what the server was started with is open
    said = words(test)
    assert "checkpoints, steps 10 to 80" in said
    assert "NaN and infinity first in model" in said
    assert re.search(r"\d problems?", said)


def test_the_address_has_the_view_the_step_and_the_tensor(
    application: Open, monkeypatch: pytest.MonkeyPatch, tf1_history: Path
) -> None:
    monkeypatch.setenv(environment.OPEN, str(tf1_history))
    test = fine(application("inspect", open="folder-0", at="3", tensor="layer1/kernel"))
    data = scrubber_of(test)
    assert data["step"] == 2
    assert data["tensors"][data["chosen"]]["name"] == "layer1/kernel"
    test = viewed(test, "files")
    assert test.query_params["view"] == "files"


def test_what_changed_most_is_looked_at_first_and_never_a_counter(
    application: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    for step in (1, 2, 3):
        values = {"still/kernel": np.ones(4), "moving/kernel": np.full(4, float(step))}
        values["global_step"] = np.asarray(step, np.int64)
        writer.of_arrays(tmp_path / "own" / f"m-{step}", values)
    monkeypatch.setenv(environment.OPEN, str(tmp_path / "own"))
    data = scrubber_of(fine(application("inspect")))
    assert data["tensors"][data["chosen"]]["name"] == "moving/kernel"
    assert [group["name"] for group in data["groups"]] == ["moving", "still", "1 beside the model"]


def test_a_link_to_nothing_says_so(application: Open) -> None:
    test = fine(application("inspect", open="folder-7"))
    assert any("names no folder" in each.value for each in test.warning)
    gone = fine(application("inspect", open="upload-" + "x" * 22))
    assert any("This upload is gone" in each.value for each in gone.warning)


def test_words_from_files_are_never_markup(
    application: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = "![x](http://example.org/x.png) <script>alert(1)</script> :red[y]"
    folder = tmp_path / "own"
    folder.mkdir()
    writer.write(folder / "m-1", [writer.header(), writer.entry(name, crc=1)])
    writer.write(folder / "m-2", [writer.header(), writer.entry(name)])
    monkeypatch.setenv(environment.OPEN, str(folder))
    for view in VIEWS:
        test = viewed(application("inspect", open="folder-0"), view)
        for kind in (test.markdown, test.caption, test.warning, test.error, test.info, test.success):
            for each in kind:
                for markup in (r"(?<!\\)\]\(", "https?://", "<script>", r":red\["):
                    assert not re.search(markup, each.value), each.value


def test_a_run_is_opened_as_a_strangers(application: Open, train: Callable[..., Run]) -> None:
    run = train(optimizer="Adam", iterations=3)
    test = viewed(application("inspect", run=run, open=f"run-{run.id}"), "tensors")
    assert "checkpoints" in words(test)
    assert any("hor_estimate" in each.proto.json for each in test.get("bidi_component"))


def test_an_empty_folder_says_so(application: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    monkeypatch.setenv(environment.OPEN, str(tmp_path / "nothing"))
    assert "The folder is empty" in words(fine(application("inspect", open="folder-0")))
    (tmp_path / "nothing" / "model.pt").write_bytes(b"weights")
    test = fine(application("inspect", open="folder-0"))
    assert "1 PyTorch file, which this does not read" in words(test)
    assert not test.success


def test_two_places_are_compared(
    application: Open, monkeypatch: pytest.MonkeyPatch, tf1_history: Path, tmp_path: Path
) -> None:
    there = tmp_path / "there"
    there.mkdir()
    writer.of_arrays(there / "other", {"layer2/kernel": np.ones((3, 3), np.float32)})
    monkeypatch.setenv(environment.OPEN, f"{tf1_history}:{there}")
    test = viewed(application("inspect", open="folder-0"), "compare")
    place = next(each for each in test.selectbox if each.key == "open-elsewhere-folder-0")
    assert place.options == ["the same folder", "there"]
    fine(place.set_value("folder-1").run(timeout=60))
    (table,) = [each.value for each in test.dataframe if "share of elements" in each.value]
    kinds = dict(zip(table["tensor"], table["what"], strict=True))
    assert kinds["layer2/kernel"] == "changed"
    assert kinds["layer1/kernel"] == "only in the first"
    fine(test.button(key="open-folder-1").click().run(timeout=120))
    assert views(test).value == "tensors", "another place begins with its first view"


def test_a_finding_leads_to_its_card(
    application: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prefix = writer.of_arrays(tmp_path / "torn", {"w": np.ones(3, np.float32)})
    data = prefix.with_name("torn.data-00000-of-00001")
    data.write_bytes(bytes(4) + data.read_bytes()[4:])
    monkeypatch.setenv(environment.OPEN, str(tmp_path))
    test = viewed(application("inspect", open="folder-0"), "problems")
    card = next(card for card in cards() if card.slug == "mixed_pair")
    (link,) = [each for each in test.button if card.title in each.label]
    fine(link.click().run(timeout=60))
    assert test.title[0].value == "Error gallery"
    assert test.button(key="fail-mixed_pair")
    (shown,) = test.expander
    assert card.title in shown.label


def test_what_was_uploaded_and_opened_takes_no_memory_any_more(
    application: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    held: dict[str, int] = {}
    add, remove = MemoryUploadedFileManager.add_file, MemoryUploadedFileManager.remove_file

    def adding(self: MemoryUploadedFileManager, session_id: str, file: UploadedFileRec) -> None:
        add(self, session_id, file)
        held[file.file_id] = len(file.data)

    def removing(self: MemoryUploadedFileManager, session_id: str, file_id: str) -> None:
        remove(self, session_id, file_id)
        del held[file_id]

    monkeypatch.setattr(MemoryUploadedFileManager, "add_file", adding)
    monkeypatch.setattr(MemoryUploadedFileManager, "remove_file", removing)
    whole = writer.of_arrays(tmp_path / "m-1", {"kernel": np.zeros(1000, np.float32)})
    test = fine(application("inspect"))
    files = [whole.with_name(whole.name + each) for each in (".index", ".data-00000-of-00001")]
    test.file_uploader[0].set_value([(each.name, each.read_bytes(), "") for each in files]).run()
    assert sum(held.values()) > 4000
    test = fine(test.button(key="open-uploaded").click().run(timeout=120))
    assert "V2 checkpoint" in words(test)
    assert not held


def test_a_series_whose_name_has_two_underscores(
    application: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for step in (1, 2):
        writer.of_arrays(models / f"my__model-{step}", {"kernel": np.full((2, 3), step, np.float32)})
    monkeypatch.setenv(environment.OPEN, str(models))
    test = viewed(application("inspect", open="folder-0"), "tensors")
    assert [each["name"] for each in scrubber_of(test)["tensors"]] == ["kernel"]


def test_the_card_tells_what_is_wrong_with_this_model_alone(tmp_path: Path) -> None:
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
        writer.of_arrays(tmp_path / name / "model-1", {"kernel": np.ones((2, 3), np.float32)})
    (tmp_path / "bad" / "model-1.data-00000-of-00001").write_bytes(b"short")
    found = find(tmp_path)
    findings = diagnose(tmp_path, found)
    here = {each.path.partition("/")[0]: facts._problems(findings, (each,)) for each in found.checkpoints}
    assert here["good"] == ("No problems", "here; 1 problem elsewhere in the folder")
    assert here["bad"][0] == "1 problem"
    assert "bad/model-1" in here["bad"][1]
