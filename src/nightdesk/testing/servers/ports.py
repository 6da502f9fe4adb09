"""Waiting for servers that a test started on loopback."""

import socket
import time
from typing import Final

_PATIENCE_SECONDS: Final = 20.0


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
