"""The engine: limits, deadlines, cancellation, kinds of answers, accuracy over both layouts of timestamps."""

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.clock import SystemClock
from nightdesk.errors import QueryCancelled, QueryError, QueryLimitExceeded, QuerySyntaxError, QueryTimeout
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Summarised, panels_of
from nightdesk.model.series import STALE, Batch, Series
from nightdesk.query.engine import Engine
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.query.operators.binary import OPERATIONS
from nightdesk.seams.samples import Budget
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.scripts import ScriptStore


class FixedSeries:
    """A reader of given series that charges for them and does not match."""

    def __init__(self, *series: Series) -> None:
        self.series = series

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        assert matchers
        found = []
        for one in self.series:
            inside = (one.times >= start) & (one.times <= end)
            budget.charge(int(inside.sum()))
            if inside.any():
                found.append(Series(one.labels, one.times[inside], one.values[inside]))
        return panels_of(found)

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        return Summarised((), self.panels(matchers, start, end, budget))


def counters(count: int, samples: int) -> FixedSeries:
    """Make counters that rise by one a second."""
    times = np.arange(samples, dtype=np.int64) * 1000
    return FixedSeries(
        *(Series(Labels.of("m", i=str(i)), times, np.arange(samples, dtype=np.float64)) for i in range(count))
    )


def engine_of(reader: FixedSeries, limits: Limits | None = None) -> Engine:
    """Make an engine over a reader, on a clock that stands."""
    return Engine(reader, ManualClock(), limits=limits)


def test_a_range_has_at_most_11_000_points() -> None:
    """One point more is refused, in Prometheus' words."""
    engine = engine_of(counters(1, 1))
    assert len(engine.range("1", 0, 11_000_000, 1000).steps) == 11_001
    message = r"exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution"
    with pytest.raises(QueryLimitExceeded, match=message):
        engine.range("1", 0, 11_001_000, 1000)


def test_a_range_needs_a_step_and_an_end() -> None:
    """A step of nothing and an end before the start are refused."""
    engine = engine_of(counters(1, 1))
    with pytest.raises(QueryError, match="zero or negative query resolution step widths"):
        engine.range("1", 0, 1, 0)
    with pytest.raises(QueryError, match="end timestamp must not be before start time"):
        engine.range("1", 1, 0, 1)


@pytest.mark.parametrize("query", ['"text"', "m[5m]"])
def test_a_range_of_strings_or_windows_is_refused(query: str) -> None:
    """Only scalars and instant vectors make a matrix; the query is at fault, as in Prometheus, not its execution."""
    with pytest.raises(QuerySyntaxError, match="for range query, must be Scalar or instant Vector"):
        engine_of(counters(1, 1)).range(query, 0, 1, 1)


def test_samples_series_and_cells_are_bounded() -> None:
    """Each limit ends the query before its cost is paid."""
    reader = counters(10, 100)
    with pytest.raises(QueryLimitExceeded, match="too many samples"):
        engine_of(reader, Limits(samples=50)).instant("sum_over_time(m[1m])", 60_000)
    with pytest.raises(QueryLimitExceeded, match="limit of 9"):
        engine_of(reader, Limits(series=9)).instant("m", 60_000)
    with pytest.raises(QueryLimitExceeded, match=r"limits\.query_memory_bytes"):
        engine_of(reader, Limits(memory=1_000)).range("m", 0, 60_000, 1000)
    with pytest.raises(QueryLimitExceeded, match=r"limits\.query_memory_bytes"):
        engine_of(reader, Limits(memory=100_000)).instant("max_over_time(vector(1)[1y:1ms])", 0)


def test_a_query_ends_when_whoever_asked_has_gone() -> None:
    """Cancellation is seen between blocks of work."""
    budget = QueryBudget(Limits(), ManualClock(), cancelled=lambda: True)
    with pytest.raises(QueryCancelled, match="query was canceled in expression evaluation"):
        engine_of(counters(1, 1)).instant("m", 0, budget)


def test_a_query_ends_at_its_deadline() -> None:
    """The deadline is total, on the boot clock."""
    clock = ManualClock()
    budget = QueryBudget(Limits(seconds=5), clock)
    engine_of(counters(1, 1)).instant("m", 0, budget)
    clock.jump(5.1)
    with pytest.raises(QueryTimeout, match="query timed out in expression evaluation"):
        engine_of(counters(1, 1)).instant("m", 0, budget)


@pytest.mark.parametrize(
    "query", ["quantile_over_time(0.5, m[20s])", "stddev_over_time(m[20s])", "avg_over_time(m[20s])"]
)
def test_a_heavy_query_looks_at_its_budget_often(query: str) -> None:
    """Between two looks at the budget pass fractions of a second, however wide the query."""
    looks: list[float] = []

    def cancelled() -> bool:
        looks.append(time.thread_time())
        return False

    engine = engine_of(counters(400, 1200))
    engine.range(query, 0, 1_199_000, 1000, QueryBudget(Limits(), SystemClock(), cancelled))
    assert max(np.diff(looks)) < 0.5


def test_info_looks_at_its_budget_while_it_tries_names() -> None:
    """A regular expression for names of info series is tried on each series of the vector."""
    looks: list[None] = []

    def cancelled() -> bool:
        looks.append(None)
        return False

    engine = engine_of(counters(5_000, 1))
    engine.instant("m", 0, QueryBudget(Limits(), ManualClock(), cancelled))
    before = len(looks)
    engine.instant('info(m, {__name__=~"m.*"})', 0, QueryBudget(Limits(), ManualClock(), cancelled))
    # Twice for each 256: as info series are selected, and as they are joined.
    assert len(looks) - before >= before + 2 * 5_000 // 256


def test_label_replace_looks_at_its_budget_with_each_value_it_tries() -> None:
    """One value of a kilobyte may take a second."""
    looks: list[None] = []

    def cancelled() -> bool:
        looks.append(None)
        return False

    budget = QueryBudget(Limits(), ManualClock(), cancelled)
    engine_of(counters(300, 1)).instant('label_replace(m, "x", "$1", "i", "(.*)")', 0, budget)
    assert len(looks) >= 300


def test_kinds_of_answers(store: ScriptStore) -> None:
    """Scalar, string, vector, and the raw samples of a range selector without stale markers."""
    store.append(
        Batch(np.array([store.reference(Labels.of("m"))] * 3), np.array([0, 10, 20]), np.array([1.0, 2.0, STALE]))
    )
    engine = Engine(store, ManualClock())
    scalar, text, vector = engine.instant("1 + 1", 5), engine.instant('"x"', 5), engine.instant("m", 15)
    assert (scalar.kind, scalar.values.tolist(), scalar.labels) == ("scalar", [[2.0]], [Labels()])
    assert (text.kind, text.text) == ("string", "x")
    assert (vector.kind, vector.labels, vector.values.tolist()) == ("vector", [Labels.of("m")], [[2.0]])
    matrix = engine.instant("m[1m]", 30)
    assert matrix.kind == "matrix"
    assert [(one.labels, one.times.tolist(), one.values.tolist()) for one in matrix.series] == [
        (Labels.of("m"), [0, 10], [1.0, 2.0])
    ]


def test_a_matrix_is_sorted_by_labels(store: ScriptStore) -> None:
    """The order of a range answer does not hang on the query's."""
    for name in ("c", "a", "b"):
        store.append(Batch.at(np.array([store.reference(Labels.of("m", i=name))]), 0, np.array([1.0])))
    answer = Engine(store, ManualClock()).range('m{i="c"} or m', 0, 10, 10)
    assert [labels.get("i") for labels in answer.labels] == ["a", "b", "c"]


def test_an_engine_serves_several_threads_at_once() -> None:
    """No state of a query is shared."""
    engine = engine_of(counters(50, 300))
    wanted = engine.range("rate(m[1m])", 60_000, 299_000, 1000).values
    results: list[bool] = []

    def ask() -> None:
        results.append(np.array_equal(engine.range("rate(m[1m])", 60_000, 299_000, 1000).values, wanted))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [True] * 4


values = st.floats(allow_nan=True, allow_infinity=False, width=32) | st.just(STALE)
FUNCTIONS = (
    "rate", "increase", "delta", "irate", "idelta", "deriv", "changes", "resets", "sum_over_time", "avg_over_time",
    "min_over_time", "max_over_time", "count_over_time", "stddev_over_time", "last_over_time", "mad_over_time",
    "ts_of_max_over_time", "present_over_time",
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60_000), st.lists(values, min_size=12, max_size=12)), min_size=1, max_size=4),
    st.sampled_from(FUNCTIONS),
)
def test_a_range_is_its_instants(rows: list[tuple[int, list[float]]], function: str) -> None:
    """Whatever series lie beside a series and however many steps are asked at once, each cell is the instant's."""
    series = [
        Series(Labels.of("m", i=str(i)), phase + np.arange(12, dtype=np.int64) * 15_000, np.array(samples))
        for i, (phase, samples) in enumerate(rows)
    ]
    query = f"{function}(m[1m])"
    answer = engine_of(FixedSeries(*series)).range(query, 0, 240_000, 20_000)
    whole = dict(zip(answer.labels, np.where(answer.present, answer.values, np.inf), strict=True))
    for one in series:
        labels = one.labels if function == "last_over_time" else one.labels.without_name()
        row = whole.get(labels, np.full(13, np.inf))
        alone = [engine_of(FixedSeries(one)).instant(query, at) for at in range(0, 240_001, 20_000)]
        cells = [float(found.values[0, 0]) if len(found) else np.inf for found in alone]
        np.testing.assert_allclose(row, cells, rtol=1e-9)


def test_refused_rows_do_not_match_each_with_each() -> None:
    """Two vectors whose rows were all refused cost as much as their rows, not as their pairs."""
    reader = counters(3000, 2)
    answer = engine_of(reader).instant("(m > 5) + on() group_left () (m > 5)", 1000)
    assert len(answer) == 0
    assert len(answer.rejected) == 3000


def test_a_selector_written_twice_is_read_once() -> None:
    """The same series over the same time are asked of the store once a query."""
    reader = counters(3, 100)
    budget = QueryBudget(Limits(), ManualClock())
    engine_of(reader).instant("rate(m[1m]) / rate(m[1m])", 99_000, budget)
    assert budget.samples == 3 * 60


def test_a_smoothed_range_has_values_at_its_edges() -> None:
    """Asked for by itself, a smoothed range holds the samples within and the interpolated ones at both edges."""
    times = np.array([0, 10_000, 20_000, 30_000], dtype=np.int64)
    engine = engine_of(FixedSeries(Series(Labels.of("m"), times, np.array([0.0, 10.0, 20.0, 60.0]))))
    (smoothed,) = engine.instant("m[10s] smoothed", 25_000).series
    assert smoothed.times.tolist() == [15_000, 20_000, 25_000]
    assert smoothed.values.tolist() == [15.0, 20.0, 40.0]
    (anchored,) = engine.instant("m[10s] anchored", 25_000).series
    assert anchored.times.tolist() == [15_000, 20_000, 25_000]
    assert anchored.values.tolist() == [10.0, 20.0, 20.0]


@pytest.mark.parametrize(
    "text",
    [
        "label_join(" * 30 + "a" + ', "y", "-", "y", "y", "y")' * 30,
        "label_replace(" * 30 + "a" + ', "y", "$1$1$1", "y", "(.*)")' * 30,
        f'label_replace(a, "y", "{"$1" * 60_000}", "y", "(.*)")',
        f'label_join(a, "y", "{"-" * 60_000}", "y", "y", "y")',
    ],
)
def test_labels_that_grow_are_refused(store: ScriptStore, text: str) -> None:
    """Values that functions make are bounded, however they are nested."""
    store.append(Batch.at(np.array([store.reference(Labels.of("a", y="yes"))]), 0, np.array([1.0])))
    with pytest.raises(QueryLimitExceeded, match="label"):
        Engine(store, ManualClock()).instant(text, 0)


def test_values_that_are_too_many_are_not_counted(store: ScriptStore) -> None:
    """The memory that `count_values` needs, labels included, is asked for before it is taken."""
    refs = np.array([store.reference(Labels.of("a", y=str(row))) for row in range(40)])
    store.append(Batch.at(refs, 0, np.arange(40.0)))
    engine = Engine(store, ManualClock(), limits=Limits(memory=14_000))
    assert len(engine.instant('count_values("v", a)', 0)) == 40
    with pytest.raises(QueryLimitExceeded, match=r"limits\.query_memory_bytes"):
        engine.range('count_values("v", a)', 0, 7_000, 1_000)


def test_windows_of_a_subquery_need_memory_at_the_steps_outside(store: ScriptStore) -> None:
    """A subquery of few steps may be asked for at many: its answer is bounded as any vector is."""
    refs = np.array([store.reference(Labels.of("a", y=str(row))) for row in range(40)])
    store.append(Batch.at(refs, 0, np.arange(40.0)))
    engine = Engine(store, ManualClock(), limits=Limits(memory=5_000))
    assert len(engine.range("max_over_time(a[1m:1m])", 0, 1_000, 1_000)) == 40
    with pytest.raises(QueryLimitExceeded, match="40 series x 31 steps"):
        engine.range("max_over_time(a[1m:1m])", 0, 30_000, 1_000)


@pytest.mark.parametrize("exponent", [2.0, 0.5, -1.0, -0.5, 3.0])
def test_a_power_is_the_same_of_one_exponent_and_of_many(exponent: float) -> None:
    """Numpy rounds some powers otherwise where all exponents are one; ours do not differ in a bit."""
    base = np.random.default_rng(3).lognormal(0, 30, (50, 40))
    base[0, :6] = 0.0, -0.0, np.inf, -np.inf, np.nan, -2.5
    mixed = np.full(base.shape, exponent)
    mixed[::2, 1::2] = 1.7
    with np.errstate(all="ignore"):
        alone, beside = OPERATIONS["^"](base, np.full(1, exponent)), OPERATIONS["^"](base, mixed)
    assert alone[1::2].tobytes() == beside[1::2].tobytes()


def test_zeros_of_either_sign_are_two_values_and_all_that_is_no_number_is_one(store: ScriptStore) -> None:
    """`count_values` counts what is written: "-0" and "0" are two labels, NaN of any bits is one."""
    other_nan = np.array([0xFFF8_0000_0000_0007], dtype=np.uint64).view(np.float64)[0]
    values = np.array([0.0, -0.0, 0.0, -1.5, np.nan, other_nan, np.inf, -np.inf])
    refs = np.array([store.reference(Labels.of("a", y=str(row))) for row in range(len(values))])
    store.append(Batch.at(refs, 0, values))
    found = Engine(store, ManualClock()).instant('count_values("v", a)', 0)
    counted = {labels.get("v"): value for labels, value in zip(found.labels, found.values[:, 0].tolist(), strict=True)}
    assert counted == {"-Inf": 1, "-1.5": 1, "-0": 1, "0": 2, "+Inf": 1, "NaN": 2}


@pytest.mark.parametrize("operator", ["topk", "bottomk", "limitk"])
@pytest.mark.parametrize(
    ("count", "told"), [("NaN", "is NaN"), ("Inf", r"\+Inf overflows"), ("2^63 - 1024", "overflows")]
)
def test_a_count_that_is_none_is_refused_without_series_too(
    store: ScriptStore, operator: str, count: str, told: str
) -> None:
    """As in Prometheus the parameter is looked at first, be there series or not."""
    with pytest.raises(QueryError, match=told):
        Engine(store, ManualClock()).instant(f"{operator}({count}, nothing)", 0)


@pytest.mark.parametrize(
    ("query", "told", "at"),
    [
        ("sum_over_time(a[step() * 2])", "duration must be greater than 0", "step() * 2"),
        ("sum_over_time(a[range()])", "duration must be greater than 0", "range()"),
        ("sum_over_time(a[5m:step()])", "duration must be greater than 0", "step()"),
        ("a offset (1m / step())", "division by zero", "1m / step()"),
        ("a offset (5m + 1m % range())", "modulo by zero", "1m % range()"),
        ("a offset (1e300 ^ max_of(2, step()))", "duration out of range", "1e300 ^ max_of(2, step())"),
        ("a offset (step() + 1e30)", "duration out of range", "step() + 1e30"),
    ],
)
def test_a_duration_that_is_none_for_this_query_is_a_fault_of_its_text(
    store: ScriptStore, query: str, told: str, at: str
) -> None:
    """Prometheus works durations out while it makes the query, and so answers as to an error of syntax."""
    with pytest.raises(QuerySyntaxError, match=f"^{told}$") as refusal:
        Engine(store, ManualClock()).instant(query, 0)
    assert query[refusal.value.start : refusal.value.end] == at
