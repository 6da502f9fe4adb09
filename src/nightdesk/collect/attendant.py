"""Blocking calls that may never come back, kept off the event loop and out of the way of a clean exit."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

from nightdesk.collect.collector import CollectFailure
from nightdesk.errors import CollectError

Answer = TypeVar("Answer")
Outcome = TypeVar("Outcome")


class Attendant:
    """One daemon thread that makes one blocking call at a time.

    A call that hangs costs this one thread and nothing else: the loop's default executor (six threads on two cores)
    would fill up and stop name resolution for everybody, and its threads keep the interpreter from exiting. While a
    call hangs, further ones are refused, so that there is never a second thread in the same trap.
    """

    def __init__(self, name: str) -> None:
        """Give the thread its name; it starts with the first call."""
        self._name = name
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._busy = False

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
        self._start()
        self._calls.put(run)
        return await future

    def close(self, last: Callable[[], None] | None = None) -> None:
        """Let the thread end once it is idle; one that hangs is left behind and dies with the process.

        `last` is what it does before, where it did anything at all; nobody waits for it, and it must not raise.
        """
        if last is not None:
            self._calls.put(last)
        self._calls.put(None)
        self._thread = None

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while (run := self._calls.get()) is not None:
            run()

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
