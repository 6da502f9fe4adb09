"""The figures of the system, against truths worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.analytics.system.counters import Growth
from nightdesk.analytics.system.figures import Failures, error_rate, overall_uptime
from nightdesk.analytics.system.latency import latency, quantile
from nightdesk.analytics.system.spans import Spans, holes, length, merged, overlap
from nightdesk.analytics.system.uptime import Uptime, uptime
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE, Series
from nightdesk.testing.builders import a_series

A = Labels.of("x_total", bot="a")
MINUTE = 60_000


def _counted(*pieces: list[float], before: list[float] = []) -> float:  # noqa: B006 - never changed
    growth, at = Growth(), 0
    for piece in pieces:
        growth.add(a_series(A, *((at + step, value) for step, value in enumerate(piece))))
        at += len(piece)
    if before:
        growth.floor(a_series(A, *((step, value) for step, value in enumerate(before))))
    return growth.by_labels().get(A, 0.0)


@pytest.mark.parametrize(
    ("pieces", "before", "grown"),
    [
        ([[10, 15, 15, 20]], [10], 10),
        ([[10, 15], [15, 20]], [4, 10], 10),
        ([[3, 7]], [], 7),  # born in the window: it counts from zero
        ([[20, 25, 5, 8]], [20], 13),  # a restart: 5 after the fall, 3 more
        ([[20, 25], [5, 8]], [20], 13),
        ([[5, 8]], [100], 8),  # a restart between the floor and the window
        ([[1, STALE, 2, math.nan, 3]], [1], 2),
        ([[]], [], 0),
    ],
)
def test_counters_grow_exactly(pieces: list[list[float]], before: list[float], grown: float) -> None:
    """Resets, births, floors and pieces: what was counted, no more and no less."""
    assert _counted(*pieces, before=before) == grown


@given(st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=6), min_size=1, max_size=5), st.data())
def test_growth_does_not_depend_on_the_pieces(lives: list[list[int]], data: st.DataObject) -> None:
    """However the window is cut, the sum of all lives of a process is what it counted (each life shows its fall)."""
    values: list[float] = []
    truth = 0
    for life in lives:
        total = np.cumsum([0, *life])  # a process starts at zero and is seen there
        truth += int(total[-1])
        values += [float(value) for value in total]
    cut = data.draw(st.integers(0, len(values)))
    assert _counted(values[:cut], values[cut:]) == truth


def test_quantiles_lie_in_their_bucket() -> None:
    """The estimate is Prometheus' own, and the bucket that holds the truth is told with it."""
    buckets = {0.1: 50.0, 0.2: 90.0, 0.4: 100.0, math.inf: 100.0}
    found = quantile(buckets, 0.95)
    assert found is not None
    assert found.value == pytest.approx(0.3)
    assert (found.low, found.high) == (0.2, 0.4)
    last = quantile({0.1: 1.0, math.inf: 10.0}, 0.95)
    assert last is not None
    assert (last.value, last.low, last.high) == (0.1, 0.1, math.inf)
    assert quantile({}, 0.95) is None
    assert quantile({0.1: 0.0, math.inf: 0.0}, 0.95) is None


def test_the_mean_is_of_requests() -> None:
    """Sum over count; without requests there is nothing to say."""
    assert latency({math.inf: 4.0}, 2.0, 4.0).mean == 0.5
    assert latency({}, 0.0, 0.0).mean is None


@given(st.lists(st.floats(0.0002, 90), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99]))
def test_the_truth_is_in_the_bucket(seconds: list[float], rank: float) -> None:
    """Whatever the load, the true quantile lies between `low` and `high`, which R10 keeps within a ratio of 1.28."""
    steps = (1, 1.25, 1.6, 2, 2.5, 3.15, 4, 5, 6.3, 8)
    bounds = [round(step * 10.0**power, 10) for power in range(-4, 2) for step in steps] + [100.0]
    buckets = {bound: float(sum(each <= bound for each in seconds)) for bound in [*bounds, math.inf]}
    found = quantile(buckets, rank)
    assert found is not None
    truth = sorted(seconds)[max(0, math.ceil(rank * len(seconds)) - 1)]
    assert found.low <= truth <= found.high
    assert found.low <= found.value <= found.high
    assert found.high / found.low <= 1.281


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


@given(spans, spans)
def test_spans_are_sets_of_instants(one: list[tuple[int, int]], other: list[tuple[int, int]]) -> None:
    """Joining, cutting and holes agree with sets of single instants."""
    here, there = merged(one), merged(other)
    points = {point for start, end in one for point in range(start, end)}
    others = {point for start, end in other for point in range(start, end)}
    assert _points(here) == points
    assert _points(overlap(here, there)) == points & others
    assert _points(holes(here, 10, 50)) == set(range(10, 50)) - points
    assert length(here) == len(points)


def _points(found: Spans) -> set[int]:
    return {point for start, end in found for point in range(start, end)}


def _probe(*samples: tuple[int, float]) -> Series:
    return a_series(Labels.of("probe_success", probe="broker"), *samples)


def test_uptime_tells_the_unmonitored_apart() -> None:
    """An hour of a probe every 15 s: five minutes down, fifteen unmonitored while the desk stood still."""
    stop = (20 * MINUTE, 35 * MINUTE)
    times = [at for at in range(0, 60 * MINUTE, 15_000) if not stop[0] <= at < stop[1]]
    series = _probe(*((at, 0.0 if 40 * MINUTE <= at < 45 * MINUTE else 1.0) for at in times))
    found = uptime(series, 0, 60 * MINUTE, (stop,))
    assert (found.up, found.down, found.unmonitored) == (40 * MINUTE, 5 * MINUTE, 15 * MINUTE)
    assert found.desk_stopped == 15 * MINUTE
    assert found.ratio == pytest.approx(40 / 45)


@pytest.mark.parametrize("samples", [(0, 90_000), (0, 83_000, 88_000), (0, 5_000, 90_000, 95_000)])
def test_a_gap_among_few_samples_is_no_interval(samples: tuple[int, ...]) -> None:
    """A desk that ran for some seconds before its stop: the stop is not taken for the usual interval."""
    found = uptime(_probe(*((at, 1.0) for at in samples)), 0, 100_000)
    assert found.unmonitored > 70_000


def test_one_late_sample_is_no_hole() -> None:
    """A probe of each second that is late by some seconds on a busy machine was monitored all the while."""
    series = _probe(*((at * 1000, 1.0) for at in range(60) if at not in (20, 21, 22, 23)))
    assert uptime(series, 0, MINUTE).unmonitored == 0


def test_a_target_that_was_taken_out_is_unmonitored() -> None:
    """After a stale marker nothing is known; NaN is no sight either."""
    series = _probe((0, 1.0), (15_000, 1.0), (30_000, STALE))
    assert uptime(series, 0, MINUTE).up == 30_000
    assert uptime(_probe((0, math.nan), (15_000, 1.0)), 0, 30_000).unmonitored == 15_000


def test_samples_before_the_window_speak_for_its_beginning() -> None:
    """The last probe before the window says how the target stood when it began."""
    series = _probe((-10_000, 0.0), (5_000, 1.0))
    found = uptime(series, 0, 20_000)
    assert (found.up, found.down, found.unmonitored) == (15_000, 5_000, 0)


def test_nothing_seen_has_no_uptime() -> None:
    """Without monitored time there is no ratio: never 0 %, never 100 %."""
    found = uptime(_probe(), 0, MINUTE)
    assert (found.ratio, found.unmonitored) == (None, MINUTE)
    assert overall_uptime((found,)) is None


@given(st.lists(st.tuples(st.integers(-50, 150), st.sampled_from([0.0, 1.0, STALE, math.nan])), max_size=40))
def test_up_down_and_unmonitored_sum_to_the_window(samples: list[tuple[int, float]]) -> None:
    """Whatever the samples, not a millisecond is lost or counted twice."""
    series = _probe(*sorted({at * 1000: value for at, value in samples}.items()))
    found = uptime(series, 0, 100_000)
    assert found.up + found.down + found.unmonitored == 100_000
    assert min(found.up, found.down, found.unmonitored) >= 0


def test_sources_add_up() -> None:
    """The error rate is of all attempts together; without attempts there is none."""
    assert error_rate((Failures("bots", 80, 1), Failures("probes", 20, 4))) == 0.05
    assert error_rate(()) is None
    assert overall_uptime((Uptime(A, 50, 50, 0), Uptime(A, 100, 0, 900))) == 75.0
