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


def _serving(
    scenario: Callable[[int], Awaitable[None]], application: Any = _application, refused: list[int] | None = None
) -> None:
    """Run a scenario against a server on a port of its own, and stop that within ten seconds."""
    noted: list[int] = [] if refused is None else refused

    async def run() -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        running = server.make_server(application, noted.append, behind_proxy=False)
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


async def _refused(port: int, *sent: bytes) -> bytes:
    """Send pieces, and return all that is answered until the connection ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for piece in sent:
            writer.write(piece)
            await writer.drain()
    answer = b""
    async with asyncio.timeout(5):
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(65536):
                answer += piece
    writer.close()
    return answer


@pytest.mark.parametrize(
    "sent",
    [
        (b"GET / HTTP/1.1\r\nhost: localhost\r\n" + b"x: y\r\n" * 101,),
        (b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"y" * 65_600,),
        (b"GET / HTTP/1.1\r\nhost: localhost\r\nx: " + b"y" * 65_600 + b"\r\n\r\n",),
        (b"GET /?" + b"y" * 65_600 + b" HTTP/1.1\r\n\r\n",),
        (b"GET /?", *[b"y" * 8_200] * 8),
        (b"GET / HTTP/1.1\r\nhost: localhost\r\n", *[b"x" * 700 + b":\r\n"] * 95),
    ],
    ids=["many", "long", "long and whole", "address", "address in pieces", "many long names"],
)
def test_headers_over_their_bound_are_refused(sent: tuple[bytes, ...]) -> None:
    """They are never held in memory: 431 in our form, and the connection ends."""

    async def scenario(port: int) -> None:
        head, _, body = (await _refused(port, *sent)).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 431 ")
        assert b"nosniff" in head
        assert b"connection: close" in head
        assert b'"status":"error"' in body
        assert refused == [431]

    refused: list[int] = []
    _serving(scenario, refused=refused)


def test_what_stands_behind_a_body_is_bounded_too() -> None:
    """Trailers that never end: the connection is closed while the request waits for them."""

    async def swallow(_scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive()).get("type") != "http.disconnect":
            pass

    async def scenario(port: int) -> None:
        head = b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nx: "
        assert await _refused(port, head, *[b"y" * 8_200] * 80) == b""

    _serving(scenario, swallow)


def test_as_much_as_programs_send_is_taken() -> None:
    """Sixty headers and an address of 32 KB come through, twice over one connection and after a large body."""

    async def scenario(port: int) -> None:
        head = b"/?" + b"y" * 32_000 + b" HTTP/1.1\r\nhost: localhost\r\n" + b"x: y\r\n" * 60
        whole = b"GET " + head + b"\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST " + head + b"content-length: 500000\r\n\r\n" + b"z" * 500_000 + whole)
        for _ in range(2):
            async with asyncio.timeout(5):
                assert (await reader.readuntil(b"here\n")).startswith(b"HTTP/1.1 200")
        writer.close()

    _serving(scenario)


def test_bytes_between_two_requests_hold_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty line keeps a kept connection no longer than beginning a request would."""
    monkeypatch.setattr(server, "HEADER_SECONDS", 0.2)

    async def scenario(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK)
        assert await reader.readuntil(b"here\n")
        writer.write(b"\r\n")
        async with asyncio.timeout(5):
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await reader.readexactly(1)
        writer.close()

    _serving(scenario)


def test_what_is_no_http_is_answered_in_our_form_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Raw UTF-8 in an address: 400 with the security headers and advice; nobody fills the log with it."""

    async def scenario(port: int) -> None:
        head, _, body = (await _refused(port, "GET /?query=é HTTP/1.1\r\n\r\n".encode())).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-security-policy" in head
        assert b"percent-encode" in body
        assert refused == [400]

    refused: list[int] = []
    with caplog.at_level("WARNING"):
        _serving(scenario, refused=refused)
    assert not caplog.records


def test_another_protocol_is_only_offered(caplog: pytest.LogCaptureFixture) -> None:
    """An Upgrade header is passed over without a word: the answer comes in HTTP/1.1, and is the last."""

    async def scenario(port: int) -> None:
        asked = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
        answer = await _refused(port, asked)
        assert answer.startswith(b"HTTP/1.1 200")
        assert answer.endswith(b"here\n")

    with caplog.at_level("WARNING"):
        _serving(scenario)
    assert not caplog.records


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        (b"/", [b"localhost"]),
        (b"http://localhost/", [b"localhost"]),
        (b"http://evil.example/", [b"localhost", b"evil.example"]),
    ],
)
def test_an_address_may_name_a_host_too(address: bytes, hosts: list[bytes]) -> None:
    """One that differs from the Host counts as one more, so that the guard judges both."""

    async def note(scope: Scope, _receive: Receive, send: Send) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"host")
        await respond(Response.of_text("here\n"), send)

    async def scenario(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(ASK.replace(b" / ", b" " + address + b" "))
        await reader.readuntil(b"here\n")
        writer.close()

    seen: list[bytes] = []
    _serving(scenario, note)
    assert seen == hosts
