"""The HTTP face, put together: policy from the settings, guard, front door, server."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from nightdesk.api.front import Front
from nightdesk.api.local import LOCAL_TABLE, LocalGuard
from nightdesk.api.security import COOKIE, LOOPBACK_HOSTS, Guard, Policy
from nightdesk.api.server import Server, make_server
from nightdesk.api.table import TABLE
from nightdesk.app.desk import Desk
from nightdesk.app.settings.kinds import is_loopback
from nightdesk.app.settings.settings import Settings

ANY_ADDRESS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


def policy_of(settings: Settings, port: int) -> Policy:
    """Return what a desk with these settings, listening on a port, demands of requests."""
    desk = settings.desk
    names = {*LOOPBACK_HOSTS, *desk.hosts}
    if desk.bind not in ANY_ADDRESS:
        names.add(desk.bind)
    if public := urlsplit(desk.public_url).hostname:
        names.add(public)
    return Policy(
        hosts=frozenset(name.lower().strip("[]") for name in names),
        auth=desk.auth,
        reads_need_token=desk.auth and (desk.behind_proxy or not is_loopback(desk.bind)),
        secure_cookie=bool(desk.tls_cert) or desk.behind_proxy,
        cookie=f"{COOKIE}_{port}",
    )


def make_front(desk: Desk, settings: Settings, port: int) -> Front:
    """Return the ASGI application of a desk that listens on a port."""
    guard = Guard(policy_of(settings, port), desk.keys, desk.brake)
    return Front(desk, guard, TABLE, settings.limits.body_bytes)


class HttpFace:
    """An `app.face.Face` that speaks HTTP/1.1."""

    def __init__(self, desk: Desk, servers: Sequence[tuple[Server, socket.socket]]) -> None:
        """Serve each socket, which listens already, by its own server."""
        self._desk, self._servers = desk, list(servers)

    async def serve(self) -> None:
        """Serve until `leave`."""
        async with asyncio.TaskGroup() as group:
            for server, listener in self._servers:
                group.create_task(server.serve([listener]))

    def leave(self) -> None:
        """Stop taking requests, and end the streams, which would not end by themselves."""
        self._desk.broadcast.end()
        for server, _ in self._servers:
            server.leave()


def http_face(desk: Desk, settings: Settings, sockets: Sequence[socket.socket]) -> HttpFace:
    """Make the HTTP face of a desk."""
    servers = [
        (_local_server(desk, settings) if is_local(each) else _server(desk, settings, each), each) for each in sockets
    ]
    return HttpFace(desk, servers)


def is_local(listener: socket.socket) -> bool:
    """Tell whether a socket is the one in the data folder."""
    return listener.family == getattr(socket, "AF_UNIX", None)


def _server(desk: Desk, settings: Settings, listener: socket.socket) -> Server:
    return make_server(
        make_front(desk, settings, listener.getsockname()[1]),
        _counter(desk),
        behind_proxy=settings.desk.behind_proxy,
        tls_cert=str(settings.desk.tls_cert or ""),
        tls_key=str(settings.desk.tls_key or ""),
    )


def _local_server(desk: Desk, settings: Settings) -> Server:
    """Return a server with doors of its own: neither TLS nor a proxy stands before a file."""
    guard = LocalGuard(Policy(), desk.keys, desk.brake)
    front = Front(desk, guard, LOCAL_TABLE, settings.limits.body_bytes)
    return make_server(front, _counter(desk), behind_proxy=False)


def _counter(desk: Desk) -> Callable[[int], None]:
    """Return what counts an answer that the desk never saw, beside those that it gave."""
    return lambda status: desk.answers.update((status,))
