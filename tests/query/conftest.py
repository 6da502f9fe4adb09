"""The smallest honest reader: series in dictionaries, matched one by one."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import re2

from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Appended, Batch, Series
from nightdesk.seams import Budget


class TinySamples:
    """A SeriesReader and SampleWriter; series with equal timestamps share one array, as the contract asks."""

    def __init__(self) -> None:
        self._references: dict[Labels, int] = {}
        self._samples: list[dict[int, float]] = []

    def reference(self, labels: Labels) -> int:
        if labels not in self._references:
            self._references[labels] = len(self._samples)
            self._samples.append({})
        return self._references[labels]

    def append(self, batch: Batch) -> Appended:
        for ref, time, value in zip(batch.refs.tolist(), batch.times.tolist(), batch.values, strict=True):
            self._samples[ref][time] = value
        return Appended(len(batch))

    def commit(self) -> None:
        """Nothing to make durable."""

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        found: list[Series] = []
        shared: dict[tuple[int, ...], np.ndarray] = {}
        for labels, ref in sorted(self._references.items(), key=lambda item: item[0].pairs):
            times = tuple(sorted(time for time in self._samples[ref] if start <= time <= end))
            if times and all(_matches(matcher, labels.get(matcher.name)) for matcher in matchers):
                array = shared.setdefault(times, np.array(times, dtype=np.int64))
                values = np.array([self._samples[ref][time] for time in times], dtype=np.float64)
                found.append(Series(labels, array, values))
                budget.charge(len(times))
        return found


def _matches(matcher: Matcher, value: str) -> bool:
    if matcher.op in (MatchOp.EQUAL, MatchOp.NOT_EQUAL):
        return (value == matcher.value) == (matcher.op is MatchOp.EQUAL)
    found = re2.fullmatch(f"(?s:{matcher.value})", value) is not None
    return found == (matcher.op is MatchOp.REGEX)


@pytest.fixture
def make_store() -> Callable[[], TinySamples]:
    """Make empty stores."""
    return TinySamples


@pytest.fixture
def store() -> TinySamples:
    """Give an empty store."""
    return TinySamples()
