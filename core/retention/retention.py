"""Which checkpoints a Saver keeps and which it deletes: what was asked, and what was seen on disk.

TensorFlow-free records; `core.tf.retention` fills them from a real Saver and real files.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.checkpoint import FINAL, name_of
from core.files.state_file import Listed
from core.settings import KEEP_EVERY_HOURS, Record, one_of, ranged
from core.words import counted, listed

YES, NO = "yes", "no"


@dataclass(frozen=True)
class RetentionSettings(Record):
    """What a Saver is asked to keep, and how it is used: it saves model_iter-0, model_iter-1 …, model_final.

    The hours pass on a scaled clock, before each save; model_final is saved at the hour of the last.

    Raises:
        SettingsError: a value is out of range.
    """

    max_to_keep: int | None = ranged(
        5,
        "max_to_keep",
        1,
        20,
        "How many recent checkpoints to keep. Empty is None: all.",
        empty="keep all",
    )
    keep_checkpoint_every_n_hours: float = ranged(
        KEEP_EVERY_HOURS,
        "keep_checkpoint_every_n_hours",
        0.01,
        1e6,
        f"Hours in which one checkpoint is never deleted. TensorFlow's default is {KEEP_EVERY_HOURS:,.0f}.",
        unit="hours",
        increment=1.0,
    )
    saves: int = ranged(20, "Number of saves", 1, 100, "model_iter-0, model_iter-1 and so on.")
    hours_between: float = ranged(
        1.0, "Hours that pass before each save", 0.0, 1e4, "On the scaled clock.", increment=0.5
    )
    final: str = one_of(
        YES, "Then model_final", (YES, NO), "One more save at the end, by another name, as in the recipe."
    )

    def names(self) -> list[str]:
        """The checkpoints that are saved, in their order."""
        return [name_of(number) for number in range(self.saves)] + [FINAL] * (self.final == YES)


@dataclass(frozen=True)
class Life:
    """One checkpoint, from its save to its end, as seen on disk after every save.

    Attributes:
        name: such as model_iter-3.
        saved: the number of the save that wrote it, from 0.
        hour: when, in hours after the Saver was made.
        deleted: the number of the save after which its files were gone; None when they are there.
        listed: whether the `checkpoint` file lists it at the end.
    """

    name: str
    saved: int
    hour: float
    deleted: int | None
    listed: bool


@dataclass(frozen=True)
class Retention:
    """What became of every checkpoint.

    Attributes:
        settings: what was asked.
        lives: one record a checkpoint, in order of their save.
        state: the `checkpoint` file at the end.
        files: name to size in bytes of everything in the directory at the end.
        milliseconds: what all saves together really took.
        code: the source that ran.
    """

    settings: RetentionSettings
    lives: tuple[Life, ...]
    state: str
    files: dict[str, int]
    milliseconds: float
    code: str

    @property
    def kept(self) -> tuple[Life, ...]:
        """Those whose files are there at the end."""
        return tuple(life for life in self.lives if life.deleted is None)

    @property
    def spared(self) -> tuple[Life, ...]:
        """Those that are there though the Saver lists them no more."""
        return tuple(life for life in self.kept if not life.listed)

    def conclusion(self) -> str:
        """What lives, what died and what is forgotten, in plain sentences."""
        kept, spared = self.kept, self.spared
        dead = len(self.lives) - len(kept)
        sentence = (
            f"{counted(len(self.lives), 'checkpoint')} {'was' if len(self.lives) == 1 else 'were'} saved, "
            f"{dead} deleted again; {len(kept)} {'is' if len(kept) == 1 else 'are'} on disk: {names(kept)}."
        )
        if not spared:
            return sentence + " The checkpoint file lists every one of them."
        one = len(spared) == 1
        if self.settings.max_to_keep is None:
            return sentence + (
                f" The checkpoint file lists only {names([each for each in kept if each.listed])}: "
                "with max_to_keep=None a Saver keeps no list, so tools that read the file find one."
            )
        return sentence + (
            f" {'One' if one else len(spared)} of them ({names(spared)}) "
            f"{'was' if one else 'were'} spared by keep_checkpoint_every_n_hours and "
            f"{'is' if one else 'are'} not listed in the checkpoint file: the Saver will never delete "
            f"{'it' if one else 'them'}."
        )


@dataclass(frozen=True)
class Variant:
    """One way of using a Saver, and what was there afterwards.

    Attributes:
        title: what was done.
        on_disk: checkpoints with index and data, in order of their step.
        files: the names of all files in the directory, the `checkpoint` file included.
        listed: what the `checkpoint` file names, in its order; temporary directories shortened to /….
        latest: what `latest_checkpoint` returns, its last part; None when it returns None.
        restored: h as restored from there, or TensorFlow's message.
        worked: whether something could be restored.
        code: the source that ran.
    """

    title: str
    on_disk: tuple[str, ...]
    files: tuple[str, ...]
    listed: tuple[Listed, ...]
    latest: str | None
    restored: str
    worked: bool
    code: str

    @property
    def forgotten(self) -> tuple[str, ...]:
        """Checkpoints on disk that the `checkpoint` file does not list."""
        there = {each.name for each in self.listed if each.exists}
        return tuple(name for name in self.on_disk if name not in there)

    def conclusion(self) -> str:
        """What was found, in plain sentences."""
        if self.on_disk:
            sentence = f"{counted(len(self.on_disk), 'checkpoint')} on disk: {_shortened(self.on_disk)}."
        else:
            sentence = f"No checkpoint has its values on disk; the files left: {_shortened(self.files)}."
        absent = sum(not each.exists for each in self.listed)
        sentence += f" The checkpoint file lists {len(self.listed)}"
        sentence += f", of which {absent} cannot be found at the path written there." if absent else "."
        if self.forgotten and not absent:
            sentence += f" On disk but not listed: {_shortened(self.forgotten)}."
        sentence += f" latest_checkpoint returns {self.latest or 'None'}; "
        return sentence + (
            f"restored, h is {self.restored}."
            if self.worked
            else "nothing can be restored through latest_checkpoint."
        )


@dataclass(frozen=True)
class Trap:
    """One trap, sprung for real: its variants side by side."""

    key: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True)
class TrapWords:
    """What a page says before a trap is sprung, and in how many variants it is."""

    title: str
    about: str
    variants: int = 2


TRAPS = {
    "default": TrapWords(
        "Saver() with default settings",
        "100 saves, then model_final. How many remain?",
        1,
    ),
    "none": TrapWords(
        "max_to_keep=None",
        "Six saves. What does the `checkpoint` file list?",
        1,
    ),
    "resumed": TrapWords(
        "A new Saver in an old folder",
        "max_to_keep=3: one saves 0 to 4, a new one 5 to 7. What remains?",
    ),
    "moved": TrapWords(
        "The folder moves",
        "Saved by absolute path, then renamed. Is the latest found?",
    ),
    "two_savers": TrapWords(
        "Two Savers in one folder",
        "One saves each step, one the best. Which is latest?",
    ),
    "minus_one": TrapWords(
        "max_to_keep=-1",
        "Four saves. How many remain?",
    ),
}


def names(lives: tuple[Life, ...] | list[Life]) -> str:
    """The checkpoints by name, long stretches shortened to their ends."""
    return _shortened(tuple(life.name for life in lives))


def _shortened(words: tuple[str, ...]) -> str:
    if len(words) > 8:
        return f"{', '.join(words[:3])} … {', '.join(words[-3:])}"
    return listed(words)
