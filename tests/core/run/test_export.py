"""What is taken home is whole."""

import csv
import io
import zipfile
from collections.abc import Callable

import numpy as np

from core.bundle import read_values
from core.checkpoint import DATA
from core.data import make_sample
from core.history.history import read_history
from core.run.export import contents, history_csv, write_zip
from core.run.runs import Run
from core.settings import DataSettings

SMALL = DataSettings(samples=41, seed=3)


def test_the_zip_holds_the_run_as_it_is_on_disk(train: Callable[..., Run]) -> None:
    run = train(make_sample(SMALL), iterations=3)
    target = io.BytesIO()
    size = write_zip(run, target)
    assert size == len(target.getvalue())
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        names = {name.removeprefix(f"{run.id}/") for name in archive.namelist()}
        for name in names:
            assert archive.read(f"{run.id}/{name}") == (run.directory / name).read_bytes()
    assert {"run.json", "data.csv", "steps.csv", "checkpoints/checkpoint"} <= names
    assert "checkpoints/model_final" + DATA in names
    assert not names & {"lock", "control.json"}
    announced = contents(run)
    assert announced.files == len(names)
    assert announced.bytes == sum((run.directory / name).stat().st_size for name in names)


def test_the_history_as_csv_brings_every_value_back_bit_for_bit(train: Callable[..., Run]) -> None:
    run = train(make_sample(SMALL), optimizer="Adam", iterations=4)
    history = read_history(run, run.sample())
    rows = list(csv.DictReader(io.StringIO(history_csv(history))))
    assert [row["name"] for row in rows] == [*(f"model_iter-{i}" for i in range(4)), "model_final"]
    assert [row["iteration"] for row in rows] == ["0", "1", "2", "3", "3"], "model_final repeats the last one"
    for row in rows:
        values = read_values(run.checkpoints / row["name"])
        assert np.float32(row["h"]).tobytes() == values["hor_estimate"].tobytes()
        assert np.float32(row["v"]).tobytes() == values["ver_estimate"].tobytes()
        assert np.float32(row["hor_estimate/Adam"]).tobytes() == values["hor_estimate/Adam"].tobytes()
    assert [float(row["cost"]) for row in rows] == list(history.table["cost"])
