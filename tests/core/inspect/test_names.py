"""Series, steps and metrics from names, as Saver and ModelCheckpoint write them."""

from pathlib import Path

import numpy as np
import pytest

from core.inspect import names
from core.inspect.find import find
from tests.core.inspect.writer import of_arrays


@pytest.mark.parametrize(
    ("name", "group", "step", "metric"),
    [
        ("a/model.ckpt-12", "a/model.ckpt-*", 12, None),
        ("orange4.ckpt", "orange*.ckpt", 4, None),
        ("cp-0005.ckpt", "cp-*.ckpt", 5, None),
        ("weights.03.weights.h5", "weights.*.weights.h5", 3, None),
        ("weights.05.hdf5", "weights.*.hdf5", 5, None),
        ("weights.05.hd5f", "weights.*.hd5f", 5, None),
        ("weights.01-0.28.keras", "weights.*-*.keras", 1, 0.28),
        ("ep003-loss0.281-val_loss0.279.h5", "ep*-loss*-val_loss*.h5", 3, 0.279),
        ("weights-improvement-05-0.93.hdf5", "weights-improvement-*-*.hdf5", 5, 0.93),
        ("epoch=3-val=-0.5.ckpt", "epoch=*-val=*.ckpt", 3, -0.5),
        ("ckpt/0", "ckpt/*", 0, None),
        ("model-1.5-3", "model-1.5-*", 3, None),
        *(
            (each, each, None, None)
            for each in ("model_final", "int8.keras", "float16.h5", "keras2.h5", "m_1.0")
        ),
    ],
)
def test_a_name_says_its_series_step_and_metric(
    name: str, group: str, step: int | None, metric: float | None
) -> None:
    found = names.read(name)
    assert (found.group, found.step, found.metric) == (group, step, metric)


def test_digits_that_belong_to_a_word_are_a_step_only_in_a_series(tmp_path: Path) -> None:
    of_arrays(tmp_path / "vgg16", {"kernel": np.ones(3, np.float32)})
    for step in (3, 4):
        of_arrays(tmp_path / f"model{step}", {"kernel": np.ones(3, np.float32)})
    assert {each.path: each.step for each in find(tmp_path).checkpoints} == {
        "vgg16": None,
        "model3": 3,
        "model4": 4,
    }


def test_of_an_accuracy_the_highest_is_the_best() -> None:
    assert names.is_better_higher("best_epoch_*_val_acc_*.h5")
    assert not names.is_better_higher("accents.*-*.keras")
    assert not names.is_better_higher("ep*-acc*-val_loss*.h5")


@pytest.mark.parametrize("word", ["val_dice_loss", "iou_loss", "f1_error", "previous"])
def test_a_loss_is_best_when_it_is_low_whatever_it_is_of(word: str) -> None:
    assert not names.is_better_higher(names.read(f"m-01-{word}0.90.keras").group)
    assert names.is_better_higher(names.read("m-01-val_dice0.90.keras").group)


@pytest.mark.parametrize(
    "name", ["model_2024-01-15", "model_2024_01_15", "run-20240115-0930", "m-20240115_093000"]
)
def test_a_day_is_no_step(name: str) -> None:
    assert names.read(name).step is None
    assert names.read("model-20240115").step == 20_240_115
    assert names.read("model-2024").step == 2024
