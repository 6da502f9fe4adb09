"""The series of one target as last written: their references, and which of them have ended since."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.collect.caps import MOST_NEW_SERIES, NewSeriesCap
from nightdesk.collect.collector import Readings
from nightdesk.errors import BadLabels, SeriesLimitExceeded
from nightdesk.model.labels import METRIC_NAME, Labels
from nightdesk.model.series import STALE, AppendRefusal, Batch, Refs
from nightdesk.seams.samples import SampleWriter

REPORT: Final = (
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
)
"""What is written about each collection beside its samples, by the names Prometheus gives it."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """One set of labels, resolved: good for as long as the collector hands out the same tuple."""

    labels: Sequence[Labels]
    known: dict[Labels, int]
    """Reference of each series; those the store refused are left out."""
    refs: Refs
    """References of the rows that are written."""
    rows: NDArray[np.int64] | None
    """Which rows are written: None for all. Left out are refused series, and repeats of one (the first stays)."""
    live: frozenset[int]
    complete: bool
    """False where the store refused a series, which then is asked for again."""


_NONE: Final = _Shape((), {}, np.empty(0, dtype=np.int64), None, frozenset(), complete=True)


class TargetSeries:
    """Turns readings into batches. Jobs run on the ingest thread alone, in order, so nothing here is locked.

    As in Prometheus: a series that was there and is not any more, and every series of a target that failed, gets a
    stale marker at the instant of the collection; series that carry the target's own timestamps are left alone.
    """

    def __init__(self, target: Labels, most_new_series: int = MOST_NEW_SERIES) -> None:
        """Start with no series; `target` is what `up` and its like are labelled with.

        Of samples the target may begin `most_new_series` within an hour; those that it has go on.
        """
        self._report = [target.merged({METRIC_NAME: name}) for name in REPORT]
        self._report_refs: list[int | None] = [None] * len(self._report)
        """Reference of each series of the report; None where the store refused it, which is asked for again."""
        self._shape = _NONE
        self._live: frozenset[int] = frozenset()
        self._era = 0
        self._cap = NewSeriesCap(most_new_series)
        self.refused: Counter[AppendRefusal] = Counter()
        self.duplicates = 0

    def job(self, readings: Readings | None, at: int, seconds: float) -> Callable[[SampleWriter], Batch]:
        """Return the job that writes one collection; None as readings means that the target was down at `at`."""

        def write(writer: SampleWriter) -> Batch:
            if writer.era != self._era:
                self._renew(writer)
            # First, so that where the series cap is near what is told of a target comes before its samples.
            report_refs = self._report_references(writer)
            before, samples = self._shape, 0 if readings is None else len(readings)
            self._shape = _NONE if readings is None else self._resolve(writer, readings.labels, at)
            added = 0 if self._shape is before else len(self._shape.known.keys() - before.known.keys())
            batch, live = self._rows(readings, at)
            ended = frozenset[int]() if live is self._live else self._live - live
            self._live = live
            report = (float(readings is not None), seconds, samples, samples, added)
            told = [value for value, ref in zip(report, report_refs, strict=True) if ref is not None]
            refs = np.array([*ended, *self._reported], dtype=np.int64)
            closing = Batch.at(refs, at, np.array([*[STALE] * len(ended), *told], dtype=np.float64))
            return _joined(batch, closing)

        return write

    def farewell(self, at: int) -> Callable[[SampleWriter], Batch]:
        """Return the job that ends every series of a target that was taken out of the settings, `up` included."""

        def write(writer: SampleWriter) -> Batch:
            if writer.era != self._era:
                self._renew(writer)
                self._report_references(writer)
            refs = np.array([*self._live, *self._reported], dtype=np.int64)
            self._live, self._shape = frozenset(), _NONE
            return Batch.at(refs, at, np.full(len(refs), STALE))

        return write

    def _renew(self, writer: SampleWriter) -> None:
        """Resolve again what was resolved in an earlier era, so that what ends now ends under the right reference."""
        before, self._era = self._shape, writer.era
        self._report_refs = [None] * len(self._report)
        known = {labels: ref for labels in before.known if (ref := self._reference(writer, labels)) is not None}
        self._live = frozenset(ref for labels, ref in known.items() if before.known[labels] in self._live)
        refs = np.fromiter(known.values(), dtype=np.int64, count=len(known))
        self._shape = _Shape((), known, refs, None, frozenset(known.values()), complete=False)

    def _resolve(self, writer: SampleWriter, labels: Sequence[Labels], at: int) -> _Shape:
        before = self._shape
        # Identity is enough only where the collector cannot have changed the sequence under our hands.
        if labels is before.labels and isinstance(labels, tuple) and before.complete:
            return before
        known: dict[Labels, int] = {}
        rows: list[int] = []
        for row, each in enumerate(labels):
            if each in known:
                self.duplicates += 1
                continue
            ref = before.known.get(each)
            if ref is None:
                ref = self._begun(writer, each, at)
            if ref is not None:
                known[each] = ref
                rows.append(row)
        refs = np.fromiter(known.values(), dtype=np.int64, count=len(known))
        chosen = None if len(rows) == len(labels) else np.array(rows, dtype=np.int64)
        return _Shape(labels, known, refs, chosen, frozenset(known.values()), complete=chosen is None)

    def _begun(self, writer: SampleWriter, labels: Labels, at: int) -> int | None:
        """Return the reference of a series that was not there before, unless the target begins too many."""
        if not self._cap.admits(labels, at):
            self.refused[AppendRefusal.TARGET_LIMIT] += 1
            return None
        return self._reference(writer, labels)

    def _reference(self, writer: SampleWriter, labels: Labels) -> int | None:
        try:
            return writer.reference(labels)
        except SeriesLimitExceeded:
            self.refused[AppendRefusal.SERIES_LIMIT] += 1
        except BadLabels:
            self.refused[AppendRefusal.BAD_LABELS] += 1
        return None

    def _rows(self, readings: Readings | None, at: int) -> tuple[Batch, frozenset[int]]:
        """Return the samples to write, and the series that are to end once they are missing."""
        shape = self._shape
        if readings is None:
            return Batch.at(shape.refs, at, np.empty(0)), shape.live
        values = readings.values if shape.rows is None else readings.values[shape.rows]
        if readings.times is None:
            return Batch.at(shape.refs, at, values), shape.live
        times = readings.times if shape.rows is None else readings.times[shape.rows]
        return Batch(shape.refs, times, values), frozenset(shape.refs[times == at].tolist())

    def _report_references(self, writer: SampleWriter) -> list[int | None]:
        """Return the references of the report, looked up once; what the store refuses is counted and left out."""
        if None in self._report_refs:
            self._report_refs = [
                self._reference(writer, labels) if ref is None else ref
                for labels, ref in zip(self._report, self._report_refs, strict=True)
            ]
        return self._report_refs

    @property
    def _reported(self) -> list[int]:
        return [ref for ref in self._report_refs if ref is not None]


def _joined(first: Batch, second: Batch) -> Batch:
    return Batch(
        np.concatenate((first.refs, second.refs)),
        np.concatenate((first.times, second.times)),
        np.concatenate((first.values, second.values)),
    )
