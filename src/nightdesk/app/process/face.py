"""What the service asks of a face that serves requests; faces stand a floor higher: they are named, not imported."""

import pkgutil
import socket
from collections.abc import Callable, Sequence
from typing import Final, Protocol, cast

from nightdesk.app.desk import Desk
from nightdesk.app.settings.settings import Settings

HTTP_FACE: Final = "nightdesk.api.face:http_face"
"""Where the HTTP face is found: the one edge of the map that leads upwards, as an address, like an ASGI server's."""


class Face(Protocol):
    """Serves the desk on sockets that listen already."""

    async def serve(self) -> None:
        """Serve until `leave`."""
        ...

    def leave(self) -> None:
        """Stop taking requests; `serve` returns within about a second, open streams included."""
        ...


MakeFace = Callable[[Desk, Settings, Sequence[socket.socket]], Face]


def http_face() -> MakeFace:
    """Return the maker of the HTTP face."""
    return cast("MakeFace", pkgutil.resolve_name(HTTP_FACE))
