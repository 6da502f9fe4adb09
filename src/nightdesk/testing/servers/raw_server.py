"""A TCP server on loopback that follows a script: for peers that say nothing, drip, or break off."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

Script = Callable[[socket.socket, threading.Event], None]
"""Talks on one connection until it returns or the event says that the server is closing."""

_DRIP_SECONDS: Final = 0.25


class RawServer:
    """Runs its script on every connection, each in a thread, until it is closed."""

    def __init__(self, script: Script) -> None:
        """Choose a port; connections are taken once entered."""
        self._script = script
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]

    @property
    def connections(self) -> int:
        """How many connections were taken so far."""
        return len(self._connections)

    def _accept(self) -> None:
        # Closing the listener is how this loop ends.
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _talk(self, connection: socket.socket) -> None:
        # The other side may go at any moment; that is what many of the tests are about.
        with connection, contextlib.suppress(OSError):
            self._script(connection, self._closing)

    def __enter__(self) -> Self:
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        # A blocked accept does not notice a close, but it does notice a shutdown.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in (self._acceptor, *self._threads):
            thread.join(5)


def silent(connection: socket.socket, closing: threading.Event) -> None:  # noqa: ARG001 - a script
    """Accept, and say nothing for ever."""
    closing.wait()


def dripping(connection: socket.socket, closing: threading.Event) -> None:
    """Send the first line of an answer a byte at a time and never end it, which no timeout between bytes notices."""
    while not closing.wait(_DRIP_SECONDS):
        connection.sendall(b"2")


def breaking_off(connection: socket.socket, closing: threading.Event) -> None:  # noqa: ARG001 - a script
    """Take what comes first, and close."""
    connection.recv(1)


def hanging_up(connection: socket.socket, closing: threading.Event) -> None:
    """Close without a word."""


def saying(*answers: bytes) -> Script:
    """Greet with the first answer and give the next one after each line that comes in; then wait."""

    def script(connection: socket.socket, closing: threading.Event) -> None:
        connection.sendall(answers[0])
        lines = connection.makefile("rb")
        for answer in answers[1:]:
            lines.readline()
            connection.sendall(answer)
        closing.wait()

    return script


@contextmanager
def silent_socket(path: Path) -> Iterator[None]:
    """Listen on a Unix socket, take connections into the backlog, and say nothing."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        yield
