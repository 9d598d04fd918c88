"""Our own components: a folder with a Python module, a page of HTML, a style sheet and JavaScript modules.

The scripts are served, not sent: inline ones travel with every message, 75 kB at each tick of a page. There
is no build and no dependency; a module imports what it shares with another folder from there.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from core import palette

ROOT = Path(__file__).parents[1]  # `pages`: components are in `ui` and in `parts`
PACKAGE = "checkpoint_explorer"
ADDRESS = f"_stcore/bidi-components/{PACKAGE}"  # where Streamlit offers components, from the server's root


def component(folder: Path, scope: str, *styles: Path, parts: tuple[Path, ...] = ()) -> Any:
    """The component of a folder below this one, declared to the server's manager when it is first drawn.

    Args:
        folder: holds `main.js`, and HTML and style sheet under the folder's own name.
        scope: the CSS selector of its outermost element, which gets the palette.
        styles: style sheets of others that come before its own.
        parts: pieces of HTML of others, each put where the page has its name in braces.
    """
    return _declared(get_bidi_component_manager(), folder, scope, styles, parts)


def scripts(folder: Path, *others: Path) -> list[str]:
    """The addresses of a component's modules, from the server's root: its own and those of others."""
    here = f"{ADDRESS}.{_name(folder)}"
    shared = (path for each in others for path in sorted(each.glob("*.js")) if path.name != "main.js")
    paths = [ROOT / "ui" / "mounted.js", *sorted(folder.glob("*.js")), *shared]
    return [f"{here}/{path.relative_to(ROOT).as_posix()}" for path in paths]


def script_at(address: str) -> Path | None:
    """The script at this address, from the server's root; None where no component has it as it is now."""
    if not address.startswith(f"{ADDRESS}."):
        return None
    component, _, script = address.removeprefix(f"{ADDRESS}.").partition("/")
    known, digest = _known_scripts()
    return known.get(script) if component.endswith(f"-{digest}") else None


@lru_cache(maxsize=1)
def _known_scripts() -> tuple[dict[str, Path], str]:
    """Every script by its path below `pages`, and a digest of them all."""
    known = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.js"))}
    content = b"".join(path.read_bytes() for path in known.values())
    return known, hashlib.sha256(content).hexdigest()[:12]


def _name(folder: Path) -> str:
    """The name carries the digest, so that a browser never mixes the scripts of two versions."""
    return f"{folder.name}-{_known_scripts()[1]}"


@lru_cache(maxsize=8)
def _declared(
    manager: BidiComponentManager, folder: Path, scope: str, styles: tuple[Path, ...], parts: tuple[Path, ...]
) -> Any:
    name = _name(folder)
    manifest = ComponentManifest(PACKAGE, "1", [ComponentConfig(name, ROOT.name)])
    manager.register_from_manifest(manifest, ROOT.parent)
    sheets = (*styles, folder / f"{folder.name}.css")
    html = (folder / f"{folder.name}.html").read_text(encoding="utf-8")
    for part in parts:
        html = html.replace(f"{{{part.stem}}}", part.read_text(encoding="utf-8"))
    return st.components.v2.component(
        f"{PACKAGE}.{name}",
        html=html,
        css=palette.css(scope) + "".join(path.read_text(encoding="utf-8") for path in sheets),
        js=(folder / "main.js").relative_to(ROOT).as_posix(),
    )
