"""Clients that leave a real desk in the middle: their query ends, their slot is free, the others are answered."""

import socket
import urllib.parse
from collections.abc import Iterator

import pytest

from nightdesk.testing.desk import DeskProcess, wait_until

SETTINGS = '[limits]\nquery_timeout = "60s"\n'
LONG = "double_exponential_smoothing(vector(time() % 7)[9000s:1s], 0.5, 0.5)"
"""At 9,000 steps half a minute of work, a little at a time; without data."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskProcess]:
    """Return a desk whose queries may take a minute."""
    with DeskProcess(tmp_path_factory.mktemp("leaving"), "--no-collect", "--no-auth", settings=SETTINGS) as running:
        yield running


def _figure(desk: DeskProcess, name: str) -> float:
    lines = desk.request("/metrics")[1].decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(name))


def _asking(desk: DeskProcess, number: int) -> socket.socket:
    """Ask something long that no other client asks, and do not wait."""
    asked = {"query": f"{LONG} + {number}", "start": "100000", "end": "109000", "step": "1"}
    query = urllib.parse.urlencode(asked)
    connection = socket.create_connection(("127.0.0.1", desk.port), timeout=10)
    connection.sendall(f"GET /api/v1/query_range?{query} HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\n\r\n".encode())
    return connection


def test_a_query_ends_with_its_client(desk: DeskProcess) -> None:
    """Two hold both slots, two wait; once all have gone, nothing runs or waits, long before their time is over."""
    clients = [_asking(desk, number) for number in range(4)]
    wait_until(lambda: _figure(desk, "nightdesk_queries_running") == 2, 10, "two queries")
    wait_until(lambda: _figure(desk, "nightdesk_queries_waiting") == 2, 10, "two that wait")
    for client in clients:
        client.close()
    wait_until(
        lambda: _figure(desk, "nightdesk_queries_running") == _figure(desk, "nightdesk_queries_waiting") == 0,
        10,
        "the end of all",
    )
    assert desk.query("1 + 1")[1] == "2"


def test_more_than_may_wait_are_told_to_come_later(desk: DeskProcess) -> None:
    """Of forty clients two run and 32 wait; the others hear 503 at once, and when to come back."""
    clients = [_asking(desk, number) for number in range(40)]
    try:
        wait_until(lambda: _figure(desk, 'nightdesk_queries_refused_total{reason="queue"}') >= 6, 10, "refusals")
        refused = next(client for client in clients if _is_answered(client))
        told = refused.recv(4096).decode()
        assert told.startswith("HTTP/1.1 503")
        assert "retry-after: 5" in told
    finally:
        for client in clients:
            client.close()


def _is_answered(client: socket.socket) -> bool:
    client.settimeout(0.05)
    try:
        return bool(client.recv(1, socket.MSG_PEEK))
    except TimeoutError:
        return False
