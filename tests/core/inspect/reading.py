"""Reads everything that can be read of a directory, as the page and the command do."""

from __future__ import annotations

import resource
from pathlib import Path

from core.checkpoint import CheckpointError, Fault
from core.inspect import confined
from core.inspect.find import SAVED_MODEL
from core.inspect.folder import Folder


def snapshot(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Every name below a folder, with its kind, size and time."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        found[str(path)] = (status.st_mode, status.st_size, status.st_mtime_ns)
    return found


def read_everything(root: Path) -> list[str]:
    """Ask everything that the page asks of a folder; the sentences of what could not be done."""
    folder = Folder(root)
    said: list[str] = []
    try:
        found = folder.find()
    except CheckpointError as error:
        return [str(error)]
    said += [each.sentence for each in folder.listings(found.checkpoints) if isinstance(each, Fault)]
    for group in found.groups().values():
        done, left = folder.measure(group)
        while left:
            done, left = folder.measure(group)
        said += [fault.sentence for each in done for fault in each.problems.values()]
        for measured in done[:1]:
            for tensor in measured.listing.tensors[:2]:
                try:
                    folder.look([measured], tensor.key)
                except CheckpointError as error:
                    said.append(str(error))
    for checkpoint in found.checkpoints:
        try:
            folder.code(checkpoint, checkpoint.path)
        except CheckpointError as error:
            said.append(str(error))
    graphs = [*found.graphs, *(each.path for each in found.checkpoints if each.kind == SAVED_MODEL)]
    for path in graphs:
        try:
            folder.graphs(path, 1 << 20)
        except CheckpointError as error:
            said.append(str(error))
    try:
        said += [each.sentence for each in folder.diagnose(found)]
    except CheckpointError as error:
        said.append(str(error))
    return said


def children_seconds() -> float:
    """Seconds that processes of ours which have ended computed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime + confined.spent()
