"""Where a proxy offers the server: its path there, and from where a browser may open a websocket to it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from core import environment


@dataclass(frozen=True)
class Offered:
    """The parts of the URL that visitors know.

    Attributes:
        origin: scheme and host, such as "https://example.org"; empty when no proxy stands before the server.
        path: where the application begins, such as "/explorer"; empty at the root.
    """

    origin: str = ""
    path: str = ""


def offered() -> Offered:
    """What CHECKPOINT_EXPLORER_URL says.

    Raises:
        ValueError: it is not a URL; the message names the variable, the value and an example.
    """
    url = os.environ.get(environment.URL, "")
    if not url:
        return Offered()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError(f"{environment.URL} is {url[:80]!r}; it must be like https://example.org/explorer.")
    path = parts.path.strip("/")
    return Offered(f"{parts.scheme}://{parts.netloc}", f"/{path}" if path else "")
