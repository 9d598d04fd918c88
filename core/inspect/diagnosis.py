"""What is wrong with a directory of checkpoints: findings, advice, cards of the Error gallery."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from core.bundle import Values
from core.bundle.bundle import Bundle
from core.checkpoint import CheckpointError, Fault, Missing, WrongChecksum
from core.inspect import names
from core.inspect.find import ITSELF, KERAS, MISNAMED, ORBAX, SAVED_MODEL, V1, V2, Checkpoint, Found, best_of
from core.inspect.model import CODE, NAMES, QUANTIZED, SIGNATURE, Note
from core.inspect.state import is_absolute, named, read_state
from core.inspect.statistics import not_finite
from core.inspect.tensors import listing, opened
from core.words import are, counted, first_few, natural
from core.words import listed as in_words

WRONG, WARNING, NOTE = "wrong", "warning", "note"
# What a finding is about.
DAMAGE, NAN, STATE, UNLISTED = "damage", "nan", "state", "unlisted"
MISSING, DELETED, LEFT_OVER, SKIPPED = "missing", "deleted", "left-over", "skipped"
UNREAD_FORMAT, UNVERIFIED, REMARK = "unread", "unverified", "remark"
KINDS = (
    *(DAMAGE, NAN, STATE, UNLISTED, MISSING, DELETED, LEFT_OVER, SKIPPED),
    *(UNREAD_FORMAT, UNVERIFIED, REMARK),
)
_ADVICE = {
    NAMES: "The values can be read by their keys.",
    SIGNATURE: "Call the model by these names.",
    QUANTIZED: "A number means (number - zero point) * scale; here are the numbers as they are stored.",
}
UNREAD = "Open them with the library that wrote them."
_SHARD = re.compile(r"\.data-(\d{5})-of-(\d{5})$")


@dataclass(frozen=True)
class Finding:
    """Something to know about a directory.

    Attributes:
        level: WRONG, WARNING or NOTE.
        path: what it is about.
        sentence: what was found.
        advice: what to do.
        card: the card of the Error gallery that shows this failure; "" when none does.
        kind: one of KINDS; decide by it, never by the sentence.
    """

    level: str
    path: str
    sentence: str
    advice: str
    card: str = ""
    kind: str = REMARK


@dataclass(frozen=True)
class Bad:
    """A tensor with elements that are no finite numbers.

    Attributes:
        name: what it is called.
        elements, nan, inf: how many it has, how many are NaN, how many infinite.
        computed: whether the model or its optimizer computes with it; else it only counts or steers.
    """

    name: str
    elements: int
    nan: int
    inf: int
    computed: bool


def diagnose(root: Path, found: Found, *, every_byte: bool = True) -> tuple[Finding, ...]:
    """Look for what is wrong; the worst first.

    Args:
        every_byte: read all values and verify their checksums; else only look whether the files are there.
    """
    findings = [_odd(each.kind, each.path, each.sentence) for each in found.oddities]
    mistaken = {each.path for each in found.oddities if each.kind != MISNAMED}
    bad: dict[str, tuple[Bad, ...]] = {}
    for checkpoint in found.checkpoints:
        if mistaken.isdisjoint(path for path, _, _ in checkpoint.files):
            said, bad[checkpoint.path] = _checkpoint(root, checkpoint, every_byte)
            findings += _of(said, DAMAGE)
    findings += [replace(each, kind=UNREAD_FORMAT) for each in _unread(found)]
    if found.checkpoints and not every_byte:
        sentence = "The values were not read, so checksums and NaN are not checked."
        findings.append(Finding(NOTE, "", sentence, "Verify every value to check them.", "", UNVERIFIED))
    findings += _of(_states(root, found), STATE, UNLISTED)
    for group in found.groups().values():
        findings += [replace(each, kind=NAN) for each in _not_finite(group, bad)]
        findings += _retention(group)
        whole = [each for each in group if not bad.get(each.path)]
        findings += best(whole, "" if len(whole) == len(group) else ", of those without NaN or infinity")
    return worst_first(findings)


def _of(findings: Iterable[Finding], kind: str, note: str = REMARK) -> list[Finding]:
    """The findings, each that says no kind of its own with this one; a note is about something else."""
    return [
        replace(each, kind=note if each.level == NOTE else kind) if each.kind == REMARK else each
        for each in findings
    ]


def _unread(found: Found) -> list[Finding]:
    """An empty folder, and formats that are not read."""
    what = in_words([f"{counted(each.files, f'{each.what} file')}" for each in found.unread])
    named = f"{what}, which this does not read, such as {found.unread[0].example}" if found.unread else ""
    verb = are(sum(each.files for each in found.unread))
    if found.checkpoints:
        return [Finding(NOTE, "", f"There {verb} also {named}.", UNREAD)] if named else []
    if not found.files:
        return [Finding(WRONG, "", "The folder is empty.", "Choose the folder that the checkpoints are in.")]
    if named:
        return [Finding(WRONG, "", f"Nothing here can be read: there {verb} {named}.", UNREAD)]
    sentence = f"Nothing here can be read: none of the {counted(found.files, 'file')} is a checkpoint."
    return [Finding(WRONG, "", sentence, "Choose the folder that the checkpoints are in.")]


def _not_finite(group: Sequence[Checkpoint], bad: Mapping[str, Sequence[Bad]]) -> list[Finding]:
    """NaN and infinity in a series: which tensors, and since which checkpoint."""
    findings, known = [], set()
    for at, checkpoint in enumerate(group):
        new = [each for each in bad.get(checkpoint.path, ()) if each.name not in known]
        if not new:
            continue
        known |= {each.name for each in new}
        kinds = [
            *(["NaN"] if any(each.nan for each in new) else []),
            *(["infinity"] if any(each.inf for each in new) else []),
        ]
        what = " and ".join(kinds)
        where = f"{'first ' if len(group) > 1 else ''}in {checkpoint.path or ITSELF}"
        some = first_few([f"{e.name} ({e.nan + e.inf:,} of {counted(e.elements, 'element')})" for e in new])
        clean = [each.name for each in group[:at] if each.path in bad and not bad[each.path]]
        advice = (
            f"Resume from {clean[-1]}, the last without {what}."
            if clean
            else "Train again from a start without it."
        )
        level = WRONG if any(each.computed for each in new) else WARNING
        findings.append(
            Finding(level, checkpoint.path, f"{what[0].upper()}{what[1:]} {where}: {some}.", advice)
        )
    return findings


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the order in which they are told."""
    return tuple(sorted(findings, key=lambda each: (WRONG, WARNING, NOTE).index(each.level)))


def unread(model: Checkpoint, error: CheckpointError) -> Finding:
    """What it means that a SavedModel's graph cannot be read."""
    level = WRONG if error.kind == CheckpointError.kind else NOTE
    advice = "The values can still be read. Export the model again, or copy it again."
    sentence = _located(model.path, error)
    card, kind = ("frozen_as_saved_model", DAMAGE) if level == WRONG else ("", REMARK)
    return Finding(level, model.path, sentence, advice, card, kind)


def _odd(kind: str, path: str, sentence: str) -> Finding:
    if kind == MISNAMED:
        name = f"{path.rpartition('/')[2].removesuffix('.keras')}.h5"
        return Finding(WRONG, path, sentence, f"Rename it to {name}.", "", DAMAGE)
    if kind in ("pointer", "web page"):
        card = "lfs_pointer" if path.endswith((".h5", ".hdf5", ".keras")) else "index_pointer"
        return Finding(WRONG, path, sentence, "Fetch the file itself.", card, DAMAGE)
    if kind == "left-over":
        advice = "If no training is saving now, it can be deleted."
        return Finding(WARNING, path, sentence, advice, "", LEFT_OVER)
    advice = "Copy the file itself into the folder if it should be read."
    return Finding(NOTE, path, sentence, advice, "", SKIPPED)


def _checkpoint(
    root: Path, checkpoint: Checkpoint, every_byte: bool
) -> tuple[list[Finding], tuple[Bad, ...]]:
    """One checkpoint: are all its files there, long enough, and whole, and is every number one?"""
    files = [path for path, _, _ in checkpoint.files]
    if checkpoint.kind == V2:
        if not any(name.endswith(".index") for name in files):
            sentence = f"{checkpoint.path} has values and no index, which says which is which."
            advice = "Copy the .index file along: all files of one prefix belong together."
            return [Finding(WRONG, checkpoint.path, sentence, advice, "one_of_the_files")], ()
        if not any(_SHARD.search(name) for name in files):
            sentence = f"{checkpoint.path} has an index and no data file."
            advice = "Copy the .data files along: all files of one prefix belong together."
            return [Finding(WRONG, checkpoint.path, sentence, advice, "data_missing")], ()
    if checkpoint.kind == ORBAX:
        sentence = f"{checkpoint.path or ITSELF} is of Orbax: its names and shapes are read, and no values."
        return [Finding(NOTE, checkpoint.path, sentence, "Read the values with Orbax itself.")], ()
    if checkpoint.kind == SAVED_MODEL and not checkpoint.has_values:
        return _assets(checkpoint), ()
    try:
        values = opened(root, checkpoint)
    except CheckpointError as error:
        card = {KERAS: "h5_truncated", V1: "torn_data"}.get(checkpoint.kind, "")
        card = "one_of_the_files" if error.kind == Missing.kind else card
        folder = checkpoint.path.rpartition("/")[0]
        advice = "Take another checkpoint, or copy it again."
        return [Finding(WRONG, checkpoint.path, _located(folder, error), advice, card)], ()
    with values:
        found = listing(checkpoint, values)
        findings = [_noted(checkpoint.path, note) for note in found.notes]
        findings += [] if found.parameters else _assets(checkpoint)
        tensors = {each.key: each for each in found.tensors}
        bad: list[Fault] = []
        numbers: list[Bad] = []
        whole = 0
        if isinstance(values, Bundle):
            findings += _shards(checkpoint, values, files)
            findings += _unread_damage(checkpoint, values)
        if checkpoint.kind == KERAS:
            findings += _lacking(checkpoint, values)
        findings += _of_a_list(checkpoint, getattr(values, "missing", ()))
        for entry in values.entries:
            try:
                if entry.dtype == "string":
                    values.read(entry)
                elif every_byte and entry.dtype not in ("variant", "resource"):
                    nan, inf = not_finite(values, entry)
                    if nan or inf:
                        each = tensors[entry.name]
                        numbers.append(Bad(each.name, each.elements, nan, inf, not each.counter))
                whole += 1
            except CheckpointError as error:
                bad.append(Fault.of(error))
        said = {fault.sentence for fault in bad}
        bad += [Fault(CheckpointError.kind, each) for each in values.damaged.values() if each not in said]
    if bad and not any(each.level == WRONG for each in findings):
        many = f"{counted(len(bad), 'tensor')} of {checkpoint.path} cannot be read, {whole:,} can."
        sentence = f"{many} {bad[0].sentence}"
        advice, card = "Take another checkpoint; what is whole of this one can be taken home.", "torn_data"
        if not whole and all(fault.kind == WrongChecksum.kind for fault in bad):
            advice = (
                "Nothing in it fits: the data file is probably another checkpoint's. Put back the right one."
            )
            card = "mixed_pair"
        findings.append(Finding(WRONG, checkpoint.path, sentence, advice, card))
    return findings, tuple(numbers)


def _assets(checkpoint: Checkpoint) -> list[Finding]:
    """A SavedModel without weights whose model is in its assets, as that of a decision forest is."""
    folder = f"{checkpoint.path}/assets/".lstrip("/")
    assets = [(path, size) for path, size, _ in checkpoint.files if path.startswith(folder)]
    if checkpoint.kind != SAVED_MODEL or not assets:
        return []
    largest = max(assets, key=lambda each: each[1])[0]
    size = f"{counted(len(assets), 'file')} with {sum(size for _, size in assets):,} bytes"
    sentence = f"{checkpoint.path or ITSELF} has 0 weights; the model is in {largest} ({size} in assets)."
    advice = "A decision forest keeps its trees there. Load the whole folder to use it."
    return [Finding(NOTE, checkpoint.path, sentence, advice)]


def best(group: Sequence[Checkpoint], among: str = "") -> list[Finding]:
    """The best of a series whose names have a metric; `among` says which these are, if not all."""
    found = best_of(group)
    if found is None:
        return []
    higher = names.is_better_higher(found.group)
    what = "highest" if higher else "lowest"
    sentence = f"{found.group}: the number in the names is {what} in {found.path} ({found.metric:g}){among}."
    advice = "For a loss, that is the best one." if not higher else "That is the best one."
    return [Finding(NOTE, found.path, sentence, advice)]


def _located(folder: str, error: CheckpointError) -> str:
    """A sentence about a file by its name alone, with the folder that it lies in."""
    return f"{folder}: {error}" if folder else str(error)


def _noted(path: str, note: Note) -> Finding:
    if note.kind == CODE:
        return Finding(NOTE, path, note.sentence, "Load it only from people you trust.", "lambda_refused")
    return Finding(NOTE, path, note.sentence, _ADVICE[note.kind])


def _shards(checkpoint: Checkpoint, values: Bundle, names: Sequence[str]) -> list[Finding]:
    """Data files that the index counts on and that are not there, or too many."""
    there = {(int(match[1]), int(match[2])) for name in names if (match := _SHARD.search(name))}
    shards = values.header.shards
    missing = [n for n in range(min(shards, 100_000)) if (n, shards) not in there]
    if missing:
        some = first_few([f"{n:05d}" for n in missing])
        files = f"{counted(shards, 'data file')}; missing: {some} of {shards:05d}"
        sentence = f"The index of {checkpoint.path} counts on {files}."
        advice = "Copy all files of the prefix; the tensors in the other data files can be read."
        return [Finding(WRONG, checkpoint.path, sentence, advice, "data_missing")]
    return []


def _unread_damage(checkpoint: Checkpoint, values: Bundle) -> list[Finding]:
    """Bytes of the index that are not as they were written, though TensorFlow loads all the same."""
    if not values.unread_damage:
        return []
    sentence = f"{checkpoint.path}.index has damaged bytes in a part that TensorFlow does not read. It loads."
    advice = "A disk or a transfer changed it: copy it again, and check the other files."
    return [Finding(WARNING, checkpoint.path, sentence, advice, "", DAMAGE)]


def _lacking(checkpoint: Checkpoint, values: Values) -> list[Finding]:
    """A `.keras` file without all the weights that its own configuration asks for: Keras cannot load it."""
    from core.inspect.keras import KerasFile
    from core.inspect.verdict.by_path import load_weights
    from core.inspect.verdict.keras_files import store_of
    from core.inspect.verdict.keras_target import target_of

    if not checkpoint.path.endswith(".keras") or not isinstance(values, KerasFile) or not values.is_numbered:
        return []
    target = target_of(values).alone()
    told = load_weights(store_of(values), target)
    if not target.built or told.error != "ValueError":
        return []
    sentence = f"{checkpoint.path} does not load into the model that it describes. {told.cause}"
    advice = "Take another checkpoint, or load the other layers by skip_mismatch=True."
    return [Finding(WRONG, checkpoint.path, sentence, advice, "")]


def _of_a_list(checkpoint: Checkpoint, missing: Collection[str]) -> list[Finding]:
    """Files that Keras' list of weights names and that are not there, or cannot be opened."""
    if not missing:
        return []
    names = first_few(sorted(missing))
    sentence = f"{checkpoint.path} names {counted(len(missing), 'file')} that cannot be opened: {names}."
    advice = "Copy all files that belong to the list; the layers in the others can be read."
    return [Finding(WRONG, checkpoint.path, sentence, advice, "data_missing")]


def _states(root: Path, found: Found) -> list[Finding]:
    """State files: missing, stale, or leading to another place."""
    findings = []
    told = set()
    for path in found.state_files:
        folder = path.rpartition("/")[0]
        below = {each for each in found.checkpoints if _inside(each.path, folder) and each.kind in (V1, V2)}
        told |= {each.path for each in below}
        try:
            state = read_state(root / path)
        except CheckpointError as error:
            findings.append(
                Finding(
                    WARNING,
                    path,
                    str(error),
                    "Any checkpoint can be restored by its own prefix.",
                    "state_file_unreadable",
                )
            )
            continue
        file = f"The file “{path}”"
        by_name = {each.name: each for each in below}
        listed = [*state.listed] or [state.latest]
        gone = [each for each in listed if named(each) not in by_name]
        moved = [
            each for each in {*listed, state.latest} if each and is_absolute(each) and named(each) in by_name
        ]
        elsewhere = [each for each in moved if each.rpartition("/")[0] != str((root / folder).resolve())]
        if state.latest and named(state.latest) not in by_name:
            newest = max((each for each in below if each.step is not None), key=_step, default=None)
            here = f"; the newest here is {newest.path.removeprefix(f'{folder}/')}" if newest else ""
            sentence = (
                f"{file} says that the latest checkpoint is {named(state.latest)}, which is not here{here}."
            )
            advice = "latest_checkpoint returns None: restore by a prefix that is here."
            findings.append(Finding(WARNING, path, sentence, advice, "stale_checkpoint_file"))
        elif elsewhere:
            sentence = f"{file} has absolute paths, such as {elsewhere[0]}, that are not this folder."
            advice = "Save with save_relative_paths=True, or restore by the prefix itself."
            findings.append(Finding(WARNING, path, sentence, advice, "directory_moved"))
        if gone and len(gone) > (named(state.latest) in {named(each) for each in gone}):
            names = first_few([named(each) for each in gone])
            lost = f"{counted(len(gone), 'checkpoint')} that {are(len(gone))} not here"
            sentence = f"{file} lists {lost}: {names}."
            findings.append(
                Finding(
                    NOTE,
                    path,
                    sentence,
                    "Nothing is lost if they were deleted on purpose.",
                    "stale_checkpoint_file",
                )
            )
        known = {named(every) for every in (*listed, state.latest)}
        own = [each for each in below if each.path.rpartition("/")[0] == folder]
        unlisted = [each for each in own if each.name not in known]
        if unlisted:
            names = first_few(sorted((each.name for each in unlisted), key=natural))
            here = f"{counted(len(unlisted), 'checkpoint')} that {are(len(unlisted))} here"
            sentence = f"{file} does not list {here}: {names}."
            advice = "They can be restored by their prefix; a Saver will neither find nor delete them."
            findings.append(Finding(NOTE, path, sentence, advice, "all_kept_but_one_listed"))
        newest = max((each for each in below if each.step is not None), key=_step, default=None)
        latest = by_name.get(named(state.latest))
        if (
            newest
            and latest
            and latest.step is not None
            and latest.group == newest.group
            and latest.step < (newest.step or 0)
        ):
            sentence = f"{path} calls {latest.name} the latest, and {newest.name} is here."
            findings.append(
                Finding(
                    WARNING,
                    path,
                    sentence,
                    "Restore the step that you mean by its prefix.",
                    "stale_checkpoint_file",
                )
            )
    stateless = [each.path for each in found.checkpoints if each.kind == V2 and each.path not in told]
    if stateless:
        sentence = f"No file named checkpoint is beside {first_few(stateless)}."
        advice = "latest_checkpoint returns None there; restore by the prefix."
        findings.append(Finding(NOTE, stateless[0], sentence, advice, "no_file_of_that_name"))
    return findings


def _step(checkpoint: Checkpoint) -> int:
    return checkpoint.step or 0


def _inside(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")


def _retention(group: Sequence[Checkpoint]) -> list[Finding]:
    """Steps that were saved and are gone, as far as the distance between the others tells."""
    steps = [each.step for each in group if each.step is not None]
    if len(steps) == 2:
        sentence = f"{group[0].group}: 2 checkpoints are too few to say whether steps are missing."
        return [Finding(NOTE, group[0].group, sentence, "Add the others of this training.")]
    if len(steps) < 3:
        return []
    strides = sorted(b - a for a, b in pairwise(steps) if b > a)
    stride = strides[0] if strides else 0
    gaps = [(a, b) for a, b in pairwise(steps) if stride and b - a > stride and (b - a) % stride == 0]
    found = []
    where = group[0].group
    if stride and steps[0] > stride and strides.count(stride) * 2 >= len(strides):
        often = "one for every step" if stride == 1 else f"one every {stride:,} steps"
        sentence = f"{where}: {often} from {steps[0]:,} on; none before it."
        advice = (
            "Either none was saved before, or they were deleted, as a Saver does with all but its last "
            "max_to_keep."
        )
        card = "only_the_last_five" if len(steps) <= 6 else ""
        found.append(Finding(NOTE, where, sentence, advice, card, DELETED))
    if gaps and strides.count(stride) * 2 >= len(strides):
        some = first_few([f"between {a:,} and {b:,}" for a, b in gaps])
        sentence = f"{where}: steps are missing {some}."
        advice = "Retention or somebody removed them, or they were never saved."
        found.append(Finding(NOTE, where, sentence, advice, "", MISSING))
    return found
