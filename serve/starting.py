"""The command line: `checkpoint-explorer`, installed, or `python -m serve` in a checkout."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from core import environment
from core.private import NoGroup, keep_private
from serve.about import HOME, NAME, release
from serve.offered import offered

LOCAL = "localhost"


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; the exit code."""
    words = [*(sys.argv[1:] if arguments is None else arguments)]
    # Workers and scheduler are processes of their own, started with this environment, from any folder.
    path = [str(HOME), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(path)
    if words and words[0] in ("worker", "scheduler"):
        from serve import members

        return members.main(words)
    return serve(_parser().parse_args(words))


def serve(asked: argparse.Namespace) -> int:
    """Start the application here, or ask whether one that runs already is ready."""
    address = asked.address or os.environ.get(environment.ADDRESS) or LOCAL
    if asked.url:
        os.environ[environment.URL] = asked.url
    try:
        offered()
    except ValueError as error:
        return _refuse(str(error))
    if asked.check:
        from serve.readiness import check

        return check(address, asked.port)
    missing = [folder for folder in asked.open if not folder.exists()]
    if missing:
        return _refuse(f"There is no folder {missing[0]}; name one that exists.")
    runs = asked.runs or Path(
        os.environ.get(environment.RUNS) or platformdirs.user_data_path(NAME, appauthor=False) / "runs"
    )
    if found := set("*?[") & set(str(runs.resolve())):
        # A Saver looks for what it deletes by a pattern of this path (tensorflow/python/lib/io/file_io.py).
        return _refuse(
            f"Runs cannot be kept in {runs}: its path has a {min(found)}, which TensorFlow takes for "
            "a pattern when it deletes checkpoints. Name another folder with --runs."
        )
    try:
        runs.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=runs):
            pass  # it can be written to, too
    except OSError as error:
        return _refuse(f"Runs cannot be kept in {runs}: {error.strerror}. Name another folder with --runs.")
    try:
        _listen(address, asked.port)
    except OSError as error:
        place = address if asked.port is None else f"{address}, port {asked.port}"
        return _refuse(
            f"It cannot listen on {place}: {error.strerror}. Name another port with --port or another "
            "network with --address."
        )
    os.environ[environment.RUNS] = str(runs.resolve())
    try:
        keep_private(runs.resolve())
    except NoGroup as error:
        return _refuse(str(error))
    if asked.open:
        os.environ[environment.OPEN] = os.pathsep.join(str(folder.resolve()) for folder in asked.open)
    from serve.application import run

    return run(address, asked.port)


def _listen(address: str, port: int | None) -> None:
    """Try whether the server can listen there.

    Raises:
        OSError: it cannot.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(socket.getaddrinfo(address, port or 0, family, socket.SOCK_STREAM)[0][4])


def _refuse(sentence: str) -> int:
    print(f"{NAME}: {sentence}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=NAME,
        description="See how a TensorFlow model is saved and restored. Serves the application to a browser.",
        epilog=f"For a cluster: {NAME} scheduler, {NAME} worker ADDRESS; see their --help.",
    )
    parser.add_argument(
        "open", metavar="DIR", nargs="*", type=Path, help="a folder with checkpoints of your own, to open"
    )
    parser.add_argument("--port", type=_port, help="where to listen (8501, or the next that is free)")
    parser.add_argument(
        "--address",
        help=f"which network to listen on: 0.0.0.0 is all ({environment.ADDRESS}, else {LOCAL})",
    )
    parser.add_argument(
        "--runs",
        type=Path,
        metavar="DIR",
        help=f"the folder that keeps runs ({environment.RUNS}, else one among your data)",
    )
    parser.add_argument(
        "--url",
        help=f"where a proxy offers it, such as https://example.org/explorer ({environment.URL})",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="ask the server that runs on this address and port whether it is ready: 0 if so, 1 if not",
    )
    parser.add_argument("--version", action="version", version=f"{NAME} {release()}")
    return parser


def _port(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no port; ports are numbers from 1 to 65535")
