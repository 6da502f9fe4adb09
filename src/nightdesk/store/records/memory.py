"""Records in memory alone: what the desk falls back to on a full disk, and the fake for tests."""

import logging
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from nightdesk.model.alert import Alert, Transition
from nightdesk.model.labels import Labels
from nightdesk.model.notice import LONGEST_WAIT, Attempt, DeliveryState, Notice, OutboxEntry

_UNSETTLED: Final = frozenset({DeliveryState.QUEUED, DeliveryState.LEASED})
_log = logging.getLogger(__name__)


class MemoryRecords:
    """`AlertRecords` and `Outbox` in one object that lives as long as the process. Threads may share it."""

    def __init__(self, live: Iterable[Alert] = (), entries: Iterable[OutboxEntry] = (), first_id: int = 1) -> None:
        """Start with what is known; new entries are numbered from `first_id`."""
        self._lock = threading.RLock()
        self._live = {_identity(alert): alert for alert in live}
        self._entries = {entry.id: entry for entry in entries}
        self._keys = {entry.notice.key for entry in self._entries.values()}
        self._transitions: list[Transition] = []
        self._next_id = first_id
        self.repeated = 0
        """Messages that were not kept because their key was known; 0 in health."""

    @property
    def next_id(self) -> int:
        """The id that the next new entry gets."""
        return self._next_id

    @property
    def transitions(self) -> list[Transition]:
        """The changes recorded here, oldest first."""
        with self._lock:
            return list(self._transitions)

    def live(self) -> list[Alert]:
        """Return the alerts that are pending or firing, one for each label set and rule."""
        with self._lock:
            return [self._live[identity] for identity in sorted(self._live)]

    def last_number(self) -> int:
        """Return the greatest number of the changes recorded here, or 0."""
        with self._lock:
            return max((change.number for change in self._transitions), default=0)

    def record(self, transitions: Sequence[Transition], notices: Sequence[Notice]) -> None:
        """Keep changes and queue messages; a notice whose key is known is not kept twice."""
        with self._lock:
            for transition in transitions:
                self._transitions.append(transition)
                if transition.alert.state.is_live:
                    self._live[_identity(transition.alert)] = transition.alert
                else:
                    self._live.pop(_identity(transition.alert), None)
            for notice in notices:
                if notice.key in self._keys:
                    self.repeated += 1
                    _log.error("message %s is known already and is not stored: please report it", notice.key)
                else:
                    self._keys.add(notice.key)
                    self._entries[self._next_id] = OutboxEntry(
                        self._next_id, notice, DeliveryState.QUEUED, next_at=notice.created_at
                    )
                    self._next_id += 1

    def history(self, since: int, limit: int) -> list[Transition]:
        """Return changes at or after `since` ms, newest first."""
        with self._lock:
            numbered = [(each.at, number, each) for number, each in enumerate(self._transitions) if each.at >= since]
        numbered.sort(key=lambda row: row[:2], reverse=True)
        return [each for _, _, each in numbered[:limit]]

    def lease(self, now: int, limit: int, lease_ms: int, skip: Collection[str] = ()) -> list[OutboxEntry]:
        """Take due entries for `lease_ms`, highest severity first, then oldest; none of the channels in `skip`."""
        with self._lock:
            due = [entry for entry in self._unsettled() if _is_due(entry, now) and entry.notice.channel not in skip]
            due.sort(key=lambda entry: (-entry.notice.severity.rank, entry.notice.created_at, entry.id))
            oldest = self._oldest_about()
            ready = (entry for entry in due if all(oldest[about] == entry.id for about in _about(entry)))
            leased = [
                replace(entry, state=DeliveryState.LEASED, next_at=now + lease_ms) for entry in islice(ready, limit)
            ]
            self._entries.update((entry.id, entry) for entry in leased)
            return leased

    def mark(self, entry_id: int, attempt: Attempt, next_at: int | None, instead: Sequence[Notice] = ()) -> None:
        """Write down an attempt; sent stays sent, and given up stays given up unless it was sent after all.

        `instead` is queued with it, each key once.
        """
        with self._lock:
            self.record([], [notice for notice in instead if notice.key not in self._keys])
            entry = self._entries.get(entry_id)
            if entry is None:
                return
            tried = replace(entry, attempts=entry.attempts + 1, last=attempt)
            is_settled = entry.state is DeliveryState.SENT or (
                entry.state is DeliveryState.UNDELIVERABLE and attempt.failure is not None
            )
            if not is_settled:
                due = entry.next_at if next_at is None else next_at
                tried = replace(tried, state=attempt.fate(next_at), next_at=due)
            if tried.state not in _UNSETTLED:
                tried = replace(tried, notice=replace(tried.notice, code=""))
            self._entries[entry_id] = tried

    def entries(self, limit: int) -> list[OutboxEntry]:
        """Return the newest entries with their fate, newest first."""
        with self._lock:
            return [self._entries[entry_id] for entry_id in sorted(self._entries, reverse=True)[:limit]]

    def find(self, key: str) -> OutboxEntry | None:
        """Return the entry with this key, None where there is none."""
        with self._lock:
            return next((entry for entry in self._entries.values() if entry.notice.key == key), None)

    def counts(self, limit: int) -> dict[DeliveryState, int]:
        """Return how many of the newest `limit` entries are in each state, 0 where there is none."""
        found = Counter(entry.state for entry in self.entries(limit))
        return {state: found[state] for state in DeliveryState}

    def __len__(self) -> int:
        """Count what is kept: changes and messages."""
        return len(self._transitions) + len(self._entries)

    def _unsettled(self) -> list[OutboxEntry]:
        return [entry for entry in self._entries.values() if entry.state in _UNSETTLED]

    def _oldest_about(self) -> dict[tuple[str, Labels], int]:
        """Return the oldest unsettled entry about each alert in each channel: the others about it must wait."""
        oldest: dict[tuple[str, Labels], int] = {}
        for entry in self._unsettled():
            for about in _about(entry):
                oldest[about] = min(entry.id, oldest.get(about, entry.id))
        return oldest


def _identity(alert: Alert) -> tuple[str, str]:
    return alert.fingerprint, alert.rule


def _about(entry: OutboxEntry) -> list[tuple[str, Labels]]:
    return [(entry.notice.channel, alert.labels) for alert in entry.notice.alerts]


def _is_due(entry: OutboxEntry, now: int) -> bool:
    return entry.next_at <= now or entry.next_at > now + LONGEST_WAIT
