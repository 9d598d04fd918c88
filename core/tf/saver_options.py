"""Saver options: a list or a dict of variables, saved, then restored into graphs that fit and do not."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.bundle import read_values
from core.checkpoint import H, V
from core.retention.saver_options import Match
from core.sources import sources
from core.tf.model import session

v1 = tf.compat.v1

Make = Callable[[Any, Any], Any]


def save_trained(make_saver: Make, prefix: str) -> None:
    """Save h = 1.01 and v = -1.96, as far as the Saver was told to."""
    with tf.Graph().as_default() as graph:
        h = v1.Variable(1.01, name=H, use_resource=True)
        v = v1.Variable(-1.96, name=V, use_resource=True)
        saver = make_saver(h, v)
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            saver.save(opened, prefix)


def everything(h: Any, v: Any) -> Any:
    return v1.train.Saver()


def only_h(h: Any, v: Any) -> Any:
    return v1.train.Saver([h])


def other_names(h: Any, v: Any) -> Any:
    return v1.train.Saver({"shift": h, "height": v})


def recipe_names(h: Any, v: Any) -> Any:
    return v1.train.Saver({"hor_estimate": h, "ver_estimate": v})


def same_graph() -> tuple[Any, Any]:
    h = v1.Variable(0.0, name=H, use_resource=True)
    v = v1.Variable(0.0, name=V, use_resource=True)
    return h, v


def renamed_graph() -> tuple[Any, Any]:
    h = v1.Variable(0.0, name="shift", use_resource=True)
    v = v1.Variable(0.0, name="height", use_resource=True)
    return h, v


SAVES: tuple[tuple[str, Make], ...] = (
    ("Saver()", everything),
    ("Saver([h])", only_h),
    ('Saver({"shift": h, "height": v})', other_names),
)
RESTORES: tuple[tuple[str, Callable[[], tuple[Any, Any]], Make], ...] = (
    ("same names, Saver()", same_graph, everything),
    ("same names, Saver([h])", same_graph, only_h),
    ("other names, Saver()", renamed_graph, everything),
    ('other names, Saver({"hor_estimate": h, …})', renamed_graph, recipe_names),
)


def match_all() -> tuple[Match, ...]:
    """Every way to save with every way to restore, in the order of SAVES, then of RESTORES."""
    with tempfile.TemporaryDirectory() as scratch:
        found = []
        for number, (saved, make_saver) in enumerate(SAVES):
            prefix = Path(scratch) / f"model-{number}"
            save_trained(make_saver, str(prefix))
            tensors = {name: float(value) for name, value in read_values(prefix).items()}
            for restored, build, make_restorer in RESTORES:
                asked, values, error = _restore(build, make_restorer, str(prefix))
                found.append(
                    Match(
                        saved,
                        restored,
                        tensors,
                        asked,
                        values,
                        error,
                        sources(make_saver, save_trained),
                        sources(build, make_restorer, restore_into),
                    )
                )
        return tuple(found)


def match_written(pairs: tuple[tuple[str, str], ...]) -> Match:
    """Restore a file of the recipe's names into a graph of other names, by a dict that somebody wrote.

    Args:
        pairs: name in the file, and "shift" or "height" for the variable.
    """
    variables = dict(pairs)

    def written(h: Any, v: Any) -> Any:
        return v1.train.Saver({name: {"shift": h, "height": v}[each] for name, each in variables.items()})

    with tempfile.TemporaryDirectory() as scratch:
        prefix = f"{scratch}/model"
        save_trained(everything, prefix)
        tensors = {name: float(value) for name, value in read_values(Path(prefix)).items()}
        asked, values, error = _restore(renamed_graph, written, prefix)
        told = ", ".join(f'"{name}": {each}' for name, each in variables.items())
        return Match("Saver()", f"Saver({{{told}}})", tensors, asked, values, error, "", "")


def restore_into(opened: Any, saver: Any, prefix: str) -> None:
    """Restore alone: no initializer has run, so what the Saver does not find has no value."""
    saver.restore(opened, prefix)


def _restore(
    build: Callable[[], tuple[Any, Any]], make_saver: Make, prefix: str
) -> tuple[tuple[str, ...], dict[str, float | None], str]:
    """What the Saver asked for, the value of each variable afterwards, and TensorFlow's message."""
    with tf.Graph().as_default() as graph:
        both = build()
        saver = make_saver(*both)
        wanted = graph.get_operation_by_name("save/RestoreV2/tensor_names").get_attr("value")
        asked = tuple(name.decode() for name in tf.make_ndarray(wanted).ravel())
        empty = v1.report_uninitialized_variables()
        error = ""
        with session(graph) as opened:
            try:
                restore_into(opened, saver, prefix)
            except (ValueError, tf.errors.OpError) as caught:
                error = f"{type(caught).__name__}: {_without_traces(str(caught))}"
            without = {name.decode() for name in opened.run(empty)}
            values = {
                each.op.name: None if each.op.name in without else float(opened.run(each)) for each in both
            }
    return asked, values, error


def _without_traces(message: str) -> str:
    """TensorFlow's message without the stack traces in it, which name files of this server."""
    lines = message.partition("\nOriginal stack trace")[0].splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith('File "')).strip()
