"""What is wrong with a directory is found and said, with what to do and the card that shows it."""

import csv
import io
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import tensorflow as tf

from core.gallery.cards import cards
from core.inspect import scripts
from core.inspect.compare import table_csv
from core.inspect.diagnosis import NOTE, WARNING, WRONG, Finding, diagnose
from core.inspect.find import KERAS, SAVED_MODEL, V1, V2, find
from core.inspect.folder import Folder
from tests import elsewhere

v1 = tf.compat.v1
SUFFIXES = (".index", ".meta", ".data-00000-of-00001")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three steps of a Saver with their graph, relative state file."""
    folder = tmp_path_factory.mktemp("original")
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 2], name="x")
        kernel = v1.get_variable("kernel", initializer=tf.ones([2, 3]))
        bias = v1.get_variable("bias", initializer=tf.zeros([3]))
        y = tf.identity(x @ kernel + bias, name="y")
        train = v1.train.MomentumOptimizer(0.1, 0.9).minimize(tf.reduce_sum(y**2))
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver(max_to_keep=10, save_relative_paths=True)
        for step in (10, 20, 30):
            session.run(train, {x: [[1.0, 2.0]]})
            saver.save(session, str(folder / "model"), global_step=step)
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "copy"))


def findings(folder: Path) -> list[Finding]:
    found = diagnose(folder, find(folder))
    known = {card.slug for card in cards()} | {""}
    assert {each.card for each in found} <= known
    return list(found)


def only(folder: Path, level: str) -> Finding:
    (finding,) = [each for each in findings(folder) if each.level == level]
    return finding


def test_a_healthy_directory_has_nothing_wrong(folder: Path) -> None:
    assert [each for each in findings(folder) if each.level != NOTE] == []


def test_torn_data_names_the_tensors_that_are_whole(folder: Path) -> None:
    path = folder / "model-20.data-00000-of-00001"
    path.write_bytes(path.read_bytes()[:-1])
    finding = only(folder, WRONG)
    assert "1 tensor of model-20 cannot be read, 3 can" in finding.sentence
    assert finding.card == "torn_data"


def test_every_byte_of_an_index_is_looked_at(folder: Path) -> None:
    index = folder / "model-30.index"
    whole = index.read_bytes()
    reader = tf.train.load_checkpoint(str(folder / "model-30"))
    values = {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}
    silent, loads = [], 0
    for at in range(len(whole)):
        index.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        told = [each for each in findings(folder) if each.path.startswith("model-30")]
        if not any(each.level in (WRONG, WARNING) for each in told):
            silent.append(at)
        if all("It loads." in each.sentence for each in told):
            damaged = tf.train.load_checkpoint(str(folder / "model-30"))
            assert all(np.array_equal(damaged.get_tensor(name), value) for name, value in values.items())
            loads += 1
    assert not silent
    assert loads, "TensorFlow does not read all of it"


@pytest.mark.parametrize(
    ("suffix", "card"), [(".index", "one_of_the_files"), (".data-00000-of-00001", "data_missing")]
)
def test_a_missing_half_is_said(folder: Path, suffix: str, card: str) -> None:
    (folder / f"model-20{suffix}").unlink()
    finding = only(folder, WRONG)
    assert finding.card == card
    assert "no index" in finding.sentence or "no data file" in finding.sentence


def test_swapped_data_files_are_recognised(folder: Path) -> None:
    one, two = (folder / f"model-{step}.data-00000-of-00001" for step in (10, 20))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)
    wrong = [each for each in findings(folder) if each.level == WRONG]
    assert len(wrong) == 2
    assert all("probably another checkpoint's" in each.advice for each in wrong)
    assert {each.card for each in wrong} == {"mixed_pair"}


def test_missing_shards_are_counted(tmp_path: Path) -> None:
    for n in range(3):
        tf.raw_ops.SaveV2(
            prefix=str(tmp_path / f"p{n}"),
            tensor_names=[f"t{n}"],
            shape_and_slices=[""],
            tensors=[[float(n)]],
        )
    prefixes = [str(tmp_path / f"p{n}") for n in range(3)]
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=prefixes, destination_prefix=str(tmp_path / "m"))
    (tmp_path / "m.data-00001-of-00003").unlink()
    assert "counts on 3 data files; missing: 00001 of 00003" in only(tmp_path, WRONG).sentence


def test_a_stale_state_file(folder: Path) -> None:
    for suffix in SUFFIXES:
        (folder / f"model-30{suffix}").unlink()
    finding = only(folder, WARNING)
    assert "latest checkpoint is model-30, which is not here; the newest here is model-20" in finding.sentence
    assert finding.card == "stale_checkpoint_file"


def test_a_state_file_that_calls_an_older_step_the_latest(folder: Path) -> None:
    (folder / "checkpoint").write_text(
        'model_checkpoint_path: "model-10"\nall_model_checkpoint_paths: "model-10"\n'
    )
    assert "calls model-10 the latest, and model-30 is here" in only(folder, WARNING).sentence
    assert [each.card for each in findings(folder) if "does not list 2 checkpoints" in each.sentence] == [
        "all_kept_but_one_listed"
    ]


def test_absolute_paths_of_another_place(folder: Path) -> None:
    (folder / "checkpoint").write_text('model_checkpoint_path: "/gone/model-30"\n')
    finding = only(folder, WARNING)
    assert "absolute paths, such as /gone/model-30" in finding.sentence
    assert finding.card == "directory_moved"


def test_left_overs_pointers_and_web_pages(folder: Path) -> None:
    (folder / "model-40.index.tempstate123").write_bytes(b"x")
    (folder / "a.index").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    (folder / "b.h5").write_text("<!DOCTYPE html><html>")
    said = {each.path: each for each in findings(folder)}
    assert "left behind by a save that did not end" in said["model-40.index.tempstate123"].sentence
    pointers = [each.sentence for each in findings(folder)]
    assert any("a.index is a Git-LFS pointer" in each for each in pointers)
    assert any("b.h5 is a web page" in each for each in pointers)


def test_steps_that_retention_removed(folder: Path) -> None:
    for step in (40, 60, 70):
        for suffix in SUFFIXES:
            shutil.copy(folder / f"model-30{suffix}", folder / f"model-{step}{suffix}")
    for suffix in SUFFIXES:
        (folder / f"model-10{suffix}").unlink()
    (first,) = [each for each in findings(folder) if "from 20 on; none before it" in each.sentence]
    assert "all but its last max_to_keep" in first.advice
    said = [each.sentence for each in findings(folder)]
    assert any("steps are missing between 40 and 60" in each for each in said)


def test_keras_files_and_saved_models_are_found_and_read(tmp_path: Path) -> None:
    tf.keras.utils.set_random_seed(0)
    layers = [
        tf.keras.layers.Input((3,)),
        tf.keras.layers.Dense(4, name="first"),
        tf.keras.layers.Dense(2, name="last"),
    ]
    model = tf.keras.Sequential(layers)
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
    model.save(tmp_path / "whole.keras")
    model.save_weights(tmp_path / "only.weights.h5")
    model.save(tmp_path / "older.h5")
    model.export(tmp_path / "served" / "1", verbose=False)
    (tmp_path / "served" / "1" / "assets").mkdir(exist_ok=True)
    folder = Folder(tmp_path)
    found = folder.find()
    assert sorted(each.kind for each in found.checkpoints) == sorted([KERAS, KERAS, KERAS, SAVED_MODEL])
    expected = {tuple(each.shape): each for each in model.get_weights()}
    for checkpoint in found.checkpoints:
        here = folder.listing(checkpoint)
        arrays = folder.arrays(checkpoint, [each.key for each in here.weights()])
        shapes = {value.shape: value for value in arrays.values()}
        for shape, value in expected.items():
            assert shapes[shape].tobytes() == value.tobytes(), checkpoint.path
        if checkpoint.kind == KERAS:
            assert here.slot_bytes == 2 * 4 * sum(value.size for value in model.get_weights())
    (graph,) = folder.graphs("served/1", 1 << 20)
    assert graph.tags == ("serve",)
    assert "serving_default" in {each.key for each in graph.signatures}
    assert any("fingerprint" in note for note in graph.notes)


def test_lambdas_are_told_and_never_run(tmp_path: Path) -> None:
    model = tf.keras.Sequential(
        [tf.keras.layers.Input((3,)), tf.keras.layers.Lambda(lambda x: x + 1, name="sneaky")]
    )
    model.save(tmp_path / "m.keras")
    assert "Lambda layers (sneaky)" in Folder(tmp_path).diagnose(find(tmp_path))[0].sentence


def test_v1_checkpoints_and_steps_are_recognised(tmp_path: Path) -> None:
    for step in (2, 10):
        tf.raw_ops.Save(filename=str(tmp_path / f"old-{step}"), tensor_names=["a"], data=[tf.constant(1.0)])
    assert [(each.kind, each.step) for each in find(tmp_path).checkpoints] == [(V1, 2), (V1, 10)]


def test_differences_are_numpys(folder: Path) -> None:
    here = Folder(folder)
    first, second, _ = here.find().checkpoints
    found = here.compare(first, second)
    readers = [tf.train.load_checkpoint(str(folder / each.path)) for each in (first, second)]
    for row in found.rows:
        a, b = (reader.get_tensor(row.first).astype(np.float64) for reader in readers)
        assert row.norm == pytest.approx(np.linalg.norm(b - a), rel=1e-9)
        assert row.largest == pytest.approx(np.abs(b - a).max(), rel=1e-9)
        assert row.share == np.mean(a != b)
    kinds = [row.relative for row in found.rows]
    assert kinds == sorted(kinds, reverse=True)
    told = [*csv.DictReader(io.StringIO(table_csv(found)))]
    assert [float(line["norm"]) for line in told] == [row.norm for row in found.rows]
    assert {line["name"] for line in told} == {"kernel", "bias", "kernel/Momentum", "bias/Momentum"}


def ran(script: scripts.Script, folder: Path) -> None:
    """Run a script as its reader would, in its folder, without this project."""
    done = elsewhere.run(script.text, folder)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_scripts_do_what_their_preview_says(folder: Path) -> None:
    here = Folder(folder)
    checkpoints = here.find().checkpoints
    found = [here.listing(each) for each in checkpoints]
    last = found[-1]
    made = [
        scripts.list_names(last, "model-30"),
        scripts.rename(last, "model-30", {"kernel": "dense/kernel"}),
        scripts.drop_slots(last, "model-30"),
        scripts.average(found, [each.path for each in checkpoints]),
        scripts.to_saved_model(last, "model-30", {"x": "x:0"}, {"y": "y:0"}),
    ]
    # One process for all: what takes time is TensorFlow's import.
    whole = "\n".join(each.text for each in made)
    ran(scripts.Script("all.py", "", whole, ()), folder)
    assert "kernel float32 [2, 3]" in made[0].effect
    renamed = tf.train.load_checkpoint(str(folder / "model-30-renamed"))
    assert set(renamed.get_variable_to_shape_map()) == {
        "dense/kernel",
        "bias",
        "kernel/Momentum",
        "bias/Momentum",
    }
    slim = tf.train.load_checkpoint(str(folder / "model-30-without-slots"))
    assert set(slim.get_variable_to_shape_map()) == {"kernel", "bias"}
    assert made[2].effect[0] == "4 tensors, 72 bytes → 2 tensors, 36 bytes"
    mean = tf.train.load_checkpoint(str(folder / "model-30-average")).get_tensor("kernel")
    parts = [tf.train.load_checkpoint(str(folder / each.path)).get_tensor("kernel") for each in checkpoints]
    np.testing.assert_array_equal(
        mean, np.mean([p.astype(np.float64) for p in parts], axis=0).astype(np.float32)
    )
    (graph,) = here.graphs("model-30-saved-model", 1 << 20)
    assert [each.key for each in graph.signatures] == ["serving_default"]


def test_restoring_what_matches_leaves_the_rest(folder: Path) -> None:
    here = Folder(folder)
    last = here.listing(here.find().checkpoints[-1])
    wanted = {"kernel": (2, 3), "bias": (9,), "new": (1,)}
    script = scripts.restore_matching(last, "model-30", wanted)
    assert script.effect == (
        "restored: kernel",
        "left: bias ([3] in the checkpoint, [9] there)",
        "left: new (not in the checkpoint)",
    )
    space: dict[str, object] = {}
    exec(script.text.replace("'model-30'", repr(str(folder / "model-30"))), space)
    with tf.Graph().as_default(), v1.Session() as session:
        kept = [v1.get_variable(name, initializer=tf.fill(shape, 7.0)) for name, shape in wanted.items()]
        session.run(v1.global_variables_initializer())
        space["restore_matching"](session)  # type: ignore[operator]
        kernel, bias, new = session.run(kept)
    expected = tf.train.load_checkpoint(str(folder / "model-30")).get_tensor("kernel")
    assert kernel.tobytes() == expected.tobytes()
    assert (bias == 7).all()
    assert (new == 7).all()


def test_names_that_two_tensors_would_share_are_refused(folder: Path) -> None:
    here = Folder(folder)
    last = here.listing(here.find().checkpoints[-1])
    with pytest.raises(ValueError, match="Two tensors would be called bias"):
        scripts.rename(last, "model-30", {"kernel": "bias"})
    with pytest.raises(ValueError, match="nothing is not in model-30"):
        scripts.rename(last, "model-30", {"nothing": "x"})


def test_what_is_taken_home_is_what_is_there(folder: Path, tmp_path: Path) -> None:
    from core.inspect.take_home import harmless, npz, statistics_csv

    here = Folder(folder)
    series = here.find().checkpoints
    arrays = here.arrays(series[0], ["kernel", "bias"])
    path = tmp_path / "x.npz"
    path.write_bytes(npz({**arrays, "../../up": np.ones(2)}))
    assert sorted(zipfile.ZipFile(path).namelist()) == ["bias.npy", "kernel.npy", "up.npy"]
    with np.load(path) as back:
        assert back["kernel"].tobytes() == arrays["kernel"].tobytes()
    measured, _ = here.measure(series)
    lines = statistics_csv(measured).splitlines()
    assert lines[0].startswith("checkpoint,step,tensor")
    assert len(lines) == 1 + 3 * 4
    assert harmless("/etc/../a b\x00") == "etc/a_b_"
    assert V2 in {each.kind for each in series}


def test_the_best_of_a_series_is_none_that_has_nan(tmp_path: Path) -> None:
    for epoch, (metric, value) in enumerate([(0.9, 1.0), (0.5, 1.0), (0.2, np.nan)], start=1):
        with h5py.File(tmp_path / f"weights.{epoch:02d}-{metric:.2f}.weights.h5", "w") as file:
            file["layers/dense/vars/0"] = np.full((2, 2), value, np.float32)
    (best,) = [each.sentence for each in findings(tmp_path) if "the number in the names" in each.sentence]
    assert "lowest in weights.02-0.50.weights.h5 (0.5), of those without NaN or infinity." in best
