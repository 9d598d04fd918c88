"""What the cards say about Keras is tried, so that it is noticed when it is no longer so."""

import copy
import fcntl
import json
import pickle
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tensorflow as tf

from core.tf.gallery._scene import Log, line, weights

POINTER = "version https://git-lfs.github.com/spec/v1\nsize 13432\n"
Keras = tf.keras
Action = Callable[[], object]


def compiled(**options: object) -> tf.keras.Model:
    built = line()
    built.compile(**{"optimizer": "sgd", "loss": "mse"} | options)
    return built


def refuses(action: Action, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as raised:
        action()
    assert words in str(raised.value)


def warns(action: Action) -> str:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        action()
    return "\n".join(str(each.message) for each in said)


def test_a_pointer_or_a_cut_keras_file_is_not_found_as_cards_41_and_42_say(tmp_path: Path) -> None:
    whole, pointer, cut = (str(tmp_path / f"{name}.keras") for name in ("whole", "pointer", "cut"))
    line().save(whole)
    Path(pointer).write_text(POINTER)
    content = Path(whole).read_bytes()
    Path(cut).write_bytes(content[: len(content) // 2])
    for path in (pointer, cut):
        refuses(partial(Keras.models.load_model, path), ValueError, "accessible `.keras` zip file")
    refuses(lambda: line().load_weights(pointer), Exception, "File is not a zip file")


class Parabola(tf.keras.layers.Layer):  # type: ignore[misc]
    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x**2


def square(x: tf.Tensor) -> tf.Tensor:
    return x**2


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Parabola(), "Could not locate class 'Parabola'"),
        (tf.keras.layers.Dense(1, activation=square), "Could not locate function 'square'"),
    ],
)
def test_a_keras_file_says_it_at_the_end_as_card_45_says(
    layer: tf.keras.layers.Layer, words: str, tmp_path: Path
) -> None:
    path = str(tmp_path / "model.keras")
    Keras.Sequential([Keras.Input((1,)), layer]).save(path)
    with pytest.raises(TypeError, match="could not be deserialized properly") as raised:
        Keras.models.load_model(path)
    message = str(raised.value)
    assert message.index("could not be deserialized properly") < message.index(words)


class AdamLR(tf.keras.optimizers.Adam):  # type: ignore[misc]
    """Adam under another name."""


def distance(y: tf.Tensor, estimate: tf.Tensor) -> tf.Tensor:
    return tf.reduce_mean(tf.abs(y - estimate))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"optimizer": AdamLR()}, ValueError, "Could not interpret optimizer identifier"),
        ({"loss": distance}, TypeError, "string indices must be integers"),
        ({"loss": "mse"}, ValueError, "Could not deserialize 'keras.metrics.mse'"),
        ({"metrics": ["mse"]}, ValueError, "Could not deserialize 'keras.metrics.mse'"),
    ],
)
def test_an_h5_file_names_what_was_compiled_otherwise_as_card_46_says(
    options: dict[str, object], error: type[Exception], words: str, tmp_path: Path
) -> None:
    path = str(tmp_path / "model.h5")
    compiled(**options).save(path)
    refuses(lambda: Keras.models.load_model(path), error, words)
    assert len(Keras.models.load_model(path, compile=False).weights) == 2


def test_an_unbuilt_model_is_refused_as_card_47_says(tmp_path: Path) -> None:
    unbuilt = Keras.Sequential([Keras.layers.Dense(1)])
    unbuilt.compile("sgd", "mse")
    backup = Keras.callbacks.BackupAndRestore(tmp_path / "backup")
    refuses(lambda: unbuilt.save_weights(tmp_path / "a.weights.h5"), ValueError, "not yet been built")
    refuses(
        lambda: unbuilt.fit(tf.zeros((2, 1)), tf.zeros((2, 1)), verbose=0, callbacks=[backup]),
        ValueError,
        "must be built before you call `fit()`",
    )


def test_weights_files_and_another_number_of_layers_as_card_49_says(tmp_path: Path) -> None:
    one, two, legacy = (str(tmp_path / name) for name in ("one.weights.h5", "two.weights.h5", "two.h5"))
    line(1).save_weights(one)
    line(2).save_weights(two)
    line(2).save(legacy)
    fewer = Keras.Sequential([Keras.Input((1,)), Keras.layers.Dense(1)])
    refuses(lambda: fewer.load_weights(two, by_name=True), ValueError, "`by_name` only supports")
    assert warns(lambda: fewer.load_weights(two)) == ""
    assert weights(fewer) == "1.01, -1.96"
    refuses(lambda: line(2).load_weights(one), ValueError, "expected 2 variables, but received 0 variables")
    before = Keras.Sequential([Keras.Input((1,)), Keras.layers.Dense(1, name="other")])
    kept = weights(before)
    assert warns(lambda: before.load_weights(legacy, by_name=True)) == ""
    assert weights(before) == kept


def test_load_weights_does_not_read_tensorflows_format_as_card_51_says(tmp_path: Path) -> None:
    tf.train.Checkpoint(line()).write(f"{tmp_path}/cp.ckpt")
    refuses(lambda: line().load_weights(f"{tmp_path}/cp.ckpt"), ValueError, "File format not supported")
    refuses(lambda: line().save_weights(f"{tmp_path}/cp.ckpt"), ValueError, "must end in `.weights.h5`")


def fit(callback: tf.keras.callbacks.Callback) -> None:
    compiled().fit(tf.zeros((2, 1)), tf.zeros((2, 1)), verbose=0, callbacks=[callback])


def test_which_endings_and_formats_are_refused_as_card_52_says(tmp_path: Path) -> None:
    checkpoint = Keras.callbacks.ModelCheckpoint
    refuses(lambda: checkpoint(f"{tmp_path}/model"), ValueError, "must end in `.keras`")
    fit(checkpoint(f"{tmp_path}/model.h5"))
    line().save(f"{tmp_path}/other.h5", save_format="h5")
    assert {path.name for path in tmp_path.iterdir()} == {"model.h5", "other.h5"}
    refuses(
        lambda: line().save(f"{tmp_path}/model", save_format="tf"),
        ValueError,
        "`save_format` argument is deprecated",
    )


def test_which_arguments_of_keras_2_are_refused_as_card_53_says() -> None:
    refuses(lambda: Keras.layers.LSTM(1, time_major=False), ValueError, "{'time_major': False}")
    refuses(lambda: Keras.optimizers.Adam(lr=0.1), ValueError, "Argument(s) not recognized: {'lr': 0.1}")
    assert "no longer supported and will be ignored" in warns(lambda: Keras.optimizers.Adam(decay=0.1))
    for layer in (Keras.layers.LSTM, Keras.layers.GRU):
        assert layer(1, implementation=2).units == 1


def test_what_makes_missing_folders_as_card_63_says(tmp_path: Path) -> None:
    for name in ("a/model.keras", "b/model.weights.h5"):
        save = line().save if name.endswith(".keras") else line().save_weights
        with pytest.raises(FileNotFoundError):
            save(tmp_path / name)
    line().save(str(tmp_path / "c/new/model.h5"))
    fit(Keras.callbacks.ModelCheckpoint(f"{tmp_path}/d/new/model.keras"))
    line().export(f"{tmp_path}/e/new/model", verbose=False)
    tf.train.Checkpoint(v=tf.Variable(0.0)).write(f"{tmp_path}/f/new/model")
    assert {path.name for path in tmp_path.iterdir()} == {"c", "d", "e", "f"}


def test_an_h5_file_takes_the_optimizer_from_later_files_as_card_73_says(tmp_path: Path) -> None:
    built = compiled()
    built.save(f"{tmp_path}/before.keras")
    built.save(f"{tmp_path}/model.h5")
    built.save(f"{tmp_path}/after.keras")
    assert type(Keras.models.load_model(f"{tmp_path}/before.keras").optimizer).__name__ == "SGD"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        after = Keras.models.load_model(f"{tmp_path}/after.keras")
    assert type(after.optimizer).__name__ == "RMSprop"


def sequential(layer: tf.keras.layers.Layer) -> tf.keras.Sequential:
    return Keras.Sequential([Keras.Input((1,)), layer])


class Scaled(tf.keras.layers.Layer):  # type: ignore[misc]
    """Its `get_config` has `factor` only when it is asked to."""

    def __init__(self, factor: Any, told: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.factor, self.told = factor, told

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return x

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | ({"factor": self.factor} if self.told else {})


class Whole(tf.keras.Model):  # type: ignore[misc]
    def __init__(self, units: int) -> None:
        super().__init__()
        self.dense = tf.keras.layers.Dense(units)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self.dense(x)

    def get_config(self) -> dict[str, Any]:
        return dict(super().get_config())


def test_unbuilt_metrics_are_only_logged_as_card_81_says(tmp_path: Path) -> None:
    compiled(loss="mean_squared_error").save(f"{tmp_path}/model.h5")
    with Log("absl") as lines:
        loaded = Keras.models.load_model(f"{tmp_path}/model.h5")
    assert any("the compiled metrics have yet to be built" in said for said in lines)
    assert len(loaded.weights) == 2


def test_what_a_keras_file_takes_and_refuses_as_card_82_says(tmp_path: Path) -> None:
    sequential(Scaled(tf.constant(2.0))).save(tmp_path / "tensor.keras")
    refuses(
        lambda: sequential(Scaled(object())).save(tmp_path / "object.keras"),
        TypeError,
        "a class must implement the `get_config()` method",
    )
    refuses(lambda: json.dumps([np.float32(1)]), TypeError, "Object of type float32 is not JSON serializable")


def test_a_missing_h5_file_says_it_as_card_84_says(tmp_path: Path) -> None:
    words = "error message = 'No such file or directory'"
    refuses(lambda: Keras.models.load_model(str(tmp_path / "no.h5")), FileNotFoundError, words)
    refuses(lambda: line().load_weights(str(tmp_path / "no.weights.h5")), FileNotFoundError, words)


def test_what_can_be_pickled_as_card_86_says(tmp_path: Path) -> None:
    assert weights(copy.deepcopy(line())) == weights(pickle.loads(pickle.dumps(line()))) == "1.01, -1.96"
    own = pickle.dumps(sequential(Parabola()))
    refuses(lambda: pickle.loads(own), TypeError, "Could not locate class 'Parabola'")
    line().export(tmp_path / "served", verbose=False)
    served = tf.saved_model.load(str(tmp_path / "served"))
    refuses(lambda: pickle.dumps(served), AttributeError, "_UserObject")


def test_what_get_config_lacks_is_missed_as_card_87_says(tmp_path: Path) -> None:
    sequential(Scaled(2.0, told=False)).save(tmp_path / "layer.keras")
    own = {"Scaled": Scaled, "Whole": Whole}
    load = partial(Keras.models.load_model, custom_objects=own)
    refuses(
        lambda: load(tmp_path / "layer.keras"), TypeError, "missing 1 required positional argument: 'factor'"
    )
    whole = Whole(1)
    whole(tf.zeros((1, 1)))
    whole.save(tmp_path / "model.keras")
    refuses(lambda: load(tmp_path / "model.keras"), TypeError, "Unable to revive model from config")


def test_keras_models_have_the_method_again_as_card_88_says() -> None:
    assert hasattr(line(), "_get_save_spec")


def test_what_the_callback_refuses_as_card_90_says(tmp_path: Path) -> None:
    def save(name: str, monitor: str) -> tf.keras.callbacks.Callback:
        return Keras.callbacks.ModelCheckpoint(tmp_path / name, monitor=monitor, save_best_only=True)

    refuses(lambda: fit(save("best.keras", "own")), ValueError, "Pass `mode='max'`")
    refuses(lambda: fit(save("{val_loss:.2f}.keras", "loss")), KeyError, "Reason: \\'val_loss\\'")


def test_a_keras_file_of_an_unbuilt_model_is_only_warned_of_as_card_91_says(tmp_path: Path) -> None:
    assert "not yet been built" in warns(lambda: Whole(1).save(tmp_path / "model.keras"))


def test_a_file_that_is_open_here_is_not_written_as_card_94_says(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "model.h5", "w"):
        refuses(
            lambda: line().save(str(tmp_path / "model.h5")),
            OSError,
            "unable to truncate a file which is already open",
        )
    line().save(tmp_path / "model.keras")
    with open(tmp_path / "model.keras", "rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert len(Keras.models.load_model(tmp_path / "model.keras").weights) == 2


def test_a_sequential_model_gets_no_second_input_as_card_99_says() -> None:
    refuses(lambda: line().add(Keras.Input((2,))), ValueError, "You cannot add a different Input layer to it")


def test_a_strategy_and_files_as_card_103_says(tmp_path: Path) -> None:
    strategy = tf.distribute.MirroredStrategy(["cpu:0"])
    line().save(tmp_path / "model.keras")
    outside = Keras.models.load_model(tmp_path / "model.keras")
    with strategy.scope():
        inside = Keras.models.load_model(tmp_path / "model.keras")
        outside.compile("sgd", "mse")
        with pytest.raises(AssertionError) as raised:
            outside.fit(tf.zeros((2, 1)), tf.zeros((2, 1)), verbose=0)
    assert str(raised.value) == ""
    inside.save(tmp_path / "inside.keras")
    assert weights(Keras.models.load_model(tmp_path / "inside.keras")) == "1.01, -1.96"


def test_what_keras_says_in_a_graph_as_card_106_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def in_a_graph() -> None:
        built = line()
        with tf.Graph().as_default():
            refuses(
                lambda: built.save(tmp_path / "a.keras"), NotImplementedError, "numpy() is only available"
            )
            refuses(
                lambda: line().export(tmp_path / "b", verbose=False),
                RuntimeError,
                "without a default session",
            )

    # The import of tf_keras registers a session for the whole process. Another test may have imported it.
    saving = import_module("tensorflow.python.checkpoint.checkpoint")
    monkeypatch.setattr(saving, "_SESSION_PROVIDER", None)

    # A thread has no default session, whatever ran before in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(in_a_graph).result()
