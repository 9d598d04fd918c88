"""`checkpoint-explorer scheduler` and `checkpoint-explorer worker`: the parts of a cluster."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from core import logs
from core.private import ALONE, TOGETHER, group_of


def main(words: Sequence[str]) -> int:
    """Be the part of a cluster that the command line names; the exit code."""
    asked = _parser().parse_args(words)
    # Worker processes read these as they load TensorFlow and Dask.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "warning")
    from core.pool import members  # Dask takes half a second, which --help need not wait for

    logs.configure()
    try:
        os.umask(ALONE if group_of() is None else TOGETHER)
        if asked.part == "scheduler":
            members.run_scheduler(asked.address, asked.port)
        else:
            members.run_workers(asked.scheduler, asked.training, asked.short)
    except (OSError, ValueError) as error:
        print(f"checkpoint-explorer {asked.part}: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="checkpoint-explorer")
    parts = parser.add_subparsers(dest="part", required=True)
    scheduler = parts.add_parser("scheduler", help="who does what: one for a cluster")
    scheduler.add_argument(
        "--address",
        default="127.0.0.1",
        help="the network to listen on (127.0.0.1). It runs whatever it is sent: never one that others reach",
    )
    scheduler.add_argument("--port", type=int, default=8786, help="8786 by default")
    worker = parts.add_parser("worker", help="who does it: on each machine that shares the runs folder")
    worker.add_argument("scheduler", help="the scheduler's address, such as tcp://10.0.0.5:8786")
    worker.add_argument("--training", type=int, default=1, help="runs that train here together (1)")
    worker.add_argument("--short", type=int, default=1, help="processes for short jobs (1)")
    return parser
