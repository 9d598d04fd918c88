"""The run of a lesson: trained by the visitor, from the lesson's settings and the link's."""

from __future__ import annotations

from core.data import Sample, make_sample
from core.lessons.lesson import Lesson
from core.run.runs import Run, RunNotFound
from core.settings import PACE, PACES, DataSettings
from pages.parts.lessons.progress import Progress
from pages.ui import services
from pages.ui.state import state


def begin(lesson: Lesson) -> None:
    """Open the lesson at its first step; the visitor's own settings and run stay as they are."""
    state().lesson, state().at = lesson.slug, 1


def data_of(lesson: Lesson) -> DataSettings:
    """How the lesson's points are made: as the link says, else as the lesson does."""
    return state().lesson_data or lesson.data


def points(lesson: Lesson, done: Progress) -> Sample:
    """The points that the lesson's run is or will be trained on."""
    run = run_of(lesson, done)
    return run.sample() if run else make_sample(data_of(lesson))


def run_of(lesson: Lesson, done: Progress) -> Run | None:
    """The lesson's run: the visitor's, or the one that the link names if it was made from its settings."""
    current = state()
    for run_id in filter(None, (done.run, current.lesson_run, current.run)):
        if _is_run_of(lesson, run_id):
            done.run = run_id
            return services.runs().open(run_id)
    done.run = ""
    return None


def _is_run_of(lesson: Lesson, run_id: str) -> bool:
    """Whether a run was made from the lesson's settings, so that its facts are the lesson's."""
    try:
        manifest = services.runs().open(run_id).manifest()
    except RunNotFound:
        return False
    return manifest.train == lesson.train and manifest.data == data_of(lesson)


def train(lesson: Lesson, done: Progress) -> Run:
    """Queue the lesson's run; at full speed when others wait, so that a class is not kept waiting."""
    data = data_of(lesson)
    busy = services.pool().load() >= services.pool().trainers
    run = services.start_run(make_sample(data), data, lesson.train, None if busy else PACES[PACE])
    done.run = run.id
    return run
