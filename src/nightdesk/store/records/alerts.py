"""Alerts and their history in state.db, and the one transaction that stores a change with the messages it calls for."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from nightdesk.errors import CorruptData
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.notice import Notice
from nightdesk.store.records.form import (
    alert_form,
    alert_from,
    dump,
    load,
    storable,
    transition_form,
    transition_from,
)
from nightdesk.store.records.outbox import StoredOutbox
from nightdesk.store.sqlite import Database

KEPT_TRANSITIONS: Final = 100_000
"""History is bounded by count, not by age: a wall clock that jumps ahead must not erase it."""

_log = logging.getLogger(__name__)


class StoredAlerts:
    """The `AlertRecords` of a data folder. Threads may share it. Every method raises StoreError."""

    def __init__(self, database: Database, outbox: StoredOutbox) -> None:
        """Work on an open state file; `outbox` adds the messages in the same transaction."""
        self._database, self._outbox = database, outbox
        self.repeated = 0
        """Messages that were not stored because their key was known; 0 in health."""

    def live(self) -> list[Alert]:
        """Return the alerts that are pending or firing; one that cannot be read is reported and left out."""
        rows = self._database.execute("SELECT body FROM alerts ORDER BY fingerprint, rule")
        return list(_readable_alerts(row[0] for row in rows))

    def last_number(self) -> int:
        """Return the greatest number of a row of the history: it rises by one for each change, and so do theirs."""
        return int(self._database.execute("SELECT coalesce(max(number), 0) FROM transitions")[0][0])

    def record(self, transitions: Sequence[Transition], notices: Sequence[Notice]) -> None:
        """Store changes, history rows and outbox rows in one transaction; durable when it returns.

        A notice whose key is known is not stored twice, which is logged. Raises DataFolderFull: nothing of it is
        stored then.
        """
        for key in self.keep(transitions, notices):
            self.repeated += 1
            _log.error("message %s is known already and is not stored: please report it", key)

    def keep(self, transitions: Sequence[Transition], notices: Sequence[Notice]) -> list[str]:
        """Store as `record` does; return the keys of notices that were known, as they may be after a failing disk."""
        history = [(each.at, dump(transition_form(each))) for each in transitions]
        with self._database.transaction():
            for transition in transitions:
                self._keep(transition.alert)
            self._database.execute_many("INSERT INTO transitions (at, body) VALUES (?, ?)", history)
            self._database.execute(
                "DELETE FROM transitions WHERE number <= (SELECT max(number) FROM transitions) - ?", (KEPT_TRANSITIONS,)
            )
            return self._outbox.add(notices)

    def history(self, since: int, limit: int) -> list[Transition]:
        """Return changes at or after `since` ms, newest first."""
        rows = self._database.execute(
            "SELECT body FROM transitions WHERE at >= ? ORDER BY at DESC, number DESC LIMIT ?", (since, limit)
        )
        return list(_readable_transitions(row[0] for row in rows))

    def _keep(self, alert: Alert) -> None:
        if alert.state.is_live:
            self._database.execute(
                "INSERT INTO alerts (fingerprint, rule, body) VALUES (?, ?, ?)"
                " ON CONFLICT (fingerprint, rule) DO UPDATE SET body = excluded.body",
                (alert.fingerprint, storable(alert.rule), dump(alert_form(alert))),
            )
        else:
            self._database.execute(
                "DELETE FROM alerts WHERE fingerprint = ? AND rule = ?", (alert.fingerprint, storable(alert.rule))
            )


def _readable_alerts(bodies: Iterable[str]) -> Iterator[Alert]:
    for body in bodies:
        try:
            yield alert_from(load(body))
        except CorruptData as error:
            # One damaged row must not keep the other alerts from being restored.
            _log.error("left an alert out: %s", error)


def _readable_transitions(bodies: Iterable[str]) -> Iterator[Transition]:
    for body in bodies:
        try:
            yield transition_from(load(body))
        except CorruptData as error:
            _log.error("left a change out of the history: %s", error)
