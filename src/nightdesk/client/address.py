"""Where the desk is: a socket in its data folder, or a URL; looked up for each connection, since desks come and go."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nightdesk.client.connection import Connection

SOCKET_NAME = "desk.sock"
CONNECT_SECONDS = 2.0


class Address:
    """Finds a desk by its data folder or its URL; opens connections to it."""

    def __init__(self, data: str = "", url: str = "", token_file: str = "") -> None:
        """Keep what was given. A URL has precedence; the data folder serves for its token where no file is named."""
        self._data, self._url = os.path.expanduser(data), url.rstrip("/")  # noqa: PTH111 - pathlib costs 3 ms at start
        self._token_file = os.path.expanduser(token_file) if token_file else ""  # noqa: PTH111 - as above

    @property
    def is_known(self) -> bool:
        """True where there is anything to connect to."""
        return bool(self._data or self._url)

    def connect(self) -> Connection:
        """Connect. Raises OSError where no desk answers, ValueError where the address is none."""
        if not self._url:
            path = os.path.join(self._data, SOCKET_NAME)  # noqa: PTH118 - as above
            if os.path.exists(path):  # noqa: PTH110 - as above
                return _by_socket(path)
        return _by_url(self._url or self._told_url(), self._token())

    def _told_url(self) -> str:
        """Read the address that a desk without a socket writes into its folder."""
        import json

        with open(os.path.join(self._data, "desk.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123 - as above
            return str(json.load(file)["url"])

    def _token(self) -> str:
        """Read the token anew each time, so that a changed one needs no restart of the bot."""
        file = self._token_file or (os.path.join(self._data, "token") if self._data else "")  # noqa: PTH118 - as above
        if not file:
            return os.environ.get("NIGHTDESK_TOKEN", "")
        with open(file, encoding="ascii") as stream:  # noqa: PTH123 - as above
            return stream.read().strip()


def _by_socket(path: str) -> Connection:
    import socket

    from nightdesk.client.connection import Connection

    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        link.settimeout(CONNECT_SECONDS)
        link.connect(path)
    except OSError:
        link.close()
        raise
    return Connection(link, "localhost", "")


def _by_url(url: str, token: str) -> Connection:
    import socket
    from urllib.parse import urlsplit

    from nightdesk.client.connection import Connection

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a desk; write e.g. http://127.0.0.1:9977")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    link = socket.create_connection((parts.hostname, port), CONNECT_SECONDS)
    try:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if parts.scheme == "https":
            import ssl

            link = ssl.create_default_context().wrap_socket(link, server_hostname=parts.hostname)
    except OSError:
        link.close()
        raise
    return Connection(link, parts.netloc.rpartition("@")[2], token)
