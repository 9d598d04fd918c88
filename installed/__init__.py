"""Look into TensorFlow and Keras checkpoints: `import checkpoint_explorer as ce`.

    ce.open("models@100").layers                 # what is in it
    ce.open("models").over_time()                # every tensor at every step
    ce.diff("models@10", "models@20").rows       # what changed
    ce.check("models").problems                  # what is wrong
    ce.will_load("models@20", "model.keras")     # would it load?
    ce.show("models")                            # the slider over the steps, in a notebook

Tables are pandas' where it is installed, else lists of dictionaries. Each question is answered by the command
in a process of its own: nothing in a file is executed here, and this process gets no package called `core`.

In the wheel this file is `checkpoint_explorer/__init__.py`, and the application's folders lie beside it. Only
processes of the command find them by their names.
"""

from __future__ import annotations

import html
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

__all__ = [
    "Answer",
    "Checkpoint",
    "Frame",
    "Unreadable",
    "check",
    "diff",
    "main",
    "open",
    "show",
    "will_load",
]
_HOME = Path(__file__).parent
_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def main() -> int:
    """Run the command with the application's folder on the path."""
    sys.path.insert(0, str(_HOME))
    from command.main import main as command

    return command()


class Unreadable(Exception):
    """What was named is not there, or cannot be read.

    Attributes:
        kind: missing, damaged, checksum, unsupported, too large or unreadable.
    """

    def __init__(self, sentence: str, kind: str) -> None:
        super().__init__(sentence)
        self.kind = kind


class Answer:
    """What the command answers.

    Attributes:
        data: as its JSON has it; docs/command.schema.json describes it.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words
        self.data: dict[str, Any] = _asked(words)

    def __repr__(self) -> str:
        return _said(self._words)


class Checkpoint(Answer):
    """A file, a prefix, a folder, or one step of it.

    Attributes:
        path: as it was named.
    """

    def __init__(self, path: str) -> None:
        super().__init__(["inspect", path])
        self.path = path

    @property
    def checkpoints(self) -> Any:
        """The checkpoints of a folder, a table."""
        return _table(self.data["checkpoints"])

    @property
    def tensors(self) -> Any:
        """Every tensor of the checkpoint, of a folder's newest: name, role, dtype, shape, bytes; a table."""
        return _table(self._one["tensors"])

    @property
    def layers(self) -> Any:
        """Its layers with their parameters, each before those inside it, a table."""
        rows: list[dict[str, Any]] = []

        def grow(layers: list[dict[str, Any]]) -> None:
            for each in layers:
                rows.append({name: each[name] for name in ("path", "kind", "parameters", "weights")})
                grow(each["layers"])

        grow(self._one["layers"])
        return _table(rows)

    @property
    def parameters(self) -> int:
        """Numbers in the model's weights, as Keras' count_params counts them."""
        return int(self._one["parameters"])

    def tensor(self, name: str) -> Any:
        """The values of one tensor, a NumPy array."""
        import numpy

        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "tensor.npy")
            _asked(["export", self.path, name, "-o", file])
            return numpy.load(file)

    def over_time(self) -> Any:
        """Statistics of every weight at every step, a table; its `attrs["marks"]` is what stands out."""
        found = _asked(["inspect", self.path, "--over-time"])["over_time"]
        rows = [
            {"tensor": tensor["name"], "step": step, "checkpoint": checkpoint}
            | {name: _number(values[at]) for name, values in tensor["statistics"].items()}
            for tensor in found["tensors"]
            for at, (step, checkpoint) in enumerate(zip(found["steps"], found["checkpoints"], strict=True))
        ]
        table = _table(rows)
        if not isinstance(table, list):
            table.attrs["marks"] = found["marks"]
        return table

    @property
    def _one(self) -> dict[str, Any]:
        if "checkpoint" not in self.data:
            raise Unreadable(" ".join(self.data.get("problems", ["There is no checkpoint."])), "missing")
        return dict(self.data["checkpoint"])


class Difference(Answer):
    """What differs between two checkpoints.

    Attributes:
        same: whether nothing does.
        rows: one a tensor, a table.
    """

    @property
    def same(self) -> bool:
        return bool(self.data["same"])

    @property
    def rows(self) -> Any:
        numbers = ("norm", "relative", "largest", "share")
        return _table([row | {name: _number(row[name]) for name in numbers} for row in self.data["rows"]])


class Checked(Answer):
    """What is wrong.

    Attributes:
        failed: whether something is that was asked for.
        problems: one a row, a table.
    """

    @property
    def failed(self) -> bool:
        return bool(self.data["failed"])

    @property
    def problems(self) -> Any:
        return _table([row for path in self.data["paths"] for row in path["problems"]])


class Verdict(Answer):
    """What happens when a checkpoint is loaded.

    Attributes:
        loads: whether every weight gets its values.
        rows: one a weight, a table.
    """

    @property
    def loads(self) -> bool:
        return bool(self.data["loads"])

    @property
    def rows(self) -> Any:
        return _table(self.data["verdict"]["rows"])

    def __bool__(self) -> bool:
        return self.loads


class Frame:
    """The slider over the steps, drawn by a notebook in a frame that can reach nothing outside of it.

    Attributes:
        page: the HTML file.
    """

    def __init__(self, page: str, height: int) -> None:
        self.page, self._height = page, height

    def _repr_html_(self) -> str:
        return (
            f'<iframe sandbox="allow-scripts" style="width: 100%; height: {self._height}px; border: 0" '
            f'srcdoc="{html.escape(self.page)}"></iframe>'
        )


def open(path: str | os.PathLike[str]) -> Checkpoint:
    """What is in a file, a prefix such as model.ckpt-100, a folder, or one step of it: DIR@100.

    Raises:
        Unreadable: there is nothing of that name, or it cannot be read.
    """
    return Checkpoint(os.fspath(path))


def diff(
    first: str | os.PathLike[str],
    second: str | os.PathLike[str],
    *,
    rtol: float = 0.0,
    atol: float = 0.0,
    weights_only: bool = False,
) -> Difference:
    """What differs between two checkpoints, of any formats; the largest relative change first."""
    words = ["diff", os.fspath(first), os.fspath(second), "--rtol", str(rtol), "--atol", str(atol)]
    return Difference([*words, *(["--weights-only"] if weights_only else [])])


def check(*paths: str | os.PathLike[str], fail_on: Sequence[str] = ("damage", "nan")) -> Checked:
    """Damage, NaN, layers that stopped, missing steps, state files."""
    return Checked(["check", *(os.fspath(each) for each in paths), "--fail-on", ",".join(fail_on)])


def will_load(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> Verdict:
    """Whether a checkpoint loads into a .meta file, a SavedModel, a Keras file or another checkpoint."""
    return Verdict(["will-load", os.fspath(source), os.fspath(target)])


def show(path: str | os.PathLike[str], height: int = 900) -> Frame:
    """The report of a folder, with its slider over the steps, for a notebook to draw; pixels of height."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "report.html")
        _asked(["report", os.fspath(path), "-o", file])
        return Frame(Path(file).read_text(encoding="utf-8"), height)


def _asked(words: Sequence[str]) -> dict[str, Any]:
    done = _run([*words, "--json"])
    try:
        told: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise Unreadable(
            (done.stderr.strip() or "The command gave no answer.")[-2000:], "unreadable"
        ) from None
    if "error" in told:
        raise Unreadable(told["error"]["sentence"], told["error"]["kind"])
    return told


def _said(words: Sequence[str]) -> str:
    done = _run(words)
    return (done.stdout or done.stderr).rstrip()


def _run(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(_HOME / "__main__.py"), *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False)


def _number(value: Any) -> float:
    return math.nan if value is None else float(_NUMBERS.get(value, value))


def _table(rows: list[dict[str, Any]]) -> Any:
    try:
        import pandas
    except ImportError:
        return rows
    return pandas.DataFrame(rows)
