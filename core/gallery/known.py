"""The messages that saving and loading can raise, of many versions of TensorFlow, Keras and h5py.

`make messages` writes the table. Its texts are quoted from these libraries: see NOTICE.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.gallery.templates import Template

TABLE = Path(__file__).with_name("messages.jsonl.gz")
# A template with less than this is in texts about anything: measured with the texts of
# tests/gallery/off_topic.jsonl.
LETTERS, WORDS, LONGEST = 20, 4, 12
CALLED = {"tensorflow": "TensorFlow", "keras": "Keras", "tf_keras": "tf_keras", "h5py": "h5py"}


@dataclass(frozen=True)
class Message:
    """One message: its template, what raises it and where, the condition before it, and in which versions.

    `raises` is the name of an exception, `warning` or `log`; `where` a file and a function, or a program.
    """

    template: Template
    raises: str
    where: str
    check: str
    versions: Mapping[str, tuple[str, ...]]

    @property
    def telling(self) -> bool:
        """Whether its fixed parts are long enough to know the message by.

        What Python, the system and other programs say is in the table too, but is said of much else.
        """
        words = sum(len(part.split()) for part in self.template.parts)
        longest = len(self.template.folded[self.template.anchor])
        return (
            bool(self.versions)
            and sum(map(len, self.template.folded)) >= LETTERS
            and words >= WORDS
            and longest >= LONGEST
        )

    def seen_in(self) -> str:
        """The versions that have it, for a sentence: `Keras 3.0.5 to 3.15.1, TensorFlow 2.4.4`."""
        return ", ".join(
            f"{CALLED.get(name, name)} {found[0]}" + (f" to {found[-1]}" if len(found) > 1 else "")
            for name, found in self.versions.items()
        )


@lru_cache(maxsize=1)
def messages() -> tuple[Message, ...]:
    """All messages of the table; the file is read once."""
    rows = map(json.loads, gzip.decompress(TABLE.read_bytes()).decode("utf-8").splitlines())
    return tuple(
        Message(
            Template(tuple(row["parts"]), tuple(row["holes"])),
            row["raises"],
            row["where"],
            row["check"],
            {name: tuple(found) for name, found in row["in"].items()},
        )
        for row in rows
    )
