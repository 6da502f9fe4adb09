"""Work whose result several wait for, done once."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Whoever asks first starts the work; it goes on when that one leaves, and everybody gets what comes of it."""

    def __init__(self) -> None:
        """Nothing is begun."""
        self._work: asyncio.Task[T] | None = None

    async def of(self, work: Coroutine[Any, Any, T]) -> T:
        """Return the result of the first work given here, or raise what it raised; later work is not begun."""
        if self._work is None:
            self._work = asyncio.ensure_future(work)
        else:
            work.close()
        return await asyncio.shield(self._work)
