"""Runs scripts, each in a process of its own where the project cannot be imported.

What takes seconds is to load TensorFlow. One process has loaded it and nothing else; a script that begins by
loading it runs in a fork of that. Any other script gets a fresh interpreter, and must find what it needs.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

OWN = Path(sys.executable)
LOADS = re.compile(r"^(import|from) (tensorflow|keras|tf_keras)\b", re.MULTILINE)

LOADED = """
import json, os, runpy, sys, traceback
import tensorflow

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
            if isinstance(end.code, str):
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
    forked: bool | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run the script in a folder, which gets it and two files of what it prints.

    Args:
        paths: from where it can import, besides the libraries.
        environment: further variables.
        python: the interpreter.
        forked: whether it loads TensorFlow before anything else; by default, whether its text does.
    """
    (folder / "script.py").write_text(script, encoding="utf-8")
    if not (LOADS.search(script) if forked is None else forked):
        return _fresh(folder, paths, {**_quiet(), **(environment or {})}, python)
    asked = {"folder": str(folder), "script": "script.py", "paths": [*map(str, paths)]}
    server = _loaded(python)
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps({**asked, "environment": dict(environment or {})}) + "\n")
    server.stdin.flush()
    code = int(server.stdout.readline())
    out, err = ((folder / f"script.{each}").read_text(errors="replace") for each in ("out", "err"))
    return subprocess.CompletedProcess(["script.py"], code, out, err)


def _fresh(
    folder: Path, paths: tuple[Path, ...], environment: dict[str, str], python: Path
) -> subprocess.CompletedProcess[str]:
    found = f"import runpy, sys; sys.path[:0] = {[*map(str, paths)]!r}"
    return subprocess.run(
        [str(python), "-I", "-c", f"{found}; runpy.run_path('script.py', run_name='__main__')"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _quiet() -> dict[str, str]:
    """This process's variables, without what would let a script find the project."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")}
    return environment | {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


@cache
def _loaded(python: Path) -> subprocess.Popen[str]:
    """The process that has loaded TensorFlow; it ends with this one."""
    server = subprocess.Popen(
        [str(python), "-I", "-c", LOADED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_quiet(),
        text=True,
    )
    atexit.register(_end, server)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    return server


def _end(server: subprocess.Popen[str]) -> None:
    server.kill()
    server.communicate()
