"""The script that repeats a whole sweep: one function, called once a cell; it needs TensorFlow and NumPy."""

from __future__ import annotations

import textwrap

from core.checkpoint import FINAL
from core.history.history import read_history
from core.run.manifest import Manifest
from core.run.runs import Run, RunNotFound
from core.sweep.folder import Sweep
from core.sweep.grid import Cell
from core.training.script import ARGUMENTS, BITS, files_digest, filled, keeps_by_the_clock, training


def script_of_sweep(sweep: Sweep) -> str:
    """The Python script that repeats `sweep` in an empty folder: each run's checkpoints, the same bits.

    It trains each cell as far as its run has come by now; a cell that was deleted is left out.

    Raises:
        SweepNotFound: the sweep is gone.
        RunNotFound: every run of it is gone.
    """
    record = sweep.record()
    varied = [axis.name for axis in record.grid.axes]
    rows, first = [], None
    for cell, run in sweep.cells():
        try:
            manifest, row = run.manifest(), _row(cell, run)
        except RunNotFound:
            continue
        first = first or (manifest, run)
        rows.append(row)
    if first is None:
        raise RunNotFound(f"Every run of sweep {sweep.id} was deleted, so there is nothing to repeat.")
    manifest, run = first
    final = textwrap.indent(
        'if finished:\n    saver.save(session, os.path.join(folder, "model_final"))\n', "    "
    )
    body = training(
        manifest,
        run.sample(),
        varied,
        {"FOLDER": 'run, "checkpoints"', "UNTIL": "iterations", "FINAL": final},
    )
    arguments = ", ".join(ARGUMENTS[name] for name in varied)
    return filled(
        _TEMPLATE,
        {
            "ID": sweep.id,
            "SIZE": str(len(rows)),
            "VERSIONS": _versions(manifest),
            "ARGUMENTS": arguments,
            "CELLS": "".join(rows),
            "BITS": BITS,
            "BODY": textwrap.indent(body, "    "),
        },
    )


def _row(cell: Cell, run: Run) -> str:
    """One entry of the table: the run, its values, how far it came and the digest of its files."""
    table = read_history(run, run.sample()).table
    finished = bool((table["name"] == FINAL).any())
    steps = table.loc[table["name"] != FINAL, "step"]
    done = int(steps.iloc[-1]) + 1 if len(steps) else 0
    values = ", ".join(repr(value) for value in cell.values)
    digest = "" if keeps_by_the_clock(run.manifest()) else files_digest(run, table["name"])
    return f'    "{run.id}": (({values},), {done}, {finished},\n        "{digest}"),\n'


def _versions(manifest: Manifest) -> str:
    return ", ".join(f"{name} {number}" for name, number in manifest.versions.items()) or "not known yet"


# The function's body is that of a single run's script, in core/training/script.py. What comes out is run by
# tests/core/sweep/test_script.py, which compares its files with those of the application, byte for byte.
_TEMPLATE = '''\
"""Repeats sweep «ID» of Checkpoint Explorer: «SIZE» runs, the same checkpoints, the same bits.

Made with: «VERSIONS».
Put this file into an empty folder, `pip install tensorflow numpy`, and run it with Python. Each run's files
appear in a folder of its own. Other versions or processors may round the last bits differently.
"""

import hashlib
import os

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1

FIRST = 0

# run: («ARGUMENTS»), iterations done, whether it finished, the digest of all its .data and .index files
CELLS = {
«CELLS»}


«BITS»

def train(run, iterations, finished, «ARGUMENTS»):
    """Train one run in its folder."""
«BODY»
for run, (values, iterations, finished, expected) in CELLS.items():
    train(run, iterations, finished, *values)
    found, files = bits(os.path.join(run, "checkpoints"))
    same = "the same bits" if found == expected else "NOT the same bits"
    print(run, *values, f"{same} in {files} files" if expected else f"{files} files, not compared")
'''
