"""Whole answers on their way to clients that take their time: what all of them hold in memory has a bound."""

import asyncio
import logging
from typing import Final

from nightdesk.api.message import Response, Send, respond
from nightdesk.app.desk import Desk
from nightdesk.errors import Overloaded

MOST_HELD: Final = 64 * 2**20
"""Bytes of all answers of more than one piece; wide ones are made as they are taken and count elsewhere."""
SECONDS: Final = 120.0
"""By then such an answer is taken, or it is cut off: a client that drips holds none for hours."""

log = logging.getLogger(__name__)


class HeldAnswers:
    """Sends answers that are whole."""

    def __init__(self, desk: Desk) -> None:
        """None is on its way."""
        self._desk = desk
        self.bytes = 0

    async def send(self, response: Response, send: Send) -> None:
        """Send an answer of more than one piece until its client has taken it.

        Raises:
            Overloaded: answers of too many bytes wait for their clients already; nothing was sent.
        """
        size = len(response.body)
        if self.bytes and self.bytes + size > MOST_HELD:
            raise Overloaded(f"answers of {self.bytes} bytes wait for their clients already: ask again later")
        self.bytes += size
        try:
            async with asyncio.timeout(SECONDS):
                await respond(response, send)
        except TimeoutError:
            # The server closes a connection whose answer is left unfinished.
            self._desk.answers_cut += 1
            log.warning("an answer was not taken whole within %.3g s and is cut off", SECONDS)
        finally:
            self.bytes -= size
