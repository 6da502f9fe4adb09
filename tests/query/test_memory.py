"""What a query holds at once is bounded, and an aggregation that does not fit is made for some steps at a time."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nightdesk.clock import SystemClock
from nightdesk.errors import QueryLimitExceeded, QueryTimeout
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE
from nightdesk.query.engine import Engine
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.samples import MemorySamples

MEBIBYTE = 2**20
MOST = 6 * MEBIBYTE


def _wide(series: int, steps: int) -> MemorySamples:
    store = MemorySamples()
    for row in range(series):
        store.put(Labels.of("wide", i=str(row), g=str(row % 7)), *[(at * 1000, float(at + row)) for at in range(steps)])
    return store


WIDE = _wide(100, 601)


def _renamed(terms: int) -> str:
    return " or ".join(f'label_replace(wide, "n", "{n}", "", "")' for n in range(terms))


def _nested(terms: int) -> str:
    return "".join(f"wide offset {n}s * on (i) (" for n in range(terms)) + "wide" + ")" * terms


@pytest.mark.parametrize(
    "query",
    [
        _renamed(12), f"sum({_renamed(12)})", _nested(27), f"max by (g) ({_nested(7)})",
        " + ".join(f"wide offset {n}s" for n in range(27)), "rate(wide[5m]) / rate(wide[4m]) > rate(wide[3m])",
        'histogram_quantiles(label_replace(wide, "le", "+Inf", "", ""), "q", 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)',
        "topk(5, wide) or sum_over_time(wide[5m])", "max_over_time(max_over_time(wide[5m:1s])[5m:1s])",
        "topk(5, max_over_time(vector(time())[1d:1s]))", "quantile_over_time(0.5, vector(time())[1d:1s])",
        "sum(wide) + scalar(sum(wide * wide))",
    ],
)  # fmt: skip
def test_a_query_holds_no_more_than_it_may(query: str) -> None:
    """Answered or refused: all that waits and is made fits in the bound; at most twice that is ever allocated."""
    assert _peak(WIDE, query, 0, MOST) < 2 * MOST


def test_a_query_that_walks_through_windows_holds_no_more_than_it_may() -> None:
    """Samples are laid out window by window in turns, whose bytes are as many however many series there are."""
    query = "quantile_over_time(scalar(sum(wide)) * 0, wide[5m])"
    assert _peak(_wide(300, 601), query, 450_000, 16 * MEBIBYTE) < 32 * MEBIBYTE


def _peak(store: MemorySamples, query: str, start: int, most: int) -> int:
    """Return the bytes that were allocated at once while a query was answered or refused."""
    engine = Engine(store, SystemClock(), limits=Limits(memory=most, seconds=60))
    tracemalloc.start(1)
    try:
        engine.range(query, start, 600_000, 1_000)
    except QueryLimitExceeded as error:
        assert "limits.query_memory_bytes" in str(error)  # noqa: PT017 - either is well
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak


class _Slowly(ManualClock):
    """A clock on which every look at it takes some milliseconds."""

    def boot(self) -> float:
        self.jump(0.005)
        return super().boot()


def _gaps() -> MemorySamples:
    """Hold counters, gauges, gaps, NaN, stale ends, late begins and buckets."""
    store, chance = MemorySamples(), np.random.default_rng(7)
    for row in range(24):
        begin, end = sorted(chance.integers(0, 240, 2).tolist()) if row % 3 == 0 else (0, 240)
        there = [at for at in range(begin, end) if chance.random() > 0.2]
        values = np.where(chance.random(len(there)) < 0.03, np.nan, chance.normal(0, 50, len(there)))
        values = values if row % 2 else np.cumsum(np.abs(values))
        samples = [(at * 5_000, float(value)) for at, value in zip(there, values.tolist(), strict=True)]
        if samples and row % 5 == 0:
            samples[-1] = (samples[-1][0], STALE)
        store.put(Labels.of("ab"[row % 2], i=str(row), g=str(row % 4)), *samples)
    for row in range(12):
        labels = Labels.of("d_bucket", g=str(row % 4), le=("1", "2", "+Inf")[row // 4])
        store.put(labels, *[(at * 5_000, float(at * (row + 1) % 97)) for at in range(240)])
    return store


GAPS = _gaps()
INNER = [
    "a", "rate(a[1m])", "b offset 2m", "a @ 600", "b @ end()", "max_over_time(b[2m:10s])",
    "a / on (g) group_left () sum by (g) (b)",
    "a > 20", "a or b", "b unless on (g) (a > 100)", "avg_over_time(a[3m])", "deriv(b[1m])", "-abs(b)", "topk(3, b)",
    'label_replace(a, "z", "$1", "i", "(.).*")', "a * on (i, g) group_left () a", "histogram_quantile(0.9, d_bucket)",
    "increase(d_bucket[2m])", "stddev_over_time(sum by (g) (a)[3m:10s])", "last_over_time(b[30s])", '{__name__=~"a|b"}',
]  # fmt: skip
OUTER = [
    "sum($)", "avg by (g) ($)", "count without (i) ($)", "max($)", "min by (g) ($)", "stddev($)", "quantile(0.4, $)",
    "topk(3, $)", "bottomk by (g) (1, $)", 'count_values("v", round($, 50))', "limitk(4, $)", "group by (i) ($)",
    "sum(sum by (g, i) ($))", "max_over_time(sum by (g) ($)[2m:10s])", "quantile(2, $)", "limit_ratio(0.5, $)",
]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(OUTER), st.sampled_from(INNER), st.integers(3_000, 200_000))
@example("sum($)", "deriv(b[1m])", 3_735)
@example("stddev($)", "stddev_over_time(a[2m])", 3_735)
def test_slices_answer_what_the_whole_answers(outer: str, inner: str, memory: int) -> None:
    """Labels, values to the bit and notes, each note once, whatever the memory and so the width of the slices."""
    query = outer.replace("$", inner)
    whole = Engine(GAPS, ManualClock()).range(query, 60_000, 1_200_000, 7_000)
    try:
        sliced = Engine(GAPS, ManualClock(), limits=Limits(memory=memory)).range(query, 60_000, 1_200_000, 7_000)
    except QueryLimitExceeded:
        return
    assert sliced.labels == whole.labels
    assert sliced.present.tobytes() == whole.present.tobytes()
    assert np.where(sliced.present, sliced.values, 0).tobytes() == np.where(whole.present, whole.values, 0).tobytes()
    assert (sliced.infos, sliced.warnings) == (whole.infos, whole.warnings)


@pytest.mark.parametrize(
    "query", ["sum(rate(wide[1m]))", "topk(5, rate(wide[1m]))", "sum by (g) (wide)", "sum(wide) / count(wide)"]
)
def test_wide_panels_are_summed_in_little_memory(query: str) -> None:
    """Sums over many series need the memory of some steps, not of all."""
    little = Engine(WIDE, ManualClock(), limits=Limits(memory=450_000))
    assert len(little.range(query, 0, 600_000, 1_000))
    with pytest.raises(QueryLimitExceeded, match=r"limits\.query_memory_bytes"):
        little.range("wide", 0, 600_000, 1_000)


@pytest.mark.parametrize("query", [_renamed(6), "wide * on (g) group_left () wide{i=~'.'}", "sum by (i) (wide)"])
def test_rows_are_worked_on_under_the_deadline(query: str) -> None:
    """Between any two steps of the work there is a look at the clock, so that a query ends when it has to."""
    for seconds in (0.02, 0.05, 0.1):
        limits = Limits(seconds=seconds, memory=2**40)
        with pytest.raises(QueryTimeout):
            Engine(WIDE, ManualClock(), limits=limits).instant(query, 600_000, QueryBudget(limits, _Slowly()))
