"""GET of one URL again and again: the name resolved and its address judged, the connection kept between requests."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Final

from nightdesk.collect.attendant import Attendant
from nightdesk.collect.certificates import trusted
from nightdesk.collect.collector import CollectFailure
from nightdesk.collect.intake.addresses import addresses_of
from nightdesk.collect.intake.http_answer import HttpAnswer, HttpConnection
from nightdesk.collect.intake.http_request import port_of, request_of, url_parts
from nightdesk.errors import CollectError

CONNECT_SECONDS: Final = 3.0
"""How long one address gets where there is another to try."""


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
        parts = url_parts(url)
        # url_parts refuses a URL without a host.
        self._host, self._port = str(parts.hostname), port_of(parts)
        self._tls = trusted() if parts.scheme == "https" else None
        self._request = request_of(parts, headers)
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
