"""One answer over one HTTP/1.1 connection, put together as its bytes come in, under caps."""

import asyncio
from dataclasses import dataclass, field
from typing import Final, cast

import httptools

from nightdesk.collect.collector import CollectFailure
from nightdesk.errors import CollectError, PayloadTooLarge

MOST_HEADER_BYTES: Final = 65_536


@dataclass(slots=True)
class HttpAnswer:
    """Status, headers (names in lower case, the last of equal ones), body as sent."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class HttpConnection(asyncio.Protocol):
    """Sends one request after the other; the connection is kept as long as both sides like."""

    def __init__(self, most_body: int) -> None:
        """Refuse bodies of more than `most_body` bytes."""
        self._most = most_body
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[HttpAnswer] | None = None
        self._answer = HttpAnswer()
        self._parser = httptools.HttpResponseParser(self)
        self._pieces: list[bytes] = []
        self._received = self._in_head = 0
        self._until_closed = False
        self.untouched = True
        """True until the first byte of the present answer has come."""

    @property
    def usable(self) -> bool:
        """True while another request can go out here."""
        return self._transport is not None and not self._transport.is_closing() and self._waiter is None

    async def ask(self, request: bytes) -> HttpAnswer:
        """Send a request and wait for its whole answer.

        Raises:
            CollectError: UNREACHABLE where the connection breaks or the answer is not HTTP.
            PayloadTooLarge: the answer is over its cap.
        """
        assert self._transport is not None
        self._answer, self._pieces = HttpAnswer(), []
        self._parser = httptools.HttpResponseParser(self)
        self._received = self._in_head = 0
        self.untouched = True
        self._waiter = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._waiter
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self._waiter = None

    def close(self) -> None:
        """Cut the connection at once, whatever is still to be sent."""
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        # No isinstance: the transports of uvloop have asyncio's methods without being its subclasses.
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; cut off whoever sends what nobody asked for."""
        self.untouched = False
        if self._waiter is None or self._waiter.done():
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(CollectError(f"the answer is not HTTP: {error}", CollectFailure.UNREACHABLE))
        self._in_head += 0 if self._answer.status else len(data)
        if self._in_head > MOST_HEADER_BYTES:
            self._fail(PayloadTooLarge("the answer's headers do not end"))

    def connection_lost(self, exc: Exception | None) -> None:
        """End an answer whose body lasts until the connection closes; fail any other."""
        if self._until_closed and exc is None and self._waiter is not None and not self._waiter.done():
            self._complete()
            return
        self._fail(CollectError(f"the connection broke: {exc or 'closed'}", CollectFailure.UNREACHABLE))

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._answer.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Learn the status, and whether the body lasts until the connection closes."""
        self._answer.status = self._parser.get_status_code()
        headers = self._answer.headers
        self._until_closed = "content-length" not in headers and "transfer-encoding" not in headers
        if headers.get("content-length", "0").isdigit() and int(headers.get("content-length", "0")) > self._most:
            self._fail(self._too_large())

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body, up to the cap."""
        self._received += len(body)
        if self._received > self._most:
            self._fail(self._too_large())
        else:
            self._pieces.append(body)

    def on_message_complete(self) -> None:
        """Hand over the answer; close where the other side will."""
        keep = self._parser.should_keep_alive()
        self._complete()
        if not keep:
            self.close()

    def _complete(self) -> None:
        self._answer.body = b"".join(self._pieces)
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(self._answer)

    def _fail(self, error: Exception) -> None:
        self._pieces = []
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(error)
        self.close()

    def _too_large(self) -> PayloadTooLarge:
        return PayloadTooLarge(f"the answer is more than {self._most} bytes")
