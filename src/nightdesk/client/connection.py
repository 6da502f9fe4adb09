"""One HTTP/1.1 connection by hand, each request within a total deadline: a desk that drips or hangs holds nobody up.

`http.client` would cost a bot's start 20 ms, and its timeout is one for each read, not one for all.
"""

from __future__ import annotations

import socket
from time import monotonic

MOST_ANSWER = 64 * 1024
_END = b"\r\n\r\n"


class Connection:
    """A connection to a desk; any failure is an OSError, and closes it."""

    def __init__(self, link: socket.socket, host: str, token: str) -> None:
        """Speak over a connected socket; an empty token sends none."""
        self._link = link
        credential = f"Authorization: Bearer {token}\r\n" if token else ""
        self._head = f"Host: {host}\r\n{credential}Content-Type: application/json\r\nContent-Length: ".encode("latin-1")

    def post(self, path: str, body: bytes, seconds: float) -> tuple[int, bytes]:
        """Send a request and return status and body of the answer; OSError when `seconds` pass before that."""
        until = monotonic() + seconds
        request = b"POST %s HTTP/1.1\r\n%s%d\r\n\r\n%s" % (path.encode("ascii"), self._head, len(body), body)
        try:
            try:
                self._send(request, until)
            except (BrokenPipeError, ConnectionResetError):
                # The desk has heard enough: it may have said why before it closed.
                return self._last_answer(until)
            return self._answer(until)
        except (OSError, ValueError) as error:
            self.close()
            raise OSError(f"the desk did not answer: {error}") from error

    @property
    def is_closed(self) -> bool:
        """True once it was closed, by a failure or because the other side asked for it."""
        return self._link.fileno() < 0

    def close(self) -> None:
        """Close the socket."""
        self._link.close()

    def _send(self, request: bytes, until: float) -> None:
        rest = memoryview(request)
        while rest:
            self._link.settimeout(_left(until))
            rest = rest[self._link.send(rest) :]

    def _last_answer(self, until: float) -> tuple[int, bytes]:
        try:
            return self._answer(until)
        finally:
            self.close()

    def _answer(self, until: float) -> tuple[int, bytes]:
        received = b""
        while _END not in received:
            received += self._more(until)
            if len(received) > MOST_ANSWER:
                raise ValueError("the head of its answer has no end")
        head, _, rest = received.partition(_END)
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = {name.strip().lower(): value.strip().lower() for name, _, value in (x.partition(":") for x in lines)}
        size = int(headers.get("content-length", "0" if status == 204 else "-1"))
        if not 0 <= size <= MOST_ANSWER:
            # Some proxy's own form of answer: its status is all that matters.
            self.close()
            return status, b""
        while len(rest) < size:
            rest += self._more(until)
        if headers.get("connection") == "close":
            self.close()
        return status, rest[:size]

    def _more(self, until: float) -> bytes:
        self._link.settimeout(_left(until))
        received = self._link.recv(16_384)
        if not received:
            raise OSError("it closed the connection")
        return received


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise OSError("its time is over")
    return left
