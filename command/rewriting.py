"""`convert`, `strip`, `rename`, `cast` and `average`: a script that writes another checkpoint."""

from __future__ import annotations

import argparse
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from command.inspecting import series_of
from command.place import Named, named
from command.told import BAD, GOOD, Code, Heading, Line, Part, Told
from core.checkpoint import CheckpointError, Unsupported
from core.inspect import scripts
from core.inspect.find import KERAS, SAVED_MODEL, Checkpoint
from core.inspect.model import Listing
from core.inspect.scripts import Script

INTO = {
    "saver": scripts.SAVER,
    "objects": scripts.OBJECTS,
    "saved-model": scripts.SAVED_MODEL,
    "weights.h5": scripts.WEIGHTS,
    "keras": scripts.WHOLE,
}
_SHOWN = 200  # lines of a script's effect


def run(asked: argparse.Namespace) -> Told:
    """What the command line asks for."""
    place = named(asked.path)
    if place.mirror is not None:
        raise Unsupported("A script is for files on this machine. Copy them first.")
    one = place.chosen()
    try:
        script = _script(asked, place, one)
    except ValueError as error:
        raise Unsupported(str(error)) from None
    parts: list[Part] = [Heading(f"{script.title}: what it does")]
    parts += [Line(each) for each in script.effect[:_SHOWN]]
    data: dict[str, object] = {"command": asked.command, "script": script, "file": None, "ran": None}
    if asked.output:
        try:
            Path(asked.output).write_text(script.text, encoding="utf-8")
        except OSError as error:
            raise CheckpointError(f"{asked.output} cannot be written: {error.strerror}.") from None
        data["file"] = asked.output
        parts.append(Line(f"The script is in {asked.output}.", "good"))
    if not asked.run:
        return Told(
            data, parts if asked.output else [*parts, Heading(script.name), Code(script.text, "python")]
        )
    status, output = _ran(script)
    data["ran"] = {"status": status, "output": output}
    parts += [
        Code(output),
        Line("It is done." if status == 0 else "It failed.", "good" if status == 0 else "bad"),
    ]
    return Told(data, parts, GOOD if status == 0 else BAD)


def _script(asked: argparse.Namespace, place: Named, one: Checkpoint) -> Script:
    """The script for what was asked.

    Raises:
        CheckpointError: the checkpoint cannot be read.
        ValueError: no script is known to work on it; the message says why.
    """
    prefix = _read_as(place, one)
    listing = place.folder.listing(one)
    if asked.command == "strip":
        return scripts.drop_slots(listing, prefix)
    if asked.command == "rename":
        return scripts.rename(listing, prefix, _renamed(asked.names, listing))
    if asked.command == "cast":
        return scripts.cast(listing, prefix, asked.to)
    if asked.command == "average":
        last = series_of(place)
        last = last[: last.index(one) + 1][-asked.last :]
        listings = [place.folder.listing(each) for each in last]
        return scripts.average(listings, [_read_as(place, each) for each in last])
    if asked.input or asked.output_name:
        if asked.to != "saved-model":
            raise ValueError(f"--input and --output make a SavedModel, and --to asks for {asked.to}.")
        return scripts.to_saved_model(listing, prefix, _pairs(asked.input), _pairs(asked.output_name))
    return scripts.convert(listing, prefix, INTO[asked.to])


def _read_as(place: Named, one: Checkpoint) -> str:
    """The path that a reader is given: of a SavedModel, that of its variables."""
    return place.written(one) + ("/variables/variables" if one.kind == SAVED_MODEL else "")


def _renamed(words: Sequence[str], listing: Listing) -> dict[str, str]:
    """Old name to new: OLD=NEW for a tensor, or for the beginning of many, which ends in a slash.

    Keras files and object-based checkpoints have layers and objects of that name, with all inside them.
    """
    found: dict[str, str] = {}
    if listing.kind == KERAS or scripts.has_objects(listing):
        return {old.rstrip("/"): new.rstrip("/") for old, new in _pairs(words).items()}
    keys = [each.key for each in listing.tensors]
    for old, new in _pairs(words).items():
        some = [key for key in keys if key.startswith(old)] if old.endswith("/") else [old]
        found |= {key: new + key[len(old) :] for key in some or [old]}
    return found


def _pairs(words: Sequence[str]) -> dict[str, str]:
    """OLD=NEW, word by word.

    Raises:
        ValueError: a word has no equals sign.
    """
    wrong = next((each for each in words if not all(each.partition("=")[::2])), None)
    if wrong is not None:
        raise ValueError(f"{wrong!r} is not of the form OLD=NEW.")
    return {each.partition("=")[0]: each.partition("=")[2] for each in words}


def _ran(script: Script) -> tuple[int, str]:
    """Run it with the TensorFlow that is installed; its exit status and what it printed.

    Raises:
        Unsupported: none is installed.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise Unsupported("TensorFlow is not installed here. Save the script with -o and run it where it is.")
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", script.text], capture_output=True, text=True, check=False, env=quiet
    )
    return done.returncode, (done.stdout if done.returncode == 0 else done.stdout + done.stderr[-2000:])
