"""The verdict as a visitor meets it: by the command, from the confined process, with its card."""

import json
import shutil
from pathlib import Path

import keras
import pytest
import tensorflow as tf

from command.main import main
from core.checkpoint import CheckpointError
from core.gallery.cards import cards
from core.inspect.find import Checkpoint
from core.inspect.folder import Folder
from core.inspect.verdict.verdict import LEFT, LOADED, LOADS, LOADS_BUT, REFUSES, UNKNOWN, Choice, Verdict

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
        tf.train.Checkpoint(model=module).write(str(root / f"{name}-inside"))
        tf.saved_model.save(module, str(root / f"{name}-model"))
    for name, variables in (("twice", ("w", "w_1")), ("trained", ("w", "w/Adam")), ("scoped", ("s/w",))):
        with tf.Graph().as_default(), v1.Session() as session:
            named = {each: v1.Variable(tf.ones([4]), name=each.replace("/", "-")) for each in variables}
            session.run(v1.global_variables_initializer())
            v1.train.Saver(named).save(session, str(root / f"{name}.ckpt"))

    def dense(*names: str) -> keras.Model:
        layers = [keras.layers.Dense(3, name=name) for name in names]
        return keras.Sequential([keras.Input((3,)), *layers], name="model")

    dense("a").save(root / "one.h5")
    dense("a", "b").save(root / "two.h5")
    (root / "one.json").write_text(dense("a").to_json())
    (root / "list.json").write_text("[1, 2]")
    quantized = dense("a")
    quantized.save(root / "float.keras")
    quantized.get_layer("a").quantize("int8")
    quantized.save(root / "int8.keras")
    shutil.copy(root / "one.h5", root / "not.keras")
    return root


def judged(root: Path, source: str, target: str, choice: Choice | None = None) -> Verdict:
    folder = Folder(root)
    found = folder.find()
    known: dict[str, Checkpoint | str] = {each.path: each for each in found.checkpoints}
    return folder.would_load(known[source], known.get(target, target), None, choice)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "target", "level", "said"),
    [
        ("double.ckpt", "single.ckpt.meta", REFUSES, "w is float32 in the graph and float64 in the file."),
        ("double.ckpt", "single.ckpt", REFUSES, "w is float32 in the graph and float64 in the file."),
        ("double-object", "single-object", REFUSES, "w is float32 in the program and float64 in the file."),
        ("double-object", "single-model", REFUSES, "w is float32 in the program and float64 in the file."),
        ("single.ckpt", "double-model", REFUSES, "w is float64 in the program and float32 in the file."),
        ("two.h5", "one.h5", REFUSES, "layer b is too many"),
        ("int8.keras", "float.keras", REFUSES, "in the file it is quantized"),
        ("not.keras", "one.h5", REFUSES, "is an HDF5 file that is called .keras"),
        ("one.h5", "single.ckpt.meta", REFUSES, "this is a Keras file"),
        ("single.ckpt", "single.ckpt.meta", LOADS, "Every name that the Saver asks for is in the file"),
        ("single-object", "single-object", LOADS, "Every object of the program"),
        ("single-inside", "single-model", LOADS, "Every object of the program"),
        ("single-inside", "single-object", LOADS_BUT, "No name of an attribute is the same"),
        ("one.h5", "one.h5", LOADS, "in the same order"),
        ("one.h5", "one.json", LOADS, "in the same order"),
        ("float.keras", "one.json", LOADS, "by its path"),
    ],
)
def test_the_command_says_by_its_status_and_its_words_what_happens(
    root: Path, source: str, target: str, level: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["will-load", str(root / source), str(root / target)]
    assert main(words) == (level != LOADS)
    assert said in capsys.readouterr().out
    assert main([*words, "--json"]) == (level != LOADS)
    told = json.loads(capsys.readouterr().out)["verdict"]
    assert told["level"] == level
    assert bool(told["error"]) == (level == REFUSES)


def test_the_command_compares_across_directories(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    single = str(root / "single-object")
    assert main(["will-load", single, str(root / "single-model")]) == 0
    assert "tf.train.Checkpoint(loaded).read('single-object')" in capsys.readouterr().out
    assert main(["diff", single, str(root / "double-object"), "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert "other type" in {row["kind"] for row in rows}
    assert main(["diff", str(root / "single-model"), str(root / "single-model")]) == 0
    assert main(["diff", single, str(root / "nothing")]) == 2


@pytest.mark.parametrize(
    ("source", "target", "card"),
    [
        ("single.ckpt", "twice.ckpt", "graph_built_twice"),
        ("single.ckpt", "trained.ckpt", "optimizer_changed"),
        ("single.ckpt", "scoped.ckpt", "other_scope"),
        ("single-object", "scoped.ckpt", "object_based"),
        ("two.h5", "one.h5", "layer_count"),
        ("single-inside", "single-object", "values_not_used"),
    ],
)
def test_a_verdict_leads_to_the_card_that_shows_it(root: Path, source: str, target: str, card: str) -> None:
    assert judged(root, source, target).card == card
    assert card in {each.slug for each in cards()}


def test_the_model_alone_leaves_the_slots_out(root: Path) -> None:
    with_slots, alone = (judged(root, "single.ckpt", "trained.ckpt", Choice(each)) for each in (True, False))
    assert with_slots.error == "NotFoundError"
    assert (alone.level, [row.outcome for row in alone.rows]) == (LOADS, [LOADED])
    assert "Saver(variables)" in alone.call


def test_no_advice_belongs_to_another_format(root: Path) -> None:
    for source, target in (("two.h5", "one.h5"), ("int8.keras", "float.keras"), ("not.keras", "one.h5")):
        told = judged(root, source, target)
        words = " ".join([told.cause, told.message, *(fix.title + fix.code for fix in told.fixes)])
        assert not any(each in words for each in ("Saver", "tf.", "Graph", "session"))
        assert told.fixes
    told = judged(root, "double.ckpt", "single.ckpt.meta")
    words = " ".join([told.cause, told.message, *(fix.title + fix.code for fix in told.fixes)])
    assert not any(each in words for each in ("keras", "Keras", "layer"))


def test_a_configuration_that_describes_no_model_is_refused(root: Path) -> None:
    with pytest.raises(CheckpointError, match="describes no Sequential or functional Keras model"):
        judged(root, "one.h5", "list.json")


def test_what_is_left_at_random_is_no_success(root: Path) -> None:
    told = judged(root, "single-inside", "single-object")
    assert [row.outcome for row in told.rows if row.target] == [LEFT]
    assert told.conclusion() == "Loads 0 of 1 weight without an error; the rest stays as it was."
    assert [(each.name, each.passes) for each in told.assertions] == [
        ("assert_existing_objects_matched", False),
        ("assert_consumed", False),
    ]
    assert told.level != UNKNOWN


@pytest.mark.parametrize("optimizer", [True, False])
def test_weights_that_layers_reach_as_well_need_no_caution(tmp_path: Path, optimizer: bool) -> None:
    def built() -> tuple[keras.Model, keras.Optimizer]:
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
        adam = keras.optimizers.Adam()
        adam.build(model.trainable_variables)
        return model, adam

    model, adam = built()
    written = tf.train.Checkpoint(model=model, optimizer=adam).write(str(tmp_path / "saved"))
    again, _ = built()
    tf.train.Checkpoint(model=again).read(written).expect_partial()
    assert all((one == two).all() for one, two in zip(again.get_weights(), model.get_weights(), strict=True))
    told = judged(tmp_path, "saved", "saved", Choice(optimizer))
    assert (told.level, told.conclusion().partition(":")[0]) == (LOADS, "Loads")


def test_the_older_format_is_refused_at_the_first_name_that_does_not_fit(tmp_path: Path) -> None:
    for name, dtype, step in (("old", tf.float32, "other"), ("new", tf.float64, "step")):
        with tf.Graph().as_default(), v1.Session() as session:
            v1.get_variable("a", initializer=tf.ones([4], dtype))
            v1.get_variable(step, initializer=tf.ones([]))
            session.run(v1.global_variables_initializer())
            version = v1.train.SaverDef.V1 if name == "old" else v1.train.SaverDef.V2
            saver = v1.train.Saver(write_version=version)
            saver.save(session, str(tmp_path / name), write_meta_graph=name == "new")
            if name == "new":
                with pytest.raises(tf.errors.InvalidArgumentError, match="Expected to restore a tensor"):
                    saver.restore(session, str(tmp_path / "old"))
    told = judged(tmp_path, "old", "new.meta")
    assert told.error == "InvalidArgumentError"
    assert told.cause == "a is float64 in the graph and float32 in the file."
