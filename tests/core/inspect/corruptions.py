"""Whole files, and what happens to them on the way: flipped bits, lost ends, swapped neighbours."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf

from core.bundle.values import Array
from core.checkpoint import CheckpointError
from core.inspect.find import find
from core.inspect.tensors import opened
from tests.core.inspect import writer


def whole(folder: Path) -> None:
    """V2 in one and in three shards, snappy, V1, a state file; all but the snappy one TensorFlow's own."""
    arrays = {f"layer{n}/kernel": np.arange(n * 7, dtype=np.float32).reshape(n, 7) for n in range(1, 9)}
    names = [*arrays]
    tensors = [tf.constant(value) for value in arrays.values()]
    text = tf.constant([b"some", b"", b"text"])
    tf.raw_ops.SaveV2(
        prefix=str(folder / "plain-1"),
        tensor_names=[*names, "text"],
        shape_and_slices=[""] * (len(names) + 1),
        tensors=[*tensors, text],
    )
    tf.raw_ops.Save(filename=str(folder / "old-1"), tensor_names=names, data=tensors)
    writer.of_arrays(folder / "packed-1", arrays, kind=1, per_block=3)
    parts = []
    for n in range(3):
        parts.append(str(folder / f"part{n}"))
        tf.raw_ops.SaveV2(
            prefix=parts[-1],
            tensor_names=names[n::3],
            shape_and_slices=[""] * len(names[n::3]),
            tensors=tensors[n::3],
        )
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=parts, destination_prefix=str(folder / "shards-1"))
    (folder / "checkpoint").write_text('model_checkpoint_path: "plain-1"\n')


def values_of(root: Path) -> dict[tuple[str, str], Array | None]:
    """Every tensor of every checkpoint below a folder; None for what cannot be read."""
    found: dict[tuple[str, str], Array | None] = {}
    for checkpoint in find(root).checkpoints:
        try:
            with opened(root, checkpoint) as values:
                for entry in values.entries:
                    try:
                        found[checkpoint.path, entry.name] = values.read(entry)
                    except CheckpointError:
                        found[checkpoint.path, entry.name] = None
        except CheckpointError:
            continue
    return found


def spoil(content: bytearray, kind: str, at: int, chance: random.Random) -> None:
    """Do this to a file's content, from the byte `at` on."""
    if kind == "flip":
        content[at] ^= 1 << chance.randrange(8)
    elif kind == "cut":
        del content[at:]
    elif kind == "zero":
        content[at : at + 16] = bytes(len(content[at : at + 16]))
    elif kind == "repeat":
        content[at:at] = content[max(0, at - 32) : at]
    elif kind == "insert":
        content[at:at] = chance.randbytes(4)
    elif kind == "empty":
        content.clear()
    else:
        raise ValueError(f"there is no damage of the kind {kind}")


def corrupt(folder: Path, chance: random.Random) -> str:
    """Do something to one of the files; in words what."""
    path = chance.choice([each for each in sorted(folder.iterdir()) if each.stat().st_size])
    content = bytearray(path.read_bytes())
    at = chance.randrange(len(content))
    kind = chance.choice(("flip", "byte", "cut", "zero", "repeat", "insert", "swap", "empty"))
    if kind == "byte":
        content[at] = (content[at] + chance.randrange(1, 256)) % 256
    elif kind == "swap":
        other = chance.choice([each for each in sorted(folder.iterdir()) if each != path])
        content = bytearray(other.read_bytes())
    else:
        spoil(content, kind, at, chance)
    path.write_bytes(content)
    return f"{kind} of {path.name} at {at}"


def check(original: Path, scratch: Path, seed: int) -> bool:
    """Corrupt a copy and read it all: every value is right or missing. Whether something was missing."""
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(original, scratch)
    right = values_of(original)
    done = corrupt(scratch, random.Random(seed))
    found = values_of(scratch)
    # A file that became its neighbour is that neighbour, whole: its values are right under its new name.
    swapped = done.startswith("swap")
    for key, value in found.items():
        expected = right.get(key)
        if value is None or swapped:
            continue
        assert expected is not None, (done, key)
        assert value.dtype == expected.dtype, (done, key)
        assert value.shape == expected.shape, (done, key)
        if value.dtype == object:
            assert value.tolist() == expected.tolist(), (done, key)
        else:
            assert value.tobytes() == expected.tobytes(), (done, key)
    return any(value is None for value in found.values()) or len(found) < len(right)
