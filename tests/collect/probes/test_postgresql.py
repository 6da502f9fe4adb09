"""PostgreSQL probes against a real server: its own time beside pgbench's, restarts, deadlines, what cannot be done."""

import asyncio
import os
import re
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from nightdesk.clock import SystemClock
from nightdesk.collect.probes.postgresql import PostgresqlProbe
from nightdesk.collect.probes.postgresql_target import PostgresqlTarget
from nightdesk.collect.probes.probe import ProbeFailure
from nightdesk.testing.asking import AT, asked, collector_of, values_of
from nightdesk.testing.desk import free_port
from nightdesk.testing.servers.postgresql_server import PASSWORD, USER, PostgresqlServer

CLOCK = SystemClock()
LOGIN = {"user": USER, "password": PASSWORD, "dbname": "postgres"}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresqlServer]:
    """Run one cluster for all tests of this file."""
    with PostgresqlServer() as running:
        yield running


def probe_of(
    server: PostgresqlServer, query: str = "SELECT 1", timeout: float = 5.0, login: dict[str, str] | None = None
) -> PostgresqlProbe:
    """Return a probe of the server that logs in as it should, but for what `login` says."""
    target = PostgresqlTarget("127.0.0.1", server.port, LOGIN | (login or {}))
    return PostgresqlProbe(target, CLOCK, query=query, timeout=timeout)


def test_the_figure_is_the_query_alone(server: PostgresqlServer) -> None:
    """Connecting is told apart, in the attempt that had to; a query of 0.2 s takes 0.2 s."""
    collector = collector_of(probe_of(server, "SELECT pg_sleep(0.2)"))

    async def collect() -> None:
        first, second = values_of(await collector.collect(AT)), values_of(await collector.collect(AT))
        assert first["probe_connect_duration_seconds"] > 0
        assert "probe_connect_duration_seconds" not in second
        assert 0.2 <= first["probe_duration_seconds"] < 2
        assert 0.2 <= second["probe_duration_seconds"] < 2
        collector.close()

    asyncio.run(collect())


@pytest.mark.parametrize(
    ("query", "login", "failure"),
    [
        ("SELECT 1", {"password": "wrong"}, ProbeFailure.AUTHENTICATION),
        ("SELECT 1", {"user": "nobody_known"}, ProbeFailure.AUTHENTICATION),
        ("SELECT 1", {"dbname": "nowhere"}, ProbeFailure.QUERY),
        ("SELECT * FROM nothing", {}, ProbeFailure.QUERY),
        ("CREATE TABLE orders (id int)", {}, ProbeFailure.QUERY),
        ("SELECT * FROM generate_series(1, 20000)", {}, ProbeFailure.TOO_LARGE),
        ("SELECT 1", {"sslmode": "require"}, ProbeFailure.TLS),
    ],
)
def test_failures_have_their_reasons(
    server: PostgresqlServer, query: str, login: dict[str, str], failure: ProbeFailure
) -> None:
    """Login, database, query, an answer without end, no TLS; a session of a probe cannot write."""
    assert asked(probe_of(server, query, login=login), times=2).failure is failure


def test_a_connection_string(server: PostgresqlServer) -> None:
    """A whole connection string serves as well; one that names several hosts is refused."""
    dsn = f"postgresql://{USER}:{PASSWORD.replace(' ', '%20')}@localhost:{server.port}/postgres"
    assert asked(PostgresqlProbe(PostgresqlTarget(dsn=dsn), CLOCK, timeout=5)).failure is None
    several = dsn.replace("localhost", "localhost:1,localhost")
    assert asked(PostgresqlProbe(PostgresqlTarget(dsn=several), CLOCK, timeout=5)).failure is ProbeFailure.QUERY


def test_a_statement_beyond_the_deadline_is_ended_by_the_server(server: PostgresqlServer) -> None:
    """It counts as the deadline, and no statement is left running."""
    probed = asked(probe_of(server, "SELECT pg_sleep(60)", timeout=0.5), timeout=0.5)
    assert (probed.failure, probed.seconds) == (ProbeFailure.DEADLINE, 0.5)
    running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(60)%' AND state = 'active'"
    left = server.run("psql", "-h", "127.0.0.1", "-p", str(server.port), "-U", USER, "-At", "-c", running)
    assert left.strip() == "0"


def test_nobody_there() -> None:
    """A port that nobody listens on is unreachable, without a duration."""
    probe = PostgresqlProbe(PostgresqlTarget("127.0.0.1", free_port(), LOGIN), CLOCK, timeout=5)
    probed = asked(probe)
    assert (probed.failure, probed.seconds) == (ProbeFailure.UNREACHABLE, None)


def test_a_frozen_and_a_restarted_server(server: PostgresqlServer) -> None:
    """A session that hangs is the deadline; a server restarted between two attempts is no failure."""
    collector = collector_of(probe_of(server), timeout=2)

    async def collect() -> None:
        await collector.collect(AT)
        sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'nightdesk' AND state IS NOT NULL"
        pids = server.run("psql", "-h", "127.0.0.1", "-p", str(server.port), "-U", USER, "-At", "-c", sessions).split()
        (pid,) = (int(each) for each in pids)
        os.kill(pid, signal.SIGSTOP)
        try:
            values = values_of(await collector.collect(AT))
        finally:
            os.kill(pid, signal.SIGCONT)
        assert (values["probe_duration_seconds"], values["probe_failures_total:deadline"]) == (2, 1)
        assert values_of(await collector.collect(AT))["probe_success"] == 1
        server.stop()
        server.start()
        assert values_of(await collector.collect(AT))["probe_success"] == 1
        collector.close()

    asyncio.run(collect())


def test_the_p95_beside_pgbench(server: PostgresqlServer) -> None:
    """Under pgbench's load the probe's time of a query is what pgbench itself says of the same query."""
    where = ["-h", "127.0.0.1", "-p", str(server.port), "-U", USER]
    (server.folder / "query.sql").write_text("SELECT pg_sleep(0.05 + 0.05 * random());\n")
    (server.folder / "query.sql").chmod(0o644)
    (server.folder / "log").mkdir(mode=0o777)
    (server.folder / "log").chmod(0o777)
    collector = collector_of(probe_of(server, "SELECT pg_sleep(0.05 + 0.05 * random())"))
    seconds: list[float] = []

    async def collect() -> str:
        loop = asyncio.get_running_loop()
        bench = loop.run_in_executor(None, lambda: server.run(
            "pgbench", *where, "-n", "-c", "2", "-T", "4", "-f", str(server.folder / "query.sql"),
            "-l", f"--log-prefix={server.folder}/log/t", "postgres",
        ))  # fmt: skip
        while not bench.done():
            values = values_of(await collector.collect(AT))
            seconds.append(values["probe_duration_seconds"])
            await asyncio.sleep(0.01)
        collector.close()
        return await bench

    told = asyncio.run(collect())
    logged = [
        int(line.split()[2]) / 1e6 for log in (server.folder / "log").iterdir() for line in log.read_text().splitlines()
    ]
    assert re.search(r"latency average = [\d.]+ ms", told)
    assert len(seconds) > 20
    ours, theirs = float(np.quantile(seconds, 0.95)), float(np.quantile(logged, 0.95))
    assert abs(ours - theirs) < 0.3 * theirs, (ours, theirs)
