"""Blocking calls that may never come back, kept off the event loop and out of the way of a clean exit."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

from nightdesk.collect.collector import CollectFailure
from nightdesk.errors import CollectError

Answer = TypeVar("Answer")
Outcome = TypeVar("Outcome")
IDLE_SECONDS: Final = 5.0
"""How long a thread waits for the next call before it ends: most attendants are asked each second, or hardly ever."""


class Attendant:
    """One daemon thread that makes one blocking call at a time; it starts with a call and ends when none comes.

    A call that hangs costs this one thread and nothing else: the loop's default executor (six threads on two cores)
    would fill up and stop name resolution for everybody, and its threads keep the interpreter from exiting. While a
    call hangs, further ones are refused, so that there is never a second thread in the same trap.
    """

    def __init__(self, name: str, idle_seconds: float = IDLE_SECONDS) -> None:
        """Give the thread its name; after `idle_seconds` without a call it ends, and starts anew with the next."""
        self._name, self._idle_seconds = name, idle_seconds
        self._handing_over = threading.Lock()
        """Held while a call is put or a thread ends, so that no call is left to a thread that is gone."""
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._has_served = False

    @property
    def busy(self) -> bool:
        """True while a call is running, be it waited for or given up."""
        return self._busy

    async def ask(self, call: Callable[[], Answer]) -> Answer:
        """Make the call on the thread and wait for it; to give up, cancel (the call itself goes on).

        Raises:
            CollectError: with BUSY, where an earlier call has not come back.
            Exception: whatever the call raises.
        """
        if self._busy:
            raise CollectError(f"{self._name} still waits for an earlier answer", CollectFailure.BUSY)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()

        def run() -> None:
            try:
                answer = call()
            except Exception as error:  # noqa: BLE001 - carried to whoever asked, whatever it is
                self._settle(loop, future, future.set_exception, error)
            else:
                self._settle(loop, future, future.set_result, answer)

        self._busy = True
        with self._handing_over:
            self._calls.put(run)
            self._start()
        return await future

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Let the thread end once it is idle; one that hangs is left behind and dies with the process.

        `last` is what it does before, where it did anything at all; nobody waits for it, and it must not raise.
        """
        with self._handing_over:
            if last is not None and self._has_served:
                self._calls.put(last)
                self._start()
            if self._thread is not None:
                self._calls.put(None)
            self._thread = None

    def _start(self) -> None:
        if self._thread is None:
            self._has_served = True
            self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while (run := self._next()) is not None:
            run()

    def _next(self) -> Callable[[], None] | None:
        """Return the next call; None where the thread is to end."""
        with contextlib.suppress(Empty):
            return self._calls.get(timeout=self._idle_seconds)
        with self._handing_over:
            if not self._calls.empty():
                return self._calls.get()
            self._thread = None
            return None

    def _settle(
        self,
        loop: asyncio.AbstractEventLoop,
        future: "asyncio.Future[Answer]",
        settle: Callable[[Outcome], None],
        outcome: Outcome,
    ) -> None:
        def hand_in() -> None:
            if not future.done():
                settle(outcome)

        self._busy = False
        # A closed loop has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(hand_in)
