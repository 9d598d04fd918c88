"""On what the figures were measured."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from tests.browser.install import find

PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "streamlit", "plotly", "distributed", "playwright")


def describe(browser: bool) -> str:
    """Machine and versions, as a Markdown list."""
    memory = psutil.virtual_memory().total / 2**30
    lines = [
        f"Machine: {os.cpu_count()} cores, {_processor()}, {memory:.0f} GB of memory, {platform.system()}",
        f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
    ]
    if browser:
        lines.append(f"Browser: {_browser()}, headless")
    return "\n".join(f"- {line}" for line in lines)


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _browser() -> str:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        name = f"Chromium {started.version}"
        started.close()
    return name
