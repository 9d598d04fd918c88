"""The short jobs: what a worker process does when a page asks, each one function of plain arguments.

TensorFlow is imported inside the functions, in the worker; whoever asks does not load it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from core.run.runs import Run
from core.settings import TrainSettings

if TYPE_CHECKING:
    from core.compare.comparison import Comparison, Restored
    from core.compare.formats import AllWays, BuiltIn
    from core.compare.objects import ByObject
    from core.files.protobuf import Decoded
    from core.gallery.cards import Outcome
    from core.retention.retention import Retention, RetentionSettings, Trap
    from core.retention.saver_options import Match
    from core.retention.weights import Weight
    from core.training.resume import Interruption

T = TypeVar("T")


class JobFailed(RuntimeError):
    """A short job could not be done; the message is one sentence for the user."""


def answered(job: Callable[..., T], *arguments: Any) -> T:
    """Do a short job; what goes wrong comes back as an error that is understood without TensorFlow.

    Raises:
        JobFailed: TensorFlow or the system refused; its own words are in it.
        Exception: an error of core's own, as it is.
    """
    try:
        return job(*arguments)
    except Exception as error:
        home = type(error).__module__
        if home.startswith("core.") and not home.startswith("core.tf"):
            answer: Exception = error
        else:
            reason = (str(error).strip() or "no reason given").splitlines()[0]
            answer = JobFailed(f"This could not be done: {type(error).__name__}: {reason[:300]}")
    raise answer.with_traceback(None)


def warm_up() -> str:
    """Import TensorFlow and take one step, so that the first real job need not wait; its version."""
    import tensorflow as tf

    from core.data import make_sample
    from core.settings import DataSettings
    from core.tf.model import build, session

    sample = make_sample(DataSettings())
    model = build(TrainSettings())
    with session(model.graph, chain=True) as opened:
        opened.run(model.init)
        opened.run(model.epoch, {model.xs: sample.x, model.ys: sample.y})
    return str(tf.__version__)


def restore(directory: str, name: str) -> Restored:
    """Restore one checkpoint of a run with a real Saver, as `core.tf.restoring` does."""
    from core.tf.restoring import restore_checkpoint

    return restore_checkpoint(Run(Path(directory)), name)


def save_first_pass(directory: str) -> int:
    """Train the first pass of a run again and save after every update, as `core.tf.first_pass` does.

    Raises:
        TrainingError: it has too many updates, or did not come out the same.
    """
    from core.tf.first_pass import save_first_pass

    return save_first_pass(Run(Path(directory)))


def compare(directory: str, name: str) -> Comparison:
    """Saver restore beside SavedModel load of one checkpoint, as `core.tf.compare` does."""
    from core.tf.compare import compare_checkpoint

    return compare_checkpoint(Run(Path(directory)), name)


def try_all_ways(directory: str, name: str) -> AllWays:
    """Keep and bring back one checkpoint in every way, as `core.tf.formats.trying` does."""
    from core.tf.formats.trying import try_all_ways

    return try_all_ways(Run(Path(directory)), name)


def decode_meta(directory: str, name: str) -> Decoded:
    """What `name.meta` of the run holds, as `core.tf.files` decodes it."""
    from core.tf import files

    return files.decode_meta(Run(Path(directory)), name)


def decode_saved_model(directory: str, name: str) -> Decoded:
    """What `saved_model.pb` of the checkpoint's export holds, as `core.tf.files` decodes it."""
    from core.tf import files

    return files.decode_saved_model(Run(Path(directory)), name)


def keep(settings: RetentionSettings) -> Retention:
    """What a Saver with these settings keeps, as `core.tf.retention` finds out."""
    from core.tf import retention

    return retention.keep(settings)


def spring(key: str) -> Trap:
    """What becomes of one trap of `core.retention.retention.TRAPS`."""
    from core.tf import retention

    return retention.spring(key)


def match_all() -> tuple[Match, ...]:
    """Every way to save a subset or other names with every way to restore it."""
    from core.tf import saver_options

    return saver_options.match_all()


def match_written(pairs: tuple[tuple[str, str], ...]) -> Match:
    """Restore by a dict that a learner wrote, as `core.tf.saver_options` does."""
    from core.tf import saver_options

    return saver_options.match_written(pairs)


def weigh(optimizer: str) -> Weight:
    """What a checkpoint of a 2 × 3 weight holds with this optimizer, as `core.tf.weights` finds out."""
    from core.tf import weights

    return weights.weigh(optimizer)


def by_object() -> ByObject:
    """Save and restore with `tf.train.Checkpoint`, as `core.tf.objects` does."""
    from core.tf import objects

    return objects.by_object()


def try_built_in(directory: str, name: str) -> BuiltIn:
    """Keep a checkpoint in Keras' built-in layers, as `core.tf.formats.built_in` does."""
    from core.tf.formats.built_in import try_built_in

    return try_built_in(Run(Path(directory)), name)


def interrupt(directory: str, train: TrainSettings, iteration: int, kill: bool) -> Interruption:
    """Interrupt a training on a run's points and go on, as `core.tf.resume` does.

    Raises:
        TrainingError: this training cannot be done.
    """
    from core.tf.resume import interrupt

    return interrupt(Run(Path(directory)), train, iteration, kill)


def try_card(slug: str, action: Literal["fail", "fix"]) -> Outcome:
    """Run one action of one card of the error gallery.

    Raises:
        ValueError: there is no such card or action.
    """
    from core.tf import gallery

    return gallery.run(slug, action)
