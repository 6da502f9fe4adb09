"""Answers out of summaries are those out of samples."""

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.clock import SystemClock
from nightdesk.model.exact_sums import exact_sums
from nightdesk.model.instant import HOUR, MINUTE
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import ChunkSummaries, Panel, Summarised
from nightdesk.model.series import STALE
from nightdesk.query.engine import Engine
from nightdesk.query.functions.table import FUNCTIONS
from nightdesk.query.selecting.summary_folds import fold
from nightdesk.seams.samples import Budget
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.samples import MemorySamples

NOW = 1_700_000_000_000
FOLDS = {name: row.summaries for name, row in FUNCTIONS.items() if row.summaries is not None}


class Summarising(MemorySamples):
    """Tells every `width` samples of a panel by a summary, where none is NaN; counts how many."""

    width = 7
    told = 0

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Cut what was read."""
        chunks: list[ChunkSummaries] = []
        rest: list[Panel] = []
        for panel in self.panels(matchers, start, end, budget):
            for low in range(0, len(panel.times), self.width):
                times, values = panel.times[low : low + self.width], panel.values[:, low : low + self.width]
                sound = ~np.isnan(values).any(axis=1) & (len(times) == self.width)
                for rows, is_whole in ((np.flatnonzero(sound), True), (np.flatnonzero(~sound), False)):
                    labels = [panel.labels[row] for row in rows.tolist()]
                    if is_whole and len(rows):
                        chunks.append(_summaries(labels, times, values[rows]))
                        self.told += 1
                    elif len(rows):
                        rest.append(Panel(labels, times, values[rows]))
        return Summarised(chunks, rest)


def _summaries(labels: list[Labels], times: np.ndarray, values: np.ndarray) -> ChunkSummaries:
    sums = exact_sums(values)
    return ChunkSummaries(
        labels, times[:1], times[-1:], np.array([len(times)]), sums.totals[:, None], sums.losses[:, None],
        values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True), values[:, :1], values[:, -1:],
    )  # fmt: skip


numbers = st.one_of(
    st.floats(-1e6, 1e6), st.sampled_from([float("inf"), float("-inf"), float("nan"), STALE, 0.0, -0.0, 1e300, -1e300])
)


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 90), numbers), max_size=60), min_size=1, max_size=4),
    st.sampled_from(sorted(FOLDS)),
    st.sampled_from([2 * HOUR, 3 * HOUR]),
    st.integers(0, 40),
)
def test_a_window_folded_out_of_summaries_is_the_window(
    series: list[list[tuple[int, float]]], function: str, length: int, late: int
) -> None:
    """Whatever the values: infinities, NaN and stale markers, series of their own instants, sums that overflow."""
    samples = Summarising()
    for number, own in enumerate(series):
        samples.put(Labels.of("m", i=str(number)), *[(NOW - minute * 2 * MINUTE, value) for minute, value in own])
    plain = MemorySamples()
    for number, own in enumerate(series):
        plain.put(Labels.of("m", i=str(number)), *[(NOW - minute * 2 * MINUTE, value) for minute, value in own])
    query, at = f"{function}(m[{length}ms])", NOW - late * MINUTE
    answers = [Engine(reader, SystemClock()).instant(query, at) for reader in (samples, plain)]
    told, expected = (dict(zip(each.labels, each.values[:, 0], strict=True)) for each in answers)
    assert told.keys() == expected.keys()
    for labels, value in expected.items():
        assert told[labels] == pytest.approx(value, rel=1e-9, abs=1e-6, nan_ok=True)


@given(st.lists(st.floats(1e-5, 1e40), min_size=90, max_size=90), st.randoms(use_true_random=False))
def test_sums_of_magnitudes_that_cancel_are_near(magnitudes: list[float], order: random.Random) -> None:
    """By instant or by range a sum is within 1e-28 of the sum of the magnitudes, as the documentation says."""
    values = [*magnitudes, *(-value for value in magnitudes), 0.1]
    order.shuffle(values)
    samples = Summarising()
    samples.put(Labels.of("m"), *[(NOW - minute * MINUTE, value) for minute, value in enumerate(values)])
    engine, query = Engine(samples, SystemClock()), "sum_over_time(m[4h])"
    told = [engine.instant(query, NOW), engine.range(query, NOW, NOW + MINUTE, MINUTE)]
    for answer in told:
        assert abs(answer.values[0, 0] - math.fsum(values)) <= 1e-28 * math.fsum(map(abs, values))


@pytest.mark.parametrize("function", sorted(FOLDS))
def test_a_series_in_two_panels_counts_with_both(function: str) -> None:
    """Edges of two days may hold equally many samples of one series: both count."""
    samples = Summarising()
    told = [(minute, float(minute % 5)) for minute in range(13) if minute != 7] + [(7, STALE)]
    samples.put(Labels.of("m"), *[(NOW - minute * MINUTE, value) for minute, value in told])
    plain = MemorySamples()
    plain.put(Labels.of("m"), *[(NOW - minute * MINUTE, value) for minute, value in told])
    answers = [Engine(reader, SystemClock()).instant(f"{function}(m[2h])", NOW) for reader in (samples, plain)]
    assert answers[0].values.tolist() == [[pytest.approx(float(answers[1].values[0, 0]))]]


def test_a_fixed_instant_of_a_range_query_is_folded_once() -> None:
    """`@` makes one window of many steps; short windows are read sample by sample."""
    samples = Summarising()
    samples.put(Labels.of("m"), *[(NOW - minute * MINUTE, float(minute)) for minute in range(300)])
    engine = Engine(samples, SystemClock())
    answer = engine.range(f"max_over_time(m[4h] @ {NOW / 1000})", NOW, NOW + 10 * MINUTE, MINUTE)
    assert answer.values.tolist() == [[239.0] * 11]
    assert samples.told
    samples.told = 0
    engine.instant("max_over_time(m[1h])", NOW)
    assert not samples.told


def test_chunks_count_in_every_window_that_holds_them_whole() -> None:
    """Many windows: a chunk that an edge cuts is in neither; samples count by their instants."""
    labels = [Labels.of("m")]
    ends = np.array([60, 120, 180, 240]) * MINUTE
    chunks = ChunkSummaries(
        labels, ends - HOUR + 1, ends, np.array([4, 4, 4, 4]), np.array([[4.0, 8.0, 12.0, 16.0]]), np.zeros((1, 4)),
        np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([[1.5, 2.5, 3.5, 4.5]]), np.array([[1.0, 2.0, 3.0, 4.0]]),
        np.array([[1.5, 2.5, 3.5, 4.5]]),
    )  # fmt: skip
    edge = Panel(labels, np.array([241 * MINUTE]), np.array([[9.0]]))
    told = Summarised([chunks], [edge])
    end = np.array([120, 150, 241]) * MINUTE
    expected = {
        "count_over_time": [8, 4, 5], "sum_over_time": [12, 8, 25], "avg_over_time": [1.5, 2, 5],
        "min_over_time": [1, 2, 4], "max_over_time": [2.5, 2.5, 9], "first_over_time": [1, 2, 4],
        "last_over_time": [2.5, 2.5, 9], "present_over_time": [1, 1, 1],
    }  # fmt: skip
    for function, values in expected.items():
        grid = fold(FOLDS[function], told, end - 2 * HOUR, end, FreeBudget())
        assert grid is not None
        assert grid.values.tolist() == [values], function
