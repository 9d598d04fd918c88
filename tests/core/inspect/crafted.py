"""Files that somebody made to do harm: all checksums are valid, what they say is not.

Each function writes one case into an empty directory. `CASES` names them; reading any of them must end soon,
in little memory, with a sentence or with right values.
"""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from tensorflow.core.framework import graph_pb2, types_pb2
from tensorflow.core.protobuf import (
    meta_graph_pb2,
    saved_model_pb2,
    tensor_bundle_pb2,
    trackable_object_graph_pb2,
)

from core.bundle.entries import slice_key
from core.bundle.graph import KEY
from core.bundle.wire import masked_crc32c
from tests.core.inspect.writer import block, entry, finish, header, stored, table, varint, write

Case = Callable[[Path], object]
CASES: dict[str, Case] = {}
INDEX, DATA = "x.index", "x.data-00000-of-00001"


def case(make: Case) -> Case:
    CASES[make.__name__] = make
    return make


def parametrized(name: str, make: Any) -> None:
    CASES[name] = make


def raw_index(folder: Path, content: bytes, data: bytes = bytes(64)) -> None:
    (folder / INDEX).write_bytes(content)
    (folder / DATA).write_bytes(data)


# Shapes that promise more than there is, in every way.
for exponent in (31, 32, 40, 62):
    for dims in ([1 << exponent], [1 << exponent // 2, 1 << exponent - exponent // 2], [1 << exponent, 0]):
        parametrized(
            f"elements_2_to_{exponent}_in_{len(dims)}_{dims[-1] == 0}",
            lambda folder, dims=dims: write(folder / "x", [header(), entry("a", dims)]) and None,
        )
for dtype in (types_pb2.DT_STRING, types_pb2.DT_VARIANT, types_pb2.DT_RESOURCE, types_pb2.DT_INT4, 99, 101):
    parametrized(
        f"huge_of_type_{dtype}",
        lambda folder, dtype=dtype: (
            write(folder / "x", [header(), entry("a", [1 << 62], dtype=dtype)]) and None
        ),
    )
for offset, size in ((1 << 62, 4), (0, 1 << 62), (1 << 63 - 1, 1 << 62), (1 << 40, 1 << 40), (2, 4)):
    parametrized(
        f"bytes_from_{offset}_{size}",
        lambda folder, o=offset, s=size: (
            write(folder / "x", [header(), entry("a", [s // 4], offset=o, size=s)]) and None
        ),
    )
for shards in (0, 1 << 19, (1 << 31) - 1):
    parametrized(
        f"shards_{shards}", lambda folder, n=shards: write(folder / "x", [header(n), entry("a")]) and None
    )
NAMES = ("../../etc/passwd", "/etc/passwd", "<script>alert(1)</script>", "![x](http://e/x)", "a\x1b[2Jb")
for name in (*NAMES, "\u202eabc", "=cmd|' /C calc'!A0", "x" * 100_000):
    parametrized(
        f"name_{name[:12]!r}", lambda folder, n=name: write(folder / "x", [header(), entry(n)]) and None
    )
parametrized("name_no_utf8", lambda folder: write(folder / "x", [header(), entry(b"\xff\xfe\x80")]) and None)


@case
def dimensions_without_end(folder: Path) -> None:
    write(folder / "x", [header(), entry("a", [1] * 100_000)])


@case
def negative_dimension(folder: Path) -> None:
    write(folder / "x", [header(), entry("a", [-1, -4])])


@case
def all_tensors_claim_the_same_bytes(folder: Path) -> None:
    data = bytes(4 << 20)
    rows = [entry(f"t{n:05d}", [1 << 20], data) for n in range(20_000)]
    write(folder / "x", [header(), *rows], data)


@case
def tensors_nested_like_dolls(folder: Path) -> None:
    data = bytes(4 << 20)
    rows = [entry(f"t{n:05d}", [(len(data) - 8 * n) // 4], data[8 * n :], offset=8 * n) for n in range(200)]
    write(folder / "x", [header(), *rows], data)


@case
def blocks_that_overlap(folder: Path) -> None:
    content = stored(block([header()]) + b"")
    handles = [(bytes([n // 250, n % 250]), varint(0) + varint(len(content) - 5)) for n in range(60_000)]
    raw_index(folder, finish(content, stored(block(handles))))


@case
def index_block_is_its_own_block(folder: Path) -> None:
    index = stored(block([(b"a", varint(0) + varint(20))]))
    index = stored(block([(b"a", varint(0) + varint(len(index) - 5))]))
    meta = stored(block([]))
    footer = varint(len(index)) + varint(len(meta) - 5) + varint(0) + varint(len(index) - 5)
    raw_index(folder, index + meta + footer.ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57))


@case
def footer_points_at_itself(folder: Path) -> None:
    footer = (varint(0) + varint(0) + varint(0) + varint(43)).ljust(40, b"\0")
    raw_index(folder, footer + struct.pack("<Q", 0xDB4775248B80FB57))


@case
def names_that_repeat_their_predecessor(folder: Path) -> None:
    first = b"a" * 60_000
    content = varint(0) + varint(0) + varint(len(header()[1])) + header()[1]
    content += varint(0) + varint(len(first)) + varint(0) + first
    content += b"".join(varint(len(first) + n) + varint(1) + varint(0) + b"b" for n in range(100_000))
    content += struct.pack("<II", 0, 1)
    written = stored(content)
    raw_index(folder, finish(written, stored(block([(b"z", varint(0) + varint(len(written) - 5))]))))


@case
def rows_all_alike(folder: Path) -> None:
    content = varint(0) + varint(0) + varint(len(header()[1])) + header()[1]
    content += varint(0) + varint(1) + varint(0) + b"a" + (varint(1) + varint(0) + varint(0)) * 300_000
    written = stored(content + struct.pack("<II", 0, 1))
    raw_index(folder, finish(written, stored(block([(b"z", varint(0) + varint(len(written) - 5))]))))


@case
def restarts_without_end(folder: Path) -> None:
    content = stored(struct.pack("<I", 0xFFFFFFFF))
    raw_index(folder, finish(content, stored(block([(b"z", varint(0) + varint(4))]))))


@case
def snappy_that_claims_four_gigabytes(folder: Path) -> None:
    packed = varint((1 << 32) - 1) + b"\x00a"
    content = packed + b"\x01" + struct.pack("<I", masked_crc32c(packed + b"\x01"))
    raw_index(folder, finish(content, stored(block([(b"z", varint(0) + varint(len(packed)))]))))


@case
def snappy_bombs(folder: Path) -> None:
    blocks, handles = b"", []
    inside = block([(b"k", bytes(40 << 20))])
    for n in range(50):
        content = stored(inside, 1)
        handles.append((bytes([n + 1]), varint(len(blocks)) + varint(len(content) - 5)))
        blocks += content
    raw_index(folder, finish(blocks, stored(block(handles))))


@case
def varints_without_end(folder: Path) -> None:
    write(folder / "x", [header(), (b"a", b"\x08" + b"\xff" * 400)])


@case
def groups_in_protocol_buffers(folder: Path) -> None:
    write(folder / "x", [header(), (b"a", b"\x0b" * 10_000)])


@case
def header_of_the_future(folder: Path) -> None:
    write(folder / "x", [header(min_consumer=99), entry("a")])


@case
def a_million_small_entries(folder: Path) -> None:
    write(
        folder / "x",
        [header(), *(entry(f"{n:07d}", size=0, raw=b"") for n in range(200_000))],
        per_block=1000,
    )


def _sliced(
    extents: list[list[tuple[int, int]]], shape: list[int], parts: list[tuple[str, list[int]]]
) -> list[Any]:
    proto = tensor_bundle_pb2.BundleEntryProto(dtype=types_pb2.DT_FLOAT)
    for size in shape:
        proto.shape.dim.add().size = size
    rows = []
    for each in extents:
        made = proto.slices.add()
        for start, length in each:
            extent = made.extent.add()
            extent.start, extent.length = start, length
    for at, (each, part) in enumerate(zip(extents, parts, strict=False)):
        rows.append(
            entry(slice_key(b"a", tuple(each)), part[1], bytes(4 * int(np.prod(part[1]))), offset=at * 64)
        )
    return [header(), *sorted([*rows, (b"a", proto.SerializeToString())])]


@case
def slices_that_overlap(folder: Path) -> None:
    write(folder / "x", _sliced([[(0, 3)], [(1, 3)]], [6], [("", [3]), ("", [3])]), bytes(256))


@case
def slices_beyond_the_shape(folder: Path) -> None:
    write(folder / "x", _sliced([[(5, 3)], [(0, 3)]], [6], [("", [3]), ("", [3])]), bytes(256))


@case
def slices_of_a_huge_whole(folder: Path) -> None:
    write(folder / "x", _sliced([[(0, 3)]], [1 << 62], [("", [3])]), bytes(256))


@case
def slices_that_are_missing(folder: Path) -> None:
    write(folder / "x", _sliced([[(0, 3)], [(3, 3)]], [6], [("", [3])]), bytes(256))


def _strings(folder: Path, lengths: list[int], data: bytes, count: int) -> None:
    raw = b"".join(varint(n) for n in lengths)
    crc = masked_crc32c(np.array([n & 0xFFFFFFFF for n in lengths], "<u4").tobytes())
    raw += struct.pack("<I", crc) + data
    write(folder / "x", [header(), entry("a", [count], raw, dtype=types_pb2.DT_STRING)], raw)


for lengths, count in (
    ([1 << 62], 1),
    ([1 << 31, 1 << 31], 2),
    ([0] * 10, 1 << 40),
    ([5, 5], 2),
    ([(1 << 64) - 1, 2], 2),
):
    parametrized(
        f"strings_{lengths[0]}_{count}", lambda folder, n=lengths, c=count: _strings(folder, n, b"abc", c)
    )


def _graph(folder: Path, content: bytes) -> None:
    raw = varint(len(content))
    crc = masked_crc32c(struct.pack("<I", len(content)))
    from crc32c import crc32c

    from core.bundle.wire import mask

    raw += struct.pack("<I", crc) + content
    whole = mask(crc32c(struct.pack("<I", len(content)) + struct.pack("<I", crc) + content))
    write(folder / "x", [header(), entry(KEY, (), raw, dtype=types_pb2.DT_STRING, crc=whole)], raw)


@case
def object_graph_in_a_circle(folder: Path) -> None:
    graph = trackable_object_graph_pb2.TrackableObjectGraph()
    for n in range(1000):
        graph.nodes.add().children.add(node_id=(n + 1) % 1000, local_name="next" * 20)
    _graph(folder, graph.SerializeToString())


@case
def object_graph_everything_to_everything(folder: Path) -> None:
    graph = trackable_object_graph_pb2.TrackableObjectGraph()
    for _ in range(300):
        node = graph.nodes.add()
        for other in range(300):
            node.children.add(node_id=other, local_name=f"c{other}")
    _graph(folder, graph.SerializeToString())


@case
def object_graph_that_points_nowhere(folder: Path) -> None:
    graph = trackable_object_graph_pb2.TrackableObjectGraph()
    node = graph.nodes.add()
    node.children.add(node_id=1 << 30, local_name="far")
    node.slot_variables.add(original_variable_node_id=-5, slot_name="m", slot_variable_node_id=1 << 30)
    _graph(folder, graph.SerializeToString())


@case
def object_graph_that_is_none(folder: Path) -> None:
    _graph(folder, b"\xff" * 1000)


@case
def a_pipe_where_the_index_should_be(folder: Path) -> None:
    os.mkfifo(folder / INDEX)
    (folder / DATA).write_bytes(bytes(4))


@case
def a_pipe_where_the_data_should_be(folder: Path) -> None:
    write(folder / "x", [header(), entry("a")])
    (folder / DATA).unlink()
    os.mkfifo(folder / DATA)


@case
def links_that_lead_out(folder: Path) -> None:
    write(folder / "x", [header(), entry("a")])
    (folder / DATA).unlink()
    (folder / DATA).symlink_to("/etc/hostname")
    (folder / "up").symlink_to("..")
    (folder / "checkpoint").symlink_to("/etc/passwd")


@case
def links_in_a_circle(folder: Path) -> None:
    (folder / "a").symlink_to(folder / "b")
    (folder / "b").symlink_to(folder / "a")
    (folder / INDEX).symlink_to(folder / "a")
    (folder / "self").symlink_to(folder)


@case
def directories_with_the_names_of_files(folder: Path) -> None:
    for name in (INDEX, DATA, "x.meta", "checkpoint", "m.keras", "saved_model.pb"):
        (folder / name).mkdir()


@case
def folders_without_end(folder: Path) -> None:
    here = folder
    for _ in range(60):
        here = here / "d"
        here.mkdir()


@case
def state_file_that_leads_out(folder: Path) -> None:
    lines = [f'all_model_checkpoint_paths: "../../../etc/passwd{n}"' for n in range(20_000)]
    (folder / "checkpoint").write_text('model_checkpoint_path: "/dev/zero"\n' + "\n".join(lines))


@case
def state_file_of_quotes(folder: Path) -> None:
    (folder / "checkpoint").write_text('model_checkpoint_path: "' + "\\" * 500_001 + "\n" + '"' * 500_000)


@case
def v1_header_of_huge_shapes(folder: Path) -> None:
    from tensorflow.core.util import saved_tensor_slice_pb2

    meta = saved_tensor_slice_pb2.SavedTensorSlices()
    for n in range(100):
        each = meta.meta.tensor.add(name=f"t{n}", type=types_pb2.DT_FLOAT)
        each.shape.dim.add().size = 1 << 62
        each.slice.add().extent.add()
    (folder / "old").write_bytes(table([(b"", meta.SerializeToString())]))


@case
def v1_small_parts_of_a_large_whole(folder: Path) -> None:
    from tensorflow.core.util import saved_tensor_slice_pb2

    meta = saved_tensor_slice_pb2.SavedTensorSlices()
    each = meta.meta.tensor.add(name="t", type=types_pb2.DT_FLOAT)
    each.shape.dim.add().size = 1 << 40
    part = saved_tensor_slice_pb2.SavedTensorSlices()
    part.data.name = "t"
    part.data.slice.extent.add(start=0, length=1)
    part.data.data.float_val.append(1.0)
    (folder / "old").write_bytes(
        table([(b"", meta.SerializeToString()), (b"\x00t", part.SerializeToString())])
    )


def _keras(folder: Path, weights: bytes, config: str = "{}", compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(folder / "m.keras", "w", compression) as archive:
        archive.writestr("config.json", config)
        archive.writestr("model.weights.h5", weights)


def _h5(make: Callable[[h5py.File], None]) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        make(file)
    return content.getvalue()


@case
def keras_with_a_zip_bomb(folder: Path) -> None:
    _keras(folder, bytes(400 << 20), compression=zipfile.ZIP_DEFLATED)


@case
def keras_with_a_lambda(folder: Path) -> None:
    touch = f"__import__('pathlib').Path({str(folder / 'touched')!r}).touch()"
    layer = {
        "class_name": "Lambda",
        "config": {"name": "evil", "function": {"class_name": "__lambda__", "code": touch}},
    }
    weights = _h5(lambda file: file.create_dataset("layers/dense/vars/0", data=np.ones(3)) and None)
    _keras(folder, weights, json.dumps({"class_name": "Sequential", "config": {"layers": [layer]}}))


@case
def keras_with_names_that_lead_out(folder: Path) -> None:
    with zipfile.ZipFile(folder / "m.keras", "w") as archive:
        archive.writestr("../../outside", "x")
        archive.writestr("/abs", "x")


@case
def keras_with_deep_json(folder: Path) -> None:
    _keras(folder, _h5(lambda file: None), "[" * 200_000 + "]" * 200_000)


@case
def h5_with_a_bomb(folder: Path) -> None:
    def make(file: h5py.File) -> None:
        file.create_dataset(
            "bomb", shape=(1 << 30,), dtype="f4", chunks=(1 << 20,), compression="gzip", fillvalue=1
        )

    (folder / "m.h5").write_bytes(_h5(make))


@case
def h5_of_2_to_62_elements(folder: Path) -> None:
    def make(file: h5py.File) -> None:
        file.create_dataset("vast", shape=(1 << 31, 1 << 31), dtype="f4", chunks=(1, 1024))

    (folder / "m.h5").write_bytes(_h5(make))


@case
def h5_in_circles(folder: Path) -> None:
    def make(file: h5py.File) -> None:
        group = file.create_group("a/b")
        group["up"] = file["a"]
        group["soft"] = h5py.SoftLink("/a")

    (folder / "m.h5").write_bytes(_h5(make))


@case
def h5_that_leads_out(folder: Path) -> None:
    def make(file: h5py.File) -> None:
        file["out"] = h5py.ExternalLink("/etc/hostname", "/")
        file.create_dataset("raw", shape=(3,), dtype="u1", external=[("/etc/hostname", 0, 3)])
        layout = h5py.VirtualLayout(shape=(3,), dtype="f4")
        layout[:] = h5py.VirtualSource("/etc/hostname", "x", shape=(3,))
        file.create_virtual_dataset("virtual", layout)

    (folder / "m.h5").write_bytes(_h5(make))


@case
def h5_of_text_and_references(folder: Path) -> None:
    def make(file: h5py.File) -> None:
        file.create_dataset("text", data=["a", "b"], dtype=h5py.string_dtype())
        file.create_dataset("reference", data=[file.ref], dtype=h5py.ref_dtype)
        file.create_dataset("compound", data=np.zeros(2, [("a", "f4"), ("b", "i4")]))

    (folder / "m.h5").write_bytes(_h5(make))


@case
def meta_nested_deep(folder: Path) -> None:
    graph = b""
    for _ in range(5000):
        graph = b"\x2a" + varint(len(graph)) + graph
    (folder / "x.meta").write_bytes(b"\x12" + varint(len(graph)) + graph)


@case
def meta_of_empty_nodes(folder: Path) -> None:
    inside = b"\x0a\x00" * 5_000_000
    (folder / "x.meta").write_bytes(b"\x12" + varint(len(inside)) + inside)


@case
def meta_of_noise(folder: Path) -> None:
    (folder / "x.meta").write_bytes(np.random.default_rng(0).bytes(100_000))


@case
def meta_that_would_write(folder: Path) -> None:
    meta = meta_graph_pb2.MetaGraphDef()
    node = meta.graph_def.node.add(name="w", op="WriteFile")
    node.attr["filename"].s = str(folder / "touched").encode()
    (folder / "x.meta").write_bytes(meta.SerializeToString())


@case
def saved_model_that_would_read(folder: Path) -> None:
    model = saved_model_pb2.SavedModel()
    meta = model.meta_graphs.add()
    meta.graph_def.library.function.add().node_def.add(name="r", op="ReadFile")
    for name in ("../../outside", "/etc/passwd"):
        meta.asset_file_def.add(filename=name)
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())


@case
def saved_model_text_of_nesting(folder: Path) -> None:
    (folder / "saved_model.pbtxt").write_text("meta_graphs { graph_def { " * 5000)


@case
def saved_model_of_functions(folder: Path) -> None:
    graph = graph_pb2.GraphDef()
    for n in range(2000):
        function = graph.library.function.add()
        function.signature.name = f"f{n}"
        for m in range(20):
            function.node_def.add(name=f"n{m}", op=f"f{(n + 1) % 2000}")
    model = saved_model_pb2.SavedModel()
    model.meta_graphs.add().graph_def.CopyFrom(graph)
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
