"""The desk's socket in its data folder: the way in for bots of the same user, who need no token there.

The file's mode is the credential: 0600 in a folder of 0700. Whoever may open it could read the token as well.
"""

import logging
import os
import socket
from pathlib import Path
from typing import Final

from nightdesk.app.settings.settings import Settings

SOCKET_NAME: Final = "desk.sock"
LONGEST_PATH: Final = 107
"""Bytes that the kernel takes for the path of a socket."""
BACKLOG: Final = 128
OWNER_ONLY: Final = 0o600

log = logging.getLogger(__name__)


def listen_locally(settings: Settings) -> list[socket.socket]:
    """Listen on the folder's socket; none where the settings, the system or the length of the path do not allow it.

    The caller holds the folder's lock, so a file of that name is left over from a desk that was killed.
    """
    path = settings.desk.data.absolute() / SOCKET_NAME
    if not settings.client.socket or not hasattr(socket, "AF_UNIX"):
        return []
    if len(os.fsencode(path)) > LONGEST_PATH:
        log.warning(
            "no socket for bots: the path %s is longer than the %d bytes a socket may have; they reach the desk by its"
            " URL, or choose a data folder with a shorter path",
            path,
            LONGEST_PATH,
        )
        return []
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        _bind(listener, path)
        listener.listen(BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 - the socket's own name for it
    except OSError as error:
        listener.close()
        log.warning("no socket for bots: %s cannot be made (%s); they reach the desk by its URL", path, error)
        return []
    return [listener]


def _bind(listener: socket.socket, path: Path) -> None:
    """Bind with the owner's mode from the first moment on: between bind and chmod another could connect."""
    before = os.umask(0o777 & ~OWNER_ONLY)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)


def withdraw(listener: socket.socket) -> None:
    """Remove the file of a socket, while the folder is still ours; other sockets have none."""
    if listener.family == getattr(socket, "AF_UNIX", None):
        Path(listener.getsockname()).unlink(missing_ok=True)
