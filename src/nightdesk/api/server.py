"""uvicorn as the desk runs it: headers within bounds, a cap on connections, an end for clients that do not read."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from nightdesk.api.message import Application
from nightdesk.api.security import SECURITY_HEADERS, refusal

HEADER_SECONDS: Final = 5.0
MOST_HEAD: Final = 64 * 1024
"""Bytes of the address and the headers of one request, with `HEADER_COST` for each header."""
HEADER_COST: Final = 32
"""What a header takes beside its text, so that empty ones are not free."""
MOST_HEADERS: Final = 100
STALL_SECONDS: Final = 60.0
"""A client that takes nothing of an answer for this long is cut off."""
MOST_CONNECTIONS: Final = 256
TICK_SECONDS: Final = 1.0
REFUSED: Final = {
    400: (b"Bad Request", "the request is not HTTP/1.1; percent-encode whatever is not ASCII in an address"),
    431: (
        b"Request Header Fields Too Large",
        f"address and headers are over {MOST_HEAD} bytes or {MOST_HEADERS} headers; long queries go into a POST",
    ),
}
"""Reason phrase and message of what is refused before it is a request."""
FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class HeadTooLarge(Exception):
    """The address and headers of a request are over their bound; never leaves this module."""


class Connection(HttpToolsProtocol):
    """One connection: its headers are few and arrive within five seconds, and its answers are taken."""

    _head_bytes = 0
    """Of the address and headers that the request under way has so far."""
    _held_bytes = 0
    """What came since the parser last handed over a part of a body or whole headers: it holds that in memory."""
    _reads_headers = False
    _headers_due: asyncio.TimerHandle | None = None
    _stalled_at: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, note_refused: Callable[[int], None], **options: Any) -> None:
        """Not yet connected; `note_refused` counts the answers that no application gives, by status."""
        super().__init__(*args, **options)
        self._note_refused = note_refused

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Refuse at once what is over the cap: half-open connections must not use up the rest."""
        if len(self.connections) >= MOST_CONNECTIONS:
            transport.write(FULL)
            transport.close()
            return
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        """Parse what came, and ignore whatever a refused connection still sends."""
        transport: asyncio.Transport | Any = self.transport
        if transport is None or transport.is_closing():
            return
        self._unset_keepalive_if_required()
        self._held_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # Another protocol is only offered: the request is answered in this one (RFC 9110, 7.8), as the last.
            self.cycle.keep_alive = False
        except httptools.HttpParserError as error:
            self._refuse(431 if isinstance(error.__context__, HeadTooLarge) else 400)
            return
        if self._held_bytes > MOST_HEAD:
            self._refuse(431)
        # Headers that came whole, as nearly all do, need no deadline; a byte between two requests begins one.
        elif self._reads_headers or self._is_idle():
            self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop both deadlines."""
        for timer in (self._headers_due, self._stalled_at):
            if timer is not None:
                timer.cancel()
        if self.transport is not None:
            super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note that headers begin: a deadline is set for what is still to come of them."""
        super().on_message_begin()
        self._reads_headers = True
        self._head_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header, or one of those that may stand behind a body in parts."""
        self._count(len(name) + len(value) + HEADER_COST)
        if len(self.headers) >= MOST_HEADERS:
            raise HeadTooLarge
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop the deadline of the headers, and let the guard judge a host that the address names."""
        self._reads_headers = False
        self._held_bytes = 0
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None
        if not self.url.startswith(b"/"):
            self._note_target()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, which the front door bounds."""
        self._held_bytes = 0
        super().on_body(body)

    def pause_writing(self) -> None:
        """Start the deadline of a client that does not read."""
        super().pause_writing()
        self._stalled_at = self.loop.call_later(STALL_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that deadline: the client reads."""
        super().resume_writing()
        if self._stalled_at is not None:
            self._stalled_at.cancel()
            self._stalled_at = None

    def _expect_headers(self) -> None:
        if self._headers_due is None:
            self._headers_due = self.loop.call_later(HEADER_SECONDS, self.transport.abort)

    def _is_answering(self) -> bool:
        # uvicorn's type hides that there is none before the first request.
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _is_idle(self) -> bool:
        """Tell whether nothing is under way, and nothing else would end the connection."""
        return not self._is_answering() and self.timeout_keep_alive_task is None

    def _count(self, more: int) -> None:
        self._head_bytes += more
        if self._head_bytes > MOST_HEAD:
            raise HeadTooLarge

    def _note_target(self) -> None:
        """Count an address with a host of its own as one more Host, unless it says the same (RFC 9112, 3.2.2)."""
        target = urlsplit(self.url).netloc.lower()
        if [value.lower() for name, value in self.headers if name == b"host"] != [target]:
            self.headers.append((b"host", target))

    def _refuse(self, status: int) -> None:
        """Answer what cannot be read and close; nothing is put in between an answer that is on its way."""
        if not self._is_answering():
            self._note_refused(status)
            self.transport.write(_refusal_bytes(status))
        self.transport.close()


def _refusal_bytes(status: int) -> bytes:
    """Return a whole answer as it goes over the wire."""
    reason, told = REFUSED[status]
    refused = refusal(status, told)
    length = str(len(refused.body)).encode()
    headers = (
        (b"content-type", refused.content_type),
        (b"content-length", length),
        (b"connection", b"close"),
        *SECURITY_HEADERS,
    )
    lines = [b"HTTP/1.1 %d %s" % (status, reason), *(b"%s: %s" % header for header in headers)]
    return b"\r\n".join([*lines, b"", refused.body])


class Server(uvicorn.Server):
    """Serves until told to stop; signals are the service's, and an idle desk wakes once a second, not ten times."""

    def __init__(self, config: uvicorn.Config) -> None:
        """Not yet listening."""
        super().__init__(config)
        self._leaving = asyncio.Event()

    def leave(self) -> None:
        """Stop taking requests and let `serve` return."""
        self.should_exit = True
        self._leaving.set()

    async def main_loop(self) -> None:
        """Renew the Date header each second until told to leave."""
        ticks = 0
        # `on_tick` renews the header on every tenth count, as its own loop counts tenths of seconds.
        while not await self.on_tick(10 * ticks):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._leaving.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the service."""
        yield


def make_server(
    application: Application,
    note_refused: Callable[[int], None],
    *,
    behind_proxy: bool,
    tls_cert: str = "",
    tls_key: str = "",
) -> Server:
    """Configure a server for sockets that are bound already.

    Args:
        application: who answers.
        note_refused: called with the status of what is refused before it is a request.
        behind_proxy: whether to believe a proxy on this machine who asks.
        tls_cert: path of a certificate; empty for plain HTTP.
        tls_key: path of its key.
    """
    options: dict[str, Any] = {"ssl_certfile": tls_cert, "ssl_keyfile": tls_key} if tls_cert else {}
    # As an option without a type: uvicorn's allows a class alone, where it calls it.
    options["http"] = partial(Connection, note_refused=note_refused)
    config = uvicorn.Config(
        application,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        forwarded_allow_ips="127.0.0.1,::1" if behind_proxy else "",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
        **options,
    )
    return Server(config)
