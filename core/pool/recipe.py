"""`python -m core.pool.recipe`: makes the run that ships, `core/run/recipe.tar.xz`, by training it.

To be run again when the files of a run change their form. A test trains the recipe and compares every value.
"""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

from core.data import make_sample
from core.pool.jobs import save_first_pass
from core.pool.training import train_run
from core.run.recipe import ARCHIVE, ID, NAME, OWNER
from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings


def make(archive: Path = ARCHIVE) -> None:
    """Train the recipe, save its first iteration update by update, and pack the run's directory."""
    with tempfile.TemporaryDirectory() as folder:
        runs, data = Runs(Path(folder)), DataSettings()
        made = runs.create(make_sample(data), TrainSettings(), data, OWNER)
        made.directory.rename(runs.root / ID)
        run = runs.open(ID)
        run.update(id=ID, name=NAME, kept=True)
        train_run(str(run.directory))
        save_first_pass(str(run.directory))
        (run.directory / "lock").unlink()
        with tarfile.open(archive, "w:xz") as packed:
            packed.add(run.directory, ID, filter=_anybodys)


def _anybodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A member without the account that made it."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = 0o700 if member.isdir() else 0o600
    return member


if __name__ == "__main__":
    make()
