"""The bench's and the soak's visitor, who has no browser, presses what the Playground has."""

from __future__ import annotations

import asyncio

from bench.visitor import Visitor
from tests.serve.conftest import finished


def test_a_visitor_without_a_browser_trains(server: str) -> None:
    async def trains() -> None:
        visitor = await Visitor.arrive(server, "", "iterations=5")
        await visitor.at_full_speed()
        await visitor.asks("train")
        await asyncio.wait_for(visitor.sees("Finished: 5 of 5 iterations"), 60)
        await visitor.turns_to("history")
        await visitor.leave()
        assert not visitor.alarms

    finished(trains())
