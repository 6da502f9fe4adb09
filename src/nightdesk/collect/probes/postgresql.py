"""PostgreSQL: a real query over a connection that is kept; its time alone is the figure, connecting stands apart."""

from typing import TYPE_CHECKING, Final

from nightdesk.clock import Clock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.probes.address import resolved
from nightdesk.collect.probes.kept import KeptConnection, first_that_answers
from nightdesk.collect.probes.postgresql_target import PostgresqlTarget
from nightdesk.collect.probes.probe import NETWORK, Probed, ProbeFailure

if TYPE_CHECKING:
    from nightdesk.collect.probes.postgresql_connection import PostgresqlConnection

QUERY: Final = "SELECT 1"


class PostgresqlProbe:
    """A `Probe` of one database, in sessions that are read-only and whose statements end at the probe's timeout."""

    kind = "postgresql"
    failures = (*NETWORK, ProbeFailure.AUTHENTICATION, ProbeFailure.QUERY, ProbeFailure.TOO_LARGE)

    def __init__(self, target: PostgresqlTarget, clock: Clock, *, query: str = QUERY, timeout: float) -> None:
        """Prepare; the library is loaded by `prepare`, the connection made with the first question."""
        self._target, self._clock, self._query, self._timeout = target, clock, query, timeout
        self._attendant = Attendant("probe postgresql")
        self._make: type[PostgresqlConnection] | None = None
        self._kept: KeptConnection[PostgresqlConnection] = KeptConnection(clock)

    async def prepare(self) -> None:
        """Load the library, on a thread of its own; see `Probe.prepare`."""
        self._make = await self._attendant.ask(_library)

    async def ask(self) -> Probed:
        """Ask once; see `Probe.ask`."""
        return await self._kept.ask(self._connected, self._asked)

    def close(self) -> None:
        """Cut the connection and let the thread go."""
        self._kept.cut()
        self._attendant.close()

    async def _connected(self) -> "PostgresqlConnection":
        make = self._make or _library()
        target = make.target_of(self._target.dsn) if self._target.dsn else self._target
        # A path is the folder of a Unix socket, and so is no host at all: there is nothing to resolve.
        local = not target.host or target.host.startswith("/")
        addresses = [""] if local else await resolved(target.host, target.port, self._attendant)

        async def connect(address: str) -> "PostgresqlConnection":
            connection = make(self._clock, statement_seconds=self._timeout)
            try:
                await connection.connect(target, address)
            except BaseException:
                connection.close()
                raise
            return connection

        return await first_that_answers(addresses, connect)

    async def _asked(self, connection: "PostgresqlConnection") -> Probed:
        return Probed(await connection.ask(self._query))


def _library() -> "type[PostgresqlConnection]":
    from nightdesk.collect.probes.postgresql_connection import PostgresqlConnection

    return PostgresqlConnection
