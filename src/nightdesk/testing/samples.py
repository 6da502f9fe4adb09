"""Samples in a dictionary: the fake of SeriesReader, PanelReader, LabelReader and SampleWriter."""

from collections.abc import Sequence

import numpy as np

from nightdesk.errors import BadLabels, QueryError, SeriesLimitExceeded
from nightdesk.model.instant import day_of
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Summarised, panels_of
from nightdesk.model.regex import condition
from nightdesk.model.series import Appended, Batch, Series
from nightdesk.seams.samples import Budget


class MemorySamples:
    """Keeps every sample under its series and instant; nothing is durable, and every bound is the plainest one."""

    def __init__(self, max_series: int = 200_000) -> None:
        """Hold at most so many series."""
        self._max_series = max_series
        self._labels: list[Labels] = []
        self._refs: dict[Labels, int] = {}
        self._samples: dict[int, dict[int, float]] = {}
        self._found: dict[tuple[Matcher, ...], tuple[int, list[Labels]]] = {}
        """What matched when there were so many series: rules of a night ask the same a hundred thousand times."""
        self.commits = 0
        self.era = 0
        """Nothing is ever retired here; a test may count it up to see references resolved again."""

    def reference(self, labels: Labels, *, pushed: bool = False) -> int:
        """Return the reference of a series, made on first sight."""
        if labels in self._refs:
            return self._refs[labels]
        if (
            not labels
            or len(labels) > 32
            or any(not name or len(name) > 128 or len(value) > 1024 for name, value in labels)
        ):
            raise BadLabels(f"labels out of bounds: {labels}")
        if len(self._refs) >= self._max_series - (self._max_series // 10 if pushed else 0):
            raise SeriesLimitExceeded(f"more than {self._max_series} series")
        self._labels.append(labels)
        return self._refs.setdefault(labels, len(self._labels) - 1)

    def append(self, batch: Batch) -> Appended:
        """Take every sample; the same (series, instant) again replaces the value."""
        for ref, time, value in zip(batch.refs.tolist(), batch.times.tolist(), batch.values, strict=True):
            self._samples.setdefault(ref, {})[time] = value
        return Appended(len(batch))

    def delete(self, selectors: Sequence[Sequence[Matcher]], start: int, end: int) -> None:
        """Delete the samples of any selector in [start, end] ms; what comes later stays."""
        for labels in {each for matchers in selectors for each in self._matching(matchers)}:
            held = self._samples.get(self._refs[labels], {})
            self._samples[self._refs[labels]] = {
                time: value for time, value in held.items() if not start <= time <= end
            }

    def commit(self) -> None:
        """Count."""
        self.commits += 1

    def put(self, labels: Labels, *samples: tuple[int, float]) -> None:
        """Store (milliseconds, value) pairs of one series."""
        self._samples.setdefault(self.reference(labels), {}).update(samples)

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        """Return the series that match with their samples in [start, end], sorted by labels."""
        found: list[Series] = []
        shared: dict[bytes, np.ndarray[tuple[int], np.dtype[np.int64]]] = {}
        for labels in self._matching(matchers):
            budget.check()
            held = self._samples.get(self._refs[labels], {})
            inside = sorted(time for time in held if start <= time <= end)
            if inside:
                budget.charge(len(inside))
                times = np.array(inside, dtype=np.int64)
                values = np.array([held[time] for time in inside], dtype=np.float64)
                found.append(Series(labels, shared.setdefault(times.tobytes(), times), values))
        return found

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return the same series side by side where they share their instants."""
        return panels_of(self.select(matchers, start, end, budget))

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Return all of it as samples: a dictionary has no summaries at hand."""
        return Summarised((), self.panels(matchers, start, end, budget))

    def series(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Labels]:
        """Return the label sets that match and have samples on the days of [start, end], sorted."""
        found = []
        for labels in self._matching(matchers):
            budget.check()
            if self._is_around(labels, start, end):
                found.append(labels)
        return found

    def label_names(self, start: int, end: int, budget: Budget) -> list[str]:
        """Return all label names in use, sorted."""
        return sorted({name for labels in self.series((), start, end, budget) for name, _ in labels})

    def label_values(self, name: str, start: int, end: int, budget: Budget) -> list[str]:
        """Return all values of one label, sorted."""
        return sorted({labels.get(name) for labels in self.series((), start, end, budget)} - {""})

    def _matching(self, matchers: Sequence[Matcher]) -> list[Labels]:
        size, found = self._found.get(tuple(matchers), (-1, []))
        if size != len(self._labels):
            found = self._match(matchers)
            self._found[tuple(matchers)] = (len(self._labels), found)
        return found

    def _match(self, matchers: Sequence[Matcher]) -> list[Labels]:
        try:
            conditions = [(matcher.name, condition(matcher)) for matcher in matchers]
        except ValueError as error:
            raise QueryError(f"not a regular expression: {error}") from error
        return sorted(labels for labels in self._labels if all(holds(labels.get(name)) for name, holds in conditions))

    def _is_around(self, labels: Labels, start: int, end: int) -> bool:
        first, last = day_of(start), day_of(end)
        return any(first <= day_of(time) <= last for time in self._samples.get(self._refs[labels], {}))
