"""SQLite: a real query on somebody else's database, read-only, without leaving a file or a lock behind."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from nightdesk.clock import Clock, Deadline
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.points import NO_LABELS, Point
from nightdesk.collect.probes.probe import Probed, ProbeFailure
from nightdesk.collect.probes.sqlite_file import SqliteFile, SqliteState
from nightdesk.errors import CollectError

QUERY: Final = "SELECT count(*) FROM sqlite_schema"
CHECK_SECONDS: Final = 24 * 3600.0
"""How often quick_check runs; it reads every page."""
MOST_ROWS: Final = 10_000
"""Rows a probe's query may give; past it the query is not the quick question a probe asks."""
_IN_TIME: Final = 0.9
"""Part of the timeout that SQLite gets: the rest is for saying that time is up while somebody still listens."""
_STEPS: Final = 1_000
"""Steps of SQLite's machine between two looks at the clock: some 20 us."""
_CHECK_HOLD_SECONDS: Final = 0.2
"""How long quick_check may read a database without WAL, whose writers wait for readers."""
_LOCK_CODES: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_BROKEN_CODES: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class SqliteProbe:
    """A `Probe` of one database file. The figure is the query's time, its wait for locks included.

    Every attempt opens the file anew: a kept connection would hold on to a file that was replaced, and to its locks.
    """

    kind = "sqlite"
    failures = (ProbeFailure.QUERY, ProbeFailure.LOCKED, ProbeFailure.MISSING, ProbeFailure.CORRUPT)

    def __init__(
        self, file: Path, clock: Clock, *, query: str = QUERY, timeout: float, check_every: float = CHECK_SECONDS
    ) -> None:
        """Ask `query` within `timeout` seconds; run quick_check every `check_every` seconds, 0 for never."""
        self._path, self._query, self._clock = file, query, clock
        self._timeout = timeout
        self._check_every = check_every
        self._file = SqliteFile(file)
        self._attendant = Attendant(f"probe {file.name}")
        self._checked_at: float | None = None
        self._sound: bool | None = None

    async def prepare(self) -> None:
        """Nothing is to be loaded."""

    async def ask(self) -> Probed:
        """Ask once, on a thread of its own; see `Probe.ask`."""
        return await self._attendant.ask(self._asked)

    def close(self) -> None:
        """Let the thread go, and the file unless a call still hangs on it."""
        if not self._attendant.busy:
            self._file.close()
        self._attendant.close()

    def _asked(self) -> Probed:
        deadline = Deadline(self._clock, self._timeout * _IN_TIME)
        state = self._file.look()
        probed = self._answer(state, deadline)
        if probed.failure is not None and state.is_idle and self._file.look().is_open:
            # Somebody opened it while it was read as immutable: what looked wrong may have been his writing.
            probed = self._answer(self._file.look(), deadline)
        return probed

    def _answer(self, state: SqliteState, deadline: Deadline) -> Probed:
        points: list[Point] = [
            ("sqlite_file_bytes", NO_LABELS, float(state.size)),
            ("sqlite_wal_bytes", NO_LABELS, float(state.wal_size)),
        ]
        try:
            with closing(self._open(state, deadline)) as connection:
                wait_seconds, query_seconds = self._measured(connection)
                points += self._check(connection, state, deadline)
        except sqlite3.Error as error:
            failure, waited = _classified(error), deadline.passed
            seconds = self._timeout if failure is ProbeFailure.LOCKED or waited else None
            if waited and failure is ProbeFailure.QUERY:
                failure = ProbeFailure.DEADLINE
            return Probed(seconds, tuple(points), failure, f"{self._path}: {error}")
        points.append(("sqlite_lock_wait_seconds", NO_LABELS, wait_seconds))
        points.append(("sqlite_query_seconds", NO_LABELS, query_seconds))
        return Probed(wait_seconds + query_seconds, tuple(points))

    def _open(self, state: SqliteState, deadline: Deadline) -> sqlite3.Connection:
        """Open for reading alone.

        A reader of a WAL database that nobody has open would make its -wal and -shm files, with the desk's owner on
        them, and not take them away: such a file is read as immutable, for nobody is there to change it.
        """
        uri = f"file:{quote(str(self._path.absolute()))}?mode=ro{'&immutable=1' if state.is_idle else ''}"
        connection = sqlite3.connect(uri, uri=True, timeout=deadline.left, isolation_level=None)
        connection.set_progress_handler(lambda: deadline.passed, _STEPS)
        return connection

    def _measured(self, connection: sqlite3.Connection) -> tuple[float, float]:
        """Take the read lock, which is all there is to wait for, then ask the query; return the seconds of each."""
        started = self._clock.boot()
        connection.execute("PRAGMA query_only = 1")
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
        locked = self._clock.boot()
        rows = connection.execute(self._query).fetchmany(MOST_ROWS + 1)
        asked = self._clock.boot()
        connection.execute("ROLLBACK")
        if len(rows) > MOST_ROWS:
            raise CollectError(f"the query gives more than {MOST_ROWS} rows", ProbeFailure.QUERY)
        return locked - started, asked - locked

    def _check(self, connection: sqlite3.Connection, state: SqliteState, deadline: Deadline) -> Iterator[Point]:
        """Run quick_check where it is due, for as long as is left, and tell what the last whole one said.

        Not on a file whose WAL was left behind by a crash: half of the database is in there. And what an immutable
        reading found wrong counts only while still nobody has the file open.
        """
        now = self._clock.boot()
        is_due = self._checked_at is None or now - self._checked_at >= self._check_every
        if self._check_every and is_due and not (state.is_idle and state.wal_size):
            self._checked_at = now
            hold = deadline if state.keeps_wal else Deadline(self._clock, min(deadline.left, _CHECK_HOLD_SECONDS))
            sound = _quick_check(connection, lambda: hold.passed)
            in_doubt = sound is False and state.is_idle and self._file.look().is_open
            self._sound = self._sound if sound is None or in_doubt else sound
        if self._sound is not None:
            yield "sqlite_quick_check_ok", NO_LABELS, float(self._sound)


def _quick_check(connection: sqlite3.Connection, is_over: Callable[[], bool]) -> bool | None:
    """Return whether the database is sound; None where there was no time to find out."""
    connection.set_progress_handler(is_over, _STEPS)
    try:
        return [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")] == ["ok"]
    except sqlite3.DatabaseError as error:
        return False if _classified(error) is ProbeFailure.CORRUPT else None


def _classified(error: sqlite3.Error) -> ProbeFailure:
    # The low byte is the primary code, what is above tells variants apart.
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _LOCK_CODES:
        return ProbeFailure.LOCKED
    if code in _BROKEN_CODES:
        return ProbeFailure.CORRUPT
    return ProbeFailure.MISSING if code == sqlite3.SQLITE_CANTOPEN else ProbeFailure.QUERY
