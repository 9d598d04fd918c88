"""A server of which nobody asks anything of TensorFlow does not load it, and says how it is."""

from __future__ import annotations

import json
import socket
import urllib.request
from urllib.error import HTTPError
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.conftest import wait_until
from tests.serve.conftest import PROXY, Served


def health(served: Served) -> tuple[int, dict[str, str]]:
    try:
        with urllib.request.urlopen(f"{served.address}/healthz") as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def has_workers(served: Served) -> bool:
    return any(each.cmdline()[-1:] == ["core.pool.cluster"] for each in served.process.children())


def look_at(served: Served, page: str, source: str = "127.0.0.1", **headers: str) -> None:
    """Open a page, from that address of this machine, until all of it is there."""
    place = urlsplit(served.address)
    with connect(
        f"ws://{served.place}/_stcore/stream",
        sock=socket.create_connection(("127.0.0.1", place.port or 0), source_address=(source, 0)),
        additional_headers={name.replace("_", "-"): value for name, value in headers.items()},
        subprotocols=["streamlit"],  # type: ignore[list-item]
        max_size=None,
    ) as opened:
        asked = BackMsg()
        asked.rerun_script.page_name = page
        opened.send(asked.SerializeToString())
        answer = ForwardMsg()
        while answer.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY or not answer.HasField(
            "script_finished"
        ):
            received = opened.recv(60)
            assert isinstance(received, bytes)
            answer.ParseFromString(received)


def test_it_loads_tensorflow_for_a_page_that_may_train_and_not_for_inspect(served: Served) -> None:
    look_at(served, "inspect")
    look_at(served, "runs")
    assert health(served) == (200, {"status": "ready", "workers": "resting"})
    assert not has_workers(served)
    look_at(served, "playground")
    assert health(served)[1]["workers"] in ("starting", "ready")
    wait_until(lambda: has_workers(served))


def test_without_its_folder_it_is_not_well_and_afterwards_it_is_again(served: Served) -> None:
    apart = served.runs.with_name("apart")
    served.runs.rename(apart)
    try:
        look_at(served, "runs")
        assert health(served)[0] == 503
        assert health(served)[1]["status"] == "unwritable"
        assert not served.runs.exists(), "a volume that is missing is not replaced"
    finally:
        apart.rename(served.runs)
    assert health(served)[0] == 200


def test_an_address_is_believed_of_the_proxies_that_are_named_alone(served: Served) -> None:
    """The log tells it of who guesses the administrator's secret."""
    for source in (PROXY, "127.0.0.1"):
        guess = f"a guess from {source}"
        look_at(served, "admin", source, X_Forwarded_For="198.51.100.7", X_Explorer_Admin=guess)
    said = "wrong secret for the administrator's page came from"
    lines = [each.partition(said)[2] for each in served.log.read_text().splitlines() if said in each]
    assert lines == [" 198.51.100.7", " this machine"]
    assert "a guess" not in served.log.read_text()
