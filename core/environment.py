"""What an administrator can set: the environment variables that this application reads."""

from __future__ import annotations

import logging
import math
import os

RUNS = "CHECKPOINT_EXPLORER_RUNS"  # the folder that holds all runs
DISK_MB = "CHECKPOINT_EXPLORER_DISK_MB"  # disk that all runs may take together
ADDRESS_WAITING = "CHECKPOINT_EXPLORER_ADDRESS_WAITING"  # trainings that may wait from one network address
GROUP = "CHECKPOINT_EXPLORER_GROUP"  # a group of the machine that may read and write the runs, too
WORKERS = "CHECKPOINT_EXPLORER_WORKERS"  # how many trainings run together at most
OPEN = "CHECKPOINT_EXPLORER_OPEN"  # folders of the server's machine that the page Inspect may look into
UPLOAD_MB = "CHECKPOINT_EXPLORER_UPLOAD_MB"  # what one visitor's upload may take, unpacked
SCHEDULER = "CHECKPOINT_EXPLORER_SCHEDULER"  # a Dask scheduler's address, for a cluster
LESSONS = "CHECKPOINT_EXPLORER_LESSONS"  # a folder with lessons of one's own
ADDRESS = "CHECKPOINT_EXPLORER_ADDRESS"  # the network address that the server listens on
URL = "CHECKPOINT_EXPLORER_URL"  # where a proxy offers the server, such as https://example.org/explorer
PROXIES = "CHECKPOINT_EXPLORER_PROXIES"  # addresses of proxies whose X-Forwarded-For is believed
ADMIN = "CHECKPOINT_EXPLORER_ADMIN"  # the secret that opens the administrator's page


def number(variable: str, default: float, least: float) -> float:
    """The number from `least` that an environment variable holds; the default, with a warning, if none."""
    text = os.environ.get(variable, "")
    try:
        found = float(text or default)
    except ValueError:
        found = math.nan
    if found >= least and math.isfinite(found):
        return found
    logging.getLogger(__name__).warning(
        "%s is %r, not a number from %g; taking %g", variable, text, least, default
    )
    return default
