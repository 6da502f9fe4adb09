"""GET of one URL again and again: the name resolved and its address judged, the connection kept between requests."""

import asyncio
import functools
import ssl
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure
from nightdesk.collect.intake.addresses import addresses_of
from nightdesk.collect.intake.http_answer import HttpAnswer, HttpConnection
from nightdesk.errors import CollectError, Unsafe

CONNECT_SECONDS: Final = 3.0
"""How long one address gets where there is another to try."""
_PORTS: Final = {"http": 80, "https": 443}


class HttpGet:
    """Asks one URL. Redirects are not followed: a target that moved is to be set anew.

    Own code rather than a client library: those resolve names on the loop's default executor, decide on an address
    after it was judged, and have no cap on a body.
    """

    def __init__(self, url: str, headers: Mapping[str, str], most_body: int, attendant: Attendant) -> None:
        """Prepare the request.

        Raises:
            Unsafe: the URL is not http or https, has no host, or holds a password.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise Unsafe(f"not a URL that can be read: {url!r}; write http://host:port/path or https://...")
        if parts.username is not None:
            raise Unsafe("a URL must not hold a user or a password: it appears in labels and logs")
        self._host, self._port = parts.hostname, parts.port or _PORTS[parts.scheme]
        self._tls = _certificates() if parts.scheme == "https" else None
        self._request = _request(parts, headers)
        self._most_body, self._attendant = most_body, attendant
        self._connection: HttpConnection | None = None

    async def get(self) -> HttpAnswer:
        """Return the answer, whatever its status.

        Raises:
            CollectError: no connection, a broken one, a forbidden address.
            PayloadTooLarge: the body is over its cap.
        """
        kept = self._connection
        if kept is not None and kept.usable:
            try:
                return await kept.ask(self._request)
            except CollectError:
                # The other side may have closed the idle connection just then: once more on a new one.
                if not kept.untouched:
                    raise
        self._connection = await self._connect()
        return await self._connection.ask(self._request)

    def close(self) -> None:
        """Cut the kept connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _connect(self) -> HttpConnection:
        addresses = await addresses_of(self._host, self._port, self._attendant)
        trouble: Exception | None = None
        for address in addresses:
            try:
                async with asyncio.timeout(CONNECT_SECONDS if address != addresses[-1] else None):
                    return await self._connect_to(address)
            except (OSError, TimeoutError, ssl.SSLError) as error:
                trouble = error
        reason = str(trouble) or "no answer"
        raise CollectError(f"{self._host}:{self._port}: {reason}", CollectFailure.UNREACHABLE) from trouble

    async def _connect_to(self, address: str) -> HttpConnection:
        loop = asyncio.get_running_loop()
        # An address is given, not the name, so that asyncio has nothing to resolve.
        _, connection = await loop.create_connection(
            lambda: HttpConnection(self._most_body),
            address,
            self._port,
            ssl=self._tls,
            server_hostname=self._host if self._tls else None,
        )
        return connection


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Return the context all targets share: loading the machine's certificates takes 20 ms and memory each time."""
    return ssl.create_default_context()


def _request(parts: SplitResult, headers: Mapping[str, str]) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if any("\r" in line or "\n" in line for line in lines):
        raise Unsafe("a URL and its headers are one line each")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
