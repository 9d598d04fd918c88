"""The settings that the panel offers: sliders with a watchable range, beside fields that take every value."""

from __future__ import annotations

from typing import Any

from core.settings import PACES, DataSettings, Setting, TrainSettings

# Slider's range, and its step or how it is laid out. The number beside it takes what the setting takes.
_SLIDERS: dict[str, dict[str, Any]] = {
    "h": {"low": -5.0, "high": 5.0, "step": 0.1},
    "v": {"low": -5.0, "high": 5.0, "step": 0.1},
    "noise": {"low": 0.0, "high": 3.0, "step": 0.05},
    "learning_rate": {"low": 1e-5, "high": 1.0, "log": True},
    "iterations": {"stops": [5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000, 2000, 5000, 10000, 20000]},
}
DATA, TRAIN = ("h", "v", "noise"), ("optimizer", "learning_rate", "iterations")


def offered() -> list[dict[str, Any]]:
    """Every field of the panel, in its order."""
    data, train = DataSettings.settings(), TrainSettings.settings()
    speed = {
        "part": "train",
        "name": "speed",
        "label": "Speed",
        "help": "Slow, Watch and Fast show each update of the first iteration, then 5, 25 and 100 iterations "
        "per second.",
        "choices": [*PACES],
    }
    return [
        *(_field("data", name, data[name]) for name in DATA),
        *(_field("train", name, train[name]) for name in TRAIN),
        speed,
    ]


def _field(part: str, name: str, setting: Setting) -> dict[str, Any]:
    common = {"part": part, "name": name, "label": setting.label, "help": setting.help}
    if setting.choices:
        return {**common, "choices": [*setting.choices]}
    bounds = {"least": setting.low, "most": setting.high, "whole": setting.kind is int}
    return {**common, **bounds, "log": False, "stops": None, **_SLIDERS[name]}
