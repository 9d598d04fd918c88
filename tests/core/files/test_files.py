"""What the page Files says about a file is what TensorFlow, struct and the file system say."""

import re
import shutil
import struct
from pathlib import Path

import pytest
import tensorflow as tf
from google.protobuf import text_format
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from core.bundle import read_index
from core.checkpoint import DATA, INDEX, META, CheckpointError
from core.data import make_sample
from core.files import listing, protobuf, state_file, tensor_bytes
from core.files.listing import DIFFERS, MATCH, UNRECORDED
from core.files.protobuf import Decoded
from core.pool import jobs
from core.pool.training import train_run
from core.run.runs import Run, Runs
from core.settings import OPTIMIZERS, DataSettings, TrainSettings
from core.tf import files as decoding

v1 = tf.compat.v1
NAME = "model_iter-3"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Run]:
    """A run for each optimizer, with an export of `NAME`; nobody changes them."""
    runs = Runs(tmp_path_factory.mktemp("anatomy"))
    found = {}
    for optimizer in OPTIMIZERS:
        settings = TrainSettings(optimizer=optimizer, iterations=5)
        found[optimizer] = runs.create(make_sample(DataSettings()), settings, DataSettings())
        train_run(str(found[optimizer].directory))
        jobs.compare(str(found[optimizer].directory), NAME)
    return found


@pytest.fixture
def own(finished: dict[str, Run], tmp_path: Path) -> Run:
    """A copy of the Momentum run, for tests that damage it."""
    run = finished["Momentum"]
    return Run(Path(shutil.copytree(run.directory, tmp_path / run.id)))


def damage(path: Path, at: int) -> None:
    """Change one byte, in a file of its own: `.meta` shares its bytes with other names."""
    content = bytearray(path.read_bytes())
    content[at] ^= 0x55
    path.unlink()
    path.write_bytes(content)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_framed_bytes_are_what_tensorflow_reads(optimizer: str, finished: dict[str, Run]) -> None:
    prefix = finished[optimizer].checkpoints / NAME
    reader = tf.train.load_checkpoint(str(prefix))
    found = tensor_bytes.read_data(prefix)
    assert {region.entry.name for region in found.regions} == set(reader.get_variable_to_shape_map())
    for region in found.regions:
        expected = reader.get_tensor(region.entry.name)
        assert region.raw == expected.tobytes()
        assert struct.unpack("<f", region.raw)[0] == float(expected)
        assert region.value == str(expected)
        assert region.intact
    assert b"".join(region.raw for region in found.regions) == found.content
    assert found.content == (prefix.parent / (NAME + DATA)).read_bytes()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_index_lists_the_variables_of_tensorflow(optimizer: str, finished: dict[str, Run]) -> None:
    prefix = finished[optimizer].checkpoints / NAME
    expected = {(name, tuple(shape)) for name, shape in tf.train.list_variables(str(prefix))}
    assert {(entry.name, entry.shape) for entry in read_index(prefix)} == expected


def test_a_changed_value_is_shown_and_marked(own: Run) -> None:
    damage(own.checkpoints / (NAME + DATA), 0)
    regions = tensor_bytes.read_data(own.checkpoints / NAME).regions
    assert [region.intact for region in regions] == [False, True, True, True]


def test_a_data_file_that_is_cut_short_is_shown_as_far_as_it_goes(own: Run) -> None:
    path = own.checkpoints / (NAME + DATA)
    path.write_bytes(path.read_bytes()[:6])
    regions = tensor_bytes.read_data(own.checkpoints / NAME).regions
    assert [len(region.raw) for region in regions] == [4, 2, 0, 0]
    assert [region.intact for region in regions] == [True, False, False, False]
    assert regions[1].value == "cannot be decoded"


def test_every_file_is_listed_with_its_kind_and_size(finished: dict[str, Run]) -> None:
    run = finished["Adam"]
    files = listing.list_files(run)
    on_disk = {path.relative_to(run.directory).as_posix() for path in run.directory.rglob("*")}
    assert {file.path for file in files} == {path for path in on_disk if (run.directory / path).is_file()}
    for file in files:
        status = (run.directory / file.path).stat()
        assert (file.size, file.modified, file.names) == (status.st_size, status.st_mtime, status.st_nlink)
    kinds = {file.path: file.kind for file in files}
    assert kinds["checkpoints/checkpoint"] == "state file"
    assert kinds[f"checkpoints/{NAME}{INDEX}"] == "index"
    assert kinds[f"checkpoints/{NAME}{DATA}"] == "data"
    assert kinds[f"checkpoints/{NAME}{META}"] == "meta"
    assert kinds[f"saved_model/{NAME}/variables/variables.index"] == "SavedModel"
    assert kinds["run.json"] == kinds["steps.csv"] == "run's own"
    mine = [file.name for file in files if listing.belongs(file, "model_iter-1")]
    assert sorted(mine) == sorted("model_iter-1" + suffix for suffix in (META, INDEX, DATA))


def test_names_are_sorted_as_people_count() -> None:
    names = ["model_final", "model_iter-10", "model_iter-9", "model_iter-100", "checkpoint"]
    assert sorted(names, key=listing.in_order) == [
        "checkpoint",
        "model_iter-9",
        "model_iter-10",
        "model_iter-100",
        "model_final",
    ]


def test_the_state_file_is_read_as_tensorflow_reads_it(finished: dict[str, Run]) -> None:
    for run in finished.values():
        found = state_file.read_state(run.checkpoints)
        expected = tf.train.get_checkpoint_state(str(run.checkpoints))
        assert [str(run.checkpoints / each.path) for each in found.listed] == list(
            expected.all_model_checkpoint_paths
        )
        assert found.latest is not None
        assert str(run.checkpoints / found.latest.path) == expected.model_checkpoint_path


def test_with_max_to_keep_none_the_state_file_lists_one_and_forgets_the_others(
    finished: dict[str, Run],
) -> None:
    found = state_file.read_state(finished["Adam"].checkpoints)
    assert [(each.name, each.exists) for each in found.listed] == [("model_final", True)]
    assert found.unlisted == tuple(f"model_iter-{i}" for i in range(5))
    assert found.conclusion() == (
        "It lists 1 checkpoint, which is on disk. 5 more checkpoints on disk are not listed: readable, "
        "but no Saver remembers them."
    )


def test_the_state_file_may_list_what_is_gone_or_elsewhere(own: Run) -> None:
    elsewhere = own.directory.parent / "façade" / "model_iter-1"
    v1.train.update_checkpoint_state(
        str(own.checkpoints),
        "model_iter-9",
        ["model_iter-2", str(own.checkpoints / "model_iter-3"), str(elsewhere), "model_iter-9"],
    )
    found = state_file.read_state(own.checkpoints)
    expected = tf.train.get_checkpoint_state(str(own.checkpoints)).all_model_checkpoint_paths
    assert [str(own.checkpoints / each.path) for each in found.listed] == list(expected)
    assert [each.exists for each in found.listed] == [True, True, False, False]
    assert found.latest == state_file.Listed("model_iter-9", False)
    assert found.unlisted == ("model_iter-0", "model_iter-1", "model_iter-4", "model_final")
    assert "It lists 4 checkpoints, 2 of which are not on disk." in found.conclusion()


def test_without_a_state_file_the_sentence_says_so(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="There is no file named checkpoint"):
        state_file.read_state(tmp_path)


def test_digests_tell_changed_new_and_missing_files(own: Run) -> None:
    damage(own.checkpoints / ("model_iter-1" + META), 100)
    (own.checkpoints / "stranger.index").write_bytes(b"not ours")
    (own.checkpoints / ("model_iter-2" + DATA)).unlink()
    answers = listing.digest_all(own)
    assert {path: word for path, word in answers.items() if word != MATCH} == {
        f"checkpoints/model_iter-1{META}": DIFFERS,
        f"checkpoints/model_iter-2{DATA}": "missing",
        "checkpoints/stranger.index": UNRECORDED,
    }
    for path, word in answers.items():
        if word != "missing":
            assert listing.digest(own, path, own.recorded()) == word
    with pytest.raises(CheckpointError, match="is missing"):
        listing.digest(own, f"checkpoints/model_iter-2{DATA}", own.recorded())


def test_without_slots_the_saved_models_data_is_the_savers_byte_for_byte(finished: dict[str, Run]) -> None:
    run = finished["gradient descent"]
    found = tensor_bytes.same_bytes(run, NAME)
    saved = run.saved_model / NAME / "variables" / "variables.data-00000-of-00001"
    assert saved.read_bytes() == (run.checkpoints / (NAME + DATA)).read_bytes()
    assert found.identical
    assert not found.index_identical
    assert found.conclusion().startswith("The two data files are the same 8 bytes.")


@pytest.mark.parametrize(("optimizer", "slots"), [("Momentum", 2), ("Adam", 6)])
def test_with_slots_h_and_v_are_equal_and_the_rest_is_named(
    optimizer: str, slots: int, finished: dict[str, Run]
) -> None:
    run = finished[optimizer]
    found = tensor_bytes.same_bytes(run, NAME)
    reader = tf.train.load_checkpoint(str(run.saved_model / NAME / "variables" / "variables"))
    shared = {each.saver.entry.name: each for each in found.variables if each.saved}
    assert set(shared) == {"hor_estimate", "ver_estimate"}
    for name, each in shared.items():
        assert each.equal
        assert each.saver.raw == reader.get_tensor(name + "2").tobytes()
    assert not found.identical
    assert (found.saver_bytes, found.saved_bytes) == (8 + 4 * slots, 8)
    assert f"kept {slots} variables of the optimizer" in found.conclusion()


def test_different_values_are_called_different(own: Run) -> None:
    shutil.copytree(own.saved_model / NAME, own.saved_model / "model_iter-1")
    assert (
        tensor_bytes.same_bytes(own, "model_iter-1")
        .conclusion()
        .startswith("The two files have different values.")
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_decoded_meta_is_the_file_and_its_graph(optimizer: str, finished: dict[str, Run]) -> None:
    run = finished[optimizer]
    found = decoding.decode_meta(run, NAME)
    content = (run.checkpoints / (NAME + META)).read_bytes()
    parsed = text_format.Parse(found.text, meta_graph_pb2.MetaGraphDef())
    assert parsed == meta_graph_pb2.MetaGraphDef.FromString(content)
    assert found.size == len(content)
    with tf.Graph().as_default() as graph:
        v1.train.import_meta_graph(str(run.checkpoints / (NAME + META)))
        operations = graph.get_operations()
    assert sum(group.nodes for group in found.groups) == len(operations)
    check_edges(found, operations)
    groups = {group.name: group.nodes for group in found.groups}
    assert groups["gradients"] == sum(each.name.startswith("gradients/") for each in operations)
    assert groups["save and restore"] == sum(each.name.startswith("save/") for each in operations)
    assert groups["fed in"] == 4
    assert ("slot variables" in groups) == (optimizer != "gradient descent")
    assert "other" not in groups
    assert ("written by TensorFlow", tf.__version__) in found.facts


def check_edges(found: Decoded, operations: list[tf.Operation]) -> None:
    """What enters "save and restore", counted again from TensorFlow's own objects."""
    entering = [
        tensor.op.name
        for each in operations
        if each.name.startswith("save/")
        for tensor in each.inputs
        if not tensor.op.name.startswith("save/")
    ]
    edges = [edge for edge in found.edges if edge.target == "save and restore"]
    assert sum(edge.tensors for edge in edges) == len(entering)
    h_and_v = [name for name in entering if re.fullmatch(r"(hor|ver)_estimate(/Read/ReadVariableOp)?", name)]
    assert {edge.source: edge.tensors for edge in edges}["h and v"] == len(h_and_v)


def test_the_decoded_saved_model_shows_its_signature_and_its_asset(finished: dict[str, Run]) -> None:
    run = finished["Momentum"]
    found = decoding.decode_saved_model(run, NAME)
    content = (run.saved_model / NAME / "saved_model.pb").read_bytes()
    assert text_format.Parse(found.text, saved_model_pb2.SavedModel()) == (
        saved_model_pb2.SavedModel.FromString(content)
    )
    facts = dict(found.facts)
    assert (facts["tags"], facts["signatures"], facts["assets"]) == (
        "serve",
        "serving_default",
        "about.txt",
    )
    flows = {(edge.source, edge.target): edge.tensors for edge in found.edges}
    assert flows["signature serving_default", "fed in"] == 1
    assert flows["model", "signature serving_default"] == 1
    assert {group.name: group.nodes for group in found.groups}["asset"] == 1
    assert "signature serving_default to fed in (1 tensor)" in found.describe_graph()


@pytest.mark.parametrize("suffix", [META, INDEX, DATA])
def test_a_changed_file_is_not_decoded(suffix: str, own: Run) -> None:
    damage(own.checkpoints / (NAME + suffix), 3)
    with pytest.raises(
        CheckpointError, match=re.escape(f"{NAME}{suffix} is not the file that this run wrote")
    ):
        decoding.decode_meta(own, NAME)


def test_a_changed_export_is_not_decoded_once_it_is_recorded(own: Run) -> None:
    own.record(own.digests())
    decoding.decode_saved_model(own, NAME)
    damage(own.saved_model / NAME / "saved_model.pb", 3)
    with pytest.raises(CheckpointError, match=r"saved_model\.pb is not the file that this run wrote"):
        decoding.decode_saved_model(own, NAME)


def test_what_is_no_protocol_buffer_is_said_to_be_damaged(own: Run) -> None:
    path = own.saved_model / NAME / "saved_model.pb"
    path.write_bytes(b"\xff" * 40)
    own.record(own.digests())
    with pytest.raises(CheckpointError, match=r"saved_model\.pb is damaged: it is not a SavedModel"):
        decoding.decode_saved_model(own, NAME)
    path.unlink()
    with pytest.raises(CheckpointError, match=r"saved_model\.pb is missing"):
        decoding.decode_saved_model(own, NAME)


def test_a_search_finds_every_line_with_its_context(finished: dict[str, Run]) -> None:
    text = decoding.decode_meta(finished["Adam"], NAME).text
    lines = text.splitlines()
    expected = [n + 1 for n, line in enumerate(lines) if "hor_estimate/adam" in line.lower()]
    found = protobuf.find_lines(text, " HOR_estimate/Adam ", context=1, most=len(lines))
    assert [number for number, _, hit in found.lines if hit] == expected
    assert found.hits == found.shown == len(expected) > 10
    around = sorted({n for hit in expected for n in (hit - 1, hit, hit + 1) if 1 <= n <= len(lines)})
    assert [number for number, _, _ in found.lines] == around
    assert all(lines[number - 1] == line for number, line, _ in found.lines)


def test_a_search_shows_a_bounded_part_and_counts_the_rest() -> None:
    text = "\n".join(f"line {n}" for n in range(1000))
    found = protobuf.find_lines(text, "line", context=2, most=50)
    assert found.hits == 1000
    assert len(found.lines) <= 50
    assert found.shown == sum(hit for _, _, hit in found.lines) > 0
    assert [n for n, _, _ in protobuf.find_lines(text, "", most=50).lines] == list(range(1, 51))
    assert protobuf.find_lines(text, "nowhere") == protobuf.Found((), 0, 0)


@pytest.mark.parametrize("path", [r"C:\Users\me\model_iter-3", r"a\000/b", r"model\u0416"])
def test_an_escape_that_is_none_is_said_to_be(tmp_path: Path, path: str) -> None:
    (tmp_path / "checkpoint").write_text(f'model_checkpoint_path: "{path}"\n')
    with pytest.raises(CheckpointError, match="which is no path"):
        state_file.read_state(tmp_path)
