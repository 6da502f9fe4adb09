"""uvicorn as the desk runs it: a deadline for headers, a cap on connections, an end for clients that do not read."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from nightdesk.api.message import Application

HEADER_SECONDS: Final = 5.0
STALL_SECONDS: Final = 60.0
"""A client that takes nothing of an answer for this long is cut off."""
MOST_CONNECTIONS: Final = 256
TICK_SECONDS: Final = 1.0
FULL: Final = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class Connection(HttpToolsProtocol):
    """One connection: its headers arrive within five seconds, and its answers are taken."""

    _reads_headers = False
    _headers_due: asyncio.TimerHandle | None = None
    _stalled_at: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Refuse at once what is over the cap: half-open connections must not use up the rest."""
        if len(self.connections) >= MOST_CONNECTIONS:
            transport.write(FULL)
            transport.close()
            return
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        """Ignore whatever a refused connection still sends."""
        if self.transport is not None:
            super().data_received(data)
            # Headers that came whole, as nearly all do, need no deadline.
            if self._reads_headers:
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

    def on_headers_complete(self) -> None:
        """Stop the deadline of the headers."""
        self._reads_headers = False
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None
        super().on_headers_complete()

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


def make_server(application: Application, *, behind_proxy: bool, tls_cert: str = "", tls_key: str = "") -> Server:
    """Configure a server for sockets that are bound already."""
    options: dict[str, Any] = {"ssl_certfile": tls_cert, "ssl_keyfile": tls_key} if tls_cert else {}
    config = uvicorn.Config(
        application,
        http=Connection,
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
