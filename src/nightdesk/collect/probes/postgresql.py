"""PostgreSQL: a real query over a connection that is kept; its time alone is the figure, connecting stands apart."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nightdesk.clock import Clock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.points import NO_LABELS, Point
from nightdesk.collect.probes.address import resolved
from nightdesk.collect.probes.probe import NETWORK, Probed, ProbeFailure
from nightdesk.errors import CollectError

if TYPE_CHECKING:
    from nightdesk.collect.probes.postgresql_connection import PostgresqlConnection

QUERY: Final = "SELECT 1"
PORT: Final = 5432


@dataclass(frozen=True, slots=True)
class PostgresqlTarget:
    """Where the database is, in libpq's words; `host` may be the folder of a Unix socket."""

    host: str = ""
    port: int = PORT
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What else libpq is told: user, password, dbname, sslmode, sslrootcert."""
    dsn: str = field(default="", repr=False)
    """A whole connection string, instead of all the others."""


class PostgresqlProbe:
    """A `Probe` of one database, in sessions that are read-only and whose statements end at the probe's timeout."""

    kind = "postgresql"
    failures = (*NETWORK, ProbeFailure.AUTHENTICATION, ProbeFailure.QUERY, ProbeFailure.TOO_LARGE)

    def __init__(self, target: PostgresqlTarget, clock: Clock, *, query: str = QUERY, timeout: float) -> None:
        """Prepare; the library is loaded by `prepare`, the connection made with the first question."""
        self._target, self._clock, self._query, self._timeout = target, clock, query, timeout
        self._attendant = Attendant("probe postgresql")
        self._make: type[PostgresqlConnection] | None = None
        self._connection: PostgresqlConnection | None = None

    async def prepare(self) -> None:
        """Load the library, on a thread of its own; see `Probe.prepare`."""
        self._make = await self._attendant.ask(_library)

    async def ask(self) -> Probed:
        """Ask once; see `Probe.ask`. A kept connection that broke since is made anew, once."""
        if self._connection is not None:
            try:
                return await self._asked(self._connection, None)
            except CollectError as error:
                if error.reason is not ProbeFailure.UNREACHABLE:
                    raise
        started = self._clock.boot()
        connection = await self._connected()
        return await self._asked(connection, self._clock.boot() - started)

    def close(self) -> None:
        """Cut the connection and let the thread go."""
        self._cut()
        self._attendant.close()

    async def _connected(self) -> "PostgresqlConnection":
        make = self._make or _library()
        target = make.target_of(self._target.dsn) if self._target.dsn else self._target
        # A path is the folder of a Unix socket, and so is no host at all: there is nothing to resolve.
        local = not target.host or target.host.startswith("/")
        addresses = [""] if local else await resolved(target.host, target.port, self._attendant)
        trouble: CollectError | None = None
        for address in addresses:
            connection = make(self._clock, statement_seconds=self._timeout)
            try:
                await connection.connect(target, address)
            except CollectError as error:
                if error.reason is not ProbeFailure.UNREACHABLE:
                    raise  # somebody is there, and says no: the other addresses lead to no other
                trouble = error
            except asyncio.CancelledError:
                connection.close()
                raise
            else:
                self._connection = connection
                return connection
        assert trouble is not None
        raise trouble

    async def _asked(self, connection: "PostgresqlConnection", connect_seconds: float | None) -> Probed:
        try:
            seconds = await connection.ask(self._query)
        except CollectError as error:
            if error.reason is not ProbeFailure.QUERY:
                self._cut()
            raise
        except BaseException:
            self._cut()
            raise
        points: tuple[Point, ...] = ()
        if connect_seconds is not None:
            points = (("probe_connect_duration_seconds", NO_LABELS, connect_seconds),)
        return Probed(seconds, points)

    def _cut(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _library() -> "type[PostgresqlConnection]":
    from nightdesk.collect.probes.postgresql_connection import PostgresqlConnection

    return PostgresqlConnection
