"""Wide answers, written piece by piece: never whole in memory beside the arrays they are made of.

A client that takes its time holds those arrays, so few may be on their way at once and each has its deadline.
"""

import asyncio
import logging
from collections.abc import Iterator
from typing import Final

from nightdesk.api.encodings import chosen, packer
from nightdesk.api.message import Receive, Request, Response, Send
from nightdesk.app.desk import Desk
from nightdesk.errors import Overloaded

MOST_AT_ONCE: Final = 4
LONGEST_SECONDS: Final = 300.0
"""A client that has not taken all of an answer by then is cut off."""
PIECE: Final = 1024 * 1024
"""Bytes written at once, at least; one series may have more."""

log = logging.getLogger(__name__)


class WideAnswers:
    """Sends answers that come in parts; the parts are made on the scribe thread, one piece after the other was sent."""

    def __init__(self, desk: Desk) -> None:
        """None is on its way."""
        self._desk = desk
        self.under_way = 0

    async def send(self, response: Response, request: Request, receive: Receive, send: Send) -> None:
        """Send an answer until it is whole, its client leaves or its time is over.

        Raises:
            Overloaded: too many are on their way already; nothing was sent.
        """
        if self.under_way >= MOST_AT_ONCE:
            raise Overloaded(f"{self.under_way} wide answers are on their way already: ask again later, or for less")
        self.under_way += 1
        leaving = asyncio.ensure_future(_until_gone(receive))
        telling = asyncio.ensure_future(self._tell(response, request, send))
        try:
            await asyncio.wait((leaving, telling), timeout=LONGEST_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
            elif not leaving.done():
                log.warning("a client did not take its answer within %.0f s and is cut off", LONGEST_SECONDS)
        finally:
            self.under_way -= 1
            leaving.cancel()
            telling.cancel()
            await asyncio.gather(leaving, telling, return_exceptions=True)

    async def _tell(self, response: Response, request: Request, send: Send) -> None:
        encoding = chosen(request.headers.get("accept-encoding", ""))
        headers = [(b"content-type", response.content_type), (b"vary", b"accept-encoding"), *response.headers]
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        pieces = _pieces(response.parts or iter(()), encoding) if request.method != "HEAD" else iter(())
        while (piece := await self._desk.aside(lambda: next(pieces, None))) is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _pieces(parts: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Join parts to pieces worth sending, and pack them."""
    packing = packer(encoding) if encoding else None
    held: list[bytes] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= PIECE:
            piece = b"".join(held)
            yield packing.compress(piece) if packing else piece
            held, size = [], 0
    piece = b"".join(held)
    yield packing.compress(piece) + packing.flush() if packing else piece


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
