"""Who on the machine may read the folder of runs: the account that serves, and a group if one is named.

Whoever reads it has every visitor's data and the secret links of uploads; whoever reads a file can also hold
a lock on it.
"""

from __future__ import annotations

import grp
import logging
import os
import stat
from pathlib import Path

from core import environment

ALONE, TOGETHER = 0o077, 0o007  # what the mode of a new file lacks

_log = logging.getLogger(__name__)


class NoGroup(ValueError):
    """The named group is none of this machine's; the message is for the administrator."""


def keep_private(root: Path) -> None:
    """From now on this process, and all that it starts, make files for its account, or its group, alone.

    The folder itself becomes so too, which closes what earlier versions left open in it, unless it is one
    that everybody writes into, such as /tmp.

    Raises:
        NoGroup: CHECKPOINT_EXPLORER_GROUP names no group.
    """
    group = group_of()
    os.umask(ALONE if group is None else TOGETHER)
    try:
        if root.stat().st_mode & stat.S_ISVTX:
            _log.warning("everybody may write into %s; keep runs in a separate folder", root)
        elif group is None:
            root.chmod(0o700)
        else:
            os.chown(root, -1, group)
            root.chmod(0o2770)  # what is made in it is the group's as well
    except OSError as error:
        _log.warning("who may read %s cannot be set: %s", root, error.strerror)


def group_of() -> int | None:
    """The number of the group that CHECKPOINT_EXPLORER_GROUP names; None when it names none.

    Raises:
        NoGroup: there is no such group.
    """
    name = os.environ.get(environment.GROUP, "")
    if not name:
        return None
    try:
        return int(name) if name.isdecimal() else grp.getgrnam(name).gr_gid
    except KeyError:
        raise NoGroup(f"{environment.GROUP} is {name[:80]!r}; this machine has no such group.") from None
