"""inspect, diff, check and will-load on every format: words, values, exit status, and JSON by its schema."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.command.conftest import FORMATS, Ask
from tests.core.inspect.writer import of_arrays

AskJson = Callable[..., tuple[int, Any]]


@pytest.mark.parametrize("kind", FORMATS)
def test_inspect_tells_layers_and_parameters(models: Path, ask: Ask, ask_json: AskJson, kind: str) -> None:
    place = models / FORMATS[kind]
    status, told = ask_json("inspect", place)
    assert status == 0
    checkpoint = told["checkpoint"]
    assert checkpoint["parameters"] == 3 * 4 + 4 + 4 + 1
    assert {each["path"]: each["parameters"] for each in checkpoint["layers"]} == {"hidden": 16, "out": 5}
    kernel = next(each for each in checkpoint["tensors"] if each["name"] == "hidden/kernel")
    assert (kernel["dtype"], kernel["shape"], kernel["bytes"]) == ("float32", [3, 4], 48)
    has_slots = kind not in ("V1",)
    assert (checkpoint["optimizer_bytes"] > 0) == has_slots
    answer = ask("inspect", place)
    assert answer.status == 0
    assert "3×4" in answer.said
    assert "21 parameters, 84 B." in answer.said
    assert "| hidden |" in ask("inspect", place, "--markdown").said


@pytest.mark.parametrize("kind", FORMATS)
def test_inspect_tells_one_tensor_as_numpy_has_it(models: Path, ask_json: AskJson, kind: str) -> None:
    status, told = ask_json("inspect", models / FORMATS[kind], "--tensor", "out/kernel", "--slice", "1:3,0")
    expected = np.asarray(keras.models.load_model(models / "model.keras").get_layer("out").kernel)
    assert status == 0
    assert told["values"] == expected[1:3, 0].tolist()
    assert told["statistics"]["norm"] == pytest.approx(np.linalg.norm(expected.astype(np.float64)))
    assert sum(told["histogram"]["counts"]) == 4


@pytest.mark.parametrize("kind", [each for each in FORMATS if each not in ("Saver", "V1")])
def test_diff_pairs_layers_across_formats(models: Path, ask_json: AskJson, kind: str) -> None:
    status, told = ask_json("diff", models / "model.keras", models / FORMATS[kind], "--weights-only")
    assert (status, told["same"]) == (0, True)
    assert {row["kind"] for row in told["rows"]} == {"same"}
    assert len(told["rows"]) == 4
    status, told = ask_json("diff", models / FORMATS[kind], models / "saver", "--weights-only")
    assert status == 1
    kinds = {row["name"]: row["kind"] for row in told["rows"]}
    assert kinds == {
        "hidden/kernel": "changed",
        "hidden/bias": "changed",
        "out/kernel": "same",
        "out/bias": "same",
    }


def test_diff_of_two_steps_has_tolerances_patterns_and_an_order(
    models: Path, ask: Ask, ask_json: AskJson
) -> None:
    saver = models / "saver"
    status, told = ask_json("diff", f"{saver}@100", f"{saver}@newest")
    assert status == 1
    relative = [row["relative"] for row in told["rows"] if row["kind"] == "changed"]
    numbers = [float(each) for each in relative]
    assert numbers == sorted(numbers, reverse=True)
    a, b = (tf.train.load_checkpoint(str(saver / f"model.ckpt-{n}")) for n in (100, 400))
    difference = np.abs(a.get_tensor("hidden/bias") - b.get_tensor("hidden/bias")).max()
    words = ("diff", f"{saver}@100", f"{saver}@400", "--include", "hidden/bias", "--exclude", "*Adam*")
    assert ask(*words, "--atol", difference * 1.01).status == 0
    assert ask(*words, "--atol", difference * 0.99).status == 1
    assert "within tolerance" in ask(*words, "--rtol", 1e9, "-a").said
    assert ask("diff", f"{saver}@100", f"{saver}@400", "--include", "nowhere*").status == 1


@pytest.mark.parametrize("kind", FORMATS)
def test_check_passes_what_is_whole(models: Path, ask: Ask, ask_json: AskJson, kind: str) -> None:
    status, told = ask_json("check", models / FORMATS[kind])
    assert (status, told["failed"], told["paths"][0]["read"]) == (0, False, True)
    assert "Passes: nothing of damage and nan." in ask("check", models / FORMATS[kind]).said


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Six steps: 40 is missing, the bias stopped at 20, the kernel has NaN from 60 on."""
    random = np.random.default_rng(0)
    for step in (10, 20, 30, 50, 60, 70):
        kernel = random.normal(size=(4, 4)).astype(np.float32)
        if step >= 60:
            kernel[2, 1] = np.nan
        bias = np.full(4, min(step, 20), np.float32)
        of_arrays(tmp_path / f"m-{step}", {"layer/kernel": kernel, "layer/bias": bias})
    return tmp_path


def test_check_finds_what_is_planted(series: Path, ask: Ask, ask_json: AskJson) -> None:
    status, told = ask_json("check", series)
    kinds = {each["kind"]: each for each in told["paths"][0]["problems"]}
    assert status == 1
    assert kinds["nan"]["step"] == 60
    assert "layer/kernel (1 of 16 elements)" in kinds["nan"]["sentence"]
    assert "between 30 and 50" in kinds["missing"]["sentence"]
    assert kinds["stopped"]["tensor"] == "layer/bias"
    assert ask("check", series, "--fail-on", "damage").status == 0
    assert ask("check", series, "--fail-on", "damage,stopped").status == 1
    assert ask("check", series, "--fail-on", "missing", "--quick").status == 1
    assert ask("check", f"{series}@30").status == 0
    assert "'fire' is none of damage" in ask("check", series, "--fail-on", "fire").complained
    (series / "m-30.data-00000-of-00001").write_bytes(b"")
    assert ask("check", series, "--fail-on", "damage").status == 1


def test_over_time_says_when_it_changed_last_and_since_when_there_is_nan(
    series: Path, ask: Ask, ask_json: AskJson
) -> None:
    status, told = ask_json("inspect", series, "--over-time")
    over_time = told["over_time"]
    assert (status, over_time["steps"]) == (0, [10, 20, 30, 50, 60, 70])
    assert {each["kind"] for each in over_time["marks"]} == {"nan", "stopped"}
    bias, kernel = over_time["tensors"]
    assert bias["statistics"]["norm"] == [20.0, *[40.0] * 5]
    assert kernel["statistics"]["nan"] == [0, 0, 0, 0, 1, 1]
    said = ask("inspect", series, "--over-time", "--include", "bias").said
    assert "m-20" in said
    assert "m-60" in said


@pytest.mark.parametrize(("metric", "best"), [("val_loss", 2), ("val_accuracy", 3)])
def test_the_best_step_is_said_and_can_be_named(
    tmp_path: Path, ask: Ask, ask_json: AskJson, metric: str, best: int
) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for epoch, value in enumerate((0.31, 0.25, 0.4), 1):
        model.save_weights(tmp_path / f"w.{epoch:02d}-{metric}={value:.2f}.weights.h5")
    path = f"w.0{best}-{metric}={[0.31, 0.25, 0.4][best - 1]:.2f}.weights.h5"
    _, told = ask_json("inspect", tmp_path)
    (found,) = told["best"]
    assert (found["path"], found["step"]) == (path, best)
    assert ask_json("inspect", tmp_path, "--over-time")[1]["over_time"]["best"] == found
    for words in ((tmp_path,), (tmp_path, "--over-time")):
        assert f"in {path} ({found['metric']:g})." in ask("inspect", *words).said
    assert ask_json("inspect", f"{tmp_path}@best")[1]["checkpoint"]["path"] == path


@pytest.mark.parametrize("kind", FORMATS)
def test_will_load_says_by_its_status_what_happens(models: Path, ask_json: AskJson, kind: str) -> None:
    place = models / FORMATS[kind]
    status, told = ask_json("will-load", place, models / "model.keras")
    assert status == (not told["loads"])
    assert told["verdict"]["level"]
    same = ask_json("load", place, "--into", place)
    assert same[0] == (not same[1]["loads"])
    if kind in ("Saver", "keras", "weights.h5"):
        assert same[1]["loads"]


def test_will_load_takes_a_graph(models: Path, ask: Ask) -> None:
    answer = ask("will-load", models / "saver@100", models / "saver" / "model.ckpt-200.meta")
    assert answer.status == 0
    assert "tf.compat.v1.train.Saver().restore(session, 'model.ckpt-100')" in answer.said
    assert ask("will-load", models / "saver@100", models / "model.keras").status == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("saver/model.ckpt-40", "Did you mean model.ckpt-400"),
        ("savr", "Did you mean"),
        ("saver@150", "has no step 150. The nearest: 100, 200"),
        ("saver@last", "'last' is no step. Give a number, @newest or @best."),
        ("saver@best", "its names have no metric"),
        ("nowhere/at/all", "There is no"),
        ("modell.keras", "Did you mean model.keras"),
    ],
)
def test_a_typo_is_answered_with_the_nearest_names(
    models: Path, ask: Ask, ask_json: AskJson, path: str, said: str
) -> None:
    answer = ask("inspect", models / path)
    assert (answer.status, answer.said) == (2, "")
    assert said in answer.complained
    status, told = ask_json("inspect", models / path)
    assert (status, told["error"]["kind"]) == (2, "missing") or path == "saver@last"


def test_a_tensor_of_another_name_is_answered_with_the_nearest(models: Path, ask: Ask) -> None:
    answer = ask("inspect", models / "model.keras", "--tensor", "hiden/kernel")
    assert answer.status == 2
    assert "Did you mean hidden/kernel" in answer.complained
    assert "Name one by its key." in ask("inspect", models / "model.keras", "--tensor", "kernel").complained
    for slice_ in ("a:b", "0,0,0", "9"):
        assert ask("inspect", models / "model.keras", "--tensor", "out/bias", f"--slice={slice_}").status == 2


def test_what_cannot_be_read_is_status_2(tmp_path: Path, ask: Ask, ask_json: AskJson) -> None:
    (tmp_path / "broken.keras").write_bytes(b"no zip")
    for words in (("inspect",), ("check",), ("export", "-o", "x.npz")):
        name, *rest = words
        assert ask(name, tmp_path / "broken.keras", *rest).status == 2
    assert ask("diff", tmp_path / "broken.keras", tmp_path / "broken.keras").status == 2
    status, told = ask_json("inspect", tmp_path)
    assert status == 2
    assert told["problems"]
    (tmp_path / "notes.bin").write_bytes(b"hello")
    assert "is no checkpoint that can be read here" in ask("inspect", tmp_path / "notes.bin").complained


def test_names_from_files_are_neither_escapes_nor_markup(tmp_path: Path, ask: Ask) -> None:
    name = "a\x1b[31m|[x](http://e)@you<b>"
    of_arrays(tmp_path / "m-1", {name: np.ones(3, np.float32)})
    assert "\x1b" not in ask("inspect", tmp_path / "m-1", "-a").said
    said = ask("inspect", tmp_path / "m-1", "-a", "--markdown").said
    for markup in ("](", "@you", "<b>", "http://e", "31m|"):
        assert markup not in said


def test_find_among_many(tmp_path: Path, ask: Ask, ask_json: AskJson) -> None:
    names = {f"block{n}/layer/kernel": np.zeros(1, np.float32) for n in range(2000)}
    of_arrays(tmp_path / "m-1", names)
    _, told = ask_json("inspect", tmp_path / "m-1", "--include", "block199?/*")
    assert [each["name"] for each in told["checkpoint"]["tensors"]] == [
        f"block{n}/layer/kernel" for n in range(1990, 2000)
    ]
    assert "10 of 2,000 tensors." in ask("inspect", tmp_path / "m-1", "--include", "block199?/*").said
