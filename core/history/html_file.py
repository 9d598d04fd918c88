"""The time machine of a run as one HTML file, made of the modules that the page serves, read as text."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from core import palette
from core.history.history import read_history
from core.history.view import Shown, start_of, view_of
from core.run.digests import FILE, digest_of
from core.run.names import details, name_of
from core.run.runs import Run
from core.standalone import joined, page

FOLDER = Path(__file__).parents[2] / "pages" / "ui" / "timemachine"


def of_run(run: Run, name: str = "") -> str:
    """The file: every checkpoint of the run, its charts, its slider, the names of its files.

    Args:
        name: what the run is called, if not by its own name.

    Raises:
        RunNotFound: the run is gone.
    """
    manifest, sample = run.manifest(), run.sample()
    called = name or name_of(manifest)
    shown = Shown(sample, read_history(run, sample), called, manifest.colour, start_of(run))
    about = f"{details(manifest)}. Run {run.id}."
    with suppress(FileNotFoundError):  # version 1.0 had no such record
        about += f" SHA-256 of the record of its files: {digest_of((run.directory / FILE).read_bytes())}."
    sheet = (FOLDER / "timemachine.css").read_text(encoding="utf-8")
    body = (FOLDER / "timemachine.html").read_text(encoding="utf-8")
    return page(
        called,
        about,
        body.replace("{transport}", (FOLDER / "transport.html").read_text(encoding="utf-8")),
        palette.css(".tm") + sheet,
        joined(FOLDER / "machine.js", "TimeMachine"),
        view_of([shown], sample, step=None, revision=0).to_json(),
    )
