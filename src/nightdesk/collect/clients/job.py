"""A push becomes samples: read, seated and resolved on the ingest thread, durable before it is answered."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from nightdesk.collect.clients.push import Durations, Push, Value, read_push
from nightdesk.collect.clients.roster import Roster, Seat
from nightdesk.collect.clients.standing_series import labels_of, rows_of
from nightdesk.collect.clients.words import Pairs
from nightdesk.errors import BadLabels, NightdeskError, SeriesLimitExceeded
from nightdesk.model.instant import DAY, SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.series import AppendRefusal, Batch, Refs
from nightdesk.seams.samples import SampleWriter

WEIGHT: Final = 8
"""So many bytes a push takes in the queue for each of its own: a histogram of one line is 64 series."""
OLDEST_BIRTH: Final = DAY
REFUSED: Final = -1
MOST_REMEMBERED: Final = 10_000
"""Metrics of one process whose references are remembered; beyond it they are looked up again."""

_Columns = tuple[Refs, Sequence[float], int | None]
"""References and values of some samples, and the instant (ms) before which all of them were 0, if known."""


class PushJob:
    """Reads one push and resolves its series; called once, on the ingest thread. Afterwards `seat` and `push` are set.

    A counter that the desk never had gets a 0 at its birth: else its first increments would be invisible to `rate` and
    `increase`, which count from the first sample on.
    """

    def __init__(self, body: bytes, roster: Roster, now: int) -> None:
        """Hold the body until the job runs; `now` (ms) is when it arrived."""
        self._body, self._roster, self._now = body, roster, now
        self.push: Push | None = None
        self.seat: Seat | None = None
        """None where a later push of the process was heard already: nothing of this one is taken."""
        self.refused: Counter[AppendRefusal] = Counter()
        self.complaint = ""
        """The first refusal as a sentence."""

    @property
    def size(self) -> int:
        """Bytes that the queue should count it as."""
        return WEIGHT * len(self._body)

    def __call__(self, writer: SampleWriter) -> Batch:
        """Return the push's samples.

        Raises:
            BadPayload, PayloadTooLarge: it cannot be read; nothing of it is taken.
            Overloaded: too many bots or processes.
        """
        push = self.push = read_push(self._body)
        self._body = b""
        seat = self.seat = self._roster.admit(push, self._now)
        if seat is None:
            return Batch.at(np.empty(0, dtype=np.int64), self._now, np.empty(0))
        if seat.era != writer.era:
            seat.refs.clear()
            seat.era = writer.era
        return self._batch(list(self._columns(writer, push, seat)))

    def _columns(self, writer: SampleWriter, push: Push, seat: Seat) -> Iterator[_Columns]:
        for value in push.counters:
            yield self._resolved(writer, seat, value, push.labels), (value.value,), self._birth(value, seat)
        for value in push.gauges:
            yield self._resolved(writer, seat, value, push.labels), (value.value,), None
        for histogram in push.histograms:
            refs = self._resolved(writer, seat, histogram, push.labels, push.bounds)
            yield refs, _cumulative(histogram, len(push.bounds) + 1), self._birth(histogram, seat)
        told = list(rows_of(seat, self._now))
        yield self._references(writer, [labels for labels, _ in told]), [value for _, value in told], None

    def _birth(self, metric: Value | Durations, seat: Seat) -> int | None:
        """Return when it was at 0, at least 1 ms ago: the instant of the push itself is taken.

        It lies behind all samples of whoever sat in the seat before: theirs end, then the counter falls to 0, which is
        what `increase` counts from.
        """
        if metric.age is None:
            return None
        age = min(OLDEST_BIRTH, max(1, round(metric.age * SECOND)))
        return min(max(self._now - age, seat.free_from), self._now - 1)

    def _resolved(
        self,
        writer: SampleWriter,
        seat: Seat,
        metric: Value | Durations,
        common: Pairs,
        bounds: tuple[float, ...] | None = None,
    ) -> Refs:
        """Return the references of a metric's series, resolved once a process and metric."""
        key = (metric.name, metric.labels, common, bounds)
        known = seat.refs.get(key)
        if known is None:
            # What a metric says of itself goes before what all metrics of the bot say.
            pairs = tuple({**dict(common), **dict(metric.labels)}.items())
            known = self._references(writer, list(_series(seat, metric.name, pairs, bounds)))
            if len(seat.refs) >= MOST_REMEMBERED:
                seat.refs.clear()
            if (known != REFUSED).all():
                seat.refs[key] = known
        return known

    def _references(self, writer: SampleWriter, labels: Sequence[Labels]) -> Refs:
        return np.array([self._reference(writer, each) for each in labels], dtype=np.int64)

    def _reference(self, writer: SampleWriter, labels: Labels) -> int:
        try:
            return writer.reference(labels)
        except SeriesLimitExceeded as error:
            return self._refuse(AppendRefusal.SERIES_LIMIT, error)
        except BadLabels as error:
            return self._refuse(AppendRefusal.BAD_LABELS, error)

    def _refuse(self, reason: AppendRefusal, error: NightdeskError) -> int:
        self.refused[reason] += 1
        self.complaint = self.complaint or str(error)
        return REFUSED

    def _batch(self, columns: Sequence[_Columns]) -> Batch:
        refs = [column for column, _, _ in columns]
        births = [np.full(len(column), birth, dtype=np.int64) for column, _, birth in columns if birth is not None]
        newborn = [column for column, _, birth in columns if birth is not None]
        count = sum(map(len, refs))
        times = np.concatenate([*births, np.full(count, self._now, dtype=np.int64)])
        values = np.concatenate([np.zeros(sum(map(len, newborn))), *(np.asarray(each) for _, each, _ in columns)])
        all_refs = np.concatenate([*newborn, *refs])
        taken = all_refs != REFUSED
        return Batch(all_refs[taken], times[taken], values[taken].astype(np.float64))


def _series(seat: Seat, name: str, pairs: Pairs, bounds: tuple[float, ...] | None) -> Iterator[Labels]:
    """Yield the series of a metric: one, or of a histogram its buckets, sum and count."""
    if bounds is None:
        yield labels_of(seat, name, *pairs)
        return
    for bound in bounds:
        yield labels_of(seat, f"{name}_bucket", *pairs, ("le", f"{bound:.15g}"))
    yield labels_of(seat, f"{name}_bucket", *pairs, ("le", "+Inf"))
    yield labels_of(seat, f"{name}_sum", *pairs)
    yield labels_of(seat, f"{name}_count", *pairs)


def _cumulative(histogram: Durations, buckets: int) -> list[float]:
    """Return what Prometheus keeps of a histogram: counts at or below each bound, the sum, the count."""
    counts = np.zeros(buckets)
    for bucket, count in histogram.counts:
        counts[bucket] = count
    below = np.cumsum(counts)
    return [*below.tolist(), histogram.sum, float(below[-1])]
