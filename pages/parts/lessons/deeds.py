"""What each action of a lesson does, with the views and jobs of the other pages, and the facts of it.

A function has the name of its record in `core.lessons.actions`. It returns None until its action was done.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import streamlit as st

from core.bundle import read_index, read_values
from core.checkpoint import DATA, INDEX, META, STATE_FILE
from core.compare.formats import BUILT_IN, GRAPH, SIGNATURES
from core.files import listing, state_file
from core.gallery.cards import Outcome, cards
from core.lessons import facts as lesson_facts
from core.lessons.facts import Facts
from core.lessons.lesson import Deed, Lesson, Question
from core.pool import jobs
from core.retention.retention import NO, RetentionSettings
from core.retention.saver_options import Match
from core.run.runs import Run
from core.training.resume import Interruption
from core.words import as_code
from pages.parts.lessons import drawing, repairing, together
from pages.parts.lessons.language import label, say, size, speaking, spoken
from pages.parts.lessons.progress import Progress
from pages.ui import comparing, services, tracks
from pages.ui.timemachine import timemachine

T = TypeVar("T")

_LONG = 180.0  # seconds for what trains three times, or keeps a model in five ways


@dataclass
class Doing:
    """One step's action, as it is being done.

    Attributes:
        deed: what is to be done.
        lesson, progress: whose it is.
        number: the step's.
        run: the lesson's run; None for actions that need none.
        ran: when its jobs ran, in seconds since 1970; 0 before.
    """

    deed: Deed
    lesson: Lesson
    progress: Progress
    number: int
    run: Run | None
    ran: float = 0.0

    def parameter(self, name: str) -> str:
        return self.deed.parameters[name]

    @property
    def trained(self) -> Run:
        assert self.run is not None, "this action is asked for with a run"
        return self.run

    @property
    def repair(self) -> Question | None:
        """Which line is missing after a failure; None where nothing fails."""
        return self.lesson.step(self.number).repair

    @property
    def is_done(self) -> bool:
        return self.number in self.progress.done

    def repaired(self) -> bool:
        """Whether the fix is to be seen; until then the learner is asked for it."""
        return repairing.chosen(self.repair, self.progress, self.number)

    def pressed(self) -> bool:
        """Whether the button that does it was pressed; it is drawn until then."""
        if not self.is_done and st.button(
            say(f"do_{self.deed.name}"), type="primary", icon=":material/play_arrow:", key=f"do-{self.number}"
        ):
            self.progress.done.add(self.number)
            st.rerun()
        return self.is_done

    def result_of(self, job: Callable[..., T], *arguments: Any, waiting: str = "running", **more: Any) -> T:
        """The answer of a job; `more` as `together.result_of` takes it."""
        with st.spinner(say(waiting)):
            found, self.ran = together.result_of(job, *arguments, **more)
        return found


def train(doing: Doing) -> Facts | None:
    return lesson_facts.of_run(doing.trained, tracks.history_of(doing.trained)) | {
        "data_bytes": lesson_facts.of_data(doing.trained, "model_final")["bytes"]
    }


def history(doing: Doing) -> Facts | None:
    """The slider; it is done when it rests at the checkpoint."""
    run, name = doing.trained, doing.parameter("checkpoint")
    facts = lesson_facts.of_history(tracks.history_of(run), name)
    wanted = int(facts["step"])  # type: ignore[arg-type]
    place = f"lesson-slider-{run.id}-{doing.number}"
    step, revision = st.session_state.get(place, (None, 0))
    above = st.empty()
    if step != wanted and st.button(
        say("take_me", name=name), icon=":material/history:", key=f"do-{doing.number}"
    ):
        doing.progress.done.add(doing.number)
        st.session_state[place] = wanted, revision + 1
        st.rerun()
    view = speaking(tracks.history_view(run, step=step, revision=revision, live=False))
    rested = timemachine(view, key=f"lesson-history-{run.id}-{doing.number}-{spoken()}")
    seen = f"lesson-rested-{run.id}-{doing.number}"
    if rested is not None and st.session_state.get(seen) != rested:
        st.session_state[seen] = step = rested
    st.session_state[place] = step, revision
    if step == wanted:
        above.markdown(say("there", name=name))
        return facts
    hint = "" if step is None else say("not_yet", found=step, wanted=wanted)
    above.markdown(f"{say('drag_to', name=name)} {hint}")
    return facts if doing.is_done else None


def files(doing: Doing) -> Facts | None:
    if not doing.pressed():
        return None
    run, name = doing.trained, doing.parameter("checkpoint")
    found = [each for each in listing.list_files(run) if each.folder == "checkpoints"]
    drawing.folder(found, name)
    return lesson_facts.of_files(run, name)


def file(doing: Doing) -> Facts | None:
    run, name, kind = doing.trained, doing.parameter("checkpoint"), doing.parameter("kind")
    endings = {"data": DATA, "values": DATA, "index": INDEX, "meta": META}
    st.markdown(say("this_file", name=name + endings[kind] if kind in endings else STATE_FILE))
    if not doing.pressed():
        return None
    if kind == "data":
        drawing.data(run, name)
        return lesson_facts.of_data(run, name)
    if kind == "index":
        drawing.index(read_index(run.checkpoints / name))
        return lesson_facts.of_index(run, name)
    if kind == "values":
        values = read_values(run.checkpoints / name)
        rows = [(as_code(each), f"{float(value):.6g}") for each, value in values.items()]
        drawing.table(("name", "value"), rows)
        return lesson_facts.of_values(run, name)
    if kind == "checkpoint":
        drawing.state(state_file.read_state(run.checkpoints))
        return lesson_facts.of_state(run, name)
    found = doing.result_of(jobs.decode_meta, str(run.directory), name, about=together.bytes_of(run, name))
    # A name may break after a slash: three columns have to fit a telephone.
    formula = [
        tuple(as_code(each.replace("/", "/\u200b")) if each else "" for each in row) for row in found.formula
    ]
    drawing.table(("operation", "its kind", "what it takes"), formula)
    st.caption(say("formula_of", count=len(formula)))
    return lesson_facts.of_meta(name, found)


def card(doing: Doing) -> Facts | None:
    """One card of the error gallery: broken, then fixed."""
    shown = next(each for each in cards() if each.slug == doing.parameter("card"))
    drawing.code(shown.fail_source)
    if not doing.pressed():
        return None
    failed = doing.result_of(jobs.try_card, shown.slug, "fail")
    fixed = doing.result_of(jobs.try_card, shown.slug, "fix")
    rows = {name: row for name, row in doing.deed.parameters.items() if name in lesson_facts.CARD_ROWS}
    _outcome(failed, shown.message, rows.values())
    if doing.repaired():
        drawing.code(shown.fix_source)
        _outcome(fixed, shown.message, rows.values())
    return lesson_facts.of_card(shown, failed, fixed, rows)


def _outcome(found: Outcome, telling: str, named: Collection[str]) -> None:
    """TensorFlow's own line that tells, or what was seen: of the rows those that the lesson names, if any."""
    if found.error:
        _refused(found.error, found.message, telling)
    else:
        rows = [row for row in found.seen.items() if row[0] in named] or list(found.seen.items())
        drawing.table(("what", "seen"), [(what, drawing.seen(value)) for what, value in rows])


def _refused(error: str, message: str, telling: str) -> None:
    """TensorFlow's exception, and of its message the line that tells."""
    line = next((each.strip() for each in message.splitlines() if telling in each), message)
    st.error(f"**{as_code(error)}**", icon=":material/error:")
    st.code(line, language=None, wrap_lines=True)


def keep(doing: Doing) -> Facts | None:
    if not doing.pressed():
        return None
    settings = RetentionSettings(
        max_to_keep=int(doing.parameter("max_to_keep")), saves=int(doing.parameter("saves"))
    )
    if hours := doing.deed.parameters.get("every_hours"):
        settings = replace(settings, keep_checkpoint_every_n_hours=float(hours), final=NO)
    found = doing.result_of(jobs.keep, settings)
    drawing.kept(found)
    return lesson_facts.of_keep(found)


def trap(doing: Doing) -> Facts | None:
    if not doing.pressed():
        return None
    found = doing.result_of(jobs.spring, doing.parameter("trap"))
    drawing.sprung(found, 0)
    if len(found.variants) > 1 and doing.repaired():
        drawing.sprung(found, 1)
    return lesson_facts.of_trap(found)


def options(doing: Doing) -> Facts | None:
    """One way to save, restored in one way."""
    if not doing.pressed():
        return None
    matches = doing.result_of(jobs.match_all)
    saves = list(dict.fromkeys(match.saved for match in matches))
    restores = list(dict.fromkeys(match.restored for match in matches))
    saved, restored = (
        saves[int(doing.parameter("saved")) - 1],
        restores[int(doing.parameter("restored")) - 1],
    )
    match = next(each for each in matches if (each.saved, each.restored) == (saved, restored))
    _match(match)

    def tried(pairs: repairing.Pairs) -> bool:
        with st.spinner(say("running")):
            found = services.result_of(jobs.match_written, pairs)
        if not found.restores_all:
            _match(found)
        return found.restores_all

    pairs = repairing.typed(doing.repair, doing.progress, doing.number, tried)
    if pairs and doing.repair is not None:
        _match(doing.result_of(jobs.match_written, pairs))
    return lesson_facts.of_options(match)


def _match(match: Match) -> None:
    """How it was restored, what TensorFlow said, and the value of each variable."""
    saver = match.restored.removeprefix("same names, ").removeprefix("other names, ")
    st.code(f"{saver}.restore(session, prefix)", language="python", wrap_lines=True)
    if match.error:
        kind, _, message = match.error.partition(": ")
        telling = next((name for name in match.missing if f"Key {name} " in message), "")
        _refused(kind, message, f"Key {telling} ")
    values = [say("no_value") if x is None else f"{x:.6g}" for x in match.values.values()]
    drawing.table(("variable", "value"), list(zip(map(as_code, match.values), values, strict=True)))


def interrupt(doing: Doing) -> Facts | None:
    if not doing.pressed():
        return None
    run = doing.trained
    after = int(doing.parameter("after"))
    settings = replace(doing.lesson.train, optimizer=doing.parameter("optimizer"))
    more = doing.deed.parameters
    if "updates" in more:
        settings = replace(settings, batch=0)  # one update per iteration, of all points
    if "rate" in more:
        settings = replace(settings, learning_rate=float(more["rate"]))
    about = (*together.bytes_of(run, "model_final"), settings, after)
    found: Interruption = doing.result_of(
        jobs.interrupt, str(run.directory), settings, after, False, about=about, seconds=_LONG
    )
    value = "cost" if "updates" in more else found.without_slots.variable
    if doing.parameter("show") != "everything":
        drawing.interrupted(found, value, [found.with_slots])
    elif doing.repair is None:
        drawing.interrupted(found, value, [found.with_slots, found.without_slots])
    else:
        drawing.interrupted(found, value, [found.without_slots])
        if doing.repaired():
            drawing.interrupted(found, value, [found.with_slots])
    return lesson_facts.of_interruption(found)


def compare(doing: Doing) -> Facts | None:
    if not doing.pressed():
        return None
    run, name = doing.trained, doing.parameter("checkpoint")
    found = doing.result_of(jobs.compare, str(run.directory), name, about=together.bytes_of(run, name))
    saved = found.saved_model
    if doing.parameter("part") == "folder":
        drawing.table(("file", "size"), [(as_code(each), size(count)) for each, count in saved.files.items()])
    else:
        signatures = [(f"signature {key}", as_code(names)) for key, names in saved.signatures.items()]
        tags = ("tag", ", ".join(map(as_code, saved.tags)))
        drawing.table(("SavedModel", "answer"), [tags, *signatures])
        with st.expander(say("whole_code")):
            st.code(comparing.call(saved), language="python", wrap_lines=True)
    return lesson_facts.of_comparison(found)


def weight(doing: Doing) -> Facts | None:
    if not doing.pressed():
        return None
    found = doing.result_of(jobs.weigh, doing.parameter("optimizer"))
    rows = [
        (as_code(each.name), as_code(" × ".join(map(str, each.shape)) or "1"), each.bytes)
        for each in found.stored
    ]
    drawing.table(("name", "shape", "bytes"), rows)
    drawing.code(found.code)
    return lesson_facts.of_weight(found)


def objects(doing: Doing) -> Facts | None:
    if not doing.pressed():
        return None
    found = doing.result_of(jobs.by_object)
    drawing.code(found.save_code)
    drawing.code(found.restore_code)
    st.code("\n".join(found.keys), language=None)
    return lesson_facts.of_objects(found)


def ways(doing: Doing) -> Facts | None:
    if not doing.pressed():
        return None
    run, name = doing.trained, doing.parameter("checkpoint")
    asked: dict[str, Any] = {
        "about": together.bytes_of(run, name),
        "seconds": _LONG,
        "waiting": "running_long",
    }
    found = doing.result_of(jobs.try_all_ways, str(run.directory), name, **asked)
    built_in = doing.result_of(jobs.try_built_in, str(run.directory), name, **asked)
    facts = lesson_facts.of_ways(found, built_in)
    unaided = facts["unaided"]
    assert isinstance(unaided, tuple)
    predicts = {each.title: bool(each.findings[GRAPH].kept) for each in found.ways}
    drawing.table(
        ("way", "without our code"),
        [
            (
                title,
                say("predicts_unaided")
                if title in unaided
                else say("predicts_with_names" if possible else "predicts_not"),
            )
            for title, possible in {**predicts, BUILT_IN: built_in.predicts}.items()
        ],
    )
    with st.expander(say("whole_table")):
        heads = ("way", GRAPH, SIGNATURES, "files", "bytes")
        drawing.table(
            heads,
            [
                (
                    each.title,
                    *(each.findings[question].mark for question in (GRAPH, SIGNATURES)),
                    len(each.files),
                    each.bytes,
                )
                for each in found.ways
            ],
        )
    return facts | {"unaided": tuple(map(label, unaided))}
