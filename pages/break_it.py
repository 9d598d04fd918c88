"""Every classic failure, live: what people do, what TensorFlow says, why, and the repair."""

import re

import streamlit as st

from core.jobs import JobFailed, try_card
from core.lab import Card, Outcome, cards, find
from pages.shared import frame, services

frame.require()

TRACE = re.compile(r"\n+.*(Original stack trace|Defined at \(most recent call last\))", re.DOTALL)


def show(card: Card, *, opened: bool) -> None:
    """One card: the failure above, its repair below, each with a button that runs it."""
    kind = card.error or "silent"
    with st.expander(f"**{card.number}. {card.title}** · {kind}", expanded=opened):
        st.markdown(card.asked)
        code(card, card.fail_source)
        action(card, "fail", "Break it", ":material/bolt:")
        st.markdown(f"**Why.** {card.why}")
        st.markdown(f"**The repair.** {card.repair}")
        code(card, card.repair_source)
        action(card, "repair", "Repair it", ":material/build:")
        st.markdown(f"**Notice it earlier.** {card.earlier}")


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
    if st.button(label, icon=icon, key=key, type="primary" if name == "fail" else "secondary"):
        try:
            with st.spinner("Running in a temporary directory of its own…"):
                kept[key] = services.result_of(try_card, card.slug, name)
        except (JobFailed, TimeoutError) as error:
            st.warning(str(error), icon=":material/warning:")
            return
    if key in kept:
        outcome(card, kept[key])


def outcome(card: Card, found: Outcome) -> None:
    """TensorFlow's own words, or what was silently wrong, or what the repair gave."""
    took = f"{found.seconds * 1000:.0f} ms, for real"
    if found.error:
        message = _without_trace(found.message, card.message)
        st.error(f"**{found.error}** ({took})", icon=":material/error:")
        st.code(message, language=None, wrap_lines=True)
        if message != found.message:
            with st.popover("TensorFlow's whole message"):
                st.code(found.message, language=None, wrap_lines=True)
    else:
        failed = found.action == "fail"
        words = "No error, and yet it is wrong" if failed else "It works"
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


st.title("Break it")
st.caption(
    "Every classic failure of saving and restoring. Each card runs the real code in a temporary "
    "directory of its own; nothing here can touch a run."
)
text = st.text_area(
    "Paste an error message, or a few words",
    placeholder="NotFoundError: Key hor_estimate_1 not found in checkpoint",
    height=80,
    key="lab-search",
)
found = find(text, cards())
if not found:
    st.info(
        "No card knows these words. Try fewer of them, best those that stand right after the "
        "exception's name.",
        icon=":material/search_off:",
    )
elif text.strip():
    st.caption(f"{len(found)} of {len(cards())} cards, the best match first.")
for place, card in enumerate(found):
    show(card, opened=bool(text.strip()) and place == 0)
