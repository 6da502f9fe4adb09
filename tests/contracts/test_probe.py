"""The socket Collector on every kind of probe, on connections and on access logs, against real servers."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nightdesk.clock import SystemClock
from nightdesk.collect.collector import Collector
from nightdesk.collect.connections.collector import ConnectionCollector, Watch
from nightdesk.collect.http_logs.collector import HttpLogCollector
from nightdesk.collect.probes.http import HttpProbe
from nightdesk.collect.probes.postgresql import PostgresqlProbe
from nightdesk.collect.probes.postgresql_target import PostgresqlTarget
from nightdesk.collect.probes.redis import RedisProbe
from nightdesk.collect.probes.sqlite import SqliteProbe
from nightdesk.testing.asking import collector_of
from nightdesk.testing.contracts.collector import CollectorContract
from nightdesk.testing.probes import ScriptedProbe
from nightdesk.testing.servers.postgresql_server import PASSWORD, USER, PostgresqlServer
from nightdesk.testing.servers.raw_server import RawServer, silent
from nightdesk.testing.servers.redis_server import RedisServer
from nightdesk.testing.servers.web_server import Page, WebServer

CLOCK = SystemClock()


class TestScriptedProbe(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        yield collector_of(ScriptedProbe())

    @contextmanager
    def hanging(self) -> Iterator[Collector]:
        probe = ScriptedProbe()
        probe.hangs = True
        yield collector_of(probe)


class TestHttpProbe(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        with WebServer({"/": Page()}) as server:
            yield collector_of(HttpProbe(server.url.replace("127.0.0.1", "localhost") + "/", CLOCK))

    @contextmanager
    def hanging(self) -> Iterator[Collector]:
        with RawServer(silent) as server:
            yield collector_of(HttpProbe(f"http://127.0.0.1:{server.port}/", CLOCK))


class TestRedisProbe(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        with RedisServer() as server:
            yield collector_of(RedisProbe("localhost", CLOCK, port=server.port))

    @contextmanager
    def hanging(self) -> Iterator[Collector]:
        with RawServer(silent) as server:
            yield collector_of(RedisProbe("127.0.0.1", CLOCK, port=server.port))


class TestPostgresqlProbe(CollectorContract):
    server: PostgresqlServer

    @classmethod
    def setup_class(cls) -> None:
        cls.server = PostgresqlServer().__enter__()

    @classmethod
    def teardown_class(cls) -> None:
        cls.server.__exit__(None, None, None)

    @contextmanager
    def make(self) -> Iterator[Collector]:
        login = {"user": USER, "password": PASSWORD, "dbname": "postgres"}
        target = PostgresqlTarget("localhost", self.server.port, login)
        yield collector_of(PostgresqlProbe(target, CLOCK, timeout=5))

    @contextmanager
    def hanging(self) -> Iterator[Collector]:
        with RawServer(silent) as server:
            yield collector_of(PostgresqlProbe(PostgresqlTarget("127.0.0.1", server.port), CLOCK, timeout=5))


class TestSqliteProbe(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "trades.sqlite")
            with closing(sqlite3.connect(file, isolation_level=None)) as connection:
                connection.execute("CREATE TABLE trades (id)")
            yield collector_of(SqliteProbe(file, CLOCK, timeout=5))

    @contextmanager
    def hanging(self) -> Iterator[Collector]:
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "trades.sqlite")
            sqlite3.connect(file).close()
            file.touch()
            yield collector_of(SqliteProbe(file, CLOCK, query=endless, timeout=2))


class TestConnectionCollector(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        yield ConnectionCollector(Watch(), CLOCK, instance="here", interval=1.0)


class TestWatchedConnections(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        watch = Watch(("python", "nobody"), ("localhost:5432", "*:443"))
        yield ConnectionCollector(watch, CLOCK, instance="here", interval=1.0)


class TestHttpLogCollector(CollectorContract):
    @contextmanager
    def make(self) -> Iterator[Collector]:
        with tempfile.NamedTemporaryFile() as log:
            yield HttpLogCollector("shop", Path(log.name), SystemClock(), instance="here", interval=1.0)
