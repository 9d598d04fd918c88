"""A real Saver on real files: what it keeps, what it deletes, and the traps on the way.

Only the clock is scaled, and only for one Saver. A Saver notes with every checkpoint when it was saved, and
decides by that note, when the checkpoint leaves its list, whether `keep_checkpoint_every_n_hours` spares
it (tensorflow/python/training/saver.py: `_MaybeDeleteOldCheckpoints`). After each save the notes are set
to the hours that are said to have passed, by the Saver's own public `set_last_checkpoints_with_time`;
neither the process's clock nor any other Saver is touched.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import tensorflow as tf

from core.checkpoint import CheckpointError, H, V
from core.files import listing, state_file
from core.retention.retention import YES, Life, Retention, RetentionSettings, Trap, Variant
from core.sources import sources
from core.tf.model import session

v1 = tf.compat.v1


def keep(settings: RetentionSettings) -> Retention:
    """Save as the settings say, into a directory that is gone afterwards, and look after each save."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        names = settings.names()
        deleted: dict[str, int] = {}
        number, began = -1, time.perf_counter()

        def note_deleted() -> None:
            nonlocal number
            number += 1
            there = state_file.on_disk(directory)
            for name in names[: number + 1]:
                if name not in there:
                    deleted.setdefault(name, number)

        save_all(directory, settings, note_deleted)
        elapsed = time.perf_counter() - began
        state = state_file.read_state(directory)
        listed = {each.name for each in state.listed}
        return Retention(
            settings,
            tuple(
                Life(name, i, _hour(settings, i), deleted.get(name), name in listed)
                for i, name in enumerate(names)
            ),
            state.text,
            {path.name: path.stat().st_size for path in sorted(directory.iterdir())},
            1e3 * elapsed,
            sources(save_all),
        )


def save_all(directory: Path, settings: RetentionSettings, after_each: Callable[[], None]) -> None:
    """Save again and again with one Saver, telling it after each save when that is said to have been."""
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        began = time.time()  # before the Saver starts to count, so exactly N hours are not yet more
        saver = v1.train.Saver(
            max_to_keep=settings.max_to_keep,
            keep_checkpoint_every_n_hours=settings.keep_checkpoint_every_n_hours,
            save_relative_paths=True,
        )
        hours: dict[str, float] = {}
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            for i in range(settings.saves):
                h.load(i / 100, opened)
                path = saver.save(opened, f"{directory}/model_iter", global_step=i)
                hours[path] = (i + 1) * settings.hours_between
                saver.set_last_checkpoints_with_time(
                    [(each, began + 3600 * hours[each]) for each in saver.last_checkpoints]
                )
                after_each()
            if settings.final == YES:
                saver.save(opened, f"{directory}/model_final")
                after_each()


def spring(key: str) -> Trap:
    """Spring one of `core.retention.retention.TRAPS`: each of its variants in a directory of its own.

    Raises:
        KeyError: no trap has this key.
    """
    return Trap(key, tuple(_variant(*variant) for variant in _TRAPS[key]))


def variables() -> tuple[Any, Any]:
    """The recipe's two variables, in the default graph."""
    h = v1.Variable(0.0, name=H, use_resource=True)
    v = v1.Variable(0.0, name=V, use_resource=True)
    return h, v


def save_steps(saver: Any, opened: Any, h: Any, directory: Path, first: int, last: int) -> None:
    """Save step after step; h is a hundredth of the step, so that a value tells where it came from."""
    for i in range(first, last + 1):
        h.load(i / 100, opened)
        saver.save(opened, f"{directory}/model_iter", global_step=i)


def keep_by_default(directory: Path) -> Path:
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        saver = v1.train.Saver()
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            save_steps(saver, opened, h, directory, 0, 99)
            saver.save(opened, f"{directory}/model_final")
    return directory


def keep_all(directory: Path) -> Path:
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        saver = v1.train.Saver(max_to_keep=None)
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            save_steps(saver, opened, h, directory, 0, 5)
    return directory


def first_life(directory: Path) -> None:
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        saver = v1.train.Saver(max_to_keep=3)
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            save_steps(saver, opened, h, directory, 0, 4)


def resume_without_list(directory: Path) -> Path:
    first_life(directory)
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        saver = v1.train.Saver(max_to_keep=3)
        with session(graph) as opened:
            saver.restore(opened, tf.train.latest_checkpoint(directory))
            save_steps(saver, opened, h, directory, 5, 7)
    return directory


def resume_with_list(directory: Path) -> Path:
    first_life(directory)
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        saver = v1.train.Saver(max_to_keep=3)
        with session(graph) as opened:
            state = tf.train.get_checkpoint_state(directory)
            saver.restore(opened, state.model_checkpoint_path)
            saver.recover_last_checkpoints(state.all_model_checkpoint_paths)
            save_steps(saver, opened, h, directory, 5, 7)
    return directory


def move_absolute(directory: Path) -> Path:
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        saver = v1.train.Saver()
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            (directory / "before").mkdir()
            save_steps(saver, opened, h, directory / "before", 0, 2)
    return (directory / "before").rename(directory / "after")


def move_relative(directory: Path) -> Path:
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        saver = v1.train.Saver(save_relative_paths=True)
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            (directory / "before").mkdir()
            save_steps(saver, opened, h, directory / "before", 0, 2)
    return (directory / "before").rename(directory / "after")


def keep_minus_one(directory: Path) -> Path:
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        saver = v1.train.Saver(max_to_keep=-1)
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            save_steps(saver, opened, h, directory, 0, 3)
    return directory


def share_a_list(directory: Path) -> Path:
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        often, best = v1.train.Saver(max_to_keep=2), v1.train.Saver(max_to_keep=1)
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            save_steps(often, opened, h, directory, 0, 3)
            best.save(opened, f"{directory}/best", global_step=3)
    return directory


def list_apart(directory: Path) -> Path:
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        often, best = v1.train.Saver(max_to_keep=2), v1.train.Saver(max_to_keep=1)
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            save_steps(often, opened, h, directory, 0, 3)
            best.save(opened, f"{directory}/best", global_step=3, latest_filename="checkpoint_best")
    return directory


def keep_four(directory: Path) -> Path:
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        saver = v1.train.Saver(max_to_keep=None)
        with session(graph) as opened:
            opened.run(v1.global_variables_initializer())
            save_steps(saver, opened, h, directory, 0, 3)
    return directory


_TRAPS: dict[str, list[tuple[str, Callable[[Path], Path]]]] = {
    "default": [("Saver()", keep_by_default)],
    "none": [("Saver(max_to_keep=None)", keep_all)],
    "resumed": [
        ("restore alone", resume_without_list),
        ("restore and recover_last_checkpoints", resume_with_list),
    ],
    "moved": [
        ("Saver(): absolute paths", move_absolute),
        ("Saver(save_relative_paths=True)", move_relative),
    ],
    "two_savers": [
        ("two Savers, one list", share_a_list),
        ('latest_filename="checkpoint_best"', list_apart),
    ],
    "minus_one": [
        ("Saver(max_to_keep=-1)", keep_minus_one),
        ("Saver(max_to_keep=None)", keep_four),
    ],
}


def _variant(title: str, action: Callable[[Path], Path]) -> Variant:
    """Do it, then look at the directory as a stranger would."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = action(Path(scratch))
        try:
            state = state_file.read_state(directory)
            listed = tuple(replace(each, path=_plain(each.path, scratch)) for each in state.listed)
        except CheckpointError:
            listed = ()
        latest = tf.train.latest_checkpoint(directory)
        restored, worked = _restored_h(latest)
        return Variant(
            title=title,
            on_disk=state_file.on_disk(directory),
            files=tuple(sorted((path.name for path in directory.iterdir()), key=listing.in_order)),
            listed=listed,
            latest=None if latest is None else Path(latest).name,
            restored=restored,
            worked=worked,
            code=sources(action),
        )


def _plain(path: str, scratch: str) -> str:
    """The path with the name of the temporary directory, which says nothing, shortened."""
    return path.replace(scratch, "/…", 1)


def _restored_h(prefix: str | None) -> tuple[str, bool]:
    """h as a new Saver restores it, and whether it could; else what TensorFlow said."""
    with tf.Graph().as_default() as graph:
        h, _ = variables()
        with session(graph) as opened:
            try:
                v1.train.Saver().restore(opened, prefix)
                return str(opened.run(h)), True
            except (ValueError, tf.errors.OpError) as error:
                return f"{type(error).__name__}: {str(error).strip().splitlines()[0]}", False


def _hour(settings: RetentionSettings, i: int) -> float:
    """Hours after the Saver was made; model_final follows the last of them at once."""
    return min(i + 1, settings.saves) * settings.hours_between
