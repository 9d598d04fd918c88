"""Runs scripts, each in a process of its own where the project cannot be imported.

What takes seconds is to load TensorFlow. One process has done that alone, and scripts run in its forks.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

OWN = Path(sys.executable)

LOADED = """
import json, os, runpy, sys, traceback
import h5py, keras, tensorflow, tf_keras

print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.chdir(asked["folder"])
            os.environ.update(asked["environment"])
            sys.path[:0] = asked["paths"]
            sys.argv = [asked["script"]]
            for number, name in enumerate(("script.out", "script.err"), 1):
                os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            runpy.run_path(asked["script"], run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
            print(end, file=sys.stderr)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def execute(script: str, folder: Path) -> str:
    """Run the script in an empty folder; what it prints."""
    folder.mkdir()
    done = run(script, folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def run(
    script: str,
    folder: Path,
    paths: tuple[Path, ...] = (),
    environment: Mapping[str, str] | None = None,
    python: Path = OWN,
) -> subprocess.CompletedProcess[str]:
    """Run the script in a folder, which gets it and two files of what it prints.

    Args:
        paths: from where it can import, besides the libraries.
        environment: further variables.
        python: the interpreter.
    """
    (folder / "script.py").write_text(script, encoding="utf-8")
    asked = {
        "folder": str(folder),
        "script": "script.py",
        "paths": [*map(str, paths)],
        "environment": dict(environment or {}),
    }
    server = _loaded(python)
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(asked) + "\n")
    server.stdin.flush()
    code = int(server.stdout.readline())
    out, err = ((folder / f"script.{each}").read_text(errors="replace") for each in ("out", "err"))
    return subprocess.CompletedProcess(["script.py"], code, out, err)


@cache
def _loaded(python: Path) -> subprocess.Popen[str]:
    """The process that has loaded TensorFlow; it ends with this one."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    environment |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    server = subprocess.Popen(
        [str(python), "-I", "-c", LOADED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    atexit.register(_end, server)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    return server


def _end(server: subprocess.Popen[str]) -> None:
    server.kill()
    server.communicate()
