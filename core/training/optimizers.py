"""The optimizers: one table. An entry here is all that the application needs for a further one.

The settings offer these names, `core.tf.model` and `core.tf.formats.keras` make them, the script names them,
and the tests train each in every way. CONTRIBUTING.md says what the tests and the documents need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

LEARNING_RATE, MOMENTUM = "learning_rate", "momentum"  # the settings that an optimizer can take


@dataclass(frozen=True)
class Call:
    """A class and its arguments; an argument that names a setting takes its value.

    Attributes:
        name: of the class, in `tf.compat.v1.train` or in `tf.keras.optimizers`.
        settings: names of settings, in the order of the class's first arguments.
        more: further arguments by name: a setting's name or a plain value.
    """

    name: str
    settings: tuple[str, ...] = (LEARNING_RATE,)
    more: Mapping[str, str | float | bool] = field(default_factory=dict)

    def make(self, module: Any, settings: Any) -> Any:
        """An instance, for settings such as `core.settings.TrainSettings`."""
        values = [getattr(settings, name) for name in self.settings]
        named = {
            key: getattr(settings, value) if isinstance(value, str) else value
            for key, value in self.more.items()
        }
        return getattr(module, self.name)(*values, **named)

    def line(self, text: Callable[[str], str]) -> str:
        """The call as Python writes it.

        Args:
            text: what stands for a setting: its value, or the name of a variable.
        """
        values = [text(name) for name in self.settings]
        values += [
            f"{key}={text(value) if isinstance(value, str) else value}" for key, value in self.more.items()
        ]
        return f"{self.name}({', '.join(values)})"


@dataclass(frozen=True)
class Optimizer:
    """One rule that turns a gradient into an update.

    Attributes:
        name: as settings, run.json and links have it.
        tensorflow: how `tf.compat.v1.train` makes it.
        keras: how `tf.keras.optimizers` makes the same rule.
        slots: the end of a slot's name in a checkpoint (`hor_estimate/Adam`) to the end of the name of Keras'
            own variable; empty where Keras keeps none such.
        powers: what it keeps for all variables together.
        scaled: whether Keras keeps -rate × slot in place of the slot.
    """

    name: str
    tensorflow: Call
    keras: Call
    slots: Mapping[str, str] = field(default_factory=dict)
    powers: tuple[str, ...] = ()
    scaled: bool = False

    def kept(self, variables: Iterable[str]) -> set[str]:
        """The names, in a checkpoint, of all that it keeps beside these variables."""
        return {f"{each}/{slot}" for each in variables for slot in self.slots} | {*self.powers}

    @property
    def settings(self) -> frozenset[str]:
        """The names of the settings that it takes."""
        return frozenset(self.tensorflow.settings)


# Keras's own defaults of epsilon and of Adagrad's start differ from those of TensorFlow 1, which these are:
# tensorflow/python/training/{rmsprop,adagrad}.py.
_TABLE = (
    Optimizer("gradient descent", Call("GradientDescentOptimizer"), Call("SGD")),
    Optimizer(
        "Momentum",
        Call("MomentumOptimizer", (LEARNING_RATE, MOMENTUM)),
        Call("SGD", more={"momentum": MOMENTUM}),
        {"Momentum": "momentum"},
        scaled=True,
    ),
    Optimizer(
        "Nesterov momentum",
        Call("MomentumOptimizer", (LEARNING_RATE, MOMENTUM), {"use_nesterov": True}),
        Call("SGD", more={"momentum": MOMENTUM, "nesterov": True}),
        {"Momentum": "momentum"},
        scaled=True,
    ),
    Optimizer(
        "Adagrad",
        Call("AdagradOptimizer"),
        Call("Adagrad", more={"epsilon": 0.0}),
        {"Adagrad": "accumulator"},
    ),
    Optimizer(
        "RMSProp",
        Call("RMSPropOptimizer"),
        Call("RMSprop", more={"epsilon": 1e-10}),
        {"RMSProp": "velocity", "RMSProp_1": ""},
    ),
    Optimizer(
        "Adam",
        Call("AdamOptimizer"),
        Call("Adam"),
        {"Adam": "momentum", "Adam_1": "velocity"},
        ("beta1_power", "beta2_power"),
    ),
)
NAMES = tuple(each.name for each in _TABLE)
_BY_NAME = {each.name: each for each in _TABLE}


class UnknownOptimizer(ValueError):
    """No optimizer has this name; the message lists those that there are."""


def optimizer(name: str) -> Optimizer:
    """The entry of this name.

    Raises:
        UnknownOptimizer: there is none.
    """
    if name not in _BY_NAME:
        raise UnknownOptimizer(f"No optimizer is called {name[:40]!r}; there are: {', '.join(NAMES)}.")
    return _BY_NAME[name]
