"""What is read of a file is the model's own: its parameters, its layers' names, whose each slot is."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from core.inspect.find import Checkpoint, find
from core.inspect.model import COPY, COUNTER, METRIC, RANDOM, SLOT, WEIGHT, Listing
from core.inspect.tensors import listing, opened
from tests.core.inspect.keras_models import Saved, made

MODELS = [
    f"{library}-{name}"
    for library in ("keras", "tf_keras")
    for name in ("cnn", "frozen", "shared", "recurrent", "subclassed")
] + ["legacy-adam", "legacy-rmsprop"]
# Files that do not tell the order of the trained weights, or which of two equal ones is frozen.
UNORDERED = {
    *(
        (f"{library}-subclassed", path)
        for library in ("keras", "tf_keras")
        for path in ("model.keras", "only.weights.h5")
    ),
    *((f"{library}-frozen", "only.weights.h5") for library in ("keras", "tf_keras")),
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Saved]:
    return made(tmp_path_factory.mktemp("models"))


def listed(folder: Path) -> dict[str, Listing]:
    """Each file's name to what it holds."""
    found = {}
    for checkpoint in find(folder).checkpoints:
        with opened(folder, checkpoint) as values:
            found[checkpoint.path] = listing(checkpoint, values)
    return found


def arrays(folder: Path, checkpoint: Checkpoint) -> dict[str, np.ndarray]:
    with opened(folder, checkpoint) as values:
        return {entry.name: values.read(entry) for entry in values.entries}


@pytest.mark.parametrize("name", MODELS)
def test_the_parameters_are_the_models_own_in_every_format(saved: dict[str, Saved], name: str) -> None:
    here = saved[name]
    found = listed(here.folder)
    assert len(found) >= 4
    assert {path: each.parameters for path, each in found.items()} == dict.fromkeys(
        found, here.model.count_params()
    )
    assert {path: each.unsure for path, each in found.items()} == dict.fromkeys(found, "")
    assert {path: len(each.weights()) for path, each in found.items()} == dict.fromkeys(
        found, len(here.model.weights)
    )


@pytest.mark.parametrize("name", MODELS)
def test_every_weight_is_found_with_its_values(saved: dict[str, Saved], name: str) -> None:
    here = saved[name]
    expected = sorted(np.asarray(each).tobytes() for each in here.model.weights)
    for checkpoint in find(here.folder).checkpoints:
        values = arrays(here.folder, checkpoint)
        with opened(here.folder, checkpoint) as source:
            weights = listing(checkpoint, source).weights()
        assert sorted(values[each.key].tobytes() for each in weights) == expected, checkpoint.path


@pytest.mark.parametrize("name", [name for name in MODELS if "subclassed" not in name])
def test_weights_have_the_names_that_keras_gives_them(saved: dict[str, Saved], name: str) -> None:
    here = saved[name]
    if here.library is keras:
        own = [each.path for each in here.model.weights]
    else:
        own = [each.name.removesuffix(":0") for each in here.model.weights]
    expected = {each.removeprefix(f"{here.model.name}/") for each in own}
    if here.library is not keras:
        # Keras 2 writes no names of its own into the newer file, and a model's name before no layer's.
        expected = {each.partition("/")[2] if each.startswith("encoder/") else each for each in expected}
    for path, each in listed(here.folder).items():
        names = {weight.name for weight in each.weights()}
        if here.library is keras:
            assert names == expected, path
        elif not path.endswith(".weights.h5"):
            last = {each.rpartition("/")[2] for each in expected}
            assert {each.rpartition("/")[2] for each in names} == last, path


def test_a_subclassed_models_layers_are_called_by_its_attributes(saved: dict[str, Saved]) -> None:
    found = listed(saved["keras-subclassed"].folder)
    for path in ("model.keras", "only.weights.h5", "both-1", "alone", "saved_model"):
        layers = {each.layer for each in found[path].weights()}
        assert {"head", "attention/query_dense", "attention/output_dense"} <= layers, path
    names = {each.name for each in found["model.keras"].weights() if each.layer.startswith("blocks")}
    assert names == {
        f"blocks/{n}/{kind}" for n in ("dense", "dense_1", "dense_2") for kind in ("kernel", "bias")
    }
    # Keras keeps a list's layers under the optimizer alone: their attribute is in no object graph.
    names = {each.name for each in found["both-1"].weights()}
    assert {name for name in names if name.startswith("trainable")} == {
        f"trainable_variables/{n}/{kind}" for n, kind in enumerate(("kernel", "bias") * 3)
    }


@pytest.mark.parametrize("name", MODELS)
def test_slots_are_told_from_weights(saved: dict[str, Saved], name: str) -> None:
    here = saved[name]
    found = listed(here.folder)
    if name.startswith("legacy"):
        size = found["older.h5"].slot_bytes  # Keras 2.10 has no list of them, and writes none into a .keras
        assert size >= found["older.h5"].parameters * 4
    else:
        values = [np.asarray(each) for each in here.model.optimizer.variables]
        size = sum(each.nbytes for each in values if each.shape)
    assert found["both-1"].slot_bytes == size
    for path, each in found.items():
        assert each.slot_bytes in (0, size), path
        weights = {weight.key: weight for weight in each.weights()}
        owned = [slot for slot in each.of(SLOT) if slot.owner]
        assert all(slot.shape == weights[slot.owner].shape for slot in owned)
        assert all(slot.name.startswith(f"{weights[slot.owner].name}/{slot.slot}") for slot in owned)
        assert all(slot.layer == weights[slot.owner].layer for slot in owned)
        assert len(owned) == len(each.of(SLOT)) or (name, path) in UNORDERED, path


@pytest.mark.parametrize("name", ["keras-cnn", "keras-frozen", "keras-shared", "keras-recurrent"])
def test_a_slot_has_the_values_that_keras_keeps_for_its_weight(saved: dict[str, Saved], name: str) -> None:
    here = saved[name]
    expected = {}
    for each in here.model.trainable_variables:
        flat = f"{each.path.replace('/', '_')}_"
        for value in here.model.optimizer.variables:
            last = value.path.partition("/")[2]
            if last.startswith(flat):
                path = each.path.removeprefix(f"{here.model.name}/")
                expected[f"{path}/{last.removeprefix(flat)}"] = np.asarray(value).tobytes()
    for checkpoint in find(here.folder).checkpoints:
        with opened(here.folder, checkpoint) as source:
            slots = listing(checkpoint, source).of(SLOT)
            values = {each.name: source.read(source.named(each.key)).tobytes() for each in slots}
        if checkpoint.path == "only.weights.h5":
            # It has no settings of the optimizer: what cannot be told apart is not said.
            values = {slot: values[slot] for slot in values if slot in expected}
            assert values.items() <= expected.items()
        elif checkpoint.path != "exported":
            assert values == expected, checkpoint.path


def test_what_is_not_the_models_has_its_role(saved: dict[str, Saved]) -> None:
    found = listed(saved["keras-cnn"].folder)
    both = {each.name: each.role for each in found["both-1"].tensors if each.role not in (WEIGHT, SLOT)}
    assert both["step"] == both["save_counter"] == both["optimizer/iterations"] == COUNTER
    assert both["optimizer/learning_rate"] == COUNTER
    assert RANDOM in found["exported"].beside()
    assert len(found["exported"].of(COPY)) >= 6
    copied = {each.owner for each in found["exported"].of(COPY)}
    assert copied <= {each.key for each in found["exported"].weights()}
    older = listed(saved["tf_keras-cnn"].folder)
    assert {len(older[path].of(METRIC)) for path in ("model.keras", "only.weights.h5")} == {4}
    assert len(older["saved_model"].of(METRIC)) == 4


def test_who_wrote_it_and_what_kind_each_layer_is(saved: dict[str, Saved]) -> None:
    found = listed(saved["keras-cnn"].folder)["model.keras"]
    assert found.writer == (f"Keras {keras.__version__}",)
    assert {path: found.kinds[path] for path in ("conv", "bn", "out")} == {
        "conv": "Conv2D",
        "bn": "BatchNormalization",
        "out": "Dense",
    }
    tree = found.tree()
    assert tree.parameters == saved["keras-cnn"].model.count_params()
    assert [layer.path for layer in tree.layers] == ["conv", "bn", "out"]
    assert [weight.name for weight in tree.layers[1].weights] == [
        "bn/gamma",
        "bn/beta",
        "bn/moving_mean",
        "bn/moving_variance",
    ]
    deep = listed(saved["keras-shared"].folder)["model.keras"].tree()
    (encoder,) = [layer for layer in deep.layers if layer.path == "encoder"]
    assert [layer.path for layer in encoder.layers] == ["encoder/a", "encoder/scaled"]
    assert encoder.kind == "Sequential"
