"""What every way of keeping the model is offered, what comes back, and what makes a way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.checkpoint import H, V
from core.data import Floats
from core.settings import TrainSettings

SERVE, TRAIN = "serve", "train"
SIGNATURE = "serving_default"


@dataclass(frozen=True, eq=False)
class Material:
    """What every way is offered.

    Attributes:
        values: every variable of the checkpoint, float32.
        updates: how many updates the optimizer has made.
        about: path of the asset.
        x: float32 [samples], to predict on.
    """

    settings: TrainSettings
    values: Mapping[str, np.float32]
    updates: int
    about: Path
    x: Floats

    @property
    def slots(self) -> dict[str, np.float32]:
        return {name: value for name, value in self.values.items() if name not in (H, V)}


@dataclass(frozen=True, eq=False)
class Brought:
    """What came back.

    Attributes:
        h, v: float32.
        prediction: float32 [samples].
        slots: by the name in the checkpoint.
        signatures: name to what calling it with the run's x gave.
        assets: file name to text.
        assets_how: how the asset was looked for.
    """

    h: np.float32
    v: np.float32
    prediction: Floats
    slots: Mapping[str, np.float32] = field(default_factory=dict)
    signatures: Mapping[str, Floats] = field(default_factory=dict)
    assets: Mapping[str, str] = field(default_factory=dict)
    assets_how: str = ""


Save = Callable[[Path], object]


def as_saved(material: Material) -> dict[str, np.float32]:
    """The slots as they are in the checkpoint."""
    return material.slots


@dataclass(frozen=True)
class Calls:
    """One way, in calls: how it is offered the material, how it is read, and how without its code."""

    title: str
    offer: Callable[[Material], AbstractContextManager[Save]]
    read: Callable[[Path, Material], Brought]
    without_code: Callable[[str, Floats], Floats]
    needs: str
    parts: tuple[Callable[..., Any], ...] = ()
    slots: Callable[[Material], dict[str, np.float32]] = as_saved


def text_of(path: Path) -> str:
    """The text of a file; empty when it is not there."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""
