"""The sockets through which rooms meet, as Protocols of at most three methods; only `app/wiring.py` knows both ends.

Each has one honest fake in `nightdesk.testing` and one contract suite that every implementation and its fake must pass.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Protocol

from nightdesk.model.alert import Alert, Transition
from nightdesk.model.buckets import Buckets, BucketsWanted, Kept
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.ledger import (
    CashFlow,
    EquityMark,
    FileReading,
    Holdings,
    LedgerEntry,
    PriceMark,
    ReturnMark,
    Selection,
    SetAside,
    StartingBalance,
    Taken,
)
from nightdesk.model.notice import Attempt, DeliveryState, Notice, OutboxEntry
from nightdesk.model.panel import Panel, Summarised
from nightdesk.model.series import Appended, Batch, Series
from nightdesk.model.trade import Fill, Order, Trade

# ---------------------------------------------------------------- samples


class Budget(Protocol):
    """What a read may cost; the store asks while it reads, so that an expensive query ends early."""

    def charge(self, samples: int) -> None:
        """Count samples read. Raises QueryLimitExceeded past the limit, and whatever `check` raises."""
        ...

    def check(self) -> None:
        """Raise QueryTimeout past the deadline, QueryCancelled once whoever asked has gone."""
        ...


class SeriesReader(Protocol):
    """Reads samples. Safe to call from several threads."""

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        """Return the series that match, sorted by labels, with samples in [start, end] ms; empty ones are left out.

        Stale markers are included. Series that share timestamps share one `times` object.
        """


class PanelReader(Protocol):
    """Reads samples as matrices, which is how the query engine takes them. Safe to call from several threads."""

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return the series that match with their samples in [start, end] ms, in panels; each series is in one.

        Stale markers are included. Panels come in any order, and so do the rows of one.
        """
        ...

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Return the same samples with whole stretches told by their summaries, where those are at hand.

        The budget is charged for samples that were read, not for those that a summary tells of.
        """
        ...


class BucketReader(Protocol):
    """Reads what was kept of samples in buckets of 5 m and 1 h. Safe to call from several threads."""

    def kept(self) -> Kept:
        """Return since when there are samples and buckets."""

    def buckets(self, wanted: BucketsWanted, budget: Budget) -> Iterator[Buckets]:
        """Yield the series that match, each once; the budget is charged for each bucket, and for samples read."""


class LabelReader(Protocol):
    """Reads what series there are; `start` and `end` (ms) narrow by day at least.

    The budget is looked at as samples are read elsewhere: years of many series take long. Safe from several threads.
    """

    def series(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Labels]:
        """Return the label sets that match, sorted."""
        ...

    def label_names(self, start: int, end: int, budget: Budget) -> list[str]:
        """Return all label names in use, sorted."""
        ...

    def label_values(self, name: str, start: int, end: int, budget: Budget) -> list[str]:
        """Return all values of one label, sorted."""
        ...


class SampleWriter(Protocol):
    """Takes samples; called from the ingest thread alone. Readers see a batch once `append` has returned."""

    era: int
    """A `commit` may begin a new one: references of ended series are worth nothing then, and `append` refuses them.

    Whoever keeps references from one job to the next compares this and resolves the labels again; no reference is ever
    given to another series.
    """

    def reference(self, labels: Labels) -> int:
        """Return the reference of a series, made on first sight; good until the era ends, and longer for those fed.

        Raises:
            BadLabels: names or sizes out of bounds.
            SeriesLimitExceeded: a new series over the cap; known ones still answer.
        """
        ...

    def append(self, batch: Batch) -> Appended:
        """Take a batch; the same (series, instant) again replaces the value. Not durable before `commit`."""
        ...

    def commit(self) -> None:
        """Make every batch so far durable: it survives kill -9 and power loss. Raises DataFolderFull."""
        ...


class Intake(Protocol):
    """The one way in for samples: jobs run in order on the ingest thread, many jobs to one commit."""

    def submit(self, job: Callable[[SampleWriter], Batch], size: int) -> "Future[Appended]":
        """Queue a job of about `size` bytes; the future resolves once its batch is durable, or with the job's error.

        Raises:
            Overloaded: the queue is full by count or by bytes; nothing was taken.
        """
        ...


# ----------------------------------------------------------------- alerts


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


# ----------------------------------------------------------------- delivery


class Sender(Protocol):
    """Carries one rendered message out, in a process that can be killed."""

    async def send(self, notice: Notice, seconds: float) -> Attempt:
        """Try once within a total deadline, never outlasting it by 1 s.

        A failure of the other side is an answer, never an exception.
        """
        ...


# ----------------------------------------------------------------- ledger


class LedgerWriter(Protocol):
    """Takes rows of the ledger. Safe to call from several threads."""

    def take(self, entries: Sequence[LedgerEntry]) -> Taken:
        """Take entries in ONE transaction, durable when it returns; each identity is kept once.

        The same identity with other content replaces the older form, which is kept as history.
        """
        ...

    def set_aside(self, rows: Sequence[SetAside]) -> None:
        """Keep rows that could not be read, each (account, file, source, row, content) once."""
        ...

    def end_reading(self, reading: FileReading) -> None:
        """Forget the rows of its file and account that were set aside by other readings only: they were put right."""
        ...


class LedgerVersions(Protocol):
    """Whether the ledger still says what it said, and reads that belong together."""

    @property
    def version(self) -> int:
        """A number that differs once rows were added, corrected, moved or set aside."""
        ...

    def at_one_time(self) -> AbstractContextManager[None]:
        """Read everything inside as of one instant; rows may be taken meanwhile."""
        ...


class LedgerIndex(Protocol):
    """What there is in the ledger."""

    def holdings(self) -> list[Holdings]:
        """Return what is held of each portfolio, sorted by portfolio."""
        ...

    def rows_set_aside(self, limit: int) -> list[SetAside]:
        """Return the newest rows that could not be read."""
        ...

    def count_set_aside(self, selection: Selection) -> int:
        """Return how many rows that could not be read may belong to a selection's portfolios."""
        ...


class TradeReader(Protocol):
    """Reads what was traded."""

    def fills(self, selection: Selection, without: Collection[str] = ()) -> list[Fill]:
        """Return fills by (instant, sequence, id), without those of some sources; the interval is of their instants."""
        ...

    def trades(self, selection: Selection) -> list[Trade]:
        """Return trades as their sources reported them: those that closed in the interval, by close, then open ones.

        Trades matched from fills are not among them; `trades.round_trips` puts both together.
        """
        ...

    def orders(self, selection: Selection) -> list[Order]:
        """Return orders by the instant they were released."""
        ...


class TradeLister(Protocol):
    """Lists trades without reading all of them."""

    def newest_trades(self, selection: Selection, limit: int) -> list[Trade]:
        """Return the reported trades that closed last in the interval, newest first."""
        ...

    def count_closed(self, selection: Selection) -> int:
        """Return how many reported trades closed in the interval."""
        ...

    def fill_sources(self, selection: Selection) -> set[str]:
        """Return the sources of a selection's fills, whatever the interval."""
        ...


class EquityReader(Protocol):
    """Reads what accounts were worth."""

    def equity(self, selection: Selection) -> list[EquityMark]:
        """Return equity marks by instant, one an instant, portfolio and currency: the one taken last."""
        ...

    def flows(self, selection: Selection) -> list[CashFlow]:
        """Return deposits and withdrawals by instant."""
        ...

    def returns(self, selection: Selection) -> list[ReturnMark]:
        """Return reported returns by instant, one an instant and portfolio: the one taken last."""
        ...


class BalanceReader(Protocol):
    """Reads what values a person or a source gave without an instant's history."""

    def starting_balances(self, selection: Selection) -> list[StartingBalance]:
        """Return the starting balances that were given, whatever the interval."""
        ...

    def prices(self, selection: Selection) -> list[PriceMark]:
        """Return the last price of each symbol and portfolio, whatever the interval."""
        ...
