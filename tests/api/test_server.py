"""The server on a real socket: half-open, stalled and too many connections cost nobody else anything."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from nightdesk.api import server
from nightdesk.api.message import Receive, Response, Scope, Send, respond

ASK = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"


async def _application(_scope: Scope, _receive: Receive, send: Send) -> None:
    await respond(Response.of_text("here\n"), send)


async def _large(_scope: Scope, _receive: Receive, send: Send) -> None:
    await respond(Response(200, b"x" * 50_000_000), send)


def _serving(scenario: Callable[[int], Awaitable[None]], application: Any = _application) -> None:
    """Run a scenario against a server on a port of its own, and stop that within ten seconds."""

    async def run() -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        running = server.make_server(application, behind_proxy=False)
        serving = asyncio.ensure_future(running.serve([listener]))
        try:
            await scenario(listener.getsockname()[1])
        finally:
            running.leave()
            async with asyncio.timeout(10):
                await serving

    asyncio.run(run())


async def _ask(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(ASK)
    head = await reader.readuntil(b"\r\n")
    writer.close()
    return head


def test_a_half_open_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers that do not arrive in time end the connection, whether none came or some."""
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.2)

    async def scenario(port: int) -> None:
        for start in (b"", b"GET / HTTP/1.1\r\nhost:"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(start)
            async with asyncio.timeout(5):
                with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                    assert await reader.readexactly(1)
            writer.close()

    _serving(scenario)


def test_a_second_request_has_the_same_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kept connection is quiet as long as it likes; once it begins a request, that has to arrive."""
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.3)

    async def scenario(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK)
        assert await reader.readuntil(b"here\n")
        await asyncio.sleep(0.6)
        writer.write(ASK)
        assert await reader.readuntil(b"here\n")
        writer.write(b"GET /slow")
        async with asyncio.timeout(5):
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
        writer.close()

    _serving(scenario)


def test_connections_over_the_cap_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one too many hears 503; when another leaves there is room again."""
    monkeypatch.setattr(server, "MOST_CONNECTIONS", 3)

    async def scenario(port: int) -> None:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        async with asyncio.timeout(5):
            assert b"503" in await _ask(port)
            held[0][1].close()
            await held[0][1].wait_closed()
            while b"200" not in await _ask(port):
                pass
        for _, writer in held[1:]:
            writer.close()

    _serving(scenario)


def test_a_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answer does not stay in memory for ever; others are answered meanwhile."""
    monkeypatch.setattr(server, "STALL_SECONDS", 0.3)

    async def scenario(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as stalled:
            stalled.sendall(ASK)
            async with asyncio.timeout(10):
                assert b"200" in await _ask(port)
                while cut != 1:  # noqa: ASYNC110 - the server's own timer is awaited
                    await asyncio.sleep(0.01)

    cut = 0

    class Watched(server.Connection):
        def connection_lost(self, exc: Exception | None) -> None:
            nonlocal cut
            cut += self.flow.write_paused
            super().connection_lost(exc)

    monkeypatch.setattr(server, "Connection", Watched)
    _serving(scenario, _large_for_some())


def _large_for_some() -> Any:
    """Answer fifty megabytes first, and little to everybody after."""
    asked = 0

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal asked
        asked += 1
        await (_large if asked == 1 else _application)(scope, receive, send)

    return application


def test_leaving_does_not_wait_for_an_open_stream() -> None:
    """A stream that never ends by itself is ended about a second after the desk is told to stop."""

    async def endless(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await send({"type": "http.response.body", "body": b""})

    async def scenario(port: int) -> None:
        followed.connect(("127.0.0.1", port))
        followed.sendall(ASK)
        assert await asyncio.to_thread(followed.recv, 100)

    followed = socket.socket()
    with followed:
        _serving(scenario, endless)
