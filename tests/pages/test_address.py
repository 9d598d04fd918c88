"""The queue hears where on the network each training comes from, so that addresses take turns."""

from types import SimpleNamespace

import pytest
import streamlit as st

from core.data import make_sample
from core.run.runs import Runs
from core.settings import DataSettings, TrainSettings
from core.sweep.folder import Sweeps
from core.sweep.grid import Axis, Grid
from pages.parts.sweep import steering
from pages.ui import services


@pytest.mark.parametrize(
    ("connection", "address"),
    [
        (None, ""),  # this machine
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("unix:", ""),
        ("198.51.100.7, 192.0.2.1", ""),
    ],
)
def test_an_address_is_a_number_and_a_network_of_ipv6_is_one(
    connection: str | None, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st, "context", SimpleNamespace(ip_address=connection))
    assert services.address() == address


def test_runs_and_sweeps_come_with_their_address(empty_runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, str]] = []
    pool = SimpleNamespace(
        submit=lambda run, address: heard.append((run.id, address)),
        submit_sweep=lambda sweep, address: heard.append((sweep.id, address)),
    )
    monkeypatch.setattr(services, "pool", lambda: pool)
    monkeypatch.setattr(services, "address", lambda: "198.51.100.7")
    data = DataSettings()
    run = empty_runs.create(make_sample(data), TrainSettings(), data, "me")
    services.queue(run)
    sweep = Sweeps(empty_runs).create(Grid((Axis("seed", (1,)),), data), None, "me")
    steering.resume(sweep)
    assert heard == [(run.id, "198.51.100.7"), (sweep.id, "198.51.100.7")]
