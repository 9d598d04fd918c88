"""JSON files of our own, as the records that they hold: msgspec checks every type and every bound."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

LARGEST_WHOLE = 2**53  # the largest whole number that every reader of JSON understands
# Up to half of it: one more, and a sum, are whole numbers too.
Count = Annotated[int, Meta(ge=0, le=LARGEST_WHOLE // 2)]
Number = Annotated[float, Meta(ge=-LARGEST_WHOLE, le=LARGEST_WHOLE)]
Time = Annotated[float, Meta(ge=0, lt=253_402_300_800)]  # seconds from 1970, up to the year 10,000

T = TypeVar("T")


class RecordError(ValueError):
    """A file of ours does not hold the record that it should; the message says why."""


def decoded(content: bytes) -> object:
    """JSON from a file.

    Raises:
        RecordError: it is none, or nested so deeply that it was not made here.
    """
    try:
        return msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8))
    except (msgspec.DecodeError, RecursionError) as error:
        raise RecordError(f"it is no JSON: {error}") from None


def as_record(kind: type[T], values: object, newest: int | None = None) -> T:
    """The record of this class that decoded JSON holds.

    Args:
        kind: a dataclass; what its `__post_init__` refuses with a ValueError is refused here.
        newest: the latest format that is understood, where the record tells its own.

    Raises:
        RecordError: it is of a later format, or a value is missing, has another type or is out of bounds.
    """
    try:
        if newest is not None and (number := msgspec.convert(values, _Format).format) > newest:
            raise RecordError(f"its format is {number}; this version knows formats up to {newest}")
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        said, _, place = str(error).partition(" - at `$")
        where = place.strip("`.")
        raise RecordError(f"{where}: {said}" if where else said) from None


@dataclass(frozen=True)
class _Format:
    format: int = 1
