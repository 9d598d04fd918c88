"""Two checkpoints side by side: what is the same, what changed and by how much, what is only in one."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.bundle import Values
from core.bundle.values import Array
from core.checkpoint import CheckpointError
from core.inspect.find import Checkpoint
from core.inspect.model import Listing, Tensor
from core.inspect.over_time import pair_renamed
from core.inspect.statistics import measure
from core.inspect.tensors import listing, opened
from core.inspect.verdict.keras_layers import kind_of
from core.words import counted

SAME, CHANGED, ONLY_FIRST, ONLY_SECOND = "same", "changed", "only in the first", "only in the second"
RENAMED, SHAPE, DTYPE, UNREADABLE = "renamed", "other shape", "other type", "cannot be read"
CLOSE = "within tolerance"
ORDER = (UNREADABLE, SHAPE, DTYPE, ONLY_FIRST, ONLY_SECOND, RENAMED, CHANGED, CLOSE, SAME)


@dataclass(frozen=True)
class Tolerance:
    """How far two elements may differ: by `absolute`, and by `relative` times the first one's magnitude."""

    relative: float = 0.0
    absolute: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether any other bit is a change."""
        return not (self.relative or self.absolute)


@dataclass(frozen=True)
class Difference:
    """One tensor in two checkpoints.

    Attributes:
        kind: one of `ORDER`.
        first, second: its key in each; "" where it is not.
        norm: Euclidean norm of the difference; NaN unless it changed.
        relative: that, divided by the first one's norm.
        largest: the largest absolute difference of an element.
        share: which share of the elements has other bits.
        sentence: shapes, types or the reason.
        name: what it is called, as `core.inspect.tensors` names it; of a renamed one, both names.
        not_finite: how many elements of the two are NaN or infinite; then the sentence says so, and a changed
            one has no norm.
        role: what the tensor is for, one of `core.inspect.model.ROLES`.
    """

    kind: str
    first: str
    second: str
    norm: float = math.nan
    relative: float = math.nan
    largest: float = math.nan
    share: float = math.nan
    sentence: str = ""
    name: str = ""
    not_finite: int = 0
    role: str = ""


@dataclass(frozen=True)
class Comparison:
    """Two checkpoints, compared; the largest changes first."""

    first: str
    second: str
    rows: tuple[Difference, ...]

    def conclusion(self) -> str:
        """How many of each kind, in one sentence."""
        counts = {kind: sum(row.kind == kind for row in self.rows) for kind in ORDER}
        bad = sum(row.not_finite > 0 for row in self.rows)
        beside = f" NaN or infinity in {bad:,} of them." if bad else ""
        if counts[SAME] == len(self.rows):
            all_ = f"All {len(self.rows):,} tensors are" if len(self.rows) != 1 else "The one tensor is"
            return f"{all_} the same, bit for bit.{beside}"
        parts = [f"{count:,} {kind}" for kind, count in counts.items() if count]
        return f"Of {counted(len(self.rows), 'tensor')}: {', '.join(parts)}.{beside}"


def compare(
    first: tuple[Path, Checkpoint], second: tuple[Path, Checkpoint], tolerance: Tolerance | None = None
) -> Comparison:
    """Compare two checkpoints, each given with the directory that it lies below.

    Tensors are paired by their keys, then by the names of layer and weight, which are the same in every
    format, then by their bytes.

    Raises:
        CheckpointError: one of them cannot be opened at all.
    """
    with opened(*first) as left, opened(*second) as right:
        a, b = listing(first[1], left), listing(second[1], right)
        rows = _rows(a, left, b, right, tolerance or Tolerance())
    rows.sort(
        key=lambda row: (
            ORDER.index(row.kind),
            not row.not_finite,
            -np.nan_to_num(row.relative, posinf=1e300),
            row.first,
        )
    )
    return Comparison(first[1].path, second[1].path, tuple(rows))


def table_csv(found: Comparison) -> str:
    """The comparison as CSV; numbers with so many digits that they come back as they were."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("kind", "name", "first", "second", "norm", "relative", "largest", "share", "note"))
    for row in found.rows:
        numbers = ("" if math.isnan(n) else repr(n) for n in (row.norm, row.relative, row.largest, row.share))
        words = (guarded(each) for each in (row.name, row.first, row.second))
        writer.writerow((row.kind, *words, *numbers, guarded(row.sentence)))
    return text.getvalue()


def guarded(cell: str) -> str:
    """Text that a spreadsheet does not take for a formula: names come from strangers' files."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _rows(a: Listing, left: Values, b: Listing, right: Values, tolerance: Tolerance) -> list[Difference]:
    old, new = {each.key: each for each in a.tensors}, {each.key: each for each in b.tensors}
    common = old.keys() & new.keys()
    pairs = {key: key for key in common if old[key].name == new[key].name}

    def unpaired(side: dict[str, Tensor], taken: Collection[str], given: bool = False) -> list[Tensor]:
        return [each for key, each in side.items() if key not in taken and (_is_given(each) or not given)]

    # A key that counts layers says less than a name that somebody gave, and more than one that Keras counts.
    pairs |= _named_alike(unpaired(old, pairs, True), unpaired(new, {*pairs.values()}, True))
    pairs |= {key: key for key in common if key not in pairs.keys() | {*pairs.values()}}
    pairs |= _named_alike(unpaired(old, pairs), unpaired(new, {*pairs.values()}))
    paired = set(pairs.values())
    gone = {key: each for key, each in old.items() if key not in pairs}
    fresh = {key: each for key, each in new.items() if key not in paired}
    renamed = pair_renamed(gone, fresh, _digests(left, gone), _digests(right, fresh))
    rows = [Difference(RENAMED, key, other, sentence="the same bytes") for key, other in renamed.items()]
    rows += [
        Difference(ONLY_FIRST, key, "", sentence=_described(each))
        for key, each in gone.items()
        if key not in renamed
    ]
    rows += [
        Difference(ONLY_SECOND, "", key, sentence=_described(each))
        for key, each in fresh.items()
        if key not in set(renamed.values())
    ]
    rows += [_difference(old[a], left, new[b], right, tolerance) for a, b in pairs.items()]
    return [_told(row, old.get(row.first), new.get(row.second)) for row in rows]


def _is_given(tensor: Tensor) -> bool:
    """Whether its layer has a name that Keras did not make from its class."""
    layer = tensor.layer.rpartition("/")[2]
    return bool(layer) and not kind_of(layer)


def _named_alike(gone: Sequence[Tensor], fresh: Sequence[Tensor]) -> dict[str, str]:
    """Key in the first to key in the second, where role and name are the same and no other could be meant."""

    def names(tensors: Sequence[Tensor]) -> dict[tuple[str, str], list[str]]:
        found: dict[tuple[str, str], list[str]] = {}
        for each in tensors:
            found.setdefault((each.role, each.name), []).append(each.key)
        return found

    there, here = names(gone), names(fresh)
    return {
        keys[0]: here[name][0] for name, keys in there.items() if len(keys) == 1 == len(here.get(name, ()))
    }


def _told(row: Difference, first: Tensor | None, second: Tensor | None) -> Difference:
    """The row with what people call its tensor."""
    both = [each for each in (first, second) if each is not None]
    return replace(row, name=" → ".join(dict.fromkeys(each.name for each in both)), role=both[0].role)


def _described(tensor: Tensor) -> str:
    return f"{tensor.dtype} {tensor.shape}"


def _digests(values: Values, tensors: dict[str, Tensor]) -> dict[str, float]:
    """Checksums of the bytes of tensors that only one of the two has."""
    found = {}
    for key, each in tensors.items():
        if each.dtype == "string":
            continue
        try:
            found[key] = measure(values, values.named(key)).digest
        except CheckpointError:
            continue
    return found


def _difference(a: Tensor, left: Values, b: Tensor, right: Values, tolerance: Tolerance) -> Difference:
    if a.shape != b.shape:
        return Difference(SHAPE, a.key, b.key, sentence=f"{a.shape} and {b.shape}")
    if a.dtype != b.dtype:
        return Difference(DTYPE, a.key, b.key, sentence=f"{a.dtype} and {b.dtype}")
    try:
        if a.dtype == "string":
            same = left.read(left.named(a.key)).tolist() == right.read(right.named(b.key)).tolist()
            return Difference(SAME if same else CHANGED, a.key, b.key, sentence="" if same else "other text")
        return _numbers(a, left, b, right, tolerance)
    except CheckpointError as error:
        return Difference(UNREADABLE, a.key, b.key, sentence=str(error))


def _numbers(tensor: Tensor, left: Values, second: Tensor, right: Values, tolerance: Tolerance) -> Difference:
    """How far two tensors of one shape and type are from each other; where one is not finite, not at all."""
    names = tensor.key, second.key
    squares = base = largest = 0.0
    changed = beyond = 0
    bad = [0, 0, 0, 0]  # NaN in the first and in the second, infinite likewise
    pairs = zip(left.pieces(left.named(tensor.key)), right.pieces(right.named(second.key)), strict=True)
    for a, b in pairs:
        here, there = _bits(a), _bits(b)
        differs = here != there
        other = int(np.count_nonzero(differs))
        wide = np.complex128 if a.dtype.kind == "c" else np.float64
        x = a.astype(wide)
        base_here = _squares(x)
        if not other:
            if not math.isfinite(base_here):
                _count_not_finite(x, x, bad)
            base += base_here
            continue
        y = b.astype(wide)
        with np.errstate(all="ignore"):
            delta = np.abs(y - x) if x.dtype.kind == "c" else y - x
            squares_here = _squares(delta)
        if not math.isfinite(base_here) or not math.isfinite(squares_here):
            _count_not_finite(x, y, bad)
        changed, base, squares = changed + other, base + base_here, squares + squares_here
        largest = max(largest, float(delta.max()), -float(delta.min()))
        if tolerance.exact:
            beyond += other
        else:
            near = np.isclose(y, x, tolerance.relative, tolerance.absolute, equal_nan=True)
            beyond += int(np.count_nonzero(differs & ~near))
    sentence = _not_finite(bad, tensor.elements)
    if not changed:
        return Difference(SAME, *names, 0.0, 0.0, 0.0, 0.0, sentence, not_finite=sum(bad))
    kind = CHANGED if beyond or tolerance.exact else CLOSE
    share = changed / max(1, tensor.elements)
    if sentence:
        return Difference(kind, *names, share=share, sentence=sentence, not_finite=sum(bad))
    norm = math.sqrt(squares)
    relative = norm / math.sqrt(base) if base else math.inf
    return Difference(kind, *names, norm, relative, largest, share)


def _bits(piece: Array) -> Array:
    """The elements as numbers that are the same only where all bits are."""
    if piece.itemsize in (1, 2, 4, 8):
        return piece.view(f"u{piece.itemsize}")
    return piece.view([("", np.uint64)] * (piece.itemsize // 8))


def _squares(numbers: Array) -> float:
    """The sum of the squared magnitudes; neither finite where an element is not."""
    numbers = np.abs(numbers) if numbers.dtype.kind == "c" else numbers
    with np.errstate(all="ignore"):
        real = numbers.astype(np.float64, copy=False)
        return float(np.einsum("i,i->", real, real))  # a dot product would wake a thread for each core


def _count_not_finite(x: Array, y: Array, bad: list[int]) -> None:
    for place, each in enumerate((x, y)):
        bad[place] += int(np.count_nonzero(np.isnan(each)))
        bad[place + 2] += int(np.count_nonzero(np.isinf(each)))


def _not_finite(bad: Sequence[int], elements: int) -> str:
    """Such as "NaN in 12 of 262,144 in the second"; "" where every number is finite."""
    places = ("NaN", "first"), ("NaN", "second"), ("infinity", "first"), ("infinity", "second")
    told = [
        f"{what} in {count:,} of {elements:,} in the {which}"
        for count, (what, which) in zip(bad, places, strict=True)
        if count
    ]
    return ", ".join(told)
