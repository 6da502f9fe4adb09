"""Going on while the disk takes no writes: records are kept in memory, sent all the same, and written later."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeVar

from nightdesk.clock import Clock
from nightdesk.errors import DataFolderFull, Overloaded, StoreError
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.notice import Attempt, DeliveryState, Notice, OutboxEntry
from nightdesk.store.records.confirmations import StoredConfirmations
from nightdesk.store.records.memory import MemoryRecords
from nightdesk.store.records.records import Records

T = TypeVar("T")

_FIRST_SPILLED_ID: Final = 2**40
"""Ids of messages that exist in memory alone begin here, far above those of the file."""
_RETRY_SECONDS: Final = 5.0
_MOST_KEPT: Final = 20_000
"""Changes and messages kept in memory, about 2 kB each."""
_SETTLED: Final = (DeliveryState.SENT, DeliveryState.UNDELIVERABLE)

_log = logging.getLogger(__name__)


class SpillingRecords:
    """`AlertRecords` and `Outbox` over a `Records`, which a full or failing disk does not stop. Threads may share it.

    At first sight of a full disk `on_full` is asked once to free space. Where that does not help, records stay in
    memory: alerts are judged and messages are sent, and only a crash before the disk takes writes again would lose
    what is not on it. That is logged as an error, and `spilled` counts it.
    """

    def __init__(self, records: Records, clock: Clock, on_full: Callable[[], None] = lambda: None) -> None:
        """Work on open records; `on_full` frees what it can, e.g. the data folder's ballast."""
        self._records, self._clock, self._on_full = records, clock, on_full
        self._lock = threading.RLock()
        self._spill: MemoryRecords | None = None
        self._next_id = _FIRST_SPILLED_ID
        self._retry_at = 0.0
        self._moved: dict[int, int] = {}

    @property
    def alerts(self) -> "SpillingRecords":
        """This object, in its role of `AlertRecords`."""
        return self

    @property
    def outbox(self) -> "SpillingRecords":
        """This object, in its role of `Outbox`."""
        return self

    @property
    def confirmations(self) -> StoredConfirmations:
        """Which channels are known to reach a person; a disk that takes no writes takes no confirmation either."""
        return self._records.confirmations

    @property
    def spilled(self) -> int:
        """How many changes and messages are in memory only; 0 in health. Never waits for a write, however slow."""
        spill = self._spill
        return len(spill) if spill is not None else 0

    @property
    def repeated(self) -> int:
        """How many messages were not stored because their key was known; 0 in health. Never waits for a write."""
        return self._records.alerts.repeated

    def live(self) -> list[Alert]:
        """Return the alerts that are pending or firing."""
        with self._lock:
            return self._records.alerts.live() if self._spill is None else self._spill.live()

    def last_number(self) -> int:
        """Return the greatest number of a change."""
        with self._lock:
            spilled = self._spill.last_number() if self._spill is not None else 0
            return max(spilled, *self._stored(lambda: [self._records.alerts.last_number()]), 0)

    def record(self, transitions: Sequence[Transition], notices: Sequence[Notice]) -> None:
        """Store changes and messages in one transaction; in memory alone while the disk takes none.

        Raises:
            Overloaded: the disk takes none and the memory set aside is used up; nothing of it was kept.
        """

        def keep(spill: MemoryRecords) -> None:
            if len(spill) + len(transitions) + len(notices) > _MOST_KEPT:
                raise Overloaded(
                    f"the disk takes no writes and {len(spill)} records wait in memory: free space at once"
                )
            spill.record(transitions, notices)

        self._write(lambda: self._records.alerts.record(transitions, notices), keep)

    def history(self, since: int, limit: int) -> list[Transition]:
        """Return changes at or after `since` ms, newest first."""
        with self._lock:
            recent = self._spill.history(since, limit) if self._spill is not None else []
            stored = self._stored(lambda: self._records.alerts.history(since, limit))
        return (recent + stored)[:limit]

    def lease(self, now: int, limit: int, lease_ms: int, skip: Collection[str] = ()) -> list[OutboxEntry]:
        """Take due entries for `lease_ms`, highest severity first, then oldest; none of the channels in `skip`."""
        return self._write(
            lambda: self._records.outbox.lease(now, limit, lease_ms, skip),
            lambda spill: spill.lease(now, limit, lease_ms, skip),
        )

    def mark(self, entry_id: int, attempt: Attempt, next_at: int | None, instead: Sequence[Notice] = ()) -> None:
        """Write down an attempt, wherever the entry is kept by now, with what is told elsewhere instead."""
        self._write(
            lambda: self._records.outbox.mark(self._moved.get(entry_id, entry_id), attempt, next_at, instead),
            lambda spill: spill.mark(self._moved.get(entry_id, entry_id), attempt, next_at, instead),
        )

    def entries(self, limit: int) -> list[OutboxEntry]:
        """Return the newest entries with their fate, newest first."""
        with self._lock:
            spilled = self._spill.entries(limit) if self._spill is not None else []
            stored = self._stored(lambda: self._records.outbox.entries(limit))
        known = {entry.notice.key for entry in spilled}
        merged = spilled + [entry for entry in stored if entry.notice.key not in known]
        return sorted(merged, key=lambda entry: entry.id, reverse=True)[:limit]

    def find(self, key: str) -> OutboxEntry | None:
        """Return the entry with this key, None where there is none."""
        with self._lock:
            spilled = self._spill.find(key) if self._spill is not None else None
            return spilled or next(iter(self._stored(lambda: [self._records.outbox.find(key)])), None)

    def counts(self, limit: int) -> dict[DeliveryState, int]:
        """Return how many of the newest `limit` entries are in each state, 0 where there is none.

        While records are in memory, so is whatever is unsettled: of the disk only what was settled before counts.
        """
        with self._lock:
            if self._spill is None:
                return self._records.outbox.counts(limit)
            counted = self._spill.counts(limit)
            rest = limit - sum(counted.values())
            for stored in self._stored(lambda: [self._records.outbox.counts(rest)]):
                counted.update((state, counted[state] + stored[state]) for state in _SETTLED)
        return counted

    def _write(self, to_disk: Callable[[], T], to_memory: Callable[[MemoryRecords], T]) -> T:
        with self._lock:
            self._try_return()
            if self._spill is None:
                try:
                    return self._with_room_made(to_disk)
                except StoreError as error:
                    self._spill = self._spill_over(error)
            return to_memory(self._spill)

    def _with_room_made(self, to_disk: Callable[[], T]) -> T:
        """Write; on a full disk free what can be freed, and write again."""
        try:
            return to_disk()
        except DataFolderFull as error:
            _log.error("%s; freeing what can be freed", error)
            self._on_full()
        return to_disk()

    def _spill_over(self, error: StoreError) -> MemoryRecords:
        """Go on in memory, with everything that is live or unsettled on disk as far as it can still be read."""
        _log.error("%s; alerts and messages are kept in memory and sent from there until it takes writes", error)
        self._retry_at = self._clock.boot() + _RETRY_SECONDS
        try:
            live, unsettled = self._records.alerts.live(), self._records.outbox.unsettled(_MOST_KEPT // 2)
        except StoreError as unreadable:
            _log.error("%s; messages that are on disk alone must wait", unreadable)
            live, unsettled = [], []
        return MemoryRecords(live, unsettled, self._next_id)

    def _try_return(self) -> None:
        """Write the spill to disk if a try is due; stay in memory if the disk still takes no writes."""
        if self._spill is None or self._clock.boot() < self._retry_at:
            return
        entries = sorted(self._spill.entries(_MOST_KEPT), key=lambda entry: entry.id)
        try:
            ids = self._records.absorb(self._spill.transitions, entries)
        except StoreError:
            self._retry_at = self._clock.boot() + _RETRY_SECONDS
            return
        # Whoever is sending a message at this moment will mark it by the id it had in memory.
        leased = [entry for entry in entries if entry.state is DeliveryState.LEASED]
        self._moved = {entry.id: ids[entry.notice.key] for entry in leased}
        self._next_id = self._spill.next_id
        _log.warning("the disk takes writes again: %d records were written to it", len(self._spill))
        self._spill = None

    def _stored(self, read: Callable[[], list[T]]) -> list[T]:
        """Read from disk; while records are in memory, a disk that cannot be read adds nothing."""
        try:
            return read()
        except StoreError as error:
            if self._spill is None:
                raise
            _log.error("%s; showing what is in memory", error)
            return []
