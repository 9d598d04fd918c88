"""What a learner does in a step: the very views and jobs of the other pages, and what comes of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import streamlit as st

from core.bundle import read_index, read_values
from core.checkpoint import DATA, INDEX, META, STATE_FILE, CheckpointError
from core.compare.formats import BUILT_IN, CODE, GRAPH, SIGNATURES, SLOTS
from core.files import listing, state_file
from core.gallery.cards import Outcome, cards
from core.lessons import facts as lesson_facts
from core.lessons.facts import Facts
from core.lessons.lesson import Deed, Lesson, Question
from core.pool import jobs
from core.pool.jobs import JobFailed
from core.retention.retention import NO, RetentionSettings
from core.retention.saver_options import Match
from core.run.runs import Run, RunNotFound
from core.training.resume import Interruption
from core.training.step import TrainingError
from core.words import in_bytes
from pages.parts.files.protocol_buffer import open_protocol_buffer
from pages.parts.lessons import drawing, repairing, together, training
from pages.parts.lessons.language import say
from pages.parts.lessons.progress import Progress
from pages.ui import all_ways, comparing, services, tracks
from pages.ui.plain import sentence
from pages.ui.timemachine import timemachine

_LONG = 180.0  # seconds for what trains three times, or keeps a model in five ways
_PROBLEMS = (CheckpointError, RunNotFound, JobFailed, TrainingError, TimeoutError)


@dataclass(frozen=True)
class Doing:
    """One step's action, as it is being done.

    Attributes:
        deed: what is to be done.
        lesson, progress: whose it is.
        number: the step's.
        run: the lesson's run; None for actions that need none.
        repair: which line is missing after a failure; None where nothing fails.
    """

    deed: Deed
    lesson: Lesson
    progress: Progress
    number: int
    run: Run | None
    repair: Question | None = None

    def parameter(self, name: str) -> str:
        return self.deed.parameters[name]

    @property
    def trained(self) -> Run:
        assert self.run is not None, "this action is asked for with a run"
        return self.run

    @property
    def is_done(self) -> bool:
        return self.number in self.progress.done

    def pressed(self, label: str) -> bool:
        """The button that does it, until it was pressed; whether it was."""
        if not self.is_done and st.button(
            say(label), type="primary", icon=":material/play_arrow:", key=f"do-{self.number}"
        ):
            self.progress.done.add(self.number)
            st.rerun()
        return self.is_done


def act(deed: Deed, lesson: Lesson, progress: Progress, number: int) -> Facts | None:
    """Let the learner do it; the facts when it was done, None before.

    Where something fails, the fix is drawn as soon as the learner has found the missing line.
    """
    try:
        run = None
        if deed.action.trained:
            run = training.trained(lesson, progress, training_is_the_step=deed.name == "train")
            if run is None:
                return None
        facts = _DEEDS[deed.name](Doing(deed, lesson, progress, number, run, lesson.step(number).repair))
    except _PROBLEMS as error:
        progress.done.discard(number)
        st.warning(sentence(error), icon=":material/warning:")
        st.button(say("try_again"), icon=":material/refresh:", key=f"try-again-{number}")
        return None
    if facts is not None:
        progress.done.add(number)
    return facts


def _train(doing: Doing) -> Facts | None:
    return lesson_facts.of_run(doing.trained, tracks.history_of(doing.trained)) | {
        "data_bytes": lesson_facts.of_data(doing.trained, "model_final")["bytes"]
    }


def _history(doing: Doing) -> Facts | None:
    """The slider; it is done when it rests at the checkpoint."""
    run, name = doing.trained, doing.parameter("checkpoint")
    history = tracks.history_of(run)
    facts = lesson_facts.of_history(history, name)
    wanted = int(facts["step"])  # type: ignore[arg-type]
    place = f"lesson-slider-{run.id}-{doing.number}"
    step, revision = st.session_state.get(place, (None, 0))
    above = st.empty()
    if not doing.is_done and st.button(
        say("take_me", name=name), icon=":material/history:", key=f"do-{doing.number}"
    ):
        step, revision = wanted, revision + 1
    view = tracks.history_view(run, step=step, revision=revision, live=False)
    rested = timemachine(view, key=f"lesson-history-{run.id}-{doing.number}")
    seen = f"lesson-rested-{run.id}-{doing.number}"
    if rested is not None and st.session_state.get(seen) != rested:
        st.session_state[seen] = step = rested
    st.session_state[place] = step, revision
    if step == wanted or doing.is_done:
        above.markdown(say("there", name=name))
        return facts
    hint = "" if step is None else say("not_yet", found=step, wanted=wanted)
    above.markdown(f"{say('drag_to', name=name)} {hint}")
    return None


def _files(doing: Doing) -> Facts | None:
    if not doing.pressed("do_files"):
        return None
    run, name = doing.trained, doing.parameter("checkpoint")
    files = [each for each in listing.list_files(run) if each.folder == "checkpoints"]
    drawing.folder(files, name)
    return lesson_facts.of_files(run, name)


def _file(doing: Doing) -> Facts | None:
    run, name, kind = doing.trained, doing.parameter("checkpoint"), doing.parameter("kind")
    endings = {"data": DATA, "values": DATA, "index": INDEX, "meta": META}
    file = name + endings[kind] if kind in endings else STATE_FILE
    st.markdown(say("this_file", name=file))
    if not doing.pressed("do_file"):
        return None
    if kind == "data":
        drawing.data(run, name)
        return lesson_facts.of_data(run, name)
    if kind == "index":
        drawing.index(read_index(run.checkpoints / name))
        return lesson_facts.of_index(run, name)
    if kind == "values":
        values = read_values(run.checkpoints / name)
        drawing.table(("name", "value"), [(each, f"{float(value):.6g}") for each, value in values.items()])
        return lesson_facts.of_values(run, name)
    if kind == "checkpoint":
        drawing.state(state_file.read_state(run.checkpoints))
        return lesson_facts.of_state(run, name)
    found, _ = together.result_of(
        jobs.decode_meta, str(run.directory), name, about=together.bytes_of(run, name)
    )
    drawing.table(("operation", "its kind", "what it takes"), found.formula)
    st.caption(say("formula_of", count=len(found.formula)))
    with st.expander(say("whole_graph")):
        open_protocol_buffer(run, name, "meta")
    return lesson_facts.of_meta(name, found)


def _card(doing: Doing) -> Facts | None:
    """One card of the error gallery: broken, then fixed."""
    card = next(each for each in cards() if each.slug == doing.parameter("card"))
    drawing.code(card.fail_source)
    if not doing.pressed("do_card"):
        return None
    with st.spinner(say("running")):
        failed, when = together.result_of(jobs.try_card, card.slug, "fail")
        fixed, _ = together.result_of(jobs.try_card, card.slug, "fix")
    rows = {name: row for name, row in doing.deed.parameters.items() if name in lesson_facts.CARD_ROWS}
    _outcome(failed, card.message, rows.values())
    if repairing.chosen(doing.repair, doing.progress, doing.number):
        drawing.code(card.fix_source)
        _outcome(fixed, card.message, rows.values())
    _when(when)
    return lesson_facts.of_card(card, failed, fixed, rows)


def _outcome(found: Outcome, telling: str, named: Collection[str]) -> None:
    """TensorFlow's own line that tells, or what was seen: of the rows those that the lesson names, if any."""
    if found.error:
        _refused(found.error, found.message, telling)
    else:
        rows = [row for row in found.seen.items() if row[0] in named] or list(found.seen.items())
        drawing.table(("what", "seen"), rows)


def _refused(error: str, message: str, telling: str) -> None:
    """TensorFlow's exception, and of its message the line that tells."""
    line = next((each.strip() for each in message.splitlines() if telling in each), message)
    st.error(f"**{error}**", icon=":material/error:")
    st.code(line, language=None, wrap_lines=True)


def _keep(doing: Doing) -> Facts | None:
    if not doing.pressed("do_keep"):
        return None
    settings = RetentionSettings(
        max_to_keep=int(doing.parameter("max_to_keep")), saves=int(doing.parameter("saves"))
    )
    if hours := doing.deed.parameters.get("every_hours"):
        settings = replace(settings, keep_checkpoint_every_n_hours=float(hours), final=NO)
    with st.spinner(say("running")):
        found, when = together.result_of(jobs.keep, settings)
    drawing.kept(found)
    _when(when)
    return lesson_facts.of_keep(found)


def _trap(doing: Doing) -> Facts | None:
    if not doing.pressed("do_trap"):
        return None
    with st.spinner(say("running")):
        found, when = together.result_of(jobs.spring, doing.parameter("trap"))
    drawing.sprung(found, 0)
    if len(found.variants) > 1 and repairing.chosen(doing.repair, doing.progress, doing.number):
        drawing.sprung(found, 1)
    _when(when)
    return lesson_facts.of_trap(found)


def _options(doing: Doing) -> Facts | None:
    """One way to save, restored in one way."""
    if not doing.pressed("do_options"):
        return None
    with st.spinner(say("running")):
        matches, when = together.result_of(jobs.match_all)
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
        with st.spinner(say("running")):
            _match(together.result_of(jobs.match_written, pairs)[0])
    _when(when)
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
    drawing.table(("variable", "value"), list(zip(match.values, values, strict=True)))


def _interrupt(doing: Doing) -> Facts | None:
    if not doing.pressed("do_interrupt"):
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
    found: Interruption
    with st.spinner(say("running")):
        found, when = together.result_of(
            jobs.interrupt, str(run.directory), settings, after, False, about=about, seconds=_LONG
        )
    value = "cost" if "updates" in more else found.without_slots.variable
    if doing.parameter("show") != "everything":
        drawing.interrupted(found, value, [found.with_slots])
    elif doing.repair is None:
        drawing.interrupted(found, value, [found.with_slots, found.without_slots])
    else:
        drawing.interrupted(found, value, [found.without_slots])
        if repairing.chosen(doing.repair, doing.progress, doing.number):
            drawing.interrupted(found, value, [found.with_slots])
    _when(when)
    return lesson_facts.of_interruption(found)


def _compare(doing: Doing) -> Facts | None:
    if not doing.pressed("do_compare"):
        return None
    run, name = doing.trained, doing.parameter("checkpoint")
    with st.spinner(say("running")):
        found, when = together.result_of(
            jobs.compare, str(run.directory), name, about=together.bytes_of(run, name)
        )
    if doing.parameter("part") == "folder":
        drawing.table(
            ("file", "size"), [(file, in_bytes(size)) for file, size in found.saved_model.files.items()]
        )
    else:
        signatures = [(f"signature {key}", names) for key, names in found.saved_model.signatures.items()]
        drawing.table(("SavedModel", "answer"), [("tag", ", ".join(found.saved_model.tags)), *signatures])
        with st.expander(say("whole_code")):
            st.code(comparing.call(found.saved_model), language="python", wrap_lines=True)
    _when(when)
    return lesson_facts.of_comparison(found)


def _weight(doing: Doing) -> Facts | None:
    if not doing.pressed("do_weight"):
        return None
    with st.spinner(say("running")):
        found, when = together.result_of(jobs.weigh, doing.parameter("optimizer"))
    rows = [
        (each.name, f"{' × '.join(map(str, each.shape)) or '1'}: {each.bytes} bytes") for each in found.stored
    ]
    drawing.table(("name", "shape and size"), rows)
    drawing.code(found.code)
    _when(when)
    return lesson_facts.of_weight(found)


def _objects(doing: Doing) -> Facts | None:
    if not doing.pressed("do_objects"):
        return None
    with st.spinner(say("running")):
        found, when = together.result_of(jobs.by_object)
    drawing.code(found.save_code)
    drawing.code(found.restore_code)
    st.code("\n".join(found.keys), language=None)
    _when(when)
    return lesson_facts.of_objects(found)


def _ways(doing: Doing) -> Facts | None:
    if not doing.pressed("do_ways"):
        return None
    run, name = doing.trained, doing.parameter("checkpoint")
    with st.spinner(say("running_long")):
        found, when = together.result_of(
            jobs.try_all_ways,
            str(run.directory),
            name,
            about=together.bytes_of(run, name),
            seconds=_LONG,
        )
        built_in, _ = together.result_of(
            jobs.try_built_in,
            str(run.directory),
            name,
            about=together.bytes_of(run, name),
            seconds=_LONG,
        )
    facts = lesson_facts.of_ways(found, built_in)
    unaided = facts["unaided"]
    assert isinstance(unaided, tuple)
    rows = [*((each.title, each.findings[GRAPH].kept) for each in found.ways), (BUILT_IN, built_in.predicts)]
    drawing.table(
        ("way", "without our code"),
        [
            (
                title,
                say("predicts_unaided")
                if title in unaided
                else say("predicts_with_names")
                if predicts
                else say("predicts_not"),
            )
            for title, predicts in rows
        ],
    )
    with st.expander(say("whole_table")):
        asked = [CODE, GRAPH, SIGNATURES, SLOTS, "files", "bytes"]
        st.dataframe(all_ways.table(found).T.rename_axis("way")[asked], height="content")
    _when(when)
    return facts


def _when(made: float) -> None:
    """When it ran: one of a class may have asked for the same before."""
    st.caption(say("ran_at", time=time.strftime("%H:%M:%S", time.gmtime(made))))


_DEEDS: dict[str, Callable[[Doing], Facts | None]] = {
    "train": _train,
    "history": _history,
    "files": _files,
    "file": _file,
    "card": _card,
    "keep": _keep,
    "trap": _trap,
    "options": _options,
    "interrupt": _interrupt,
    "compare": _compare,
    "weight": _weight,
    "objects": _objects,
    "ways": _ways,
}
