"""psycopg as a probe wants it: one session that cannot write, errors in our words, an end that waits for nobody.

Loading the library takes 0.2 s: `postgresql.py` imports this module with its first question, off the event loop.
"""

from typing import Final

import psycopg
from psycopg import AsyncConnection, errors
from psycopg.conninfo import conninfo_to_dict

from nightdesk.clock import Clock
from nightdesk.collect.probes.postgresql_target import PORT, PostgresqlTarget
from nightdesk.collect.probes.probe import ProbeFailure
from nightdesk.errors import CollectError

MOST_ROWS: Final = 10_000
"""Rows a probe's query may give; past it the query is not the quick question a probe asks."""
_OPTIONS: Final = {
    "application_name": "nightdesk",
    # Looking for a Kerberos ticket may block on files and names.
    "gssencmode": "disable",
}
_IN_TIME: Final = 0.95
"""Part of the timeout after which the server ends a statement itself, so that none is left running there."""


class PostgresqlConnection:
    """One session."""

    def __init__(self, clock: Clock, *, statement_seconds: float) -> None:
        """Prepare; the server ends statements shortly before `statement_seconds`."""
        self._clock = clock
        self._milliseconds = max(1, int(statement_seconds * 1000 * _IN_TIME))
        self._connection: AsyncConnection | None = None

    @staticmethod
    def target_of(dsn: str) -> PostgresqlTarget:
        """Return what a connection string says. Raises CollectError where it cannot be read or names several hosts."""
        try:
            said = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}
        except psycopg.ProgrammingError as error:
            raise CollectError("the connection string cannot be read", ProbeFailure.QUERY) from error
        host, port = said.pop("host", ""), said.pop("port", str(PORT))
        if "," in host or "hostaddr" in said or not port.isdigit():
            raise CollectError("the connection string must name one host and one port", ProbeFailure.QUERY)
        return PostgresqlTarget(host, int(port), said)

    async def connect(self, target: PostgresqlTarget, address: str) -> None:
        """Connect to an address that was judged; make the session read-only, its statements bounded.

        The name stands beside the address for the certificate alone: the library has nothing to resolve.

        Raises:
            CollectError: no session, with the reason.
        """
        where = {"host": target.host, "hostaddr": address, "port": str(target.port)}
        said = {**_OPTIONS, **target.parameters, **{name: value for name, value in where.items() if value}}
        try:
            self._connection = await AsyncConnection.connect(
                **said,  # type: ignore[arg-type] # libpq's parameters are all text
                autocommit=True,
                prepare_threshold=None,
            )
            await self._connection.execute(
                "SELECT set_config('default_transaction_read_only', 'on', false),"
                " set_config('statement_timeout', %s, false)",
                (str(self._milliseconds),),
            )
        except psycopg.Error as error:
            self.close()
            raise _said(error, connecting=True) from error

    async def ask(self, query: str) -> float:
        """Ask a query, take its rows, and return the seconds from sending it to its last row. Raises CollectError."""
        assert self._connection is not None
        rows = 0
        asked = self._clock.boot()
        try:
            async with self._connection.cursor() as cursor:
                # Row by row, so that an answer without an end is never held whole.
                async for _ in cursor.stream(query.encode()):
                    rows += 1
                    if rows > MOST_ROWS:
                        self.close()
                        raise CollectError(f"the query gives more than {MOST_ROWS} rows", ProbeFailure.TOO_LARGE)
        except errors.QueryCanceled as error:
            raise CollectError(str(error).strip(), ProbeFailure.DEADLINE) from error
        except psycopg.Error as error:
            raise _said(error, connecting=False) from error
        return self._clock.boot() - asked

    def close(self) -> None:
        """Cut the connection at once; the server ends what it still does at its own deadline."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.pgconn.finish()


def _said(error: psycopg.Error, *, connecting: bool) -> CollectError:
    """Put an error of the library into the words of probes."""
    text = " ".join(str(error).split())
    if isinstance(error, errors.InvalidAuthorizationSpecification) or (error.sqlstate or "").startswith("28"):
        reason = ProbeFailure.AUTHENTICATION
    elif connecting and error.sqlstate is None:
        reason = _of_text(text)
    elif isinstance(error, errors.OperationalError) and (error.sqlstate or "57P").startswith("57P"):
        # Ended by the administrator, crashed, or simply gone.
        reason = ProbeFailure.UNREACHABLE
    else:
        reason = ProbeFailure.QUERY
    return CollectError(text, reason)


def _of_text(text: str) -> ProbeFailure:
    """Tell failures to connect apart: libpq gives no code before a session is there, only its sentence."""
    lower = text.lower()
    if any(word in lower for word in ("password", "authentication", "no pg_hba.conf entry", "role ")):
        return ProbeFailure.AUTHENTICATION
    if any(word in lower for word in ("ssl", "certificate")):
        return ProbeFailure.TLS
    return ProbeFailure.QUERY if "database " in lower and "does not exist" in lower else ProbeFailure.UNREACHABLE
