"""A real Redis on loopback for one test, with a client that speaks just enough of its protocol."""

import socket
import subprocess
import tempfile
from types import TracebackType
from typing import Final, Self

from nightdesk.testing.desk import free_port
from nightdesk.testing.servers.ports import wait_for_port
from nightdesk.testing.servers.services import require_program

_STOP_SECONDS: Final = 10.0


class RedisServer:
    """Runs from `with` to its end; keeps nothing on disk."""

    def __init__(self, *arguments: str) -> None:
        """Take a free port; `arguments` are further ones of redis-server. Skips where there is none installed."""
        self._program = require_program("redis-server", "valkey-server")
        self._arguments = arguments
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self._folder = tempfile.TemporaryDirectory(prefix="nightdesk-redis-")
        command = [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(
            [*command, "--dir", self._folder.name, *self._arguments], stdout=subprocess.DEVNULL
        )
        wait_for_port(self.port)

    def stop(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(_STOP_SECONDS)
            self._folder.cleanup()
            self.process = None

    def tell(self, *commands: str) -> None:
        """Send commands, one after the other, and wait until all are answered."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall("".join(f"{command}\r\n" for command in (*commands, "QUIT")).encode())
            while connection.recv(65_536):
                continue

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
