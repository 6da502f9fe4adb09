"""The sockets of samples: who writes them, who reads them, and what a read may cost."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Protocol

from nightdesk.model.buckets import Buckets, BucketsWanted, Kept
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Summarised
from nightdesk.model.series import Appended, Batch, Series


class Budget(Protocol):
    """What a read may cost; the store asks while it reads, so that an expensive query ends early."""

    def charge(self, samples: int) -> None:
        """Count samples read. Raises QueryLimitExceeded past the limit, and whatever `check` raises."""
        ...

    def check(self) -> None:
        """Raise QueryTimeout past the deadline, QueryCancelled once whoever asked has gone."""
        ...


class FlawTeller(Protocol):
    """Tells what of the samples is known to be damaged. Safe to call from several threads."""

    def __call__(self, start: int, end: int) -> Sequence[str]:
        """Return a sentence on each day of [start, end] ms of which samples may be missing; mostly none."""
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
        """Return the same samples with whole chunks told by their summaries, where those are at hand.

        The budget is charged for samples that were read, not for those that a summary tells of.
        """
        ...


class BucketReader(Protocol):
    """Reads what was kept of samples in buckets of 5 m and 1 h. Safe to call from several threads."""

    def kept(self) -> Kept:
        """Return since when there are samples, none of them gone, and buckets."""

    def samples_since(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> int:
        """Return since when in (start, end] ms the samples of the series that match are all there.

        It is `start` where none is gone that buckets tell of.
        """
        ...

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

    def reference(self, labels: Labels, *, pushed: bool = False) -> int:
        """Return the reference of a series, made on first sight; good until the era ends, and longer for those fed.

        `pushed` says that somebody sent it unasked: such series leave some places to what the desk measures itself.

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
