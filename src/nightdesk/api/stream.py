"""The live stream: server-sent events, a heartbeat each ten seconds, never compressed."""

import asyncio
from typing import Final

from nightdesk.api.message import Receive, Request, Send
from nightdesk.app.desk import Desk
from nightdesk.app.live.broadcast import Event, Listener

HEARTBEAT_SECONDS: Final = 10.0
HEADERS: Final = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)


async def stream(_request: Request, desk: Desk, receive: Receive, send: Send) -> None:
    """Send what goes on until the client leaves.

    Last-Event-ID needs no answer of its own: every event tells the whole present state, and what was missed in between
    is asked by a range query. Raises Overloaded when too many follow already.
    """
    listener = desk.follow()
    leaving = asyncio.ensure_future(_until_gone(receive))
    telling = asyncio.ensure_future(_tell(desk, listener, send))
    try:
        await asyncio.wait((leaving, telling), return_when=asyncio.FIRST_COMPLETED)
    finally:
        desk.leave(listener)
        leaving.cancel()
        telling.cancel()
        await asyncio.gather(leaving, telling, return_exceptions=True)


async def _tell(desk: Desk, listener: Listener, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": list(HEADERS)})
    await send({"type": "http.response.body", "body": b"retry: 2000\n\n", "more_body": True})
    told_dropped = 0
    while not listener.ended:
        event = await listener.next(HEARTBEAT_SECONDS)
        text = _framed(event, await desk.written(event)) if event else b": still here\n\n"
        if listener.dropped != told_dropped:
            told_dropped = listener.dropped
            text = b": %d events were dropped, this client is slow\n\n" % told_dropped + text
        await send({"type": "http.response.body", "body": text, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _framed(event: Event, data: bytes) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (event.kind.value.encode(), event.at, data)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
