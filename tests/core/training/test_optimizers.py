"""One entry of the table is one optimizer: TensorFlow's rule, Keras' rule, slots, and the script's line."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from core.checkpoint import H, V
from core.settings import OPTIMIZERS, TrainSettings
from core.tf.formats.keras import keras_optimizer, keras_slots
from core.tf.model import build, make_optimizer, session
from core.training.optimizers import UnknownOptimizer, optimizer
from tests.recipe import OPTIMIZERS as RECIPES

v1 = tf.compat.v1

# Gradients of h and v, update by update, that neither vanish nor explode.
GRADIENTS = np.random.default_rng(3).normal(size=(40, 2)).astype(np.float32)


def test_the_recipe_has_each_of_them() -> None:
    assert tuple(RECIPES) == OPTIMIZERS, (
        "tests/recipe.py lists those of core/training/optimizers.py, in order"
    )


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_its_variables_are_those_that_a_checkpoint_has(name: str) -> None:
    entry = optimizer(name)
    model = build(TrainSettings(name))
    found = {each.op.name for each in model.graph.get_collection(v1.GraphKeys.GLOBAL_VARIABLES)}
    assert found == {H, V, *(f"{each}/{slot}" for each in (H, V) for slot in entry.slots), *entry.powers}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_keras_makes_the_same_rule(name: str) -> None:
    settings = TrainSettings(name, 0.03, momentum=0.8)
    with tf.Graph().as_default() as graph:
        ours = [v1.Variable(1.0, name=each, use_resource=True) for each in (H, V)]
        slopes = [v1.placeholder(tf.float32, name=f"slope_{each}") for each in (H, V)]
        rule = make_optimizer(settings)
        update = rule.apply_gradients(zip(slopes, ours, strict=True))
        init = v1.global_variables_initializer()
    theirs = [tf.keras.Variable(1.0, name=each) for each in (H, V)]
    keras = keras_optimizer(settings)
    keras.build(theirs)
    scale = -settings.learning_rate if optimizer(name).scaled else 1.0
    with session(graph) as opened:
        opened.run(init)
        fresh = opened.run({each.op.name: each for each in v1.global_variables()})
        for pair in GRADIENTS:
            opened.run(update, dict(zip(slopes, pair, strict=True)))
        expected = opened.run(ours)
        slots = opened.run({each.op.name: each for each in v1.global_variables()})
    for slot, variable in keras_slots(keras, settings).items():
        variable.assign(scale * fresh[slot])  # TensorFlow 1 starts RMSProp's mean square at 1, Keras at 0
    for pair in GRADIENTS:
        keras.apply_gradients(zip([tf.constant(each) for each in pair], theirs, strict=True))
    assert [each.numpy() for each in theirs] == pytest.approx(expected, rel=1e-5)
    for slot, variable in keras_slots(keras, settings).items():
        assert variable.numpy() == pytest.approx(scale * slots[slot], rel=1e-4), slot
    kept = [ending for ending in optimizer(name).slots.values() if ending]
    assert len(keras_slots(keras, settings)) == 2 * len(kept)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_line_of_the_script_makes_the_same_optimizer(name: str) -> None:
    settings = TrainSettings(name, 0.03, momentum=0.8)
    made = eval(
        f"v1.train.{optimizer(name).tensorflow.line(lambda each: repr(getattr(settings, each)))}", {"v1": v1}
    )
    ours = make_optimizer(settings)
    assert type(made) is type(ours)
    assert {key: value for key, value in vars(made).items() if isinstance(value, (bool, float, str))} == {
        key: value for key, value in vars(ours).items() if isinstance(value, (bool, float, str))
    }


def test_an_unknown_name_is_refused_by_all() -> None:
    unknown = SimpleNamespace(optimizer="Adamax", learning_rate=0.1, momentum=0.9)
    for make in (make_optimizer, keras_optimizer):
        with pytest.raises(
            UnknownOptimizer, match="No optimizer is called 'Adamax'; there are: gradient descent, Mom"
        ):
            make(unknown)  # type: ignore[arg-type]
