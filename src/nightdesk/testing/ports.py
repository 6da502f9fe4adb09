"""Ports of loopback for servers that a test starts."""

import socket
import time
from typing import Final

_PATIENCE_SECONDS: Final = 20.0


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for_port(port: int, seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait until somebody listens on a port of loopback. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port} after {seconds:g} s")
