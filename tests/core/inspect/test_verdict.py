"""What a verdict says where a loader refuses: other dtypes, other numbers of layers and of variables."""

from pathlib import Path

import keras
import pytest
import tensorflow as tf

from core.inspect.__main__ import main

v1 = tf.compat.v1


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same weights in two dtypes, by a Saver and by objects; Keras files of other counts."""
    root = tmp_path_factory.mktemp("verdict")
    for name, dtype in (("single", tf.float32), ("double", tf.float64)):
        with tf.Graph().as_default(), v1.Session() as session:
            v1.get_variable("w", initializer=tf.ones([4], dtype))
            session.run(v1.global_variables_initializer())
            v1.train.Saver().save(session, str(root / f"{name}.ckpt"))
        module = tf.Module()
        module.w = tf.Variable(tf.ones([4], dtype), name="w")
        tf.train.Checkpoint(module).write(str(root / f"{name}-object"))
        tf.saved_model.save(module, str(root / f"{name}-model"))

    def dense(*names: str) -> keras.Model:
        layers = [keras.layers.Dense(3, name=name) for name in names]
        return keras.Sequential([keras.Input((3,)), *layers], name="model")

    dense("a").save(root / "one.h5")
    dense("a", "b").save(root / "two.h5")
    quantized = dense("a")
    quantized.save(root / "float.keras")
    quantized.get_layer("a").quantize("int8")
    quantized.save(root / "int8.keras")
    return root


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("double.ckpt", "single.ckpt.meta", "w (float64 in the checkpoint, float32 there)"),
        ("double.ckpt", "single.ckpt", "w (float64 in the checkpoint, float32 there)"),
        ("double-object", "single-object", "(float64 in the checkpoint, float32 there)"),
        ("double-object", "single-model", "w (float64 in the checkpoint, float32 there)"),
        ("single.ckpt", "double-model", "w (float32 in the checkpoint, float64 there)"),
        ("two.h5", "one.h5", "two.h5 holds 2 names that one.h5 does not ask for"),
        ("int8.keras", "float.keras", "(int8 in the checkpoint, float32 there)"),
    ],
)
def test_other_dtypes_and_counts_are_said_by_sentence_and_status(
    root: Path, source: str, target: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(root), "--into", source, target]) == 1
    told = capsys.readouterr().out
    assert said in told
    assert "Nothing to do" not in told


def test_a_verdict_says_what_was_not_compared(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for source, target in (
        ("single.ckpt", "single.ckpt.meta"),
        ("single-object", "single-object"),
        ("single-object", "single-model"),
        ("one.h5", "one.h5"),
    ):
        assert main([str(root), "--into", source, target]) == 0
        told = capsys.readouterr().out
        assert "has every name" in told
        assert "not compared" in told
