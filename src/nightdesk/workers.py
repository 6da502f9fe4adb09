"""A few daemon threads that take calls from one queue.

The standard executor joins its threads when the interpreter exits, so one hung call would keep the desk from stopping;
these are left behind.
"""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Protocol, TypeVar

T = TypeVar("T")


class Executor(Protocol):
    """Runs calls somewhere else than the caller: `Workers`, or at once in a test."""

    def submit(self, call: Callable[[], T], /) -> "Future[T]":
        """Take a call; the future holds its result or whatever it raised."""
        ...


class Workers:
    """Runs calls in order of arrival; `name` shows in thread lists. The threads start with the first call."""

    def __init__(self, name: str, threads: int = 1) -> None:
        """Start nothing yet: many a desk never asks some of its workers anything."""
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name=f"{name}-{n}", daemon=True) for n in range(threads)]
        self._starting = threading.Lock()
        self._has_started = False

    def submit(self, call: Callable[[], T]) -> "Future[T]":
        """Queue a call; the future holds its result or whatever it raised. A cancelled future is not run."""
        future: Future[T] = Future()
        self.post(lambda: _settle(future, call))
        return future

    def post(self, call: Callable[[], None]) -> None:
        """Queue a call that tells its result itself, and raises nothing: who asks so saves the future and its lock."""
        self._calls.put(call)
        if not self._has_started:
            self._start()

    def _start(self) -> None:
        with self._starting:
            if not self._has_started:
                for thread in self._threads:
                    thread.start()
                self._has_started = True

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()

    def stop(self) -> None:
        """Let each thread end after what is queued before."""
        for _ in self._threads:
            self._calls.put(None)


def _settle(future: "Future[T]", call: Callable[[], T]) -> None:
    """Give the future its result, or whatever the call raised: who asked decides, the thread lives on."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - handed on through the future, nothing is swallowed
        future.set_exception(awaitable(error))


def awaitable(error: BaseException) -> BaseException:
    """Return an error as a future of a loop takes it: it refuses StopIteration, and who waits would wait for ever."""
    if not isinstance(error, StopIteration):
        return error
    told = RuntimeError(f"the call raised StopIteration: {error.value}")
    told.__cause__ = error
    return told
