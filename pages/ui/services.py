"""What all visitors share: the worker pool and the folder of runs."""

from __future__ import annotations

import atexit
import hashlib
import ipaddress
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import streamlit as st

from core import palette
from core.data import Sample
from core.pool.queue import QueueFull
from core.pool.short import Pending, late
from core.pool.workers import NotReady, Pool
from core.run import names as run_names
from core.run import recipe
from core.run.manifest import PAUSED, STOPPED, Control, Manifest
from core.run.runs import Run, RunNotFound, Runs
from core.run.status import Condition, condition_of
from core.settings import DataSettings, TrainSettings
from pages.ui.plain import sentence
from pages.ui.state import state

T = TypeVar("T")
Unanswered = dict[Hashable, Pending[Any] | None]  # by what was asked; None while the workers start

_MOST_UNANSWERED = 4  # questions of one session that nobody waits for
LOOK = 0.05  # seconds between two looks whether a visitor who waits has gone elsewhere


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The worker processes and their queue; one for the whole server."""
    started = Pool()
    atexit.register(started.close)
    return started


def runs() -> Runs:
    """The folder of runs."""
    return Runs.from_environment()


def owner() -> str:
    """This visitor's mark on the runs that they make."""
    return hashlib.sha256(state().visitor.encode()).hexdigest()


def address() -> str:
    """Where this visitor comes from on the network; empty for this machine, and where it is not known.

    One home has more IPv6 addresses than can be counted, so of those the network of 64 bits is told.
    """
    try:
        found = ipaddress.ip_address(st.context.ip_address or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((int(found), 64), strict=False))
    return str(found)


def is_mine(manifest: Manifest) -> bool:
    """Whether this visitor may pause, stop, resume and delete the run."""
    return manifest.owner == owner()


def condition(run: Run, manifest: Manifest) -> Condition:
    """How the run stands for this visitor."""
    swept = bool(manifest.sweep) and pool().place(manifest.sweep) is not None
    loading = not pool().wait(0)
    return condition_of(run, manifest, pool().place(run.id), is_mine(manifest), loading, swept)


def my_runs() -> list[Manifest]:
    """This visitor's runs, newest first; those of a sweep, which are many, are listed on its own page."""
    found = runs().manifests(owner())
    return [each for each in found if not each.sweep or each.id == state().run]


@st.cache_resource(show_spinner=False)
def _install_recipe(root: Path) -> None:
    """Put the run that ships into the folder of runs, once a server."""
    recipe.install(Runs(root))


def recipe_run() -> Run | None:
    """The recipe's run, which everybody sees and nobody owns; None where the disk did not take it."""
    try:
        _install_recipe(runs().root)
        return runs().open(recipe.ID)
    except (OSError, RunNotFound):
        return None


def is_recipe(run: Run) -> bool:
    """Whether this is the run that ships with the application."""
    return run.id == recipe.ID


def name_of(manifest: Manifest) -> str:
    """The name of a run, the same for everybody."""
    return manifest.name or run_names.names_of(my_runs()).get(manifest.id) or run_names.name_of(manifest)


def start_run(sample: Sample, data: DataSettings | None, train: TrainSettings, pace: float | None) -> Run:
    """A fresh run of this visitor's, queued for training and shown from now on."""
    mine = my_runs()
    run = runs().create(sample, train, data, owner())
    with kept_if_it_works(run):
        run.update(colour=next_colour(mine), name=run_names.fresh(train, {each.name for each in mine}))
        run.steer(Control(pace=pace))
        queue(run)
    state().show(run.id)
    return run


@contextmanager
def kept_if_it_works(run: Run) -> Iterator[None]:
    """Delete a fresh run if it finds no place in the queue or on the disk."""
    try:
        yield
    except (QueueFull, OSError):
        with suppress(RunNotFound, OSError):
            runs().delete(run.id)
        raise


def next_colour(mine: list[Manifest]) -> int:
    """The colour that fewest of these runs have."""
    counts = Counter(each.colour for each in mine)
    return min(range(len(palette.RUNS)), key=lambda colour: (counts[colour], colour))


def queue(run: Run) -> None:
    """Queue a run for training.

    Raises:
        QueueFull: this visitor has too many waiting.
    """
    pool().submit(run, address())


def stop(run: Run) -> None:
    """End a training for good, whether it runs, waits or is paused."""
    if run.manifest().status == PAUSED:
        run.update(status=STOPPED)
    else:
        pool().stop(run)


def current_run() -> Run | None:
    """The run that is looked at: the one chosen, else this visitor's latest, else the recipe.

    A sentence says if the chosen one is gone.
    """
    chosen = state().run
    if chosen is not None:
        try:
            # A link may lead to the recipe before anybody has looked at it on this server.
            return (recipe_run() if chosen == recipe.ID else None) or runs().open(chosen)
        except RunNotFound as error:
            # Said now, and by the frame as long as the visitor stays on the page.
            st.warning(sentence(error), icon=":material/link_off:")
            state().run = state().step = None
            state().adopt = True
            state().complaint, state().complained = str(error), ""
    mine = my_runs()
    if not mine:
        return recipe_run()
    state().run = mine[0].id  # from now on the address names it
    # Who comes back is known a moment late: until then the panel described the recipe.
    state().adopt = state().adopt or state().describes_run()
    return runs().open(mine[0].id)


def result_of(
    job: Callable[..., T],
    *arguments: Any,
    seconds: float = 60.0,
    heavy: bool = False,
    about: Hashable = (),
    unanswered: Unanswered | None = None,
) -> T:
    """The answer of a short job; says so while the workers start.

    Where Streamlit ends the run, because its visitor went to another page or pressed something, the job goes
    on, and the next run that asks the same gets its answer.

    Args:
        about: what the answer depends on in place of the arguments, such as the state of a file.
        unanswered: where to keep what waits; default with the visitor.

    Raises:
        JobFailed: the worker died at it, or TensorFlow refused.
        TimeoutError: it took too long.
        Exception: an error of core's own.
    """
    question = job.__name__, about or arguments
    if unanswered is None:
        unanswered = _unanswered()
        if question not in unanswered:
            _make_room(unanswered)
    deadline = time.monotonic() + seconds
    try:
        answer = unanswered.setdefault(question, None)
        if answer is None or answer.has_failed():
            _wait_for_workers(seconds)
            answer = pool().begin(job, *arguments, owner=owner(), heavy=heavy, seconds=seconds)
            unanswered[question] = answer
        if not _comes_true(answer.wait, deadline):
            let_go()
            answer.withdraw()
            raise late(seconds)
        found = answer.result()
    except NotReady as error:  # they were lost this very moment
        unanswered.pop(question, None)
        raise TimeoutError(str(error)) from error
    except Exception:
        unanswered.pop(question, None)
        raise
    let_go()  # a run that another one has overtaken leaves the answer to that
    unanswered.pop(question, None)
    return found


def is_unanswered(job: Callable[..., Any], *arguments: Any, about: Hashable = ()) -> bool:
    """Whether this visitor has asked for this, and the run that asked was ended before the answer came."""
    return (job.__name__, about or arguments) in _unanswered()


def let_go() -> None:
    """End this run of the page if its visitor went elsewhere: Streamlit looks when the session is read."""
    _unanswered()


def _unanswered() -> Unanswered:
    """What this visitor has asked for."""
    return cast("Unanswered", st.session_state.setdefault("unanswered", {}))


def _make_room(unanswered: Unanswered) -> None:
    """Forget the oldest question of a visitor who has asked many and gone."""
    while len(unanswered) >= _MOST_UNANSWERED:
        if answer := unanswered.pop(next(iter(unanswered))):
            answer.withdraw()


def _wait_for_workers(seconds: float) -> None:
    """Say that the workers start, and wait for them.

    Raises:
        TimeoutError: they are not there in time.
    """
    workers = pool()
    if workers.wait(0):
        return
    with st.spinner("TensorFlow is loading. This takes a few seconds…"):
        if not _comes_true(workers.wait, time.monotonic() + seconds):
            raise TimeoutError(
                workers.trouble
                or f"TensorFlow did not start within {seconds:.0f} s. Reload the page to try again."
            )


def _comes_true(wait: Callable[[float], bool], deadline: float) -> bool:
    """Call `wait`, which is given seconds, until it is true; False once `deadline` (monotonic) has passed."""
    while not wait(max(0.0, min(LOOK, deadline - time.monotonic()))):
        if time.monotonic() >= deadline:
            return False
        let_go()
    return True
