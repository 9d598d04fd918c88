"""What runs are called: by what tells them apart from their owner's others, unless the owner named them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone

from core.run.manifest import Manifest
from core.settings import DataSettings, TrainSettings

LONGEST = 60  # characters of a name that an owner gives


def names_of(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Run id to a name, for one owner's runs: two runs have two names.

    Each is called by its optimizer and rate, and by whatever else is not the same in all of them; runs that
    are made alike are told apart by when they were made.
    """
    all_of = list(manifests)
    words = [_words(each) for each in all_of]
    telling = {name for each in words[:1] for name in each if len({other[name] for other in words}) > 1}
    found = {each.id: each.name or _name(each, telling) for each in all_of}
    for name in {*found.values()}:
        same = [each for each in all_of if found[each.id] == name]
        if len(same) > 1:
            found |= _by_time(name, same)
    return found


def _by_time(name: str, same: list[Manifest]) -> dict[str, str]:
    """Names for runs of one name, by when each was made, which does not change when another one leaves.

    The time stands where a narrow list still shows it.
    """
    first, comma, rest = name.partition(", ")
    found: dict[str, str] = {}
    for form in ("%H:%M", "%H:%M:%S", "%d %b %H:%M:%S", "%d %b %H:%M:%S.%f"):
        for each in same:
            made = datetime.fromtimestamp(each.created, timezone.utc).strftime(form)
            found[each.id] = f"{first}, {made}{comma}{rest}"
        if len({*found.values()}) == len(same):
            break
    return found


def name_of(manifest: Manifest) -> str:
    """The name of one run among no others: what differs from the recipe tells."""
    usual, own = _words(Manifest("", 0.0, DataSettings(), TrainSettings())), _words(manifest)
    return manifest.name or _name(manifest, {name for name in own if own[name] != usual[name]})


def _name(manifest: Manifest, telling: set[str]) -> str:
    words = _words(manifest)
    first = " ".join(words[name] for name in ("optimizer", "rate"))
    others = (words[name] for name in words if name in telling - {"optimizer", "rate"})
    return ", ".join([first, *filter(None, others)])


def _words(manifest: Manifest) -> dict[str, str]:
    """Everything that can tell a run from another, in words."""
    train, data = manifest.train, manifest.data
    found = {
        "optimizer": train.optimizer,
        "rate": f"{train.learning_rate:g}",
        "momentum": f"momentum {train.momentum:g}" if train.takes("momentum") else "",
        "iterations": f"{train.iterations:,} iterations",
        "order": train.order,
        "batch": "all samples at once" if train.batch == 0 else f"batches of {train.batch}",
        "keep": f"max_to_keep {train.max_to_keep or 'none'}",
        "parent": f"fork after {manifest.parent.iteration}" if manifest.parent else "no fork",
    }
    if data is None:
        points = {"points": "own points", "noise": "", "samples": "", "range": "", "seed": ""}
    else:
        points = {
            "points": f"h {data.h:g}, v {data.v:g}",
            "noise": f"noise {data.noise:g}",
            "samples": f"{data.samples:,} samples",
            "range": f"x {data.x_min:g} to {data.x_max:g}",
            "seed": f"seed {data.seed}",
        }
    return found | points
