"""The administrator's page opens for who types or sends the secret, and for nobody else."""

import logging

import pytest
from streamlit.testing.v1 import AppTest

from core import environment
from core.pool.workers import Pool
from core.run.runs import Runs
from pages.parts.admin import administration
from pages.parts.admin.guesses import ADDRESSES, AT_ONCE, PERIOD, Guesses
from pages.ui import services
from pages.ui.state import State
from tests.conftest import wait_until
from tests.pages.conftest import APP, words
from tests.pages.test_pages import Open, Train

SECRET = "0123456789abcdef"
WRONG = "0123456789abcdee"


@pytest.fixture(autouse=True)
def guesses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins without any guess, and comes from an address of the network."""
    monkeypatch.setattr(administration, "_guesses", Guesses())
    monkeypatch.setattr(services, "address", lambda: "192.0.2.1")


def opened(**link: str) -> AppTest:
    test = AppTest.from_file(str(APP), default_timeout=60)
    test.session_state["explorer"] = State(arrived=True)
    test = test.run().switch_page("pages/admin.py")
    for name, value in link.items():
        test.query_params[name] = value
    return test.run()


def give(test: AppTest, secret: str) -> AppTest:
    test.text_input[0].input(secret)
    next(each for each in test.button if each.label.startswith("Show")).click()
    return test.run()


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize(
    ("set_to", "given", "answer"),
    [
        (SECRET, WRONG, "The secret is wrong"),
        (SECRET, "é", "The secret is wrong"),
        ("", "x", "no secret of 16 characters"),
        ("short", "short", "no secret of 16 characters"),
    ],
)
def test_nobody_else_sees_it(
    set_to: str, given: str, answer: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(environment.ADMIN, set_to)
    test = give(opened(), given)
    assert answer in words(test)
    assert not test.metric
    said = "a wrong secret for the administrator's page came from 192.0.2.1"
    assert (said in caplog.messages) == (set_to == SECRET)
    assert not [each for each in caplog.messages if given in each and len(given) > 1]


@pytest.mark.usefixtures("application")
def test_a_link_with_the_secret_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.ADMIN, SECRET)
    test = opened(secret=SECRET)
    assert not test.metric
    assert "secret" not in test.query_params, "nor does it stay in the address"


@pytest.mark.usefixtures("application")
def test_after_some_wrong_guesses_the_right_one_has_to_wait_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(environment.ADMIN, SECRET)
    for _ in range(AT_ONCE):
        give(opened(), WRONG)
    with caplog.at_level(logging.WARNING):
        caplog.clear()
        test = give(opened(), SECRET)
    assert "Too many wrong secrets" in words(test)
    assert not test.metric
    assert not [each for each in caplog.messages if "secret" in each], "who waits does not fill the log"
    monkeypatch.setattr(services, "address", lambda: "192.0.2.2")
    assert give(opened(), SECRET).metric, "somebody else need not wait"


def test_guesses_are_counted_by_address_and_forgotten_with_time() -> None:
    time = [0.0]
    guesses = Guesses(lambda: time[0])
    for _ in range(AT_ONCE):
        assert guesses.allowed("a")
        guesses.wrong("a")
    assert not guesses.allowed("a")
    assert guesses.allowed("b")
    time[0] += PERIOD
    assert guesses.allowed("a")
    guesses.wrong("a")
    assert not guesses.allowed("a"), "one more for each minute"
    time[0] += AT_ONCE * PERIOD
    for _ in range(AT_ONCE):
        guesses.wrong("a")
    assert not guesses.allowed("a")


def test_so_many_addresses_are_told_apart_and_the_rest_are_one() -> None:
    guesses = Guesses(lambda: 0.0)
    for number in range(ADDRESSES + AT_ONCE):
        guesses.wrong(str(number))
    assert guesses.allowed("0")
    assert not guesses.allowed("a new one")
    assert len(guesses._free_at) <= ADDRESSES + 1


def test_the_secret_opens_it(application: Open, train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.ADMIN, SECRET)
    run = train(iterations=3)
    test = give(opened(), SECRET)
    assert not test.exception

    def figures() -> dict[str, str]:
        return {each.label: each.value for each in test.run().metric}

    wait_until(lambda: int(figures()["Training workers"]) >= 1)  # one is replaced now and then
    assert figures()["Waiting"].isdecimal()
    assert run.id in test.dataframe[0].value["run"].tolist()
    test.button(key="look-again").click().run()
    assert test.metric, "the secret is known for the session"


@pytest.mark.usefixtures("application")
def test_it_names_what_is_no_ticket(empty_runs: Runs, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.ADMIN, SECRET)
    test = give(opened(), SECRET)
    assert "queue/aside" not in words(test)
    (empty_runs.root / "queue" / "waiting" / "holiday.txt").write_text("not a ticket")
    wait_until(lambda: bool(pool._queue.aside()))
    test.run()
    assert "were no tickets. They are in `queue/aside`" in words(test)
    assert "holiday.txt" in words(test)
