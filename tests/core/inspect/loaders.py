"""`python -m tests.core.inspect.loaders`: an environment that has safetensors, Flax and Orbax as well.

It is inside the tests' own, whose libraries it has by a .pth file.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

HOME = Path(sys.prefix) / "loaders"
WANTED = Path(__file__).parents[3] / "requirements-loaders.txt"
DONE = HOME / "done.txt"  # what is installed


def python() -> Path:
    """Its interpreter; the libraries are installed where they are not there yet."""
    found = HOME / "bin" / "python"
    HOME.mkdir(exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if DONE.is_file() and DONE.read_text() == WANTED.read_text():
            return found
        venv.create(HOME, with_pip=True)
        own = sysconfig.get_paths(vars={"base": str(HOME), "platbase": str(HOME)})["purelib"]
        (Path(own) / "tests.pth").write_text(f"{Path(sysconfig.get_path('purelib')).resolve()}\n")
        options = ["--quiet", "--disable-pip-version-check", "-r", str(WANTED)]
        subprocess.run([str(found), "-m", "pip", "install", *options], check=True)
        DONE.write_text(WANTED.read_text())
    return found


if __name__ == "__main__":
    print(python())
