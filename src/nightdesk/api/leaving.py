"""Clients that leave before their answer: nobody pays for an answer that nobody reads."""

import asyncio
from typing import Final, Self

from nightdesk.api.message import Receive

LOOKING_AFTER_SECONDS: Final = 0.02
"""Most answers are there before, and to look whether their client still is would cost a good part of them."""


class Leaving:
    """Cancels the task it is made in once the client has left; used as a context around the work for its answer."""

    def __init__(self, receive: Receive) -> None:
        """Look at what comes from the client while the context lasts; nobody else may."""
        self._receive = receive
        self._answering = asyncio.current_task()
        self._looking: asyncio.Future[None] | None = None
        self.has_left = False

    def __enter__(self) -> Self:
        """Begin to look in a moment."""
        self._timer = asyncio.get_running_loop().call_later(LOOKING_AFTER_SECONDS, self._look)
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()

    def _look(self) -> None:
        self._looking = asyncio.ensure_future(self._until_left())

    async def _until_left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_left = True
        if self._answering is not None:
            self._answering.cancel()
