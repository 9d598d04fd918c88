"""A visitor without a browser: sends what a browser would send, so that a load is the server's alone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import TypeVar

from streamlit.components.v2.bidi_component.constants import EVENT_DELIM
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

LARGEST = 100 * 2**20  # bytes of one message
REMEMBERS = "checkpoint_explorer_visitor"  # the component of pages/ui/visitor.py
PLAYGROUND = "checkpoint_explorer.playground-"  # how the name of the Playground's component begins

V = TypeVar("V", bound="Visitor")


class Visitor:
    """One session, which reruns a page's fragments as often as the page asks."""

    def __init__(self, connection: WebSocketClientConnection, query: str, kept: str) -> None:
        self.ticks: list[int] = []  # bytes of every rerun of a fragment
        self.alarms: list[str] = []  # what pages said that no visitor should ever read
        self.alerts: list[str] = []  # what the page says in boxes: warnings, errors and the like
        self._connection = connection
        self._query = query
        self._kept = kept
        self._page = ""
        self._widgets: dict[str, str] = {}  # label to id, of buttons and select boxes
        self._playground = ""  # id of its component
        self._chosen: dict[str, WidgetState] = {}
        self._progress = ""
        self._whole = 0  # page runs that came to their end
        self._ticking = False
        self._ticks: dict[str, asyncio.Task[None]] = {}
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def arrive(cls: type[V], address: str, page: str, query: str = "", kept: str = "") -> V:
        """Open a page, as a link does.

        Args:
            kept: the number of 32 digits that the browser has kept from an earlier visit.
        """
        url = address.replace("http", "ws", 1) + "/_stcore/stream"
        connection = await websocket_connect(
            url, subprotocols=["streamlit"], max_message_size=LARGEST, ping_interval=None
        )
        visitor = cls(connection, query, kept)
        await visitor._send(page_name=page)
        return visitor

    async def turns_to(self, page: str) -> float:
        """Choose a page in the navigation; seconds until all of it is there."""
        began, before = perf_counter(), self._whole
        self._page = ""
        await self._send(page_name=page)
        await self._until(lambda: self._whole > before)
        return perf_counter() - began

    async def choose(self, label: str, option: str) -> None:
        """Take an option of a select box, from the next message on."""
        widget = await self._widget(label)
        self._chosen[widget] = WidgetState(id=widget, string_value=option)

    async def press(self, label: str) -> None:
        """Press a button."""
        await self._send(once=WidgetState(id=await self._widget(label), trigger_value=True))

    async def at_full_speed(self) -> None:
        """Choose the speed on the Playground, from the next message on."""
        await self._until(lambda: bool(self._playground))
        told = json.dumps({"step": None, "settings": {"speed": "Full speed", "sent": 1}})
        self._chosen[self._playground] = WidgetState(id=self._playground, json_value=told)

    async def asks(self, action: str) -> None:
        """Press one of the Playground's buttons: train, pause, resume or stop."""
        await self._until(lambda: bool(self._playground))
        # As `_make_trigger_id` of streamlit.components.v2.bidi_component names what a component triggers.
        events = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{self._playground}{EVENT_DELIM}events"
        told = json.dumps([{"event": "action", "value": action}])
        await self._send(once=WidgetState(id=events, json_trigger_value=told))

    async def sees(self, words: str) -> None:
        """Wait until the page's progress bar, or the Playground's status, says so."""
        await self._until(lambda: words in self._progress)

    @property
    def progress(self) -> str:
        """What the page's progress bar, or the Playground's status, says now; empty before there is one."""
        return self._progress

    @property
    def link(self) -> str:
        """The query of the page's URL, with the run that is looked at."""
        return self._query

    @property
    def cut_off(self) -> bool:
        """Whether the server has closed the session, or is gone."""
        return self._reading.done()

    async def leave(self) -> None:
        """Close the session."""
        self._stop_ticks()
        self._reading.cancel()
        self._connection.close()

    async def _widget(self, label: str) -> str:
        await self._until(lambda: label in self._widgets)
        return self._widgets[label]

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._news:
            await self._news.wait_for(holds)

    async def _send(self, page_name: str = "", once: WidgetState | None = None, fragment: str = "") -> None:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string = self._query
        rerun.page_name = page_name
        rerun.page_script_hash = self._page
        rerun.fragment_id = fragment
        rerun.is_auto_rerun = bool(fragment)
        rerun.widget_states.widgets.extend(self._chosen.values())
        if once is not None:
            rerun.widget_states.widgets.append(once)
        await self._connection.write_message(message.SerializeToString(), binary=True)

    async def _read(self) -> None:
        while (received := await self._connection.read_message()) is not None:
            message = ForwardMsg()
            message.ParseFromString(bytes(received, "latin-1") if isinstance(received, str) else received)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._page = message.new_session.page_script_hash
                self._ticking = bool(message.metadata.run.fragment_ids)
                if self._ticking:
                    self.ticks.append(0)
                else:
                    self.alerts.clear()
                    self._stop_ticks()
            if self._ticking:
                self.ticks[-1] += len(received)
            if kind == "script_finished":
                await self._ended(message.script_finished)
            elif kind == "navigation":
                # A page that was chosen by its name is known by its number only now.
                self._page = message.navigation.page_script_hash or self._page
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "auto_rerun":
                asked = message.auto_rerun
                self._ticks[asked.fragment_id] = asyncio.create_task(
                    self._tick(asked.fragment_id, asked.interval)
                )
            elif kind == "delta":
                await self._look_at(message)

        self._stop_ticks()

    async def _ended(self, how: int) -> None:
        async with self._news:
            self._ticking = False
            self._whole += how == ForwardMsg.FINISHED_SUCCESSFULLY
            self._news.notify_all()

    async def _look_at(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        what = element.WhichOneof("type")
        async with self._news:
            if what in ("button", "selectbox"):
                widget = getattr(element, what)
                self._widgets[widget.label] = widget.id
            elif what == "progress":
                self._progress = element.progress.text
            elif what == "exception" or (what == "alert" and "Something went wrong" in element.alert.body):
                self.alarms.append(str(getattr(element, what)))
            if what == "alert":
                self.alerts.append(element.alert.body)
            self._news.notify_all()
        if what == "bidi_component":
            component = element.bidi_component
            if component.component_name == REMEMBERS:
                await self._tell_number(component.id)
            elif component.component_name.startswith(PLAYGROUND):
                async with self._news:
                    self._playground = component.id
                    self._progress = json.loads(component.json)["panel"]["status"]["words"]
                    self._news.notify_all()

    async def _tell_number(self, widget: str) -> None:
        """Say, once, which number the browser has kept, as pages/ui/visitor.js does."""
        if self._kept and widget not in self._chosen:
            self._chosen[widget] = WidgetState(id=widget, json_value=json.dumps({"id": self._kept}))
            await self._send()

    async def _tick(self, fragment: str, seconds: float) -> None:
        with suppress(WebSocketClosedError):
            while True:
                await asyncio.sleep(seconds)
                await self._send(fragment=fragment)

    def _stop_ticks(self) -> None:
        for tick in self._ticks.values():
            tick.cancel()
        self._ticks.clear()
