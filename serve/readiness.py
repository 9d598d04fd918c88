"""Whether the server is ready: its own answer over HTTP, and `--check`, which asks for it."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request

from serve.offered import offered

PATH = "/healthz"
PORT = 8501  # Streamlit's own default
READY, UNWRITABLE = "ready", "unwritable"  # what it says of itself
WITHIN = 5.0  # seconds in which a server that is well answers
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # listened on by all, asked by one


def check(address: str, port: int | None) -> int:
    """Ask a server on this machine; the exit code, for a container's health check."""
    host = EVERYWHERE.get(address, address)
    if ":" in host:
        host = f"[{host}]"
    place = f"{host}:{port or PORT}{offered().path}"
    try:
        with urllib.request.urlopen(f"http://{place}{PATH}", timeout=WITHIN) as answer:
            status = json.load(answer)["status"]
    except urllib.error.HTTPError as error:
        status = f"answering with {error.code}"
        if error.code == 503:
            status = "up, and cannot write to its folder of runs"
    except (OSError, ValueError, KeyError):
        status = "not answering"
    print(f"The server on {place} is {status}.", file=sys.stderr if status != READY else sys.stdout)
    return 0 if status == READY else 1
