"""The start page: the thing itself, moving; then what it is, and one button that does it all."""

import streamlit as st

from core.compare.comparison import WHICH
from core.data import make_sample
from core.run.names import LONGEST
from core.settings import PACE, PACES, DataSettings, TrainSettings
from pages.ui import frame, glossary, live, services, tracks
from pages.ui.plain import plain
from pages.ui.state import state
from pages.ui.timemachine import timemachine

frame.require()


def moving() -> bool:
    """A real run of the recipe in small; whether it has still to be made."""
    run = services.recipe_run()
    if run is None:
        st.caption("Workers are starting; in a few seconds a small model will be trained here, for real.")
        return True
    timemachine(tracks.miniature_view(run), key="miniature")
    st.caption(
        "A run of the recipe: 100 passes over 201 noisy points, a checkpoint after each. Every curve comes "
        "from its checkpoint file; drag the slider. Dashed and diamond: the truth; dotted and cross: the "
        "least-squares optimum; circle: the start; disc: the checkpoint."
    )
    return False


def yours() -> None:
    """What a returning visitor did last, and how to go on."""
    mine = services.my_runs()
    if not mine:
        return
    st.subheader("Where you were")
    for manifest in mine[:3]:
        if st.button(
            f"{plain(services.name_of(manifest), LONGEST)}, {manifest.status}",
            icon=":material/history:",
            key=f"go-{manifest.id}",
        ):
            services.look_at(manifest.id)
            st.switch_page("pages/history.py")
    st.page_link("pages/runs.py", label=f"All your runs ({len(mine)})", icon=":material/table_rows:")


st.title("Checkpoint Explorer")
st.markdown("**See how a TensorFlow model is saved and restored.**")
live.show("Start", moving, services.recipe_run() is None, 1.0)
left, right = st.columns([3, 2])
with left:
    st.markdown(
        f"""
1. A tiny model, the parabola y = (x − h)² + v, is trained on noisy points whose h and v you set.
2. After *every* pass over the points a TensorFlow `Saver` writes a checkpoint to disk, three
   files: the values of h and v, an index of where each of them lies, and the graph that computes y.
3. A slider takes you back through those files, and the fitted curve follows your hand.
4. Then compare: {WHICH}.
"""
    )
    glossary.explained("checkpoint", "graph", "Saver", "SavedModel")
with right:
    if st.button(
        "Run the recipe and look back",
        type="primary",
        icon=":material/play_arrow:",
        key="run-recipe",
        help="h = 1, v = −2, noise 0.4, 201 points, 100 iterations of gradient descent",
    ):
        data = DataSettings()
        state().data, state().train = data, TrainSettings()  # what the link says of the next run
        services.start_run(make_sample(data), data, TrainSettings(), PACES[PACE])
        st.switch_page("pages/history.py")
    st.caption(
        "The recipe is a published walk-through of saving in TensorFlow: its numbers are this application's "
        "defaults. Its Saver keeps the last five checkpoints; here all stay, to look back at. It takes a few "
        "seconds. Or begin with your own numbers on the page Data."
    )
    st.page_link(
        "pages/lessons.py",
        label="Lessons: a guided way through, twenty minutes each",
        icon=":material/school:",
    )
    yours()
