"""Every repair on every format: the script runs, says that all came back, and what it wrote is right."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.inspect import scripts
from core.inspect.folder import Folder
from core.inspect.model import SLOT, Listing

v1 = tf.compat.v1
VARIABLES = "/variables/variables"
FORMATS = ("named", "objects", "exported", "model.keras", "only.weights.h5", "older.h5")
Values = dict[str, np.ndarray[Any, Any]]


def small() -> Any:
    """A model with a counter in its optimizer and a slot for each weight."""
    layers = [keras.layers.Dense(4, name="first"), keras.layers.Dense(2, name="last")]
    model = keras.Sequential([keras.Input((3,)), *layers], name="small")
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same model at two steps in every format; step 2 has twice the values of step 1."""
    root = tmp_path_factory.mktemp("repairs")
    keras.utils.set_random_seed(3)
    model = small()
    start = [w.numpy() + 0.5 for w in model.weights]
    module = tf.Module()
    module.first, module.steps = tf.Module(), tf.Variable(7, name="steps")
    for step in (1, 2):
        for weight, value in zip(model.weights, start, strict=True):
            weight.assign(value * step)
        folder = root / str(step)
        folder.mkdir()
        model.save(folder / "model.keras")
        model.save_weights(folder / "only.weights.h5")
        model.save(folder / "older.h5")
        tf.train.Checkpoint(model=model, optimizer=model.optimizer).write(str(folder / "objects"))
        module.first.kernel = tf.Variable(start[0] * step, name="first/kernel")
        tf.saved_model.save(module, str(folder / "exported"))
        with tf.Graph().as_default(), v1.Session() as session:
            for weight, value in zip(model.weights, start, strict=True):
                v1.get_variable(weight.path.removeprefix("small/"), initializer=value * step)
            kernel = v1.global_variables()[0]
            v1.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(kernel**2), var_list=[kernel])
            session.run(v1.global_variables_initializer())
            v1.train.Saver().save(session, str(folder / "named"), write_state=False)
    own = ModuleType("your_program")
    sys.modules["your_program"] = own
    yield root
    del sys.modules["your_program"]


def listing(folder: Path, name: str) -> Listing:
    looked = Folder(folder)
    return looked.listing(next(each for each in looked.find().checkpoints if each.path == name))


def values(folder: Path, name: str) -> Values:
    """Every array by its name, read as the application reads."""
    looked = Folder(folder)
    found = next(each for each in looked.find().checkpoints if each.path == name)
    tensors = [each for each in looked.listing(found).tensors if each.dtype != "string"]
    arrays = looked.arrays(found, [each.key for each in tensors])
    return {each.name: arrays[each.key] for each in tensors}


Run = Callable[[scripts.Script], str]


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a script in the folder of step 2, as a program that has just started; what it prints."""

    def ran(script: scripts.Script) -> str:
        monkeypatch.chdir(root / "2")
        keras.backend.clear_session(free_memory=False)
        model = small()
        sys.modules["your_program"].model = model  # type: ignore[attr-defined]
        exec(compile(script.text, script.name, "exec"), {"__name__": "__main__"})
        said = capsys.readouterr().out
        counts = [line.rpartition(": ")[2].split()[:3:2] for line in said.splitlines() if "came back" in line]
        assert counts
        assert all(came == wanted != "0" for came, wanted in counts), said
        return said

    return ran


def path_of(name: str) -> str:
    return name + VARIABLES if name.endswith("exported") else name


def written(name: str, what: str) -> str:
    stem, ending = name, ""
    for each in (".weights.h5", ".keras", ".h5"):
        if name.endswith(each):
            stem, ending = name.removesuffix(each), each
            break
    return f"{stem}-{what}{ending}"


def weights_of(found: Listing) -> set[str]:
    return {each.name for each in found.weights()}


@pytest.mark.parametrize("name", [each for each in FORMATS if each != "exported"])
def test_stripping_keeps_every_weight_and_nothing_of_the_optimizer(root: Path, name: str, run: Run) -> None:
    found = listing(root / "2", name)
    assert found.of(SLOT)
    run(scripts.drop_slots(found, path_of(name)))
    what = "without-slots" if name == "named" else "without-optimizer"
    stripped = listing(root / "2", written(name, what))
    assert not stripped.of(SLOT)
    assert weights_of(stripped) == weights_of(found)
    before, after = values(root / "2", name), values(root / "2", written(name, what))
    assert all(np.array_equal(before[each], after[each]) for each in weights_of(found))


@pytest.mark.parametrize("name", FORMATS)
def test_a_cast_changes_the_type_and_rounds_the_values(root: Path, name: str, run: Run) -> None:
    run(scripts.cast(listing(root / "2", name), path_of(name), "float16"))
    before, after = values(root / "2", name), values(root / "2", written(name, "float16"))
    for each in weights_of(listing(root / "2", name)) - {"steps"}:
        assert after[each].dtype == np.float16
        assert np.array_equal(after[each], before[each].astype(np.float16))


@pytest.mark.parametrize("name", FORMATS)
def test_an_average_is_between_the_steps(root: Path, name: str, run: Run) -> None:
    first = root / "2" / "before"
    shutil.rmtree(first, ignore_errors=True)
    shutil.copytree(root / "1", first)
    found = [listing(first, name), listing(root / "2", name)]
    run(scripts.average(found, [path_of(f"before/{name}"), path_of(name)]))
    shutil.rmtree(first)
    one, average = values(root / "1", name), values(root / "2", written(name, "average"))
    for each in weights_of(found[0]) - {"steps"}:
        np.testing.assert_allclose(average[each], 1.5 * one[each], rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("named", "first/kernel", "stem/kernel"),
        ("exported", "first", "stem"),
        ("objects", "model/_functional/_operations", "model/layers_of_mine"),
        *((each, "first", "stem") for each in ("model.keras", "only.weights.h5", "older.h5")),
    ],
)
def test_what_is_renamed_is_found_by_its_new_name(
    root: Path, name: str, old: str, new: str, run: Run
) -> None:
    run(scripts.rename(listing(root / "2", name), path_of(name), {old: new}))
    before, after = values(root / "2", name), values(root / "2", written(name, "renamed"))
    assert len(before) == len(after)
    if name not in ("objects", "exported"):
        assert np.array_equal(after["stem/kernel"], before["first/kernel"])
        assert "first/kernel" not in after


def test_a_renamed_object_is_restored_by_tensorflow(root: Path, run: Run) -> None:
    found = listing(root / "2", "exported")
    run(scripts.rename(found, path_of("exported"), {"first": "stem"}))
    module = tf.Module()
    module.stem, module.steps = tf.Module(), tf.Variable(0)
    module.stem.kernel = tf.Variable(tf.zeros((3, 4)))
    status = tf.train.Checkpoint(module).read(str(root / "2" / "exported-renamed"))
    status.assert_existing_objects_matched()
    assert np.array_equal(module.stem.kernel.numpy(), values(root / "2", "exported")["first/kernel"])


def test_a_stripped_checkpoint_of_a_keras_model_restores_all_its_weights(root: Path, run: Run) -> None:
    run(scripts.drop_slots(listing(root / "2", "objects"), "objects"))
    model = small()
    checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
    checkpoint.read(str(root / "2" / "objects-without-optimizer")).expect_partial()
    wanted = keras.saving.load_model(root / "2" / "model.keras", compile=False).weights
    assert [np.array_equal(a.numpy(), b.numpy()) for a, b in zip(model.weights, wanted, strict=True)] == [
        True
    ] * 4


@pytest.mark.parametrize(
    ("name", "into"),
    [
        *(("named", into) for into in (scripts.OBJECTS, scripts.WEIGHTS, scripts.WHOLE)),
        *(("objects", into) for into in (scripts.SAVER, scripts.SAVED_MODEL, scripts.WEIGHTS, scripts.WHOLE)),
        *(("exported", into) for into in (scripts.SAVER, scripts.OBJECTS)),
        *(
            (name, into)
            for name in ("model.keras", "only.weights.h5", "older.h5")
            for into in scripts.TARGETS
            if not name.endswith(into)
        ),
    ],
)
def test_a_conversion_has_the_same_weights(root: Path, name: str, into: str, run: Run) -> None:
    script = scripts.convert(listing(root / "2", name), path_of(name), into)
    place = script.text.partition("COPY = ")[2].partition("\n")[0].strip("'")
    target = root / "2" / place
    if target.is_dir():
        shutil.rmtree(target)
    kept = target.read_bytes() if target.exists() else None
    run(script)
    before, after = values(root / "2", name), values(root / "2", place)
    if kept is not None:
        target.write_bytes(kept)
    for each in weights_of(listing(root / "2", name)) - {"steps"}:
        same = [value for value in after.values() if value.shape == before[each].shape]
        assert any(np.array_equal(value, before[each]) for value in same), each


@pytest.mark.parametrize("name", ["objects", "model.keras"])
def test_a_script_that_loses_a_weight_fails(root: Path, name: str, run: Run) -> None:
    text = scripts.drop_slots(listing(root / "2", name), name).text
    lossy = (
        text.replace(
            "tensor_names=names, shape_and_slices=whole, tensors=values",
            "tensor_names=names[::-1], shape_and_slices=whole, tensors=[*values[:-1], values[-1]][::-1]",
        )
        if name == "objects"
        else text
    )
    lossy = lossy.replace(
        "tensors=[*values[:-1], values[-1]][::-1]",
        "tensors=[tf.zeros_like(v) if v.dtype != tf.string else v for v in values][::-1]",
    ).replace("data=raw)", "data=np.zeros_like(raw))")
    assert lossy != text
    with pytest.raises(SystemExit, match="These did not come back: "):
        run(scripts.Script("lossy.py", "", lossy, ()))


def test_a_path_that_is_not_there_fails_in_the_script(root: Path, run: Run) -> None:
    with pytest.raises(SystemExit, match="Nothing is at nowhere, or something is at y already"):
        run(scripts.rename(listing(root / "2", "objects"), "objects", {"nowhere": "y"}))


def test_what_cannot_be_done_is_refused_with_a_sentence(root: Path) -> None:
    found = {name: listing(root / "2", name) for name in FORMATS}
    refusals: list[tuple[Callable[[], scripts.Script], str]] = [
        (lambda: scripts.drop_slots(found["exported"], "x"), "has nothing of an optimizer"),
        (
            lambda: scripts.rename(found["model.keras"], "x", {"no": "y"}),
            "No layer of model.keras is called no",
        ),
        (lambda: scripts.rename(found["older.h5"], "x", {"first": "last"}), "is called last already"),
        (lambda: scripts.cast(found["named"], "x", "float32"), "Nothing in named is a float of another type"),
        (lambda: scripts.average([found["named"]], ["x"]), "Averaging takes two checkpoints"),
        (lambda: scripts.convert(found["model.keras"], "x.keras", ".keras"), "is one already"),
    ]
    for refused, said in refusals:
        with pytest.raises(ValueError, match=said):
            refused()
