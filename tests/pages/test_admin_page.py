"""The administrator's page opens for a link with the secret, and for nobody else."""

import pytest
from streamlit.testing.v1 import AppTest

from core import environment
from pages.ui.state import State
from tests.conftest import wait_until
from tests.pages.conftest import APP, words
from tests.pages.test_pages import Open, Train

SECRET = "0123456789abcdef"


def follow(secret: str) -> AppTest:
    test = AppTest.from_file(str(APP), default_timeout=60)
    test.session_state["explorer"] = State(arrived=True)
    test = test.run().switch_page("pages/admin.py")
    test.query_params["secret"] = secret
    return test.run()


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize(
    ("set_to", "given"),
    [(SECRET, ""), (SECRET, "0123456789abcdee"), ("", ""), ("short", "short"), (SECRET, "é")],
)
def test_nobody_else_sees_it(set_to: str, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.ADMIN, set_to)
    test = follow(given)
    assert "for the server's administrator" in words(test)
    assert not test.metric


def test_the_secret_opens_it(application: Open, train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(environment.ADMIN, SECRET)
    run = train(iterations=3)
    test = follow(SECRET)
    assert not test.exception

    def figures() -> dict[str, str]:
        return {each.label: each.value for each in test.run().metric}

    wait_until(lambda: int(figures()["Training workers"]) >= 1)  # one is replaced now and then
    assert figures()["Waiting"].isdecimal()
    assert run.id in test.dataframe[0].value["run"].tolist()
    test.button(key="look-again").click().run()
    assert test.metric, "the secret has left the link, and is still known"
