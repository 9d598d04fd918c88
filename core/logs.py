"""The log: one event, one line; the last warnings stay at hand for an administrator."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Sequence

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
LAST = 50  # warnings and errors that `last` remembers

# They tell their users of every step; an administrator wants to know what went wrong.
ENGINE = ("distributed", "tornado")
TALKATIVE = (*ENGINE, "uvicorn", "asyncio", "fsspec", "websockets")

# The word of an upload opens it: who reads the log need not be who may see it.
_SECRET = re.compile(r"(upload-|\.opened/)[A-Za-z0-9_-]{22}")

_kept: deque[str] = deque(maxlen=LAST)


class _OneLine(logging.Formatter):
    """A traceback follows its event on the same line, so that a search by line finds the whole.

    Of the engine's errors the exception is enough: where in it a lost connection was noticed helps nobody.
    """

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info and record.name.partition(".")[0] in ENGINE:
            said = {"msg": f"{record.getMessage()} ({record.exc_info[1]!r})", "args": ()}
            record = logging.makeLogRecord({**vars(record), **said, "exc_info": None, "exc_text": None})
        lines = [line.strip() for line in super().format(record).splitlines() if line.strip()]
        return _SECRET.sub(r"\1…", " | ".join(lines))


class _Keep(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _kept.append(self.format(record))


def configure() -> None:
    """Send what every library logs through one handler, in one form; may be called again."""
    form = _OneLine(FORMAT)
    spoken, kept = logging.StreamHandler(), _Keep(logging.WARNING)
    for handler in (spoken, kept):
        handler.setFormatter(form)
    logging.root.handlers = [spoken, kept]
    logging.root.setLevel(logging.INFO)
    for each in [*logging.root.manager.loggerDict.values()]:
        if isinstance(each, logging.Logger) and each.handlers:
            each.handlers, each.propagate = [], True
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def last() -> Sequence[str]:
    """The last warnings and errors of this process, newest first."""
    return [*reversed(_kept)]
