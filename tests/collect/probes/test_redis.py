"""Redis probes against a real server: figures, restarts, passwords, silence."""

import asyncio
import signal
import tracemalloc
from pathlib import Path

import pytest

from nightdesk.clock import SystemClock
from nightdesk.collect.certificates import trusted
from nightdesk.collect.probes.lookups import Lookups
from nightdesk.collect.probes.probe import ProbeFailure
from nightdesk.collect.probes.redis import FIGURES, RedisProbe
from nightdesk.testing.asking import AT, asked, collector_of, points_of, values_of
from nightdesk.testing.desk import free_port
from nightdesk.testing.servers.raw_server import RawServer, saying, silent
from nightdesk.testing.servers.redis_server import RedisServer
from nightdesk.testing.servers.scripted_mail import a_certificate

CLOCK = SystemClock()


def test_hits_and_misses_are_the_servers_own() -> None:
    """A known load is counted to the last lookup; asking adds nothing to it."""
    with RedisServer() as server:
        server.tell("SET here 1", *["GET here"] * 150, *["GET gone"] * 50)
        points = points_of(asked(RedisProbe("127.0.0.1", CLOCK, port=server.port), times=3))
    assert set(FIGURES.values()) <= set(points)
    assert (points["redis_keyspace_hits_total"], points["redis_keyspace_misses_total"]) == (150, 50)
    assert points["redis_connected_clients"] == 1


def test_the_connection_is_kept_and_made_anew() -> None:
    """Only the first attempt connects; a server that was restarted since is no failure, one that is gone is."""
    with RedisServer() as server:
        collector = collector_of(RedisProbe("127.0.0.1", CLOCK, port=server.port))

        async def collect() -> None:
            assert "probe_connect_duration_seconds" in values_of(await collector.collect(AT))
            assert "probe_connect_duration_seconds" not in values_of(await collector.collect(AT))
            server.stop()
            server.start()
            again = values_of(await collector.collect(AT))
            assert (again["probe_success"], "probe_connect_duration_seconds" in again) == (1, True)
            server.stop()
            assert values_of(await collector.collect(AT))["probe_failures_total:unreachable"] == 1
            collector.close()

        asyncio.run(collect())


def test_passwords() -> None:
    """The right password is taken, a wrong one and none are failures of authentication."""
    with RedisServer("--requirepass", "sesame") as server:
        probes = [RedisProbe("127.0.0.1", CLOCK, port=server.port, password=word) for word in ("sesame", "x", "")]
        outcomes = [asked(probe).failure for probe in probes]
    assert outcomes == [None, ProbeFailure.AUTHENTICATION, ProbeFailure.AUTHENTICATION]


def test_tls_is_checked_against_the_name(tmp_path: Path) -> None:
    """Trusted with its certificate, refused without, though an address is connected to."""
    made = a_certificate(tmp_path)
    port = free_port()
    options = ["--tls-port", str(port), "--tls-cert-file", str(made.certificate), "--tls-key-file", str(made.key)]
    with RedisServer(*options, "--tls-auth-clients", "no"):
        good = asked(RedisProbe("localhost", CLOCK, port=port, tls=trusted(str(made.certificate))))
        bad = asked(RedisProbe("localhost", CLOCK, port=port, tls=trusted()))
    assert (good.failure, bad.failure) == (None, ProbeFailure.TLS)


def test_a_frozen_server_counts_as_its_deadline() -> None:
    """A server that takes the question and says nothing: the deadline; once it goes on, so does the probe."""
    with RedisServer() as server:
        collector = collector_of(RedisProbe("127.0.0.1", CLOCK, port=server.port), timeout=2)

        async def collect() -> None:
            await collector.collect(AT)
            assert server.process is not None
            server.process.send_signal(signal.SIGSTOP)
            values = values_of(await collector.collect(AT))
            server.process.send_signal(signal.SIGCONT)
            assert (values["probe_duration_seconds"], values["probe_failures_total:deadline"]) == (2, 1)
            assert values_of(await collector.collect(AT))["probe_success"] == 1
            collector.close()

        asyncio.run(collect())


@pytest.mark.parametrize(
    ("script", "failure"),
    [
        (saying(b"HTTP/1.1 400 Bad Request\r\n\r\n"), ProbeFailure.BAD_ANSWER),
        (saying(b":7\r\n:7\r\n"), None),
        (saying(b"-LOADING dataset in memory\r\n"), None),
        (silent, ProbeFailure.DEADLINE),
    ],
)
def test_what_is_no_redis(script: object, failure: ProbeFailure | None) -> None:
    """Another protocol, an error, silence: a reason, never a figure."""
    with RawServer(script) as server:  # type: ignore[arg-type] # one of the scripts
        probed = asked(RedisProbe("127.0.0.1", CLOCK, port=server.port), timeout=0.5)
    assert probed.failure is not None
    assert failure in (None, probed.failure)
    assert not probed.points


@pytest.mark.parametrize(
    "said",
    [
        b"$2000000000\r\n",
        b"$-99999\r\n",
        b"$nine\r\n",
        b"*1000000000\r\n" * 2_000,
        b"*1000000000\r\n" + (b"+" + b"x" * 60_000 + b"\r\n") * 20,
        b"+" + b"x" * 100_000 + b"\r\n",
        b"*\xff\r\n",
    ],
)
@pytest.mark.parametrize("password", ["", "sesame"])
def test_a_hostile_server_costs_nothing(said: bytes, password: str) -> None:
    """Lengths that are none, lists without end, gigabytes: a bad answer, told at once and with a bound on memory."""
    tracemalloc.start()
    try:
        with RawServer(saying(said)) as server:
            probed = asked(RedisProbe("127.0.0.1", CLOCK, port=server.port, password=password), timeout=5)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    senseless = {ProbeFailure.BAD_ANSWER, *([ProbeFailure.AUTHENTICATION] if password else [])}
    assert probed.failure in senseless
    assert most < 100e6


def test_lookups_are_those_of_five_minutes() -> None:
    """Increments of the window, over a restart of the server; what came before the first look is not known."""
    lookups = Lookups()
    for at, total in [(0, 5_000), (100, 5_040), (200, 10), (350, 30)]:
        lookups.note(at, total)
    assert lookups.recent == 40 + 10 + 20
    lookups.note(450, 30)
    assert lookups.recent == 10 + 20
