"""The counter at which a desk in this process takes what clients push: HTTP's statuses without HTTP."""

import asyncio

from nightdesk.app.bots.desk import BotDesk
from nightdesk.app.shapes.bots import PushTakenShape
from nightdesk.errors import NightdeskError, PayloadTooLarge, Refused

TAKEN, REFUSED, KNOWN, TOO_LARGE, LATER = 200, 400, 409, 413, 503


class PushCounter:
    """Hands bodies from a client's thread to the desk's event loop, and its answer back."""

    def __init__(self, bots: BotDesk, loop: asyncio.AbstractEventLoop) -> None:
        """Take pushes for `bots`, which belongs to `loop`."""
        self._bots, self._loop = bots, loop

    def take(self, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Take one push, from any thread but the loop's; return the status and the body of `POST bots/push`.

        Raises:
            OSError: the loop has ended, or did not answer in time.
        """
        answering = self._answer(body)
        try:
            future = asyncio.run_coroutine_threadsafe(answering, self._loop)
        except RuntimeError as error:
            answering.close()
            raise ConnectionError("the desk's event loop has ended") from error
        try:
            return future.result(seconds)
        except TimeoutError:
            future.cancel()
            raise

    async def _answer(self, body: bytes) -> tuple[int, bytes]:
        try:
            taken = await self._bots.take(body)
        except PayloadTooLarge as error:
            return TOO_LARGE, str(error).encode("utf-8", "replace")
        except Refused as error:
            return REFUSED, str(error).encode("utf-8", "replace")
        except NightdeskError as error:
            return LATER, str(error).encode("utf-8", "replace")
        if taken.place is None:
            return KNOWN, b""
        return TAKEN, PushTakenShape.of(taken).model_dump_json().encode()
