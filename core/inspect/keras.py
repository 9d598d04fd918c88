"""Keras files: `.keras` (a zip), `.weights.h5` and the older `.h5`; no code in them is run.

Source: keras/src/saving/saving_lib.py; HDF5 by h5py. A `Lambda` layer's bytecode stays text.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import h5py
import ml_dtypes
import numpy as np

from core.bundle.entries import Entry
from core.bundle.source import Source
from core.bundle.values import PIECE, Array, Values
from core.checkpoint import CheckpointError, TooLarge, Unsupported

WEIGHTS, NPZ = "model.weights.h5", "model.weights.npz"
_NUMBERED = ".weights.h5"
BFLOAT16 = "bfloat16"
_MOST = 100_000  # datasets and groups
_DEEPEST = 64
_LARGEST_TEXT = 16 << 20
_LARGEST_UNPACKED = 256 << 20
_RATIO = 64  # how much larger than its bytes on disk a compressed array may be
_ERRORS = (
    OSError,
    RuntimeError,
    ValueError,
    KeyError,
    TypeError,
    OverflowError,
)  # what h5py raises on bad files


class KerasFile(Values):
    """A Keras file, open for reading.

    Attributes:
        config: the model's description, decoded from JSON; None when there is none.
        layers: names that the file gives to groups of weights, by their path.
        version: of the Keras that wrote it; "" when the file does not say.
        is_marked: whether something in it says that Keras wrote it; HDF5 is for anybody's arrays.
    """

    layers: dict[str, str]
    version: str
    is_marked: bool

    def __init__(self, path: Path) -> None:
        """List the arrays in it.

        Raises:
            CheckpointError: it is missing, damaged, or no Keras file.
        """
        self.damaged, self.config, self.layers, self.version = {}, None, {}, ""
        self._name = path.name
        self._source = Source(path)
        self._file: h5py.File | None = None
        try:
            raw: IO[bytes] | io.RawIOBase = _Reader(self._source)
            if bytes(self._source.read(0, 2)) == b"PK":
                raw = self._weights_in_zip(raw)
            self._file = h5py.File(raw, "r")
            self.entries = tuple(self._listed())
            self.version = self.version or self._version_attribute()
            if self.config is None:
                self.config = self._config_attribute()
            self.is_marked = self.is_numbered or self.config is not None or self._names_layers()
        except CheckpointError:
            self.close()
            raise
        except (*_ERRORS, zipfile.BadZipFile, NotImplementedError, EOFError) as error:
            self.close()
            reason = (str(error).splitlines() or [""])[0][:120]
            raise CheckpointError(f"{path.name} is damaged or no Keras file: {reason}.") from None

    @property
    def is_numbered(self) -> bool:
        """Whether weights are numbered in groups called vars, as in Keras' newer format."""
        return not self.entries or any("/vars/" in f"/{each.name}" for each in self.entries)

    def fitting(self, path: str) -> str:
        """The path under which `load_weights` reads such weights: Keras goes by the ending alone."""
        if path.endswith((".keras", ".weights.json")):
            return path
        ending = next((each for each in (_NUMBERED, ".h5", ".hdf5") if path.endswith(each)), "")
        if ending and (ending == _NUMBERED) == self.is_numbered:
            return path
        return f"{path.removesuffix(ending)}{_NUMBERED if self.is_numbered else '.h5'}"

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._source.close()

    def read(self, entry: Entry) -> Array:
        data = self._dataset(entry)
        try:
            return _decoded(np.asarray(data[()]), entry)
        except _ERRORS as error:
            raise CheckpointError(
                f"{entry.name} cannot be read: {(str(error).splitlines() or [''])[0]}."
            ) from None

    def pieces(self, entry: Entry) -> Iterator[Array]:
        if entry.size <= PIECE or not entry.shape:
            yield from super().pieces(entry)
            return
        data = self._dataset(entry)
        rows = max(1, PIECE // max(1, entry.size // entry.shape[0]))
        rest = None
        try:
            for start in range(0, entry.shape[0], rows):
                flat = _decoded(np.asarray(data[start : start + rows]), entry).reshape(-1)
                if rest is not None:
                    flat = np.concatenate([rest, flat])
                step = PIECE // max(1, flat.itemsize)  # as of every other format, whatever the rows are
                whole = len(flat) // step * step
                for at in range(0, whole, step):
                    yield flat[at : at + step]
                rest = flat[whole:]
            if rest is not None and len(rest):
                yield rest
        except _ERRORS as error:
            raise CheckpointError(
                f"{entry.name} cannot be read: {(str(error).splitlines() or [''])[0]}."
            ) from None

    def lambdas(self) -> tuple[str, ...]:
        """Names of layers whose code is stored in the file; it is not looked at, and never run."""
        found: list[str] = []
        waiting = [(self.config, 0)]
        while waiting and len(found) < 100:
            each, depth = waiting.pop()
            if depth > _DEEPEST:
                continue
            if isinstance(each, dict):
                if each.get("class_name") in ("Lambda", "__lambda__"):
                    config = each.get("config")
                    found.append(str(config.get("name", "") if isinstance(config, dict) else "")[:80])
                waiting += [(inside, depth + 1) for inside in each.values()]
            elif isinstance(each, list):
                waiting += [(inside, depth + 1) for inside in each]
        return tuple(found)

    def texts(self, path: str, name: str) -> tuple[str, ...]:
        """An attribute of a group that is a list of texts, whole or in chunks, as Keras has them.

        Raises:
            CheckpointError: it cannot be read.
        """
        assert self._file is not None
        try:
            group = self._file[path] if path else self._file
            if name in group.attrs:
                return tuple(_text(each) for each in group.attrs[name])
            found: list[str] = []
            chunk = 0
            while f"{name}{chunk}" in group.attrs and len(found) < _MOST:
                found += [_text(each) for each in group.attrs[f"{name}{chunk}"]]
                chunk += 1
            return tuple(found)
        except _ERRORS as error:
            raise CheckpointError(f"{path or self._name} has no list {name}: {error}.") from None

    def _weights_in_zip(self, raw: IO[bytes] | io.RawIOBase) -> IO[bytes]:
        archive = zipfile.ZipFile(raw)
        names = {each.filename: each for each in archive.infolist()[:10_000]}
        if "config.json" in names and names["config.json"].file_size <= _LARGEST_TEXT:
            with archive.open("config.json") as file:
                self.config = _json(file.read(_LARGEST_TEXT))
        if "metadata.json" in names and names["metadata.json"].file_size <= _LARGEST_TEXT:
            with archive.open("metadata.json") as file:
                metadata = _json(file.read(_LARGEST_TEXT))
            self.version = str(metadata.get("keras_version", ""))[:40] if isinstance(metadata, dict) else ""
        if NPZ in names and WEIGHTS not in names:
            raise Unsupported(
                f"{self._name} has its weights in {NPZ}. Loading them unpickles Python objects, which can "
                "run code, so they are not read here."
            )
        if WEIGHTS not in names:
            raise Unsupported(f"{self._name} is a zip without {WEIGHTS}; it is no Keras file.")
        weights = names[WEIGHTS]
        if weights.compress_type == zipfile.ZIP_STORED:
            return archive.open(WEIGHTS)
        if weights.file_size > min(_LARGEST_UNPACKED, _RATIO * weights.compress_size + 4096):
            raise TooLarge(
                f"{self._name} claims {weights.file_size:,} bytes of weights in {weights.compress_size:,}; "
                "it is not unpacked."
            )
        with archive.open(WEIGHTS) as file:
            content = file.read(weights.file_size + 1)
        return io.BytesIO(content)

    def _listed(self) -> Iterator[Entry]:
        """Every array, by way of hard links alone: soft and external ones lead elsewhere."""
        assert self._file is not None
        waiting: list[tuple[str, h5py.Group, int]] = [("", self._file, 0)]
        seen, count = {h5py.h5o.get_info(self._file.id).addr}, 0
        found = []
        while waiting:
            path, group, depth = waiting.pop()
            name = group.attrs.get("name")
            if isinstance(name, str):
                self.layers[path] = name[:200]
            for key in group:
                count += 1
                if count > _MOST or depth > _DEEPEST:
                    raise TooLarge(f"{self._name} has too many groups to be a Keras file.")
                inside = f"{path}/{key}" if path else str(key)
                if not isinstance(group.get(key, getlink=True), h5py.HardLink):
                    self.damaged[inside] = f"{inside} is a link to another place; links are not followed."
                    continue
                each = group[key]
                if isinstance(each, h5py.Group):
                    address = h5py.h5o.get_info(each.id).addr
                    if address not in seen:
                        seen.add(address)
                        waiting.append((inside, each, depth + 1))
                elif isinstance(each, h5py.Dataset):
                    found.append(self._entry(inside, each))
        yield from sorted((each for each in found if each is not None), key=lambda each: each.name)

    def _entry(self, name: str, data: h5py.Dataset) -> Entry | None:
        shape, dtype = data.shape, data.dtype
        # HDF5 has no bfloat16: Keras stores two bytes without a type, and says so in an attribute at times.
        half = dtype == np.dtype("V2")
        if shape is None or (dtype.kind not in "biufc" and not half) or dtype.names:
            self.damaged[name] = f"{name} contains no plain numbers ({dtype})."
            return None
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if data.external or data.is_virtual:
            self.damaged[name] = f"{name} is in another file. It is not followed there."
        elif size > _RATIO * data.id.get_storage_size() + (1 << 16):
            self.damaged[name] = (
                f"{name} claims {size:,} bytes and has {data.id.get_storage_size():,} in the file."
            )
        # Datasets are written one after another: where one starts tells the order of the layers.
        place = data.id.get_offset() or 0
        kind = BFLOAT16 if half else dtype.name
        return Entry(name, kind, tuple(int(each) for each in shape), place, size, 0)

    def _dataset(self, entry: Entry) -> h5py.Dataset:
        if entry.name in self.damaged:
            raise CheckpointError(self.damaged[entry.name])
        if self._file is None:
            raise CheckpointError(f"{self._name} is closed.")
        return self._file[entry.name]

    def _version_attribute(self) -> str:
        assert self._file is not None
        for each in (self._file, self._file.get("model_weights")):
            if isinstance(each, h5py.Group) and "keras_version" in each.attrs:
                return _text(each.attrs["keras_version"])[:40]
        return ""

    def _names_layers(self) -> bool:
        """Whether it lists its layers, as every Keras did that did not number weights."""
        assert self._file is not None
        groups = [
            each for each in (self._file, self._file.get("model_weights")) if isinstance(each, h5py.Group)
        ]
        return any(name in each.attrs for each in groups for name in ("layer_names", "layer_names0"))

    def _config_attribute(self) -> Any:
        assert self._file is not None
        text = self._file.attrs.get("model_config")
        return _json(text.encode() if isinstance(text, str) else text) if text is not None else None


class _Reader(io.RawIOBase):
    """A source as a file object, for libraries that want one."""

    def __init__(self, source: Source) -> None:
        self._source, self._at = source, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._source.size)[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, into: Any) -> int:
        view = memoryview(into).cast("B")
        part = self._source.read(self._at, len(view))
        view[: len(part)] = part
        self._at += len(part)
        return len(part)


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _decoded(value: Array, entry: Entry) -> Array:
    return value.view(ml_dtypes.bfloat16) if entry.dtype == BFLOAT16 else value


def _json(raw: Any) -> Any:
    try:
        return json.loads(bytes(raw)[:_LARGEST_TEXT])
    except (ValueError, TypeError, RecursionError):
        return None
