"""Wide answers, written piece by piece: never whole in memory beside the arrays they are made of.

The deadline of a question covers the writing and the sending of its answer. Past it an answer of which nothing was
sent is refused as any other; one that is on its way is cut off, so that no client takes a part of it for the whole.
A client that takes its time holds those arrays until then, so few may be on their way at once; what waits to be sent
to it is one piece.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from typing import Any, Final

from nightdesk.api.encodings import chosen, packer
from nightdesk.api.message import PIECE, Parts, Receive, Request, Response, Send
from nightdesk.app.desk import Desk
from nightdesk.errors import Overloaded, QueryTimeout

MOST_AT_ONCE: Final = 4

log = logging.getLogger(__name__)


class WideAnswers:
    """Sends answers that come in parts.

    The scribe thread makes one piece of each in turn, the next once the last was taken: none waits for the whole of
    another.
    """

    def __init__(self, desk: Desk) -> None:
        """None is on its way."""
        self._desk = desk
        self.under_way = 0

    async def send(self, parts: Parts, response: Response, request: Request, receive: Receive, send: Send) -> None:
        """Send the parts of a response until they are whole, their client leaves or their time is over.

        Raises:
            Overloaded: too many are on their way already; nothing was sent.
            QueryTimeout: the time was over before the first piece; nothing was sent.
        """
        if self.under_way >= MOST_AT_ONCE:
            raise Overloaded(f"{self.under_way} wide answers are on their way already: ask again later, or for less")
        self.under_way += 1
        encoding = chosen(request.headers.get("accept-encoding", ""))
        pieces = _pieces(parts.written if request.method != "HEAD" else iter(()), encoding)
        try:
            first = await self._next(pieces)
            await send(
                {"type": "http.response.start", "status": response.status, "headers": _headers(response, encoding)}
            )
            await self._within(parts, self._rest(first, pieces, send), receive)
        finally:
            self.under_way -= 1

    async def _within(self, parts: Parts, rest: Coroutine[Any, Any, None], receive: Receive) -> None:
        """Let the rest of an answer go out while its client is there and its deadline has not passed."""
        leaving, telling = asyncio.ensure_future(_until_gone(receive)), asyncio.ensure_future(rest)
        try:
            async with asyncio.timeout(parts.deadline.left):
                await asyncio.wait((leaving, telling), return_when=asyncio.FIRST_COMPLETED)
            if telling.done():
                telling.result()
        except (TimeoutError, QueryTimeout):
            # The server closes a connection whose answer is left unfinished.
            self._desk.answers_cut += 1
            log.warning("an answer was not taken whole within %.3g s and is cut off", parts.deadline.seconds)
        finally:
            leaving.cancel()
            telling.cancel()
            await asyncio.gather(leaving, telling, return_exceptions=True)

    async def _rest(self, piece: bytes | None, pieces: Iterator[bytes], send: Send) -> None:
        while piece is not None:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await self._next(pieces)
        await send({"type": "http.response.body", "body": b""})

    async def _next(self, pieces: Iterator[bytes]) -> bytes | None:
        return await self._desk.aside(lambda: next(pieces, None))


def _headers(response: Response, encoding: str) -> list[tuple[bytes, bytes]]:
    packing = [(b"content-encoding", encoding.encode())] if encoding else []
    return [(b"content-type", response.content_type), (b"vary", b"accept-encoding"), *response.headers, *packing]


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
