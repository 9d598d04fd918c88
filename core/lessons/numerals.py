"""Digits and commas of a language in its prose; code, names and facts in braces stay as they are."""

from __future__ import annotations

import re

_KEPT = re.compile(r"(`[^`]*`|\{\w*\}|\[[^\]]*\]\([^)]*\))")  # code, facts, links
# A number by itself: not a part of a name such as SHA-256, and not the version in "Keras 3".
_NUMBER = re.compile(r"(?<![A-Za-z_\-./\d])(?<![A-Za-z] )-?\d+(?:[.,]\d+)*(?![A-Za-z_\d]|[.,-]\d)")
_SIGN = "\u200e−"  # to the left of its number, as in every language
_BETWEEN = re.compile(r"(?<=`), ")


def localized(text: str, digits: str) -> str:
    """The text with the ten `digits` of a language, such as ۰۱۲۳۴۵۶۷۸۹; as it is when there are none."""
    if not digits:
        return text
    table = str.maketrans({**dict(zip("0123456789.,", f"{digits}٫٬", strict=True)), "-": _SIGN})
    parts = _KEPT.split(_BETWEEN.sub("، ", text))
    return "".join(
        part if place % 2 else _NUMBER.sub(lambda found: found[0].translate(table), part)
        for place, part in enumerate(parts)
    )
