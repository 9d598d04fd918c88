"""What a checkpoint's name says: the series that it belongs to, its step, and a metric.

Saver appends the step (`model-7`); Keras' ModelCheckpoint documents names such as
`weights.{epoch:02d}-{val_loss:.2f}.keras`, whose last number is a metric and whose first is the epoch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ENDINGS = (".weights.h5", ".weights.json", ".keras", ".h5", ".hdf5", ".hd5f", ".hdf", ".ckpt", ".weights")
_STEP = re.compile(r"(.*?)([-_.]?)(\d{1,15})", re.DOTALL)
_METRICS = re.compile(r"(.*?\d.*?)((?:[-_=:. ]*[A-Za-z_]*[-_=: ]*\d+\.\d+)+)", re.DOTALL)
_DECIMAL = re.compile(r"(?:(?<=[-_=:])-)?\d+\.\d+")  # a minus is a sign only behind another sign
_WHOLE = re.compile(r"(?<!\d)\d{1,15}(?![\d.]*\d)")
# Digits that belong to the word before them: int8.keras is no step 8.
_WORDS = re.compile(r"(?<![a-z])(?:q?u?int|b?float|[bf]p?|keras|tf|v|version|h)$", re.IGNORECASE)
_HIGHER = re.compile(r"acc|auc|f1|precision|recall|(?<!prev)iou|dice|score|bleu", re.IGNORECASE)
_LOWER = re.compile(r"loss|err(or)?([^a-z]|$)", re.IGNORECASE)  # of whatever it is
# A day, or a day and a time, is no step: 2024-01-15, 20240115-0930.
_DATE = re.compile(
    r"(?<!\d)(19|20)\d\d(?P<between>[-_.]?)(0[1-9]|1[0-2])(?P=between)(0[1-9]|[12]\d|3[01])([-_T]\d{4,6})?$"
)


@dataclass(frozen=True)
class Name:
    """What a path says of itself.

    Attributes:
        group: what it has in common with other steps, a star for each number; itself without a step.
        step: None when it has none.
        metric: the last number with decimals; None where there is none.
        glued: whether the step's digits follow a letter, which may be part of a word.
    """

    group: str
    step: int | None
    metric: float | None = None
    glued: bool = False


def read(path: str) -> Name:
    """The series, the step and the metric of a path."""
    ending = next((each for each in ENDINGS if path.endswith(each)), "")
    folder, slash, stem = path.removesuffix(ending).rpartition("/")
    with_metric = _with_metric(stem)
    if with_metric is not None:
        group, step, metric = with_metric
        return Name(f"{folder}{slash}{group}{ending}", step, metric)
    match = _STEP.fullmatch(stem)
    if match is None or not (folder or match[1]) or (match[2] == "." and match[1][-1:].isdecimal()):
        return Name(path, None)
    date = _DATE.search(stem)
    if date and (date["between"] or date[5]):  # eight digits alone can be a step
        return Name(path, None)
    glued = not match[2] and match[1][-1:].isalpha()
    if glued and _WORDS.search(match[1]):
        return Name(path, None)
    start = match.start(3)
    return Name(f"{folder}{slash}{stem[:start]}*{ending}", int(match[3]), None, glued)


def is_better_higher(group: str) -> bool:
    """Whether a metric of this series is one that rises, as far as its name says; else it is a loss."""
    words = group.rpartition("/")[2].split("*")
    word = words[-2] if len(words) > 1 else ""
    return bool(_HIGHER.search(word)) and not _LOWER.search(word)


def _with_metric(stem: str) -> tuple[str, int, float] | None:
    """The star pattern, the epoch and the last metric of a name that ends in a number with decimals."""
    match = _METRICS.fullmatch(stem)
    if match is None:
        return None
    epochs = [*_WHOLE.finditer(match[1])]
    if not epochs:
        return None
    start, end = epochs[-1].span()
    rest = stem[end:]
    return f"{stem[:start]}*{_DECIMAL.sub('*', rest)}", int(epochs[-1][0]), float(_DECIMAL.findall(rest)[-1])
