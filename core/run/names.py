"""What runs are called: a short name, made once when the run is made, until its owner gives it another."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timezone

from core.run.manifest import Manifest
from core.settings import TrainSettings

LONGEST = 60  # characters of a name that an owner gives


def short(train: TrainSettings) -> str:
    """Optimizer and learning rate: "Adam 0.05"."""
    return f"{train.optimizer} {train.learning_rate:g}"


def fresh(train: TrainSettings, taken: Collection[str]) -> str:
    """A name for a new run that none of its owner's others has: "Adam 0.05", then "Adam 0.05 (2)"."""
    first, number = short(train), 1
    name = first
    while name in taken:
        number += 1
        name = f"{first} ({number})"
    return name


def name_of(manifest: Manifest) -> str:
    """The name of one run."""
    return manifest.name or short(manifest.train)


def names_of(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Run id to a name, for one owner's runs: two runs have two names.

    Runs of earlier versions have no name; those that would be called the same are told apart by when they
    were made, which does not change when another one leaves.
    """
    all_of = list(manifests)
    found = {each.id: name_of(each) for each in all_of}
    for name in {*found.values()}:
        same = [each for each in all_of if found[each.id] == name]
        for form in ("%H:%M", "%d %b %H:%M:%S", "%d %b %H:%M:%S.%f"):
            if len({found[each.id] for each in same}) == len(same):
                break
            for each in same:
                made = datetime.fromtimestamp(each.created, timezone.utc).strftime(form)
                found[each.id] = f"{name}, {made}"
    return found


def details(manifest: Manifest) -> str:
    """All that tells a run from another, in words."""
    train, data = manifest.train, manifest.data
    words = [f"{train.iterations:,} iterations"]
    words += [] if train.batch == 1 else ["full batch" if train.batch == 0 else f"batch {train.batch}"]
    words += [train.order] if train.order != "in order" else []
    words += [f"max_to_keep {train.max_to_keep}"] if train.max_to_keep else []
    if manifest.parent:
        words.append(f"fork after iteration {manifest.parent.iteration}")
    if data is None:
        words.append("own points")
    else:
        words += [f"h {data.h:g}", f"v {data.v:g}", f"noise {data.noise:g}"]
        words += [f"{data.samples:,} points", f"seed {data.seed}"]
    return ", ".join(words)
