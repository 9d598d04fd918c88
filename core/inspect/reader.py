"""A process that stays, has everything loaded, and forks a child for each question; a child may die alone.

Starting Python and NumPy takes a third of a second, forking a process that has both takes milliseconds. The
process that stays never opens a file of a stranger's and never sees a question: it hands a socket to the
child, waits for it, and adds how it ended.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NoReturn

_HEADER = 1024  # bytes of what is asked for, padded
_LENGTH = struct.Struct("<Q")
_END = struct.Struct("<id")  # how a child ended, and the seconds that it computed
_PIECE = 1 << 20
_IDLE = 1000  # milliseconds

Work = Callable[[str, Sequence[float], bytes], bytes]  # job, bounds and arguments to an answer


class Died(Exception):
    """The child gave no answer.

    Attributes:
        code: how it ended, as `subprocess` says it: the signal below zero.
    """

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Reader:
    """The process that stays, seen from outside. Safe to use from several threads."""

    def __init__(self, program: str, environment: Mapping[str, str]) -> None:
        """Args:
        program: Python that calls `serve` with the number of a socket.
        """
        self._program, self._environment = program, dict(environment)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self.seconds = 0.0  # that all its children have computed
        atexit.register(self.close)

    def ask(self, job: str, bounds: Sequence[float], arguments: bytes, wall: float, largest: int) -> bytes:
        """The answer of a child.

        Args:
            wall: seconds after which it is killed.
            largest: bytes of an answer.

        Raises:
            Died: it gave none.
        """
        end = time.monotonic() + wall
        header = json.dumps([job, *bounds]).encode()
        told = self._told(header, arguments, end, largest)
        if told is None:  # the process that stays was gone, perhaps killed to free memory: once more
            told = self._told(header, arguments, end, largest)
        if told is None:
            raise Died(-signal.SIGKILL)
        answer, code, seconds = told
        with self._lock:
            self.seconds += seconds
        if code != 0:
            raise Died(code)
        return answer

    def _told(
        self, header: bytes, arguments: bytes, end: float, largest: int
    ) -> tuple[bytes, int, float] | None:
        """A child's answer, how it ended, and the seconds that it computed; None where nobody tells."""
        ours, theirs = socket.socketpair()
        ended, tells = os.pipe()
        try:
            with theirs:
                try:
                    self._hand_over(header, (theirs.fileno(), tells))
                finally:
                    os.close(tells)
            answer = _exchanged(ours, arguments, end, largest)
            how = os.read(ended, _END.size)
        finally:
            ours.close()
            os.close(ended)  # the process that stays kills a child whose end nobody waits for
        return (answer, *_END.unpack(how)) if len(how) == _END.size else None

    def begin(self) -> None:
        """Start it now, while whoever will ask is still doing something else."""
        with self._lock:
            self._started()

    def close(self) -> None:
        """End it; a second time does nothing."""
        with self._lock:
            self._gone()

    def _hand_over(self, header: bytes, descriptors: Sequence[int]) -> None:
        message = header.ljust(_HEADER)
        with self._lock:
            try:
                socket.send_fds(self._started(), [message], descriptors)
            except OSError:  # it is gone: start another
                self._gone()
                socket.send_fds(self._started(), [message], descriptors)

    def _started(self) -> socket.socket:
        if self._process is not None and self._process.poll() is not None:
            self._gone()
        if self._control is None:
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    [sys.executable, "-c", self._program, str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=self._environment,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        return self._control

    def _gone(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


def _exchanged(ours: socket.socket, arguments: bytes, end: float, largest: int) -> bytes:
    """Send the arguments, and read until the child is done."""
    found = bytearray()
    try:
        ours.settimeout(max(0.01, end - time.monotonic()))
        # A child that dies early does not read on: how it ended is still to come.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            ours.sendall(_LENGTH.pack(len(arguments)) + arguments)
        while piece := ours.recv(_PIECE):
            found += piece
            if len(found) > largest:
                raise Died(-signal.SIGKILL)
            ours.settimeout(max(0.01, end - time.monotonic()))
    except TimeoutError:
        raise Died(-signal.SIGPROF) from None
    except ConnectionResetError:
        pass
    return bytes(found)


def serve(control: int, work: Work, when_idle: Callable[[], None]) -> None:
    """Be the process that stays, until the other side closes the socket.

    Args:
        control: the number of the socket.
        work: what a child does.
        when_idle: called once, when nothing was asked for a second: it loads what is not always needed.
    """
    _freeze()
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    loaded = False
    children: dict[int, int] = {}  # each with the pipe that tells how it ended
    with socket.socket(fileno=control) as asked:
        while True:
            poll = select.poll()
            poll.register(asked, select.POLLIN)
            poll.register(woken, select.POLLIN)
            for pipe in children.values():
                poll.register(pipe, 0)  # an error alone: nobody waits any more
            ready = dict(poll.poll(None if loaded else _IDLE))
            if not ready and not loaded:
                when_idle()
                loaded = True
                _freeze()
            for child, pipe in children.items():
                if pipe in ready:
                    os.kill(child, signal.SIGKILL)
            if asked.fileno() in ready:
                message, descriptors = _received(asked)
                if len(descriptors) < 2:
                    return
                theirs, tells = descriptors
                child = os.fork()
                if child == 0:
                    _answer(theirs, message, work)
                os.close(theirs)
                children[child] = tells
            with contextlib.suppress(BlockingIOError):
                os.read(woken, 4096)
            _reap(children)


def _freeze() -> None:
    """Let children share the pages of what is loaded."""
    gc.collect()
    gc.freeze()


def _received(asked: socket.socket) -> tuple[bytes, list[int]]:
    message, descriptors, _, _ = socket.recv_fds(asked, _HEADER, 2)
    while 0 < len(message) < _HEADER and (more := asked.recv(_HEADER - len(message))):
        message += more
    return message, descriptors


def _reap(children: dict[int, int]) -> None:
    """Tell how children ended."""
    while children:
        child, status, used = os.wait4(-1, os.WNOHANG)
        if child == 0:
            return
        tells = children.pop(child)
        with contextlib.suppress(OSError):
            os.write(tells, _END.pack(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime))
        os.close(tells)


def _answer(theirs: int, message: bytes, work: Work) -> NoReturn:
    """Be a child: read the arguments, answer, and end without a word to anybody else."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # All but its own socket: neither the questions of others nor what tells their ends.
        os.dup2(theirs, 3)
        os.closerange(4, 1 << 16)
        with socket.socket(fileno=3) as mine:
            job, *bounds = json.loads(message)
            (length,) = _LENGTH.unpack(_taken(mine, _LENGTH.size))
            mine.sendall(work(job, bounds, _taken(mine, length)))
        code = 0
    finally:
        os._exit(code)


def _taken(mine: socket.socket, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        piece = mine.recv(min(_PIECE, length - len(found)))
        if not piece:
            raise EOFError
        found += piece
    return bytes(found)
