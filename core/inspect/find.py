"""What lies below a directory: checkpoints by name and step, SavedModels, Keras files, and what is neither.

Only names, sizes, a few first and last bytes, and the list in a `model.json` are looked at. Links are never
followed.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from core.bundle import table
from core.bundle.source import Source
from core.checkpoint import INDEX, META, STATE_FILE, CheckpointError, Missing, Unreadable
from core.inspect import flax, frozen, names, tfjs
from core.inspect.formats import foreign
from core.inspect.tflite import IDENTIFIER as TFLITE_IDENTIFIER
from core.words import natural

V2, V1, SAVED_MODEL, KERAS = "V2 checkpoint", "V1 checkpoint", "SavedModel", "Keras file"
ORBAX, SAFETENSORS, FLAX = "Orbax checkpoint", "safetensors file", "Flax checkpoint"
TFLITE, TFJS, FROZEN = "TensorFlow Lite model", "TensorFlow.js model", "frozen graph"
SHARDED = ".weights.json"  # how a file ends that says in which others Keras' weights are
ITSELF = "the folder itself"  # what a SavedModel is called that is the folder
MOST_FILES = 200_000
_DEEPEST = 16
_MOST_TAILS = 5_000  # files without a telling name, whose last bytes are looked at
MISNAMED = "misnamed"
HDF5 = b"\x89HDF\r\n\x1a\n"
APPLE_DOUBLE = b"\0\5\x16\7"  # RFC 1740: how macOS packs what a file has beside its content
LFS, HTML = b"version https://git-lfs.github.com/spec/", (b"<!doctype html", b"<html")
_DATA = re.compile(r"(.+)\.data-(\d{5})-of-(\d{5})", re.DOTALL)
_SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})", re.DOTALL)
_ORBAX = "_CHECKPOINT_METADATA"  # the file that every checkpoint of Orbax has
_KERAS_SHARD = re.compile(r"(.+)_(\d{5})\.weights\.h5", re.DOTALL)
_MODELS = ("saved_model.pb", "saved_model.pbtxt", "saved_model.cpb")
_BESIDE = ("fingerprint.pb", "keras_metadata.pb")
_LEFT_OVER = re.compile(r"\.tempstate\d+|\.tmp\d*$|\.tmp[0-9a-f]{6,}|_temp(_[0-9a-f]+)?/part-\d{5}-of-\d{5}")
_BY_ENDING = {".safetensors": SAFETENSORS, ".tflite": TFLITE, ".msgpack": FLAX}
_KNOWN = (INDEX, META, ".pb", ".h5", ".hdf5", ".keras", ".safetensors", ".tflite", ".pt", ".onnx", ".msgpack")
_TELLING = (".index", ".meta", ".pb", ".pbtxt", ".txt", ".json", ".py", ".md", ".zip", ".gz", ".png", ".csv")

File = tuple[str, int, int]  # path below the root, bytes, modification time in ns


@dataclass(frozen=True)
class Checkpoint:
    """Values that were saved together.

    Attributes:
        path: of the prefix, the SavedModel's directory or the Keras file, below the root.
        kind: V2, V1, SAVED_MODEL, KERAS, or another of the names above.
        group: what its name has in common with other steps of the same training.
        step: the number in its name; None when it has none.
        files: all that belong to it.
        metric: the number with decimals in its name, as ModelCheckpoint appends a loss; None without.
    """

    path: str
    kind: str
    group: str
    step: int | None
    files: tuple[File, ...]
    metric: float | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2] or ITSELF

    @property
    def bytes(self) -> int:
        return sum(size for _, size, _ in self.files)

    @property
    def has_values(self) -> bool:
        """Whether there are values, not only a graph."""
        if self.kind == ORBAX:
            return False
        return self.kind != SAVED_MODEL or any(path.endswith(INDEX) for path, _, _ in self.files)


@dataclass(frozen=True)
class Oddity:
    """A file that is not what its name says, or does not belong.

    Attributes:
        kind: "pointer", "web page", "link", "left-over", "special file", "too many" or "misnamed".
    """

    path: str
    kind: str
    sentence: str


@dataclass(frozen=True)
class Unread:
    """Files of one format that is known by name and not read.

    Attributes:
        what: the format's name, such as PyTorch.
        files: how many.
        example: the path of one.
    """

    what: str
    files: int
    example: str


@dataclass(frozen=True)
class Found:
    """What lies below a directory, by path.

    Attributes:
        checkpoints: in the order of group and step.
        state_files: paths of files named `checkpoint`.
        graphs: paths of `.meta` files.
        oddities: what is not what it seems.
        files, bytes: of everything.
        unread: formats that are not read, the most frequent first.
    """

    checkpoints: tuple[Checkpoint, ...]
    state_files: tuple[str, ...]
    graphs: tuple[str, ...]
    oddities: tuple[Oddity, ...]
    files: int
    bytes: int
    unread: tuple[Unread, ...] = ()

    def groups(self) -> dict[str, tuple[Checkpoint, ...]]:
        """Checkpoints that follow one another, by their group, the longest series first."""
        found: dict[str, list[Checkpoint]] = {}
        for each in self.checkpoints:
            found.setdefault(each.group, []).append(each)
        return {name: tuple(found[name]) for name in sorted(found, key=lambda name: -len(found[name]))}

    def newest(self) -> Checkpoint | None:
        """The last checkpoint with values of the longest series; None where no checkpoint has values."""
        with_values = (
            each for group in self.groups().values() for each in reversed(group) if each.has_values
        )
        return next(with_values, None)


def best_of(group: Sequence[Checkpoint]) -> Checkpoint | None:
    """The best of a series whose names have a metric, as ModelCheckpoint writes it; None of others."""
    told = [each for each in group if each.metric is not None]
    if len(told) < 2:
        return None
    first = max if names.is_better_higher(told[0].group) else min
    return first(told, key=lambda each: each.metric or 0.0)


# The regular files of one directory: name to size and time.
_Files: TypeAlias = dict[str, tuple[int, int]]


def find(root: Path, *, below: bool = True) -> Found:
    """Look through a directory.

    Args:
        below: look into the directories in it, too.

    Raises:
        CheckpointError: it is none, or cannot be read.
    """
    oddities: list[Oddity] = []
    directories = dict(_walk(root, oddities, _DEEPEST if below else 0))
    checkpoints: list[Checkpoint] = []
    states, graphs = [], []
    strangers: dict[str, list[str]] = {}
    tails = 0
    trees: list[str] = []  # folders that are one checkpoint, with all below
    for folder, directory in sorted(directories.items()):
        above, _, name = folder.rpartition("/")
        if name in ("variables", "assets", "assets.extra") and _model(directories.get(above)):
            continue
        if any(folder == each or folder.startswith(each and f"{each}/") for each in trees):
            continue
        if _ORBAX in directory:
            trees.append(folder)
            checkpoints.append(_orbax(folder, directories))
            continue
        claimed: set[str] = set()
        sharded = {name: _shards_of(name, directory) for name in directory if name.endswith(SHARDED)}
        javascript = _javascript(root / folder, directory)
        claimed.update(each for shards in (sharded | javascript).values() for each in shards)
        if _model(directory):
            checkpoints.append(_saved_model(folder, directories))
        checkpoints += _bundles(folder, directory, claimed)
        for name in sorted(directory):
            path = _join(folder, name)
            if _LEFT_OVER.search(path):
                oddities.append(
                    Oddity(path, "left-over", f"{path} was left behind by a save that did not end.")
                )
            elif name == STATE_FILE:
                states.append(path)
            elif name in sharded:
                checkpoints.append(_keras(folder, name, directory, sharded[name]))
            elif name.endswith((".keras", ".h5", ".hdf5")) and name not in claimed:
                checkpoints.append(_keras(folder, name, directory))
            elif name in javascript:
                files = _files(folder, directory, [name, *javascript[name]])
                checkpoints.append(_named(path, TFJS, files))
            elif kind := _by_name(root / path):
                checkpoints.append(_named(path, kind, _files(folder, directory, [name])))
            elif name.endswith(META):
                graphs.append(path)
            elif name not in claimed and (what := foreign.named(name)):
                strangers.setdefault(what, []).append(path)
            elif name not in claimed and not name.endswith(_TELLING) and tails < _MOST_TAILS:
                tails += 1
                tables = _table(root, folder, name, directory, claimed)
                checkpoints += tables
                head = b"" if tables else _head(root / path)
                what = foreign.recognised(head)
                if head.startswith(HDF5):
                    checkpoints.append(_keras(folder, name, directory))
                elif kind := _by_content(head):
                    checkpoints.append(_named(path, kind, _files(folder, directory, [name])))
                elif what:
                    strangers.setdefault(what, []).append(path)
        oddities += _mistaken(root, folder, directory)
    checkpoints = [*_alone(checkpoints)]
    checkpoints.sort(key=lambda each: (natural(each.group), each.step is None, each.step or 0, each.path))
    return Found(
        tuple(checkpoints),
        tuple(sorted(states)),
        tuple(sorted(graphs, key=natural)),
        tuple(oddities),
        sum(map(len, directories.values())),
        sum(size for each in directories.values() for size, _ in each.values()),
        tuple(
            Unread(what, len(paths), min(paths))
            for what, paths in sorted(strangers.items(), key=lambda each: (-len(each[1]), each[0]))
        ),
    )


def stamp(root: Path, *, below: bool = True) -> str:
    """A digest of the names, sizes and times of all files, which no file's content is needed for.

    Raises:
        CheckpointError: it is no directory, or cannot be read.
    """
    oddities: list[Oddity] = []
    digest = hashlib.sha256()
    for folder, each in sorted(_walk(root, oddities, _DEEPEST if below else 0), key=lambda pair: pair[0]):
        digest.update(repr((folder, sorted(each.items()))).encode(errors="surrogatepass"))
    digest.update(repr(oddities).encode(errors="surrogatepass"))
    return digest.hexdigest()


def _walk(root: Path, oddities: list[Oddity], deepest: int) -> Iterator[tuple[str, _Files]]:
    """Every directory below `root`, itself first, with its regular files; what is neither is told."""
    if not root.is_dir():
        raise Missing(f"{root.name or root} is not a folder.")
    waiting, seen = [("", 0)], 0
    while waiting:
        folder, depth = waiting.pop()
        directory: _Files = {}
        try:
            with os.scandir(root / folder) as entries:
                for entry in entries:
                    seen += 1
                    if seen > MOST_FILES:
                        sentence = f"There are more than {MOST_FILES:,} files. The rest was not looked at."
                        oddities.append(Oddity(folder, "too many", sentence))
                        waiting.clear()
                        break
                    path = _join(folder, entry.name)
                    status = entry.stat(follow_symlinks=False)
                    if stat.S_ISLNK(status.st_mode):
                        oddities.append(
                            Oddity(path, "link", f"{path} is a symbolic link; links are not followed.")
                        )
                    elif stat.S_ISDIR(status.st_mode):
                        if depth < deepest:
                            waiting.append((path, depth + 1))
                        elif deepest:
                            oddities.append(Oddity(path, "too many", f"{path} is too deep to be looked at."))
                    elif stat.S_ISREG(status.st_mode) and not _is_of_macos(root, path, entry.name):
                        directory[entry.name] = (status.st_size, status.st_mtime_ns)
                    elif not stat.S_ISREG(status.st_mode):
                        sentence = f"{path} is a pipe, socket or device; it is not opened."
                        oddities.append(Oddity(path, "special file", sentence))
        except OSError as error:
            if not folder:
                raise Unreadable(f"{root.name} cannot be read: {error.strerror}.") from None
            oddities.append(Oddity(folder, "link", f"{folder} cannot be read: {error.strerror}."))
        yield folder, directory


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _is_of_macos(root: Path, path: str, name: str) -> bool:
    """Whether a file is what macOS puts beside another one, which has that one's name behind `._`."""
    return name.startswith("._") and _head(root / path).startswith(APPLE_DOUBLE)


def _files(folder: str, directory: _Files, names: list[str]) -> tuple[File, ...]:
    return tuple((_join(folder, name), *directory[name]) for name in names)


def _model(directory: _Files | None) -> bool:
    return any(name in (directory or ()) for name in _MODELS)


def _saved_model(folder: str, directories: dict[str, _Files]) -> Checkpoint:
    # Other files may lie beside it, such as the weights that it was exported from.
    own = [name for name in sorted(directories[folder]) if name in (*_MODELS, *_BESIDE)]
    files = [*_files(folder, directories[folder], own)]
    start = f"{folder}/" if folder else ""
    for each in sorted(directories):
        if each.startswith((f"{start}variables", f"{start}assets")):
            files += _files(each, directories[each], sorted(directories[each]))
    return _named(folder, SAVED_MODEL, tuple(files))


def _named(path: str, kind: str, files: tuple[File, ...]) -> Checkpoint:
    """A checkpoint with what its name says; a folder that is a number is a step of the folder above."""
    if kind in (SAVED_MODEL, ORBAX) and path.isdecimal():
        return Checkpoint(path, kind, "*", int(path[:15]), files)
    said = names.read(path or ".")
    return Checkpoint(path, kind, said.group, said.step, files, said.metric)


def _alone(checkpoints: Sequence[Checkpoint]) -> Iterator[Checkpoint]:
    """Digits that follow a letter, as in vgg16.h5, are a step only where another has one, too."""
    counts = Counter(each.group for each in checkpoints)
    for each in checkpoints:
        glued = each.step is not None and counts[each.group] == 1 and names.read(each.path).glued
        yield replace(each, group=each.path, step=None) if glued else each


def _orbax(folder: str, directories: dict[str, _Files]) -> Checkpoint:
    below = [
        each for each in directories if each == folder or each.startswith(f"{folder}/" if folder else "")
    ]
    files = [
        file for each in sorted(below) for file in _files(each, directories[each], sorted(directories[each]))
    ]
    return _named(folder, ORBAX, tuple(files))


def _bundles(folder: str, directory: _Files, claimed: set[str]) -> list[Checkpoint]:
    """V2 checkpoints: those with an index, and data files that have lost theirs."""
    parts: dict[str, list[str]] = {}
    for name in directory:
        match = _DATA.fullmatch(name)
        if match:
            parts.setdefault(match[1], []).append(name)
            claimed.add(name)
        elif name.endswith(INDEX):
            parts.setdefault(name.removesuffix(INDEX), []).append(name)
    found = []
    for prefix in parts:
        if any(_LEFT_OVER.search(name) for name in (_join(folder, prefix), *parts[prefix])):
            continue
        graph = [prefix + META] if prefix + META in directory else []
        files = _files(folder, directory, sorted(parts[prefix]) + graph)
        found.append(_named(_join(folder, prefix), V2, files))
    return found


def _shards_of(name: str, directory: _Files) -> list[str]:
    """The files that a `.weights.json` of this name may tell of."""
    base = name.removesuffix(SHARDED)
    return sorted(each for each in directory if (match := _KERAS_SHARD.fullmatch(each)) and match[1] == base)


def _keras(folder: str, name: str, directory: _Files, others: Sequence[str] = ()) -> Checkpoint:
    return _named(_join(folder, name), KERAS, _files(folder, directory, [name, *others]))


def _table(root: Path, folder: str, name: str, directory: _Files, claimed: set[str]) -> list[Checkpoint]:
    """A V1 checkpoint, if this file ends as a table does: the file itself or one of its shards."""
    try:
        with Source(root / folder / name) as source:
            if not table.is_table(source):
                return []
    except CheckpointError:
        return []
    match = _SHARD.fullmatch(name)
    prefix = match[1] if match else name
    shards = [name]
    if match:
        ending = f"-of-{match[3]}"
        shards = [n for n in sorted(directory) if n.startswith(f"{prefix}-") and n.endswith(ending)]
    claimed.update(shards)
    graph = [prefix + META] if prefix + META in directory else []
    return [_named(_join(folder, prefix), V1, _files(folder, directory, shards + graph))]


def _head(path: Path) -> bytes:
    """The first bytes of a file; none when it cannot be read."""
    try:
        with Source(path) as source:
            return bytes(source.read(0, foreign.LOOKED_AT))
    except CheckpointError:
        return b""


def _by_content(head: bytes) -> str:
    """The kind of a file whose name does not tell; "" when its first bytes do not, either."""
    if head[4:8] == TFLITE_IDENTIFIER:
        return TFLITE
    return FLAX if flax.looks_like_one(head) else ""


def _by_name(path: Path) -> str:
    """The kind of a file whose name tells it; "" of others. A `.pb` can be anything."""
    if path.suffix == ".pb":
        own = path.name in (*_MODELS, *_BESIDE)
        return FROZEN if not own and frozen.looks_like_one(_head(path)) else ""
    return _BY_ENDING.get(path.suffix, "")


def _javascript(folder: Path, directory: _Files) -> dict[str, list[str]]:
    """The `model.json` of each model of TensorFlow.js, with those of its shards that are there."""
    shards = any(foreign.named(name) == foreign.JAVASCRIPT for name in directory)
    found = {}
    for name in directory:
        if name == "model.json" or (shards and name.endswith(".json")):
            with suppress(CheckpointError):
                named = tfjs.shards_of(folder / name)
                if named is not None:
                    found[name] = [each for each in dict.fromkeys(named) if each in directory]
    return found


def _mistaken(root: Path, folder: str, directory: _Files) -> Iterator[Oddity]:
    """Git-LFS pointers and web pages, saved where a file should be."""
    for name, (size, _) in directory.items():
        small = 0 < size < 1 << 20 and not (_DATA.fullmatch(name) and size > 4096)
        if not (small or name.endswith(".keras")) or not (_DATA.fullmatch(name) or name.endswith(_KNOWN)):
            continue
        path = _join(folder, name)
        try:
            with Source(root / folder / name) as source:
                begins = bytes(source.read(0, 64))
        except CheckpointError:
            continue
        head = begins.lstrip().lower()
        if begins.startswith(HDF5) and name.endswith(".keras"):
            sentence = f"{path} is an HDF5 file that is called .keras: Keras looks for a zip and refuses it."
            yield Oddity(path, MISNAMED, sentence)
        elif head.startswith(LFS):
            yield Oddity(
                path,
                "pointer",
                f"{path} is a Git-LFS pointer of {size} bytes, not the file itself: run `git lfs pull` where "
                "it was cloned.",
            )
        elif head.startswith(HTML):
            yield Oddity(
                path,
                "web page",
                f"{path} is a web page, not a checkpoint: the download saved the page around the file. "
                "Download it again by its raw link.",
            )
