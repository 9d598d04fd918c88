"""Every classic failure, live: what TensorFlow says, why, how to know that it is yours, and the fix."""

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from core.gallery.cards import BEGIN, GROUPS, Card, Outcome, cards, related
from core.gallery.known import Message
from core.gallery.names import with_names
from core.gallery.search import Found, Match, find
from core.pool.jobs import JobFailed, try_card
from pages.parts.gallery import search_as_typed
from pages.ui import frame, glossary, header, lab_links, links, services

frame.require()

TRACE = re.compile(r"\n+.*(Original stack trace|Defined at \(most recent call last\))", re.DOTALL)
SEARCH = "lab-search"


def show(card: Card, *, opened: bool, ask: str = "", yours: str = "") -> None:
    """One card: the message, its cause, how to know it, the fix; two buttons run the failure and the fix.

    `ask` is the question that decides whether the pasted message has this cause.
    """
    with st.expander(heading(card), expanded=opened):
        if ask:
            st.markdown(f"**It is this if yes:** {ask}")
        st.code(
            f"{card.error}: {card.message}" if card.error else card.message, language=None, wrap_lines=True
        )
        st.markdown(card.why)
        st.markdown(f"**Is it yours?** {card.check}")
        if card.recorded:
            st.info(card.recorded, icon=":material/history_edu:")
        st.markdown(f"**Fix.** {card.fix}")
        if yours:
            st.markdown("**The fix with the names in your message**")
            st.code(yours, language="python", wrap_lines=True)
        code(card, card.fix_source)
        action(card, "fix", "Run the fix", ":material/build:")
        st.markdown("**The failure**")
        code(card, card.fail_source)
        action(card, "fail", "Break it", ":material/bolt:")
        if card.ran_with:
            st.caption("Last run with " + _listed(card.ran_with) + ".")
        if card.more:
            with st.popover("More", icon=":material/more_horiz:"):
                st.markdown(card.more)
        glossary.explained_in(" ".join((card.title, card.why, card.check, card.fix, card.more)))
        see_also(card)


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{package} {version}" for package, version in versions.items())


def heading(card: Card) -> str:
    """A card's title and what it raises; brackets in a title are no markup."""
    title = re.sub(r"([\[\]*])", r"\\\1", card.title)
    return f"**{card.number}. {title}** · {card.error or 'silent'}"


def see_also(card: Card) -> None:
    """Links to the pages and cards that are about the same."""
    st.markdown("**See also**")
    for name in card.related:
        lab_links.to_page(name)
    for other in related(card):
        choose(other, f"related-{card.slug}-{other.slug}")


def choose(card: Card, key: str) -> None:
    """A button that shows the card, and nothing else."""
    st.button(
        heading(card),
        key=key,
        type="tertiary",
        icon=":material/chevron_right:",
        on_click=_choose,
        args=(card.slug,),
    )


def _choose(slug: str) -> None:
    links.choose(card=slug)
    st.session_state[SEARCH] = ""


def code(card: Card, source: str) -> None:
    """The code that the button runs, and what had to be there before it."""
    st.code(source, language="python", wrap_lines=True)
    before = "\n\n\n".join(part for part in (card.setup_source, card.prepare_source) if part)
    with st.popover("What runs before it", icon=":material/code:"):
        st.code(before, language="python", wrap_lines=True)


def action(card: Card, name: str, label: str, icon: str) -> None:
    """A button that runs one action for real, and what it did."""
    kept = st.session_state.setdefault("lab-outcomes", {})
    key = f"{name}-{card.slug}"
    pressed = st.button(label, icon=icon, key=key, type="primary" if name == "fail" else "secondary")
    if pressed or services.is_unanswered(try_card, card.slug, name):
        try:
            with st.spinner("Running in a temporary folder…"):
                kept[key] = services.result_of(try_card, card.slug, name)
        except (JobFailed, TimeoutError) as error:
            st.warning(str(error), icon=":material/warning:")
            return
    if key in kept:
        outcome(card, kept[key])


def outcome(card: Card, found: Outcome) -> None:
    """TensorFlow's own words, or what was silently wrong, or what the fix gave."""
    took = f"{found.seconds * 1000:.0f} ms, {_listed(found.versions)}"
    if found.error:
        message = _without_trace(found.message, card.message)
        st.error(f"**{found.error}** ({took})", icon=":material/error:")
        st.code(message, language=None, wrap_lines=True)
        if message != found.message:
            with st.popover("TensorFlow's whole message"):
                st.code(found.message, language=None, wrap_lines=True)
    else:
        failed = found.action == "fail"
        words = "No error, but the result is wrong" if failed else "It works"
        (st.warning if failed else st.success)(
            f"{words} ({took}).", icon=":material/visibility:" if failed else ":material/check:"
        )
        st.dataframe(
            {"what": list(found.seen), "seen": list(found.seen.values())}, height="content", row_height=35
        )


def _without_trace(message: str, telling: str) -> str:
    """TensorFlow's message without the stack trace inside it, but with the line that tells."""
    short = TRACE.split(message)[0]
    if telling in short:
        return short
    line = next((line.strip() for line in message.splitlines() if telling in line), "")
    return f"{short}\n\n{line}".strip()


def results(text: str, found: Found) -> None:
    """What a text is about: the causes of its message, a known message without a card, or cards by
    likeness.
    """
    if found.kind == "nothing":
        st.info(
            "No known message of saving or loading is in this text. Paste the last lines of the traceback.",
            icon=":material/search_off:",
        )
    elif found.kind == "known":
        for message in found.known:
            known(message)
    elif found.kind == "question":
        st.caption("Found by likeness to your words. A pasted error message is found exactly.")
    asked = causes(found.matches) if found.kind == "message" else ()
    for place, match in enumerate(found.matches):
        ask = "" if match.decided or match in asked else match.ask
        show(match.card, opened=place == 0, ask=ask, yours=with_names(match.card, text))


def causes(matches: Sequence[Match]) -> Sequence[Match]:
    """How to tell the causes of one message apart, when the text does not decide: those that it names."""
    same = [match for match in matches if match.message == matches[0].message and match.ask]
    if matches[0].decided:
        st.caption("Your text has the answer: it is the first card.")
    elif len(same) > 1:
        st.markdown(f"**This message has {len(same)} causes here. Which is yours?**")
        st.markdown("\n".join(f"- {match.ask} Card {match.card.number}." for match in same))
        return same
    return ()


def known(message: Message) -> None:
    """A message that is known and has no card: where it is raised, in which versions, and what is checked
    there.
    """
    raises = {"warning": "A warning", "log": "A line of the log"}.get(message.raises, message.raises)
    st.info("This message is known, but no card explains it yet.", icon=":material/info:")
    st.code(str(message.template), language=None, wrap_lines=True)
    rows = {
        "Raised as": raises,
        "Raised in": message.where,
        "Raised when": message.check,
        "Versions": message.seen_in(),
    }
    st.dataframe(
        {"Detail": [name for name in rows if rows[name]], "Value": [text for text in rows.values() if text]},
        height="content",
        row_height=35,
    )


def overview() -> None:
    """Where to begin, and all cards by their kind."""
    by_slug = {card.slug: card for card in cards()}
    st.subheader("Where to begin")
    st.caption("Common first-week mistakes, and failures without an error message.")
    for slug in BEGIN:
        choose(by_slug[slug], f"begin-{slug}")
    for group, called in GROUPS.items():
        inside = [card for card in cards() if card.group == group]
        with st.expander(f"{called} ({len(inside)} cards)"):
            for card in inside:
                choose(card, f"all-{card.slug}")


header.show(
    "Error gallery",
    f"{len(cards())} failures of saving and restoring, with causes, and fixes that you can run.",
    "Paste an error message.",
)
asked = links.chosen("card")
chosen = next((card for card in cards() if card.slug == asked), None)
text = search_as_typed.text_area(
    "Paste an error message, or a few words",
    placeholder="NotFoundError: Key hor_estimate_1 not found in checkpoint",
    height=80,
    key=SEARCH,
    shown=chosen.slug if chosen else "",
)
if text.strip():
    found = find(text, cards())
    links.choose(card=found.matches[0].card.slug if found.matches else "")
    results(text, found)
elif chosen:
    st.button("All cards", icon=":material/arrow_back:", on_click=_choose, args=("",), key="lab-all")
    show(chosen, opened=True)
else:
    overview()
