"""Samples in memory, for rule tests: what a rule reads and what it records, with no folder and no thread."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future

import numpy as np

from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Summarised, panels_of
from nightdesk.model.regex import condition
from nightdesk.model.series import Appended, Batch, Series
from nightdesk.seams.samples import Budget, SampleWriter


class ScratchSamples:
    """A `SeriesReader`, a `PanelReader`, a `SampleWriter` and an `Intake` in one, for use by one thread."""

    def __init__(self) -> None:
        """Start empty."""
        self.era = 0
        self._labels: list[Labels] = []
        self._refs: dict[Labels, int] = {}
        self._samples: list[dict[int, float]] = []

    def add(self, labels: Labels, samples: Iterable[tuple[int, float]]) -> None:
        """Put (milliseconds, value) samples into a series."""
        self._samples[self.reference(labels)].update(samples)

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        """Return the series that match, sorted by labels, with samples in [start, end] ms."""
        conditions = [(matcher.name, condition(matcher)) for matcher in matchers]
        found = []
        for labels, samples in zip(self._labels, self._samples, strict=True):
            if all(holds(labels.get(name)) for name, holds in conditions):
                inside = sorted(item for item in samples.items() if start <= item[0] <= end)
                budget.charge(len(inside))
                if inside:
                    found.append(_series(labels, inside))
        return sorted(found, key=lambda series: series.labels)

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return the same series side by side where they share their instants."""
        return panels_of(self.select(matchers, start, end, budget))

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Return all of it as samples."""
        return Summarised((), self.panels(matchers, start, end, budget))

    def reference(self, labels: Labels, *, pushed: bool = False) -> int:  # noqa: ARG002  there is place for everyone
        """Return the number of a series, made on first sight."""
        if labels not in self._refs:
            self._refs[labels] = len(self._labels)
            self._labels.append(labels)
            self._samples.append({})
        return self._refs[labels]

    def append(self, batch: Batch) -> Appended:
        """Take a batch; the same instant again replaces the value."""
        for ref, time, value in zip(batch.refs.tolist(), batch.times.tolist(), batch.values, strict=True):
            self._samples[ref][time] = value  # a numpy scalar: `tolist` could lose the bits of a stale marker
        return Appended(len(batch))

    def commit(self) -> None:
        """Memory is as durable as it gets."""

    def submit(self, job: Callable[[SampleWriter], Batch], size: int) -> "Future[Appended]":  # noqa: ARG002 - the socket's
        """Run a job at once."""
        future: Future[Appended] = Future()
        future.set_result(self.append(job(self)))
        return future


def _series(labels: Labels, samples: list[tuple[int, float]]) -> Series:
    times = np.array([time for time, _ in samples], dtype=np.int64)
    return Series(labels, times, np.array([value for _, value in samples], dtype=np.float64))
