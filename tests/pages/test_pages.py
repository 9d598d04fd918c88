"""Every page says what to do when there is nothing yet, and shows what there is."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from core.data import make_sample
from core.pool.training import train_run
from core.run.manifest import DIVERGED, RUNNING
from core.run.runs import Run, Runs
from core.settings import DataSettings, TrainSettings
from pages.ui.glossary import jargon_of
from pages.ui.state import State, _apply, to_address
from tests.conftest import wait_until
from tests.pages.conftest import words

PAGES = sorted(path.stem for path in Path("pages").glob("*.py") if path.stem != "__init__")
LOOKING_BACK = ("history", "compare", "ways", "take_home", "files", "resume")
Open = Callable[..., AppTest]
Train = Callable[..., Run]


def field(test: AppTest, name: str) -> Any:
    """The widget of a setting."""
    (found,) = [
        each
        for each in (*test.number_input, *test.selectbox)
        if re.fullmatch(rf"setting-{name}-\d+", each.key)
    ]
    return found


def time_machine(test: AppTest) -> dict[str, object]:
    """What the page handed to the time machine."""
    protos = [each.proto for each in test.get("bidi_component")]
    (data,) = [json.loads(p.json) for p in protos if "optimum" in p.json]
    return dict(data)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_a_run(page: str, application: Open) -> None:
    test = application(page)
    assert not test.exception
    assert test.title
    assert len(words(test)) > 60


@pytest.mark.parametrize("page", LOOKING_BACK)
def test_a_page_that_looks_back_offers_to_train_first(page: str, application: Open) -> None:
    test = application(page)
    assert "train one first" in words(test)
    test.button(key="go-train").click().run()
    assert test.title[0].value == "Train"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_with_a_finished_run(page: str, application: Open, train: Train) -> None:
    test = application(page, train(iterations=6), step=3)
    assert not test.exception
    assert not test.error
    explained = re.findall(r"^\*\*([^*]+)\.\*\* .*$", words(test), re.MULTILINE)
    text = "\n".join(
        each.value
        for kind in (test.header, test.subheader, test.markdown, test.caption, test.info)
        for each in kind
        if not re.match(r"\*\*[^*]+\.\*\* ", each.value)
    )
    assert {*jargon_of(text)} <= {each[0].lower() + each[1:] for each in explained}
    links = [each.proto.label for each in test.get("page_link")]
    has_its_own = page in ("start", "lessons", "data", "sweep", "admin")
    assert has_its_own or any(label.startswith("Next: ") for label in links)


@pytest.mark.parametrize(
    ("page", "calls"),
    [
        ("train", ("v1.train.Saver(", "self.saver.save(")),
        ("history", ("import_meta_graph(", "saver.restore(opened")),
        ("resume", ("self.saver.restore(opened", "v1.train.Saver([model.h, model.v]).restore")),
    ],
)
def test_the_calls_that_a_page_is_about_stand_on_it(
    page: str, calls: tuple[str, ...], application: Open, train: Train
) -> None:
    code = "\n".join(each.value for each in application(page, train(iterations=2)).code)
    assert not [call for call in calls if call not in code]


@pytest.mark.parametrize("page", PAGES)
def test_every_page_survives_a_run_that_is_gone(page: str, application: Open, train: Train) -> None:
    run = train(iterations=1)
    run.directory.rename(run.directory.with_name("moved away"))
    test = application(page, run, mine=False)
    assert not test.exception
    if page in LOOKING_BACK:
        assert f"There is no run '{run.id}' here" in words(test)


def test_a_run_that_cannot_be_read_is_told_to_its_owner_and_breaks_nobodys_page(
    application: Open, train: Train
) -> None:
    run, other = train(iterations=1), train(iterations=2)
    test = application("start", other)
    run.update(owner="me", name="my first")
    assert len(Runs(run.directory.parent).manifests("me")) == 2
    (run.directory / "run.json").unlink()
    (run.directory / "run.json").mkdir()
    Runs(run.directory.parent).index.refresh(now=True)
    test.run()
    assert not test.exception
    assert not test.error
    assert "The run.json of “my first” cannot be read (Is a directory)" in words(test)
    assert len(test.sidebar.selectbox[0].options) == 1


@pytest.mark.parametrize("page", PAGES)
def test_every_page_survives_a_run_without_checkpoints(page: str, application: Open, train: Train) -> None:
    run = train(learning_rate=9.0)
    assert run.manifest().status == DIVERGED
    test = application(page, run)
    assert not test.exception


def test_the_start_page_runs_the_recipe_and_lands_on_history(application: Open, empty_runs: Runs) -> None:
    test = application()
    test.button(key="run-recipe").click().run()
    assert test.title[0].value == "History"
    (manifest,) = empty_runs.manifests()
    assert (manifest.data, manifest.train) == (DataSettings(), TrainSettings())
    wait_until(lambda: empty_runs.manifests()[0].status == "finished")


def test_the_chart_follows_the_data_at_once(application: Open) -> None:
    test = application("data")
    field(test, "h").set_value(2.5).run()
    field(test, "noise").set_value(0.0).run()
    spec = json.loads(test.get("plotly_chart")[0].proto.spec)
    names = [trace["name"] for trace in spec["data"]]
    assert names == ["data", "truth (h 2.5, v -2)", "least-squares optimum (h 2.5, v -2)"]
    assert "h 2.5000, v -2.0000" in words(test)


def test_an_impossible_range_is_one_sentence_and_nothing_is_lost(application: Open) -> None:
    test = application("data")
    field(test, "h").set_value(3.0).run()
    field(test, "x_min").set_value(50.0).run()
    assert [each.value for each in test.error] == ["x from is 50 and x to is 4; x from must be the smaller."]
    assert field(test, "x_min").value == -2.0
    assert field(test, "h").value == 3.0


def test_back_to_the_recipe_puts_every_setting_back(application: Open) -> None:
    test = application("data", h="5", seed="9")
    assert field(test, "h").value == 5.0
    test.button(key="reset-data").click().run()
    assert test.session_state["explorer"].data == DataSettings()
    assert field(test, "h").value == 1.0


def test_training_starts_with_what_the_page_says(application: Open, empty_runs: Runs) -> None:
    test = application("train", iterations="4", v="1.5")
    field(test, "optimizer").set_value("Adam").run()
    test.selectbox(key="pace").set_value("full speed").run()
    test.button(key="train").click().run()
    (manifest,) = empty_runs.manifests()
    assert manifest.train == TrainSettings(iterations=4, optimizer="Adam")
    assert manifest.data == DataSettings(v=1.5)
    run = empty_runs.open(manifest.id)
    wait_until(lambda: run.manifest().status == "finished")
    test.run()
    assert time_machine(test)["controls"] is False
    assert "files in checkpoints" in words(test)


def test_an_interrupted_run_offers_to_resume_and_finishes(
    application: Open, empty_runs: Runs, train: Train
) -> None:
    run = train(iterations=3)
    run.update(status=RUNNING, train=TrainSettings(iterations=8))
    (run.checkpoints / "model_final.index").unlink()
    (run.checkpoints / "model_final.data-00000-of-00001").unlink()
    test = application("train", run)
    assert "This training was interrupted after 3 of 8 iterations" in words(test)
    test.button(key="resume-run").click().run()
    wait_until(lambda: run.manifest().status == "finished")
    assert list(run.steps()["iteration"]) == list(range(8))


def test_somebody_elses_run_can_be_seen_and_not_steered(application: Open, train: Train) -> None:
    test = application("train", train(iterations=3), mine=False)
    assert "you can look, not steer" in words(test)
    keys = {button.key for button in test.button}
    assert not keys & {"pause-run", "resume-run", "stop-run"}


def test_history_draws_the_files_and_restores_the_step(application: Open, train: Train) -> None:
    run = train(iterations=5)
    test = application("history", run, step=2)
    assert time_machine(test)["step"] == 2
    assert "model_iter-2, restored" in words(test)
    assert "Its values equal those drawn above, bit for bit." in words(test)


def test_history_says_why_a_torn_step_cannot_be_restored(application: Open, train: Train) -> None:
    run = train(iterations=5)
    (run.checkpoints / "model_iter-2.data-00000-of-00001").write_bytes(b"12345678")
    test = application("history", run, step=2)
    assert "model_iter-2 cannot be restored" in words(test)
    assert "the checksum of hor_estimate" in words(test)


def test_a_changed_file_is_not_handed_to_tensorflow(application: Open, train: Train) -> None:
    run = train(iterations=3)
    (run.checkpoints / "model_iter-1.meta").unlink()
    (run.checkpoints / "model_iter-1.meta").write_bytes(b"hostile")
    for page in ("history", "compare"):
        test = application(page, run, step=1)
        assert not test.exception
        assert "is not the file that this run wrote" in words(test)


@pytest.mark.parametrize("instead", ["nothing", "a file"])
def test_a_run_whose_checkpoints_were_removed_is_still_a_run(
    application: Open, train: Train, instead: str
) -> None:
    run = train(iterations=3)
    shutil.rmtree(run.checkpoints)
    if instead == "a file":
        run.checkpoints.touch()
    for page in ("train", "history", "files", "resume"):
        test = application(page, run)
        assert not test.exception
        assert "Something went wrong" not in words(test)
        assert "There is no run" not in words(test)


def test_a_runs_name_is_text_to_whoever_opens_its_link(application: Open, train: Train) -> None:
    run = train(iterations=3)
    run.update(name="**b** ![x](http://a.example/x.png)")
    for page in ("history", "compare", "take_home", "start"):
        test = application(page, run)
        spoken = words(test) + "\n".join(each.label for each in test.button)
        assert "a.example" in spoken
        assert "![x](" not in spoken


def test_compare_concludes_from_what_it_measured(application: Open, train: Train) -> None:
    test = application("compare", train(iterations=3, optimizer="Momentum"), step=3)
    assert "same predictions, bit for bit" in words(test)
    assert "also hold the optimizer's 2 slots" in words(test)
    table = test.table[0].value
    assert table.loc["tags", "SavedModel"] == "serve"
    assert table.loc["tags", "same or not"] == "differs"
    assert any("saver.restore(opened, str(prefix))" in code.value for code in test.code)


def test_a_link_that_asks_for_nonsense_is_followed_as_far_as_possible(application: Open) -> None:
    test = application("data", h="7", noise="much", samples="1", step="-3", colour="red")
    state = test.session_state["explorer"]
    assert state.data == DataSettings(h=7)
    test = application("start", h="7", noise="much", samples="1", step="x")
    assert test.session_state["explorer"].step is None


def test_the_complaint_names_every_wrong_value() -> None:
    state = State()
    _apply(state, {"noise": "much", "samples": "1", "step": "x", "h": "2"})
    for sentence in ("Noise is 'much'", "Samples is 1", "step is 'x'"):
        assert sentence in state.complaint
    assert state.data == DataSettings(h=2)


def test_the_url_brings_the_whole_state_back() -> None:
    before = State(
        data=DataSettings(h=0.1, seed=5), train=TrainSettings(max_to_keep=5), run="a" * 16, step=12
    )
    after = State()
    address = to_address(before)
    assert "noise" not in urlencode(address)
    _apply(after, address)
    fields = ("data", "train", "run", "step", "others")
    assert [getattr(after, f) for f in fields] == [getattr(before, f) for f in fields]
    assert after.complaint == ""


@pytest.mark.parametrize("page", LOOKING_BACK)
def test_a_run_that_vanishes_under_an_open_page_is_one_sentence(
    page: str, application: Open, train: Train
) -> None:
    run = train(iterations=2)
    test = application(page, run)
    run.directory.rename(run.directory.with_name("gone"))
    test.run()
    assert not test.exception
    assert not [each.value for each in test.error if "Something went wrong" in each.value]
    assert f"There is no run '{run.id}' here" in words(test)


def test_a_click_that_still_carries_the_link_starts_a_run_and_shows_it(
    application: Open, empty_runs: Runs
) -> None:
    link = {"iterations": "100"}  # the default, which the application leaves out of its own URLs
    test = application("train", **link)
    test.query_params.clear()
    test.query_params.update(link)
    test.button(key="train").click().run()
    (manifest,) = empty_runs.manifests()
    assert test.session_state["explorer"].run == manifest.id
    assert test.sidebar.selectbox[0].options == ["gradient descent 0.001"]
    wait_until(lambda: empty_runs.manifests()[0].status == "finished")


def test_runs_on_one_slider_are_each_as_far_from_the_truth_as_their_own_points_say(
    application: Open, empty_runs: Runs
) -> None:
    runs = []
    for data in (DataSettings(), DataSettings(h=-1.0)):
        runs.append(empty_runs.create(make_sample(data), TrainSettings(iterations=3), data))
        train_run(str(runs[-1].directory))
    test = application("history", runs[0])
    test.session_state["explorer"].others = (runs[1].id,)
    test.run()
    said = next(each.value for each in test.caption if "from the truth of its own points" in each.value)
    for run in runs:
        h, v = run.steps()[["h", "v"]].iloc[-1]
        truth = run.sample().truth
        assert truth is not None
        assert f" {((h - truth[0]) ** 2 + (v - truth[1]) ** 2) ** 0.5:.3f}" in said
    away, other = (float(number) for number in re.findall(r"” (\d\.\d{3})", said))
    assert f"is nearer, by {abs(away - other):.3f}." in said, "the difference is that of the numbers shown"
    assert len(set(re.findall("“(.*?)”", said))) == 2, "runs of other owners have names of their own too"


def test_train_says_when_its_run_is_on_other_points_than_those_of_the_page_data(
    application: Open, train: Train
) -> None:
    run = train(iterations=2)
    said = "Its points are not those of the page Data"
    test = application("train", run)
    assert said not in words(test)
    test.session_state["explorer"].data = DataSettings(h=-1.0)
    assert said in words(test.run())
