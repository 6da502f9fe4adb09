"""A lock that goes to whoever has waited longest."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from types import TracebackType
from typing import Self


class FairLock:
    """Mutual exclusion in the order of asking; used with `with`, not re-entrant.

    `threading.Lock` may go to the thread that has just released it, again and again: a sealing that takes it step by
    step would keep writers out for its whole time.
    """

    def __init__(self) -> None:
        """Start free."""
        self._guard = Lock()
        self._held = False
        self._waiting: deque[Lock] = deque()

    def __enter__(self) -> Self:
        with self._guard:
            if not self._held:
                self._held = True
                return self
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()  # handed over by whoever leaves: `_held` stays true meanwhile
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False

    @contextmanager
    def if_free(self) -> Iterator[bool]:
        """Hold it inside if nobody does, without waiting; what is given tells whether that is so."""
        with self._guard:
            is_free, self._held = not self._held, True
        try:
            yield is_free
        finally:
            if is_free:
                self.__exit__(None, None, None)
