"""A real nginx with the lines of docs/nginx.conf, on a port of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

LINES = Path(__file__).parents[2] / "docs" / "nginx.conf"

AROUND = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{}}
http {{
    access_log off;
    types {{ text/html html; }}
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {lines}
}}
"""


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def nginx(folder: Path, servers: Sequence[int]) -> Iterator[str]:
    """Run nginx before servers on these ports; the address of the application behind it.

    Args:
        folder: for its files.
        servers: their ports.

    Raises:
        FileNotFoundError: nginx is not installed.
    """
    program = shutil.which(
        "nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:/opt/homebrew/bin"
    )
    if program is None:
        raise FileNotFoundError("nginx is not installed; its package has that name everywhere")
    port = free_port()
    lines = LINES.read_text(encoding="utf-8")
    behind = "".join(f"    server 127.0.0.1:{each} fail_timeout=2s;\n" for each in servers)
    for written, here in (
        ("    server 127.0.0.1:8501;\n", behind),
        ("    listen 80;\n", f"    listen 127.0.0.1:{port};\n"),
    ):
        if written not in lines:
            raise ValueError(f"docs/nginx.conf has no line {written.strip()!r} any more")
        lines = lines.replace(written, here)
    configuration = folder / "nginx.conf"
    configuration.write_text(AROUND.format(folder=folder, lines=lines), encoding="utf-8")
    process = subprocess.Popen([program, "-c", str(configuration), "-e", str(folder / "error.log")])
    try:
        yield f"http://localhost:{port}/explorer"
    finally:
        process.terminate()
        process.wait(10)
