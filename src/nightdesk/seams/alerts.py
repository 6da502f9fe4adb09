"""The sockets of alerts: the book that takes them, what keeps them, and the outbox of what is to be told."""

from collections.abc import Collection, Sequence
from typing import Protocol

from nightdesk.model.alert import Alert, Transition
from nightdesk.model.notice import Attempt, DeliveryState, Notice, OutboxEntry


class AlertSink(Protocol):
    """Takes what was judged: the book of alerts."""

    def accept(self, alerts: Sequence[Alert], at: int) -> Sequence[Transition]:
        """Take the present standing of alerts that were judged at `at` ms, and return the changes this made.

        Whatever changes is durable, with the messages it calls for, when this returns.
        """
        ...


class AlertHistory(Protocol):
    """What became of alerts."""

    def history(self, since: int, limit: int) -> list[Transition]:
        """Return changes at or after `since` ms, newest first."""
        ...


class AlertRecords(AlertHistory, Protocol):
    """Keeps alerts over restarts: for each label set what each rule holds."""

    def live(self) -> list[Alert]:
        """Return the alerts that are pending or firing, one for each label set and rule."""
        ...

    def last_number(self) -> int:
        """Return a number that no change recorded so far exceeds, where they were numbered on from this one; or 0."""
        ...

    def record(self, transitions: Sequence[Transition], notices: Sequence[Notice]) -> None:
        """Store changes, history rows and outbox rows in ONE transaction; durable when it returns.

        A notice whose key is known is not stored twice; that is logged as an error, for no two changes share a key.
        """
        ...


class Outbox(Protocol):
    """Notices on their way out: lease, send, mark; never mark first."""

    def lease(self, now: int, limit: int, lease_ms: int, skip: Collection[str] = ()) -> list[OutboxEntry]:
        """Take due entries for `lease_ms`, highest severity first, then oldest; none of the channels in `skip`.

        An entry whose lease ran out is due again. A notice waits while an older one of its channel about one of the
        same alerts is unsettled, so that no resolution overtakes the news of its breach.
        """
        ...

    def mark(self, entry_id: int, attempt: Attempt, next_at: int | None, instead: Sequence[Notice] = ()) -> None:
        """Write down an attempt and queue what is told elsewhere `instead`, in ONE transaction.

        Sent if it did not fail; else due again at `next_at`, or undeliverable where that is None. A notice whose key
        is known is not queued twice. With its fate settled, the code of a test is kept no longer.
        """
        ...

    def entries(self, limit: int) -> list[OutboxEntry]:
        """Return the newest entries with their fate, newest first."""
        ...


class OutboxFates(Protocol):
    """What became of one notice."""

    def find(self, key: str) -> OutboxEntry | None:
        """Return the entry with this key, None where it is not kept."""
        ...


class OutboxCounts(Protocol):
    """How many notices there are; a read that costs no decoding."""

    def counts(self, limit: int) -> dict[DeliveryState, int]:
        """Return how many of the newest `limit` entries are in each state, 0 where there is none."""
        ...
