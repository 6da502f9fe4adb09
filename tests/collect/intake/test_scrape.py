"""Scraping real servers on loopback: good ones, and those that hang, drip, flood, redirect, or answer nonsense."""

import asyncio
import gzip
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
import uvloop

from nightdesk.collect.collector import CollectFailure, Readings
from nightdesk.collect.intake.scrape import ScrapeTarget, target_url
from nightdesk.errors import BadPayload, CollectError, PayloadTooLarge, Unsafe
from nightdesk.model.labels import Labels
from nightdesk.testing.servers.exporter import Exporter
from nightdesk.testing.servers.raw_server import RawServer, Script, breaking_off, silent

AT = 1_700_000_000_000


@pytest.fixture(params=["asyncio", "uvloop"], autouse=True)
def loop_kind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run each test on both event loops: the desk runs on uvloop, an embedding program may not."""
    if request.param == "uvloop":
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    yield
    asyncio.set_event_loop_policy(None)


def answering(*answers: bytes, close: bool = False) -> Script:
    """Give one answer after the other, each once a whole request has come in; then close or wait."""

    def script(connection: socket.socket, closing: threading.Event) -> None:
        lines = connection.makefile("rb")
        for answer in answers:
            while lines.readline().strip():
                pass
            connection.sendall(answer)
        if not close:
            closing.wait()

    return script


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Write an answer with a length."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    return head.encode() + b"\r\n\r\n" + body


def scrape(script: Script, times: int = 1, **options: Any) -> list[Readings]:
    """Scrape a scripted server so many times within 5 s in all."""

    async def run() -> list[Readings]:
        target = ScrapeTarget(f"http://127.0.0.1:{server.port}/metrics", "bot", **options)
        try:
            async with asyncio.timeout(5):
                return [await target.collect(AT) for _ in range(times)]
        finally:
            target.close()

    with RawServer(script) as server:
        return asyncio.run(run())


def run(make: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine for at most 10 s."""
    asyncio.run(asyncio.wait_for(make(), 10))


def test_a_real_exporter_is_read_on_a_kept_connection() -> None:
    """Values follow the exporter; job and instance are added; one connection serves every scrape."""

    async def scenario() -> None:
        target = ScrapeTarget(target_url(f"127.0.0.1:{exporter.port}"), "bot", labels={"venue": "x"})
        for value in (1.0, 2.0, 3.0):
            exporter.set('orders{side="buy"}', value)
            readings = await target.collect(AT)
            assert readings.values.tolist() == [value]
        labels = Labels.of("orders", side="buy", job="bot", instance=f"127.0.0.1:{exporter.port}", venue="x")
        assert list(readings.labels) == [labels]
        assert target.target == labels.only(["job", "instance", "venue"])
        target.close()

    with Exporter() as exporter:
        run(scenario)


def test_one_connection_serves_several_scrapes() -> None:
    """Two answers come over one connection."""
    first, second = scrape(answering(http(b"a 1\n"), http(b"a 2\n")), times=2)
    assert (first.values.tolist(), second.values.tolist()) == ([1.0], [2.0])
    assert second.labels is first.labels


def test_a_connection_closed_while_idle_is_made_anew() -> None:
    """A server that closes after each answer without saying so is asked again, not reported as down."""
    first, second = scrape(answering(http(b"a 1\n"), close=True), times=2)
    assert (first.values.tolist(), second.values.tolist()) == ([1.0], [1.0])


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na 1\n\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\na 1\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na 1\n",
        http(gzip.compress(b"a 1\n"), "Content-Encoding: gzip"),
    ],
    ids=["chunked", "until closed 1.0", "until closed 1.1", "gzip"],
)
def test_every_form_of_body(answer: bytes) -> None:
    """Chunked, ended by closing, compressed: the same sample."""
    (readings,) = scrape(answering(answer, close=True))
    assert readings.values.tolist() == [1.0]


def test_conflicting_labels_are_exported_or_honoured() -> None:
    """The target's `job` becomes `exported_job`, unless its labels are to be honoured."""
    body = http(b'a{job="its own",exported_job="older"} 1\n')
    (taken,) = scrape(answering(body))
    assert taken.labels[0].get("job") == "bot"
    assert (taken.labels[0].get("exported_job"), taken.labels[0].get("exported_exported_job")) == ("older", "its own")
    (honoured,) = scrape(answering(body), honor_labels=True)
    assert honoured.labels[0].get("job") == "its own"


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (breaking_off, CollectFailure.UNREACHABLE),
        (answering(b"SSH-2.0-OpenSSH\r\n"), CollectFailure.UNREACHABLE),
        (answering(http(b"", status="503 Unavailable")), CollectFailure.HTTP_STATUS),
        (answering(http(b"", "Location: http://169.254.169.254/", status="302 Found")), CollectFailure.HTTP_STATUS),
        (answering(http(b"a 1\nb 2\nc 3\n")), CollectFailure.SAMPLE_LIMIT),
        (answering(http(b"a 1\n")[:-2], close=True), CollectFailure.UNREACHABLE),
    ],
    ids=["breaks off", "not HTTP", "503", "redirect", "too many samples", "cut short"],
)
def test_failures_have_their_reason(script: Script, reason: CollectFailure) -> None:
    """Each way to fail is told apart."""
    with pytest.raises(CollectError) as caught:
        scrape(script, sample_limit=2)
    assert caught.value.reason is reason


def test_a_page_that_is_no_exposition_is_refused() -> None:
    """HTML is a bad payload, named by its line."""
    with pytest.raises(BadPayload, match="line 1"):
        scrape(answering(http(b"<html>")))


def dripping(connection: socket.socket, closing: threading.Event) -> None:
    """Begin a good answer, then send a byte of its body now and then, which no timeout between bytes notices."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not closing.wait(0.02):
        connection.sendall(b"#")


@pytest.mark.parametrize("script", [silent, dripping], ids=["silent", "dripping"])
def test_a_hanging_target_ends_with_the_deadline(script: Script) -> None:
    """A target that says nothing, or a byte now and then, is left when the deadline cancels the collection."""

    async def scenario() -> None:
        target = ScrapeTarget(f"http://127.0.0.1:{server.port}/", "bot")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(target.collect(AT), 0.3)
        target.close()

    with RawServer(script) as server:
        run(scenario)


def flooding(head: bytes, piece: bytes) -> Script:
    """Send a head, then the same piece for ever."""

    def script(connection: socket.socket, closing: threading.Event) -> None:
        connection.recv(65536)
        connection.sendall(head)
        while not closing.is_set():
            connection.sendall(piece)

    return script


@pytest.mark.parametrize(
    "script",
    [
        flooding(b"HTTP/1.1 200 OK\r\n\r\n", b"a 1\n" * 4096),
        flooding(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"4000\r\n" + b"x" * 0x4000 + b"\r\n"),
        flooding(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 4096 + b"\r\n"),
        answering(http(gzip.compress(bytes(50_000_000)), "Content-Encoding: gzip")),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
    ],
    ids=["endless body", "endless chunks", "endless headers", "bomb", "declared"],
)
def test_a_flood_is_cut_off(script: Script) -> None:
    """Bodies and headers without end, and bombs, are too large; none is held."""
    with pytest.raises(PayloadTooLarge):
        scrape(script, most_body=1_000_000, most_unpacked=1_000_000)


@pytest.mark.parametrize("url", ["ftp://host/x", "file:///etc/passwd", "http:///x", "//host", "http://user:pw@host/"])
def test_urls_that_may_not_be_asked(url: str) -> None:
    """Only http and https, with a host and without a password."""
    with pytest.raises(Unsafe):
        ScrapeTarget(url, "bot")


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("127.0.0.1:8000", "http://127.0.0.1:8000/metrics"),
        ("https://bot.example", "https://bot.example/metrics"),
        ("https://bot.example/deep/path", "https://bot.example/deep/path"),
    ],
)
def test_targets_as_the_settings_write_them(target: str, url: str) -> None:
    """host:port gets scheme and path; a full URL stands as it is."""
    assert target_url(target) == url
