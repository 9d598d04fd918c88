"""English words that a page in another language says: not code, not a file's name, not a name."""

from __future__ import annotations

import re

from playwright.sync_api import Page

# Names of people's, TensorFlow's and Python's things, and the words that Persian students use for them.
NAMES = {
    *(
        "h",
        "v",
        "x",
        "y",
        "X",
        "w",
        "Adam",
        "Saver",
        "SavedModel",
        "TensorFlow",
        "Serving",
        "Keras",
        "Python",
    ),
    *("session", "slot", "initializer", "restore", "dict", "power", "None", "KeyError", "little-endian"),
    *("QR", "UTC", "CSV", "SVG", "checkpoint", "iteration", "optimizer", "Error gallery"),
}

# What the lesson says, by element: its own texts, titles and labels, those inside components too. Code says
# what it says, and a language its own name. Streamlit has English labels of its own, which stay as they are.
_TEXTS = """() => {
  const texts = [];
  const other = "code, [data-testid=stCode], style, script, [translate=no], [role=progressbar], "
    + "[data-testid=stNumberInputContainer] button, [data-testid=stButtonGroup], a[href^='#']";
  const walk = (node) => {
    if (node.nodeType === 3) texts.push(node.data);
    if (node.nodeType === 1) {
      const boxless = getComputedStyle(node).display === "contents"; // its children have boxes
      if (node.matches(other) || !(boxless || node.checkVisibility({ visibilityProperty: true }))) return;
      for (const name of ["title", "aria-label", "placeholder"]) texts.push(node.getAttribute(name) || "");
      if (node.shadowRoot) [...node.shadowRoot.childNodes].forEach(walk);
    }
    [...node.childNodes].forEach(walk);
  };
  document.querySelectorAll("[class*=st-key-lesson-rtl], [data-testid=stPopoverBody]").forEach(walk);
  return texts;
}"""
_GLOSS = re.compile(r"\([A-Za-z ]+\)")  # a Persian word's English one, beside it
_WORD = re.compile(r"[\w./:\[\]\"'=-]*[A-Za-z][\w./:\[\]\"'=-]*", re.ASCII)


def english(page: Page) -> set[str]:
    """The English words that are seen or heard."""
    found = set()
    for text in page.evaluate(_TEXTS):
        plain = _GLOSS.sub(" ", text)
        for name in sorted(NAMES, key=len, reverse=True):
            plain = re.sub(rf"(?<![\w.]){name}(?!\w|\.\w)", " ", plain, flags=re.ASCII)
        for word in _WORD.findall(plain):
            bare = word.strip(".:'\"")
            is_code = re.search(r"[\d_./\[\]=]", bare) or re.fullmatch(r"[0-9a-f]{2}", bare)
            if not is_code and bare not in ("keras", ""):
                found.add(f"{bare} in {text.strip()[:60]!r}")
    return found
