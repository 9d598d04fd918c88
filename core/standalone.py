"""One HTML file that works from disk: a page's own scripts joined, its data inside, nothing else allowed.

The scripts are the very modules that the application serves. Each becomes a function that returns what it
exports: a browser loads no module from a file. A policy by hash allows this script and this style alone.
The data is compressed and never part of the markup, so that no name in it can become any.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

_IMPORT = re.compile(r"^import \{([^}]*)\} from \"([^\"]+)\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?:async )?(?:const|function|class) (\w+)", re.MULTILINE)
# What a component of Streamlit exports; a file starts the class itself.
_DEFAULT = re.compile(r"^export default .*\n", re.MULTILINE)

# Streamlit gives a component the colors of its theme. A file has these, by the scheme of the system.
_THEME = """
:root { color-scheme: light dark; --st-font: system-ui, "Segoe UI", "DejaVu Sans", sans-serif;
  --st-code-font: ui-monospace, "DejaVu Sans Mono", monospace; --st-button-radius: 0.5rem; }
:root { --st-text-color: #1b212b; --st-background-color: #f6f8fb; --st-secondary-background-color: #ffffff;
  --st-border-color: #d9dee6; --st-primary-color: #0068b0; }
@media (prefers-color-scheme: dark) { :root { --st-text-color: #fafafa; --st-background-color: #0e1217;
  --st-secondary-background-color: #171c23; --st-border-color: #2f3742; --st-primary-color: #2a7ab8; } }
body { max-width: 1240px; margin: 0 auto; padding: 16px; background: var(--st-background-color);
  color: var(--st-text-color); font-family: var(--st-font); }
h1 { margin: 0 0 4px; font-size: 1.5rem; }
header p, footer { margin: 0 0 12px; font-size: 0.9rem; opacity: 0.85; overflow-wrap: anywhere; }
"""

# Starts the machine on its element, with the data that stands beside it.
_START = """
const text = atob(document.getElementById("data").textContent);
const packed = Uint8Array.from(text, (each) => each.charCodeAt(0));
const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
new Response(stream).json().then((data) => {
  const machine = new start(document.querySelector("[data-role]"));
  const nobody = () => {};
  machine.update({ data, setStateValue: nobody, setTriggerValue: nobody });
  machine.root.removeAttribute("aria-busy");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => machine.redo());
});
"""


def page(title: str, about: str, body: str, css: str, script: str, data: Any) -> str:
    """The file.

    Args:
        title, about: text, shown as it is; `about` says where the data comes from.
        body: our own HTML, of which the first element with `data-role` is the machine's.
        css: its style sheet.
        script: as `joined` gives it.
        data: JSON values for the machine.
    """
    packed = base64.b64encode(gzip.compress(json.dumps(data, allow_nan=False).encode(), mtime=0)).decode()
    style = _THEME + css
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src-elem '{_hash(style)}'; "
        "style-src-attr 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n"
        f"<header><h1>{html.escape(title)}</h1><p>{html.escape(about)}</p></header>\n<main>{body}</main>\n"
        f'<script type="text/plain" id="data">{packed}</script>\n<script type="module">{script}</script>\n'
        "</body>\n</html>\n"
    )


def joined(entry: Path, name: str) -> str:
    """One script of a module and of all that it imports, which starts the exported class `name`.

    Raises:
        ValueError: a module imports or exports in a way that is not understood here.
    """
    numbers: dict[Path, int] = {}
    parts: list[str] = []
    _join(entry.resolve(), numbers, parts)
    return "".join([*parts, f"const start = m{numbers[entry.resolve()]}.{name};", _START])


def _join(path: Path, numbers: dict[Path, int], parts: list[str]) -> None:
    if path in numbers:
        return
    text = path.read_text(encoding="utf-8")
    taken = []
    for names, source in _IMPORT.findall(text):
        needed = (path.parent / source).resolve()
        _join(needed, numbers, parts)
        taken.append(f"const {{{names.replace(' as ', ': ')}}} = m{numbers[needed]};\n")
    body = _DEFAULT.sub("", _IMPORT.sub("", text))
    exported = _EXPORT.findall(body)
    body = re.sub(r"^export (?!default)", "", body, flags=re.MULTILINE)
    if re.search(r"^(?:import|export)\b", body, re.MULTILINE):
        raise ValueError(f"{path.name} has an import or an export of another form.")
    numbers[path] = len(numbers)
    what = ", ".join(exported)
    parts.append(f"const m{numbers[path]} = (() => {{\n{''.join(taken)}{body}return {{ {what} }};\n}})();\n")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
