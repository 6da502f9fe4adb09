"""The client's own HTTP: within a total deadline, whatever the other side does."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nightdesk.client.address import Address
from nightdesk.client.connection import Connection
from nightdesk.client.sender import Sender

Answer = Callable[[socket.socket], object]
Served = Callable[..., Connection]


@pytest.fixture
def served() -> Iterator[Served]:
    """Make connections whose other end does what the test says; all are closed with the test."""
    made: list[Connection] = []

    def serve(answer: Answer, host: str = "localhost", token: str = "") -> Connection:
        made.append(Connection(other_end(answer), host, token))
        return made[-1]

    yield serve
    for each in made:
        each.close()


def other_end(answer: Answer) -> socket.socket:
    """Return our end of a pair of sockets whose other end answers."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            answer(theirs)
        except OSError:
            return
        finally:
            theirs.close()

    threading.Thread(target=serve, daemon=True).start()
    return ours


def saying(*parts: bytes) -> Answer:
    """Answer every request with these bytes."""

    def answer(link: socket.socket) -> None:
        while link.recv(65_536):
            for part in parts:
                link.sendall(part)

    return answer


OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


def test_a_kept_connection_carries_many_requests(served: Served) -> None:
    """Answers may come in pieces."""
    connection = served(saying(OK[:7], OK[7:30], OK[30:]))
    assert [connection.post("/x", b"{}", 5) for _ in range(3)] == [(200, b"{}")] * 3


def test_the_request_is_one_that_servers_read(served: Served) -> None:
    """Host, length, type and token stand in its head."""
    seen: list[bytes] = []

    def answer(link: socket.socket) -> None:
        seen.append(link.recv(65_536))
        link.sendall(OK)

    served(answer, "desk:9977", "secret").post("/api", b"body", 5)
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert body == b"body"
    assert head.split(b"\r\n") == [
        b"POST /api HTTP/1.1",
        b"Host: desk:9977",
        b"Authorization: Bearer secret",
        b"Content-Type: application/json",
        b"Content-Length: 4",
    ]


def drip(link: socket.socket) -> None:
    """Give a byte now and then: each read succeeds, none ends."""
    for byte in OK * 100:
        link.sendall(bytes([byte]))
        time.sleep(0.02)


@pytest.mark.parametrize(
    "answer",
    [
        drip,
        lambda link: threading.Event().wait(3) and link.close(),
        saying(b"no HTTP at all\r\n\r\n"),
        saying(b"HTTP/1.1 abc\r\n\r\n"),
        saying(b"x" * 100_000),
        saying(b""),
        lambda link: link.close(),
    ],
    ids=["drips", "silent", "garbage", "no status", "endless head", "nothing", "closes"],
)
def test_a_bad_answer_ends_in_time(served: Served, answer: Answer) -> None:
    """It is one kind of error, and comes before the deadline plus a little."""
    connection = served(answer)
    begun = time.monotonic()
    with pytest.raises(OSError, match="did not answer"):
        connection.post("/x", b"{}", 0.3)
    assert time.monotonic() - begun < 2.5


def test_a_body_that_nobody_takes_ends_in_time() -> None:
    """The other side reads nothing: sending has the same deadline."""
    ours, theirs = socket.socketpair()
    begun = time.monotonic()
    with pytest.raises(OSError, match="did not answer"):
        Connection(ours, "localhost", "").post("/x", b"x" * 50_000_000, 0.3)
    assert time.monotonic() - begun < 2.5
    theirs.close()


def test_a_desk_that_closes_early_has_its_say(served: Served) -> None:
    """A body over its cap is answered before it is sent in full: the answer counts, not the broken pipe."""

    def refuse(link: socket.socket) -> None:
        while len(link.recv(1_024)) == 1_024:
            link.sendall(b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")
            return

    connection = served(refuse)
    assert connection.post("/x", b"x" * 5_000_000, 5) == (413, b"{}")
    assert connection.is_closed


def test_an_answer_of_another_form_counts_by_its_status(served: Served) -> None:
    """A proxy may answer in chunks: the status is enough, and the connection is not used again."""
    chunked = b"HTTP/1.1 502 Bad Gateway\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    connection = served(saying(chunked))
    assert connection.post("/x", b"", 5) == (502, b"")
    assert connection.is_closed


def test_a_dead_connection_is_replaced_by_the_next_call(tmp_path: Path) -> None:
    """The desk was restarted between two pushes: the one in between fails, the next one connects anew."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "desk.sock"))
    listener.listen(4)
    accepted: list[socket.socket] = []

    def serve() -> None:
        for _ in range(2):
            link, _ = listener.accept()
            accepted.append(link)
            link.recv(65_536)
            link.sendall(OK)

    threading.Thread(target=serve, daemon=True).start()
    sender = Sender(Address(str(tmp_path)))
    assert sender(b"{}", 5) == (200, b"{}")
    accepted[0].close()
    with pytest.raises(OSError, match="did not answer"):
        sender(b"{}", 5)
    assert sender(b"{}", 5) == (200, b"{}")
    sender.close()
    listener.close()
    accepted[1].close()


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "nonsense", "http://127.0.0.1:1"])
def test_no_desk_is_an_error_of_the_sender_alone(url: str) -> None:
    """An address that is none, or where nobody is, is told apart from a fault of ours."""
    with pytest.raises((OSError, ValueError)):
        Sender(Address("/nowhere" if not url else "", url))(b"{}", 1)


def test_a_folder_without_a_socket_leads_to_the_url(tmp_path: Path) -> None:
    """Address and token stand in the folder, for desks without a socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def serve() -> None:
        link, _ = listener.accept()
        with link:
            seen.append(link.recv(65_536))
            link.sendall(OK)

    threading.Thread(target=serve, daemon=True).start()
    (tmp_path / "desk.json").write_text(f'{{"url": "http://127.0.0.1:{listener.getsockname()[1]}"}}')
    (tmp_path / "token").write_text("secret\n")
    sender = Sender(Address(str(tmp_path)))
    assert sender(b"{}", 5) == (200, b"{}")
    sender.close()
    assert b"Bearer secret" in seen[0]
    listener.close()
