"""Messages on their way out, in state.db: lease, send, mark."""

import json
import logging
from collections.abc import Collection, Sequence
from typing import Final

from nightdesk.errors import CorruptData
from nightdesk.model.notice import LONGEST_WAIT, Attempt, DeliveryState, FailureReason, Notice, OutboxEntry
from nightdesk.store.records.form import dump, load, notice_form, notice_from, storable
from nightdesk.store.sqlite import Database, Row

KEPT_ENTRIES: Final = 20_000
"""Settled messages among the newest that many stay listed; an unsettled one is never dropped."""
KEPT_ATTEMPTS: Final = 20
"""For each message the newest attempts are kept; their count goes on."""

_COLUMNS: Final = """
    outbox.id, outbox.body, outbox.state, outbox.attempts, outbox.due_at,
    attempts.at, attempts.failure, attempts.detail, attempts.retry_after
    FROM outbox LEFT JOIN attempts ON attempts.entry = outbox.id AND attempts.number = outbox.attempts
"""

# The partial index holds unsettled messages in the order in which they are taken, so that the scan ends at the first.
_NEXT: Final = """
    SELECT id, body FROM outbox INDEXED BY outbox_unsettled
    WHERE state IN ('queued', 'leased') AND (due_at <= ? OR due_at > ?)
      AND channel NOT IN (SELECT value FROM json_each(?))
      AND NOT EXISTS (
        SELECT 1 FROM outbox_alerts AS mine
        JOIN outbox_alerts AS theirs ON theirs.fingerprint = mine.fingerprint AND theirs.entry < mine.entry
        JOIN outbox AS older ON older.id = theirs.entry
        WHERE mine.entry = outbox.id AND older.channel = outbox.channel AND older.state IN ('queued', 'leased'))
    ORDER BY severity DESC, created_at, id LIMIT ?
"""

_COUNTS: Final = """
    SELECT state, count(*) FROM (SELECT state FROM outbox ORDER BY id DESC LIMIT ?) GROUP BY state
"""

# Whoever may read the state file must not be able to say in a person's place that a test arrived.
_STRIKE_CODE: Final = """
    UPDATE outbox SET body = json_set(body, '$.code', '')
    WHERE id = ? AND body LIKE '%"code":"_%' AND json_valid(body)
"""

_log = logging.getLogger(__name__)


class StoredOutbox:
    """The `Outbox` of a data folder. Threads may share it. Every method raises StoreError."""

    def __init__(self, database: Database) -> None:
        """Work on an open state file."""
        self._database = database

    def add(self, notices: Sequence[Notice]) -> list[str]:
        """Queue messages, inside the caller's transaction; one whose key is known stays as it is. Return such keys."""
        known = []
        for notice in notices:
            added = self._database.execute(
                "INSERT INTO outbox (key, channel, severity, created_at, state, due_at, body)"
                " VALUES (?, ?, ?, ?, 'queued', ?, ?) ON CONFLICT (key) DO NOTHING RETURNING id",
                (
                    notice.key,
                    notice.channel,
                    notice.severity.rank,
                    notice.created_at,
                    notice.created_at,
                    dump(notice_form(notice)),
                ),
            )
            if not added:
                known.append(notice.key)
            for (entry_id,) in added:
                self._database.execute_many(
                    "INSERT OR IGNORE INTO outbox_alerts (fingerprint, entry) VALUES (?, ?)",
                    [(alert.fingerprint, entry_id) for alert in notice.alerts],
                )
        self._database.execute(
            "DELETE FROM outbox WHERE id <= (SELECT max(id) FROM outbox) - ? AND state IN ('sent', 'undeliverable')",
            (KEPT_ENTRIES,),
        )
        return known

    def lease(self, now: int, limit: int, lease_ms: int, skip: Collection[str] = ()) -> list[OutboxEntry]:
        """Take due entries for `lease_ms`, highest severity first, then oldest; none of the channels in `skip`.

        Writes nothing where nothing is due. An entry that cannot be read is settled as undeliverable and reported.
        """
        parameters = (now, now + LONGEST_WAIT, json.dumps(list(skip)), limit)
        due = self._database.execute(_NEXT, parameters)  # a look before the write lock: most polls find nothing
        if not due:
            return []
        with self._database.transaction():
            due = self._database.execute(_NEXT, parameters)
            for entry_id, _ in due:
                self._database.execute(
                    "UPDATE outbox SET state = 'leased', due_at = ? WHERE id = ?", (now + lease_ms, entry_id)
                )
            rows = [self._row(entry_id) for entry_id, _ in due]
        return self._read(rows, now)

    def mark(self, entry_id: int, attempt: Attempt, next_at: int | None, instead: Sequence[Notice] = ()) -> None:
        """Write down an attempt; sent stays sent, and given up stays given up unless it was sent after all.

        An entry that is no longer kept is passed over. `instead` is queued with it, each key once.
        """
        with self._database.transaction():
            self.add(instead)
            kept = self._database.execute("SELECT attempts FROM outbox WHERE id = ?", (entry_id,))
            if kept:
                self._write_attempt(entry_id, kept[0][0] + 1, attempt)
                self._settle(entry_id, attempt.fate(next_at), next_at)

    def entries(self, limit: int) -> list[OutboxEntry]:
        """Return the newest entries with their fate, newest first."""
        return self._read(self._database.execute(f"SELECT {_COLUMNS} ORDER BY outbox.id DESC LIMIT ?", (limit,)))

    def find(self, key: str) -> OutboxEntry | None:
        """Return the entry with this key, None where there is none, or none that can be read."""
        return next(iter(self._read(self._database.execute(f"SELECT {_COLUMNS} WHERE outbox.key = ?", (key,)))), None)

    def counts(self, limit: int) -> dict[DeliveryState, int]:
        """Return how many of the newest `limit` entries are in each state, 0 where there is none."""
        found = {state: int(count) for state, count in self._database.execute(_COUNTS, (limit,))}
        return {state: found.get(state.value, 0) for state in DeliveryState}

    def unsettled(self, limit: int) -> list[OutboxEntry]:
        """Return the oldest entries that are queued or leased, oldest first."""
        where = "WHERE outbox.state IN ('queued', 'leased') ORDER BY outbox.id LIMIT ?"
        return self._read(self._database.execute(f"SELECT {_COLUMNS} {where}", (limit,)))

    def release(self) -> None:
        """Make every leased entry due now: whoever leased it has died."""
        self._database.execute("UPDATE outbox SET state = 'queued', due_at = created_at WHERE state = 'leased'")

    def restate(self, entry: OutboxEntry) -> int:
        """Bring the stored message with the same key to the fate of `entry`, and return its id here."""
        kept = self._database.execute("SELECT id, attempts FROM outbox WHERE key = ?", (entry.notice.key,))
        entry_id, attempts = int(kept[0][0]), int(kept[0][1])
        if entry.last is not None and entry.attempts > attempts:
            self._write_attempt(entry_id, entry.attempts, entry.last)
        self._settle(entry_id, entry.state, entry.next_at)
        return entry_id

    def _write_attempt(self, entry_id: int, number: int, attempt: Attempt) -> None:
        failure = attempt.failure.value if attempt.failure else None
        self._database.execute(
            "INSERT OR REPLACE INTO attempts (entry, number, at, failure, detail, retry_after)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (entry_id, number, attempt.at, failure, storable(attempt.detail), attempt.retry_after),
        )
        self._database.execute(
            "DELETE FROM attempts WHERE entry = ? AND number <= ?", (entry_id, number - KEPT_ATTEMPTS)
        )
        self._database.execute("UPDATE outbox SET attempts = ? WHERE id = ?", (number, entry_id))

    def _settle(self, entry_id: int, state: DeliveryState, next_at: int | None) -> None:
        self._database.execute(
            "UPDATE outbox SET state = ?, due_at = coalesce(?, due_at)"
            " WHERE id = ? AND (state IN ('queued', 'leased') OR (state = 'undeliverable' AND ? = 'sent'))",
            (state.value, next_at, entry_id, state.value),
        )
        if state in (DeliveryState.SENT, DeliveryState.UNDELIVERABLE):
            self._database.execute("DELETE FROM outbox_alerts WHERE entry = ?", (entry_id,))
            self._database.execute(_STRIKE_CODE, (entry_id,))

    def _row(self, entry_id: int) -> Row:
        return self._database.execute(f"SELECT {_COLUMNS} WHERE outbox.id = ?", (entry_id,))[0]

    def _read(self, rows: Sequence[Row], now: int | None = None) -> list[OutboxEntry]:
        """Decode rows; given `now`, settle those that cannot be read, so that they do not come back for ever."""
        readable = []
        for row in rows:
            try:
                readable.append(_entry(row))
            except CorruptData as error:
                _log.error("message %s in the outbox cannot be sent: %s", row[0], error)
                if now is not None:
                    self.mark(row[0], Attempt(now, FailureReason.CRASHED, str(error)), None)
        return readable


def _entry(row: Row) -> OutboxEntry:
    entry_id, body, state, attempts, due_at, at, failure, detail, retry_after = row
    last = Attempt(at, FailureReason(failure) if failure else None, detail, retry_after) if at is not None else None
    return OutboxEntry(entry_id, notice_from(load(body)), DeliveryState(state), attempts, due_at, last)
