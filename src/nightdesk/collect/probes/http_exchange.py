"""One HTTP request over a connection of its own, with the time of each phase."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import SplitResult

from nightdesk.clock import Clock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.intake.http_answer import HttpAnswer, HttpConnection
from nightdesk.collect.intake.http_request import port_of
from nightdesk.collect.probes.address import resolved
from nightdesk.collect.probes.probe import ProbeFailure
from nightdesk.errors import CollectError

PHASES: Final = ("dns", "tcp", "tls", "first_byte", "transfer")
_CONNECT_SECONDS: Final = 2.0
"""How long one address gets where there is another to try."""


@dataclass(slots=True)
class Exchange:
    """What came of it; phases that were not reached are missing."""

    phases: dict[str, float] = field(default_factory=dict)
    answer: HttpAnswer = field(default_factory=HttpAnswer)
    expires_at: float | None = None
    """When the certificate of the target ends, in Unix seconds; None without TLS."""


class _Connection(HttpConnection):
    """Notes when the first byte of the answer came, and does not wait for a body that HEAD never has."""

    def __init__(self, most_body: int, boot: Callable[[], float], *, bodiless: bool) -> None:
        super().__init__(most_body)
        self._boot, self._bodiless = boot, bodiless
        self.first_byte_at: float | None = None

    def data_received(self, data: bytes) -> None:
        """Note the instant, once."""
        if self.first_byte_at is None:
            self.first_byte_at = self._boot()
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """End here where no body follows, whatever length is announced."""
        if self._bodiless:
            self._answer.headers.pop("content-length", None)
        super().on_headers_complete()
        if self._bodiless:
            self._complete()


class Exchanger:
    """Resolves, connects and asks, each step timed on the boot clock."""

    def __init__(self, clock: Clock, attendant: Attendant, most_body: int) -> None:
        """Resolve names on the attendant's thread; refuse bodies over `most_body` bytes."""
        self._clock, self._attendant, self._most_body = clock, attendant, most_body

    async def exchange(
        self, parts: SplitResult, request: bytes, tls: ssl.SSLContext | None, *, bodiless: bool = False
    ) -> Exchange:
        """Send the request to where the URL leads, and return the answer whatever its status.

        Raises:
            CollectError: no name, no connection, no trust, or an answer that breaks off.
            PayloadTooLarge: the body is over its cap.
        """
        done = Exchange()
        opened = await self._opened(parts, done)
        connection = await self._secured(opened, parts, tls, done, bodiless=bodiless)
        asked = self._clock.boot()
        try:
            done.answer = await connection.ask(request)
        finally:
            connection.close()
        ended = self._clock.boot()
        first = connection.first_byte_at if connection.first_byte_at is not None else ended
        done.phases["first_byte"], done.phases["transfer"] = first - asked, ended - first
        return done

    async def _opened(self, parts: SplitResult, done: Exchange) -> socket.socket:
        host, port = str(parts.hostname), port_of(parts)
        started = self._clock.boot()
        addresses = await resolved(host, port, self._attendant)
        named = self._clock.boot()
        done.phases["dns"] = named - started
        trouble: Exception | None = None
        for address in addresses:
            try:
                async with asyncio.timeout(_CONNECT_SECONDS if address != addresses[-1] else None):
                    opened = await _open(address, port)
            except (OSError, TimeoutError) as error:
                trouble = error
            else:
                done.phases["tcp"] = self._clock.boot() - named
                return opened
        raise CollectError(f"{host}:{port}: {trouble or 'no answer'}", ProbeFailure.UNREACHABLE) from trouble

    async def _secured(
        self, opened: socket.socket, parts: SplitResult, tls: ssl.SSLContext | None, done: Exchange, *, bodiless: bool
    ) -> _Connection:
        started = self._clock.boot()
        made = _Connection(self._most_body, self._clock.boot, bodiless=bodiless)
        try:
            transport, connection = await asyncio.get_running_loop().create_connection(
                lambda: made, sock=opened, ssl=tls, server_hostname=str(parts.hostname) if tls else None
            )
        except ssl.SSLError as error:
            opened.close()
            raise CollectError(f"{parts.hostname}: {_plainly(error)}", ProbeFailure.TLS) from error
        except OSError as error:
            opened.close()
            # A server that hangs up in the middle of the handshake speaks no TLS.
            reason = ProbeFailure.TLS if tls else ProbeFailure.UNREACHABLE
            raise CollectError(f"{parts.hostname}: {error}", reason) from error
        except asyncio.CancelledError:
            opened.close()
            raise
        if tls is not None:
            done.phases["tls"] = self._clock.boot() - started
            done.expires_at = _expiry(transport.get_extra_info("peercert"))
        return connection


async def _open(address: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)  # noqa: FBT003 - the standard library's signature
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # An address and not a name, so that asyncio has nothing to resolve.
        await asyncio.get_running_loop().sock_connect(opened, (address, port))
    except BaseException:
        opened.close()
        raise
    return opened


def _plainly(error: ssl.SSLError) -> str:
    return getattr(error, "verify_message", "") or error.reason or str(error)


def _expiry(certificate: Any) -> float | None:
    """Return when a certificate ends, in Unix seconds; `notAfter` is written as "Jan  5 09:34:43 2028 GMT"."""
    written = certificate.get("notAfter") if isinstance(certificate, dict) else None
    return float(ssl.cert_time_to_seconds(written)) if isinstance(written, str) else None
