"""Each question of docs/command.md is answered by the command beside it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.command.conftest import Ask

PAGE = Path(__file__).parents[2] / "docs" / "command.md"
# The exit status, and what an answer has in it, whatever its spaces.
ANSWERS = {
    "What is in it?": (0, "models: 10 checkpoints in 10 files"),
    "How many parameters has each layer?": (0, "hidden Dense 16"),
    "Which step is the best?": (0, "model-08-0.20.keras: Keras file"),
    "Since when is there NaN?": (1, "NaN first in model-10-0.50.keras: hidden/kernel (1 of 12 elements)"),
    "What changed from step 3 to 9?": (1, "hidden/bias changed 200%"),
    "What never changed?": (0, "still/kernel never changes in these 10 checkpoints."),
    "Does it load into my changed model?": (1, "hidden/kernel is (3, 8) in the model and (3, 4) in the file"),
    "Which code loads it?": (0, 'keras.saving.load_model("models/model-08-0.20.keras")'),
    "How large is it without the optimizer?": (
        0,
        "slots are 128 B; without them 96 B are left.",
    ),
    "What are some of its numbers?": (0, "[[9. 9. 9. 9.]"),
    "How are they distributed?": (0, "from to elements"),
    "Where is that tensor, among thousands?": (0, "2 of "),
    "How do I get it into NumPy?": (0, "1 tensor in kernel.npy"),
    "Does a pull request change the weights?": (0, "All 10 tensors are the same, bit for bit."),
    "What is saved next?": (0, "-0.70.keras: step 1"),
    "How do I get a SavedModel of a Saver's files?": (0, "came back"),
    "What do I write into the pull request?": (1, "| hidden/bias | changed | 200% |"),
    "What do I hand on?": (1, "The report of 10 checkpoints is in report.html"),
}


@contextmanager
def saving(models: Path) -> Iterator[None]:
    """A run that saves one checkpoint after another, until somebody has seen one."""
    seen = threading.Event()
    saved: list[Path] = []

    def save() -> None:
        while not seen.wait(0.5):
            saved.append(models / f"model-{11 + len(saved)}-0.70.keras")
            shutil.copy(next(models.glob("model-03-*")), "half")
            os.replace("half", saved[-1])

    saves = threading.Thread(target=save)
    saves.start()
    try:
        yield
    finally:
        seen.set()
        saves.join()
        for each in saved:
            each.unlink()


def test_every_question_is_answered(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("models").mkdir()
    shutil.copytree(models / "saver", "saver")
    hidden = keras.layers.Dense(4, name="hidden")
    still = keras.layers.Dense(1, name="still", trainable=False)
    model = keras.Sequential([keras.Input((3,)), hidden, still])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.optimizer.build(model.trainable_variables)
    for epoch in range(1, 11):
        values = np.full((3, 4), epoch, np.float32)
        if epoch == 10:
            values[0, 0] = np.nan
        hidden.set_weights([values, np.full(4, epoch, np.float32)])
        loss = 0.5 if epoch == 10 else abs(epoch - 8) / 10 + 0.2
        model.save(f"models/model-{epoch:02d}-{loss:.2f}.keras")
    Path("released").mkdir()
    shutil.copy(next(Path("models").glob("model-03-*")), "released/model.keras")
    wider = [keras.Input((3,)), keras.layers.Dense(8, name="hidden"), keras.layers.Dense(1, name="still")]
    keras.Sequential(wider).save("changed.keras")
    rows = re.findall(r"^\| (.+\?) \| `checkpoint-explorer (.+)` \|$", PAGE.read_text(encoding="utf-8"), re.M)
    assert [question for question, words in rows if "://" not in words] == [*ANSWERS]
    for question, words in rows:
        if question not in ANSWERS:
            continue
        with saving(Path("models")) if "--new" in words else nullcontext():
            answer = ask(*shlex.split(words))
        status, said = ANSWERS[question]
        assert (answer.status, said in " ".join(answer.said.split())) == (status, True), (question, answer)
    assert np.load("kernel.npy").tolist() == [[9.0] * 4] * 3
