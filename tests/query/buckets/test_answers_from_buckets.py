"""An answer from buckets is that of the samples over the same windows with their edges rounded down."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR
from nightdesk.model.instant import DAY, HOUR, MINUTE
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE
from nightdesk.query.asking import Asking
from nightdesk.query.engine import Engine
from nightdesk.testing.buckets import MemoryBuckets
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.samples import MemorySamples

DAY_0 = 20_000 * DAY
EXACT = [
    "min_over_time", "max_over_time", "count_over_time", "present_over_time", "first_over_time", "last_over_time",
    "ts_of_first_over_time", "ts_of_last_over_time", "delta",
]  # fmt: skip
NEARLY = ["sum_over_time", "avg_over_time", "rate", "increase"]
VALUES = st.one_of(
    st.integers(-1000, 1000).map(float),
    st.floats(-1e9, 1e9),
    st.sampled_from([0.0, math.nan, math.inf, -math.inf, STALE, 1e-300]),
)
SAMPLES = st.lists(
    st.lists(st.tuples(st.integers(0, 8 * HOUR // MINUTE), VALUES), min_size=1, max_size=60, unique_by=lambda s: s[0]),
    min_size=1,
    max_size=3,
)


def _kept(series: list[list[tuple[int, float]]]) -> MemorySamples:
    samples = MemorySamples()
    for number, told in enumerate(series):
        labels = Labels.of("m_total", i=str(number))
        samples.put(labels, *((DAY_0 + minutes * MINUTE, value) for minutes, value in told))
    return samples


def _engines(samples: MemorySamples) -> tuple[Engine, Engine]:
    tiers = MemoryBuckets(samples, DAY_0, DAY_0)
    return Engine(samples, ManualClock()), Engine(samples, ManualClock(), tiers=tiers)


def _at(engine: Engine, query: str, at: int, resolution: int | None = None) -> dict[Labels, float]:
    answer = engine.instant(query, at, asking=Asking(resolution=resolution))
    return dict(zip(answer.labels, answer.values[:, 0].tolist(), strict=True))


@pytest.mark.parametrize("function", EXACT + NEARLY)
@given(series=SAMPLES, resolution=st.sampled_from([FIVE_MINUTES, ONE_HOUR]), late=st.integers(0, 59))
@settings(max_examples=15, deadline=None)
def test_a_function_of_buckets_is_that_of_samples_with_rounded_edges(
    function: str, series: list[list[tuple[int, float]]], resolution: int, late: int
) -> None:
    """At any instant the answer is that of the samples at the instant rounded down, whatever they are."""
    raw, tiered = _engines(_kept(series))
    query, at = f"{function}(m_total[2h])", DAY_0 + 5 * HOUR + late * MINUTE
    told, expected = _at(tiered, query, at, resolution), _at(raw, query, at // resolution * resolution)
    assert told.keys() == expected.keys()
    scale = max([1.0, *(abs(v) for one in series for _, v in one if math.isfinite(v))])
    for labels, value in expected.items():
        if function in EXACT:
            assert np.array_equal(told[labels], value, equal_nan=True)
        else:
            assert told[labels] == pytest.approx(value, rel=1e-12, abs=60 * scale * 1e-12, nan_ok=True)


@given(series=SAMPLES, q=st.sampled_from([0.0, 0.1, 0.5, 0.9, 0.99, 1.0, -1.0, 2.0, math.nan]))
@settings(max_examples=40, deadline=None)
def test_a_quantile_of_buckets_lies_within_a_hundredth(series: list[list[tuple[int, float]]], q: float) -> None:
    """Each of the two values that a quantile lies between is within 1 %; the ends are exact."""
    raw, tiered = _engines(_kept(series))
    query, at = f"quantile_over_time({q}, m_total[3h])", DAY_0 + 4 * HOUR
    told, expected = _at(tiered, query, at, ONE_HOUR), _at(raw, query, at)
    assert told.keys() == expected.keys()
    for number, one in enumerate(series):
        labels = Labels([("i", str(number))])
        if labels not in expected:
            continue
        inside = [v for minutes, v in one if HOUR < minutes * MINUTE <= 4 * HOUR and math.isfinite(v)]
        allowed = 0.0101 * max([abs(v) for v in inside], default=0.0)
        if math.isfinite(expected[labels]):
            assert abs(told[labels] - expected[labels]) <= allowed
        else:
            assert np.array_equal(told[labels], expected[labels], equal_nan=True)


@given(series=SAMPLES, late=st.integers(0, 59), resolution=st.sampled_from([FIVE_MINUTES, ONE_HOUR]))
@settings(max_examples=30, deadline=None)
def test_a_selector_over_buckets_shows_the_sample_at_the_instant_rounded_down(
    series: list[list[tuple[int, float]]], late: int, resolution: int
) -> None:
    """The last sample within the lookback, nothing after a stale marker."""
    raw, tiered = _engines(_kept(series))
    at = DAY_0 + 3 * HOUR + late * MINUTE
    told, expected = _at(tiered, "m_total", at, resolution), _at(raw, "m_total", at // resolution * resolution)
    assert told.keys() == expected.keys()
    assert np.array_equal(list(told.values()), list(expected.values()), equal_nan=True)


def test_samples_that_are_gone_are_answered_from_buckets_and_the_rest_from_samples() -> None:
    """The steps whose windows have their samples are exact, the earlier ones rounded; the answer says so."""
    everything, left = MemorySamples(), MemorySamples()
    since = DAY_0 + 12 * HOUR
    for minute in range(24 * 60):
        at, value = DAY_0 + minute * MINUTE, float(minute)
        everything.put(Labels.of("m"), (at, value))
        if at >= since:
            left.put(Labels.of("m"), (at, value))
    tiers = MemoryBuckets(everything, DAY_0, since)
    answer = Engine(left, ManualClock(), tiers=tiers).range(
        "max_over_time(m[1h])", DAY_0 + HOUR + MINUTE, DAY_0 + 20 * HOUR, HOUR
    )
    minutes = (answer.steps - DAY_0) // MINUTE
    rounded = np.where(minutes - 60 < 12 * 60, minutes // 5 * 5, minutes)
    assert answer.values[0].tolist() == rounded.tolist()
    assert answer.infos == ["PromQL info: answered from buckets of 5m; edges of windows are rounded down to 5m (1:15)"]


def test_what_buckets_do_not_tell_is_told_of_their_last_samples() -> None:
    """A function that needs samples gets the last of each bucket where they are gone, and the answer says so."""
    everything, left = MemorySamples(), MemorySamples()
    since = DAY_0 + 2 * HOUR
    for minute in range(240):
        everything.put(Labels.of("m"), (DAY_0 + minute * MINUTE, float(minute)))
        if minute >= 120:
            left.put(Labels.of("m"), (DAY_0 + minute * MINUTE, float(minute)))
    engine = Engine(left, ManualClock(), tiers=MemoryBuckets(everything, DAY_0, since))
    answer = engine.instant("changes(m[2h])", DAY_0 + 3 * HOUR)
    assert answer.values[:, 0].tolist() == [11 + 61 - 1]
    gone = "samples before 2024-10-04T02:00:00.000Z are gone, all or some"
    assert answer.infos == [f"PromQL info: {gone}: of them the last of each 5m is looked at (1:9)"]


def test_short_questions_with_their_samples_are_answered_from_them() -> None:
    """With tiers at hand, nothing changes for an interval of which all samples are there."""
    samples = _kept([[(minute, float(minute % 7)) for minute in range(480)]])
    _, tiered = _engines(samples)
    answer = tiered.range("max_over_time(m_total[1h])", DAY_0 + HOUR, DAY_0 + 8 * HOUR, 7 * MINUTE)
    assert answer.infos == []


def test_samples_alone_are_asked_for_with_zero() -> None:
    """A person who asks for resolution 0 gets nothing from buckets, even where samples are gone."""
    everything = _kept([[(minute, 1.0) for minute in range(480)]])
    engine = Engine(MemorySamples(), ManualClock(), tiers=MemoryBuckets(everything, DAY_0, None))
    at = DAY_0 + 8 * HOUR
    assert len(engine.instant("max_over_time(m_total[1h])", at, asking=Asking(resolution=0))) == 0
    assert len(engine.instant("max_over_time(m_total[1h])", at)) == 1
