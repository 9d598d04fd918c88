"""The attacks of SECURITY.md: `python -m tests.core.inspect.attack [NUMBER …]`, without numbers all.

Each is done as a visitor would do it: files are read and archives unpacked in the confined process. The exit
status is 1 if one of them did harm.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from core.checkpoint import CheckpointError
from core.inspect.uploads import take
from core.run.runs import Runs
from tests.core.inspect.bombs import BOMBS
from tests.core.inspect.crafted import CASES
from tests.core.inspect.reading import children_seconds, read_everything, snapshot


@dataclass(frozen=True)
class Attack:
    """One way to do harm by a file.

    Attributes:
        words: what the file tries.
        patterns: the names of its cases in `crafted.py` and `bombs.py`.
    """

    words: str
    patterns: tuple[str, ...]

    def cases(self) -> Iterator[str]:
        """The names of its cases."""
        for name in (*CASES, *BOMBS):
            if any(fnmatchcase(name, each) for each in self.patterns):
                yield name


ATTACKS: Sequence[Attack] = (
    Attack(
        "A tensor claims more elements than memory has",
        (
            *("elements_*", "huge_*", "strings_*", "dimensions_*", "negative_*", "all_tensors_*", "v1_*"),
            *("slices_of_a_huge_whole", "h5_of_2_to_62_elements"),
        ),
    ),
    Attack(
        "A value is outside of its file, or shares bytes with another",
        ("bytes_*", "shards_*", "tensors_*", "slices_that_*", "slices_beyond_*", "blocks_*"),
    ),
    Attack(
        "An index leads in a circle, or has no end",
        (
            *("index_*", "footer_*", "names_that_repeat_*", "rows_*", "restarts_*", "varints_*", "groups_*"),
            *("header_*", "a_million_*"),
        ),
    ),
    Attack("A small block expands without end", ("snappy_*", "keras_with_a_zip_bomb", "h5_with_a_bomb")),
    Attack("A name is a path, markup, a command or control characters", ("name_*",)),
    Attack("A graph of objects leads in a circle, or nowhere", ("object_graph_*",)),
    Attack(
        "A pipe, a link or a folder has the name of a file",
        ("a_pipe_*", "links_*", "directories_*", "folders_*"),
    ),
    Attack("The state file names checkpoints elsewhere", ("state_file_*",)),
    Attack(
        "A Keras file brings code, names that lead out, or JSON without end",
        ("keras_with_a_lambda", "keras_with_names_*", "keras_with_deep_json"),
    ),
    Attack("An HDF5 file refers to itself, or to other files", ("h5_in_*", "h5_that_*", "h5_of_text_*")),
    Attack("A graph would read or write files, or is nested without end", ("meta_*", "saved_model_*")),
    Attack(
        "A zip expands to far more than its size",
        ("zip_of_*", "zip_that_claims_*", "zip_just_allowed", "zip_nested", "zip_called_h5"),
    ),
    Attack("A zip is packed in a way that takes memory", ("zip_by_*", "zip_with_a_password")),
    Attack(
        "A zip has more entries, folders or headers than anybody needs",
        ("zip_overlapping*", "zip_empty_*", "zip_a_million_*", "zip_large_*", "zip_many_*", "zip_deep"),
    ),
    Attack(
        "A name or a link in a zip leads out of its folder",
        ("zip_up", "zip_absolute", "zip_backslashes", "zip_link_*", "zip_name_*", "zip_long_name"),
    ),
    Attack(
        "An archive is damaged, or two things at once",
        (
            *("zip_same_name", "zip_file_and_*", "zip_cut", "zip_damaged_*", "zip_two_*", "zip_wrong_*"),
            *("zip_called_tar", "tar_called_zip", "gz_cut", "gz_empty_*", "tar_same_name", "tar_of_nothing"),
            "xz_empty_*",
        ),
    ),
    Attack(
        "A tar expands to far more than its size, or its packing takes memory",
        ("gz_of_zeros", "bz2_of_*", "xz_of_*", "xz_large_*", "gz_sparse*"),
    ),
    Attack(
        "A header of a tar is larger than its file",
        ("gz_long_*", "gz_pax", "gz_pax_[!n]*", "gz_names_*", "gz_large_*", "gz_name_in_*"),
    ),
    Attack("A tar has members without end", ("bz2_20*", "gz_a_million_*")),
    Attack(
        "A name, a link, a device or a size in a tar leads out of its folder",
        ("tar_up", "tar_absolute", "tar_devices_*", "tar_size_*", "gz_pax_name_up"),
    ),
)


def main(numbers: Sequence[int]) -> int:
    """Do these attacks, and say what became of each."""
    harm = 0
    for number in numbers or range(1, len(ATTACKS) + 1):
        attack = ATTACKS[number - 1]
        print(f"{number}. {attack.words}")
        for name in attack.cases():
            done = _read if name in CASES else _upload
            before = children_seconds()
            with tempfile.TemporaryDirectory(prefix="attack-") as scratch:
                said, harmless = done(name, Path(scratch))
            harm += not harmless
            words = "harmless" if harmless else "IT DID HARM"
            print(f"   {name}: {words}, {children_seconds() - before:.1f} s of computing. {said[:120]}")
    return int(bool(harm))


def _read(name: str, scratch: Path) -> tuple[str, bool]:
    """Read crafted files as the page does; what it says, and whether nothing was touched."""
    CASES[name](scratch)
    before = snapshot(scratch)
    said = read_everything(scratch)
    return " ".join(said[:1]), snapshot(scratch) == before


def _upload(name: str, scratch: Path) -> tuple[str, bool]:
    """Upload a crafted archive; what the page says, and whether all that was written is in its folder."""
    file, make = BOMBS[name]
    runs, outside = Runs(scratch / "runs"), _names(scratch)
    said = ""
    try:
        take([(file, io.BytesIO(make()))], runs)
    except CheckpointError as error:
        said = str(error)
    return said, _names(scratch) - outside <= {"runs"} and not Path("/out").exists()


def _names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]]))
