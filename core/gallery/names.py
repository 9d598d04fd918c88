"""The reader's own names in a pasted message, and a card's fix with them filled in."""

import re
from string import Formatter

from core.gallery.cards import Card

LONGEST = 200  # characters of a name; what is longer is none
FILE = r"(?:\b[A-Za-z]:)?[\w.~/\\ -]*?[\w~/\\-]"
GLOB = FILE.replace(r"\w.~", r"\w.~*?\[\]").replace(r"\w~", r"\w~*?\[\]")  # a path that lists many

# The field that a card's YOURS may ask for, and where a message has it.
PATTERNS = (
    ("key", r"Key ([\w./:-]+) not found in checkpoint"),
    ("key", r'Tensor name "([\w./:-]+)" not found in checkpoint'),
    ("key", r"uninitialized value ([\w./:-]*\w)"),
    ("key", r"Could not find variable ([\w./:-]*\w)"),
    ("tensor", r"The name '([^'\s]+)' refers to"),
    ("graph_shape", r"lhs shape= ?(\[[\d,? ]*\])"),
    ("saved_shape", r"rhs shape= ?(\[[\d,? ]*\])"),
    ("saved_shape", r"incompatible tensor with shape (\([\d, ]*\))"),
    ("graph_shape", r"restore variable with shape (\([\d, ]*\))"),
    ("operation", r"Op type not registered '(\w+)'"),
    ("class_name", r"Unknown (?:layer|optimizer|loss|loss function|metric function|object):? *'?(\w+)"),
    ("class_name", r"Could not locate (?:class|function) '(\w+)'"),
    ("class_name", r"Layer (\w+) has arguments|Object (\w+) was created"),
    ("class_name", r"keyword arguments passed to (\w+):"),
    ("argument", r"keyword arguments passed to \w+: \{'(\w+)'"),
    ("file", rf"[Uu]nable to open table file ({FILE}):? "),
    ("file", rf"not a valid checkpoint: ({FILE})(?=\s|$)"),
    ("file", rf"matching files for ({GLOB})(?=[\s'\"]|$)"),
    ("file", rf"Restoring parameters from ({FILE})(?=\s|$)"),
    ("file", rf"load_(?:model|weights)\(r?['\"]({FILE})['\"]"),
    ("file", rf"filepath=({FILE})\.?(?=\s|$)"),
    ("file", rf"unable to open file: name = '({FILE})'"),
    ("file", rf"({FILE}\.data-\d+-of-\d+)[;:] No such file"),
    ("directory", rf"SavedModel file does not exist at: ({FILE})/?\{{"),
    ("directory", rf"Parent directory of ({FILE}) doesn't exist"),
    ("directory", rf"(?:specified|different export) directory: ({FILE})(?=\s|$)"),
    ("attribute", r"object has no attribute '(\w+)'"),
)
ENDING = re.compile(r"\.(?:meta|index|data-\d+-of-\d+)$")


def names_in(text: str) -> dict[str, str]:
    """The names that the text has, by field, as Python writes them: a string in quotes, a class bare.

    Of a kind that occurs several times the first counts. From a file name also the `prefix` (without the
    ending of a checkpoint's file) and the `stem` (without any ending); from a key also its `last` part, and
    if TensorFlow has added a number, this `count` with its underscore, and the `plain` name without it.
    """
    found: dict[str, str] = {}
    for field, pattern in PATTERNS:
        for match in re.finditer(pattern, text):
            name = next((group for group in match.groups() if group), "").strip()
            if name and len(name) <= LONGEST and field not in found:
                found[field] = name
    if "key" in found:
        found["last"] = found["key"].rpartition("/")[2]
        if number := re.search(r"_\d+(?=/|$)", found["key"]):
            count = number[0]
            found |= {"plain": re.sub(rf"{count}(?=/|$)", "", found["key"]), "count": count}
    if "tensor" in found:
        found["last"] = found["tensor"].partition(":")[0].rpartition("/")[2]
    if "file" in found:
        found["prefix"] = ENDING.sub("", found["file"])
        found["stem"] = re.sub(r"(?:\.weights)?\.\w+$", "", found["file"])
    bare = ("class_name", "argument", "attribute", "operation", "graph_shape", "saved_shape", "count")
    return {field: name if field in bare else repr(name) for field, name in found.items()}


def with_names(card: Card, text: str) -> str:
    """The card's line for the reader, with the names of the text in it; empty when one is missing."""
    wanted = {field for _, field, _, _ in Formatter().parse(card.yours) if field}
    found = names_in(text) if wanted else {}
    return card.yours.format(**found) if wanted and wanted <= set(found) else ""
