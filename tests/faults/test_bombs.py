"""Bodies made to hurt, on every route that takes bytes: refused, and the desk has hardly grown."""

import gzip
import http.client
import io
import socket
from collections.abc import Iterator
from pathlib import Path

import cramjam
import pytest

from nightdesk.api.table import ROUTES
from nightdesk.testing.desk import DeskProcess
from nightdesk.testing.remote_write import snappy, varint

MOST_GROWTH_MEGABYTES = 64
HUGE = 1 << 30
SAMPLE_ROUTES = ("/api/v1/write", "/api/v1/import/prometheus")
TAKERS = sorted(
    (route.path.replace("{name}", "x").replace("{id}", "1"), method)
    for route in ROUTES
    for method in route.methods & {"POST", "PUT", "DELETE"}
    if route.handler is not None
)


def _nested(depth: int) -> bytes:
    """Return a protobuf message in a message, and so on."""
    body = b""
    for _ in range(depth):
        body = b"\x0a" + varint(len(body)) + body
    return body


def bombs() -> Iterator[tuple[str, str, bytes]]:
    """Yield (what it is, Content-Encoding, body)."""
    zeros = io.BytesIO()
    with gzip.GzipFile(fileobj=zeros, mode="wb", compresslevel=6) as packer:
        for _ in range(256):
            packer.write(bytes(1 << 20))
    million_samples = b"\x0a" + varint(2_000_000 + 8) + b"\x0a\x06\x0a\x01a\x12\x01b" + b"\x12\x00" * 1_000_000
    yield "a snappy block that declares 4 GiB", "snappy", b"\xff\xff\xff\xff\x0f" + bytes(10)
    yield "a snappy block that declares more than it can hold", "snappy", varint(60 << 20) + bytes(100)
    yield "256 MiB of zeros in gzip", "gzip", zeros.getvalue()
    yield "gzip that ends too early", "gzip", zeros.getvalue()[:1000]
    yield "1 GiB of zeros in zstd", "zstd", bytes(cramjam.zstd.compress(bytes(1 << 20))) * 1024
    yield "no zstd at all", "zstd", b"\x28\xb5\x2f\xfd" + b"\xff" * 100
    yield "a field of 1 GiB that is not there", "snappy", snappy(b"\x0a" + varint(HUGE))
    yield "a length beyond 64 bits", "snappy", snappy(b"\x0a" + b"\xff" * 12)
    yield "messages in messages", "snappy", snappy(_nested(20_000))
    yield "a million empty samples in one series", "snappy", snappy(million_samples)
    yield "lists in lists", "", b"[" * 200_000
    yield "one name of a megabyte", "", b"a" * (1 << 20)
    yield "an encoding nobody knows", "br", b"\x00" * 100


def peak_megabytes(desk: DeskProcess, *, reset: bool = False) -> float:
    """Return the most memory that the desk has held since the last reset."""
    if reset:
        Path(f"/proc/{desk.pid}/clear_refs").write_text("5")
    (line,) = [each for each in Path(f"/proc/{desk.pid}/status").read_text().splitlines() if each.startswith("VmHWM")]
    return int(line.split()[1]) / 1_024


def send(desk: DeskProcess, path: str, method: str, encoding: str, body: bytes) -> int:
    """Send a body and return the status; 0 where the desk cut the connection before all of it was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=20)
    headers = {"Content-Type": "application/json" if not encoding else "application/x-protobuf"}
    try:
        connection.request(method, path, body, headers | ({"Content-Encoding": encoding} if encoding else {}))
        return connection.getresponse().status
    except (ConnectionError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """A desk that everybody may write to."""
    with DeskProcess(tmp_path_factory.mktemp("bombs"), "--no-auth", "--no-collect") as running:
        yield running


@pytest.mark.parametrize(("what", "encoding", "body"), list(bombs()), ids=[what for what, _, _ in bombs()])
def test_no_bomb_goes_off(desk: DeskProcess, what: str, encoding: str, body: bytes) -> None:
    """Whichever route it is sent to: no answer of 500, no more than 64 MB, and the desk goes on."""
    before = peak_megabytes(desk, reset=True)
    answers = {(path, method): send(desk, path, method, encoding, body) for path, method in TAKERS}
    assert {place: status for place, status in answers.items() if status >= 500} == {}, what
    told = {path: answers[path, "POST"] for path in SAMPLE_ROUTES}
    # A request in which no series has a sample is well formed, and nothing is taken of it.
    assert all(400 <= status < 500 or status == 204 for status in told.values()), (what, told)
    assert desk.query('{__name__!=""}') == [], what
    assert peak_megabytes(desk) - before <= MOST_GROWTH_MEGABYTES, what
    assert desk.status_of("/-/ready") == 200


def test_slow_bodies_hold_up_nobody(desk: DeskProcess) -> None:
    """Forty senders that drip their bodies to every sample route: others are answered meanwhile, within 5 s."""
    senders = []
    for number in range(40):
        path = SAMPLE_ROUTES[number % 2]
        sender = socket.create_connection(("127.0.0.1", desk.port), timeout=10)
        sender.sendall(f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n".encode())
        senders.append(sender)
    try:
        for _ in range(20):
            for sender in senders:
                sender.sendall(b"x")
            assert desk.status_of("/-/ready") == 200
    finally:
        for sender in senders:
            sender.close()
