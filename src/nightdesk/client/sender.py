"""Carries bodies to the desk over one kept connection, and says what became of each."""

from __future__ import annotations

from nightdesk.client.address import Address

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing costs a bot seven milliseconds of its start
    from collections.abc import Callable

    from nightdesk.client.connection import Connection

    Transport = Callable[[bytes, float], tuple[int, bytes]]
    """Takes a body and the seconds it may take in all, and returns an HTTP status and the answer; or raises OSError."""

PATH = "/api/desk/bots/push"


class Sender:
    """A transport over a socket. Used by one thread."""

    def __init__(self, address: Address) -> None:
        """Not connected yet."""
        self._address = address
        self._connection: Connection | None = None

    def another(self) -> Sender:
        """Return one to the same address with a connection of its own, for a forked child."""
        return Sender(self._address)

    def __call__(self, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Send a body; a kept connection that turns out to be dead is replaced by the next call.

        Raises:
            OSError: no desk answered in time.
            ValueError: the address is none.
        """
        if self._connection is None or self._connection.is_closed:
            self._connection = self._address.connect()
        return self._connection.post(PATH, body, seconds)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
