"""The one palette: what each colour means, and the type and lines that all charts share.

`palette.json` is read here for Python's charts and written into the time machine's stylesheet. It starts from
the colours of Okabe and Ito (jfly.uni-koeln.de/color); those of runs were spread further apart, by the least
distance in OKLab that is left between two of them with normal vision, protanopia, deuteranopia or tritanopia
(matrices of Machado, Oliveira and Fernandes 2009). Marks stand out at 3:1 at least from the page under them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FILE: dict[str, Any] = json.loads(Path(__file__).with_name("palette.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Colour:
    """One meaning in hexadecimal: on a light page, on a dark one, and where the page is not known."""

    light: str
    dark: str
    both: str


def _colour(values: dict[str, str]) -> Colour:
    return Colour(values["light"], values["dark"], values.get("both", values["light"]))


COLOURS = {name: _colour(values) for name, values in _FILE["colours"].items()}
KINDS = {name: _colour(values) for name, values in _FILE["kinds"].items()}  # kinds of files
RUNS = tuple(_colour(values) for values in _FILE["runs"])
SURFACE: dict[str, list[str]] = _FILE[
    "surface"
]  # from low cost to high, for each theme, ordered by lightness
STYLE: dict[str, Any] = _FILE["style"]  # sizes and widths in CSS pixels; dashes as SVG writes them


def colour(name: str) -> str:
    """The colour of this meaning that is legible on light and on dark pages alike."""
    return COLOURS[name].both


def either() -> str:
    """Custom properties with both values of each colour; the page's `color-scheme` chooses between them."""
    return " ".join(
        f"--{name.replace(' ', '-')}: light-dark({each.light}, {each.dark});"
        for name, each in COLOURS.items()
    )


def css(scope: str) -> str:
    """Custom properties for what the selector `scope` selects; with the class `dark`, the dark values."""

    def declared(theme: str) -> str:
        pairs = [(name.replace(" ", "-"), getattr(each, theme)) for name, each in COLOURS.items()]
        pairs += [(f"run-{number}", getattr(each, theme)) for number, each in enumerate(RUNS)]
        pairs += [
            (f"kind-{name.replace(' ', '-').replace(chr(39), '')}", getattr(each, theme))
            for name, each in KINDS.items()
        ]
        pairs += [(f"surface-{number}", each) for number, each in enumerate(SURFACE[theme])]
        return " ".join(f"--{name}: {value};" for name, value in pairs)

    sizes = " ".join(f"--{name.replace('_', '-')}: {value};" for name, value in STYLE.items())
    return f"{scope} {{ {declared('light')} {sizes} }}\n{scope}.dark {{ {declared('dark')} }}\n"
