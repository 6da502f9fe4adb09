"""Expressions of one shape, asked as one: what each gets is what it alone would have answered."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from nightdesk.errors import NightdeskError
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE
from nightdesk.query.answer import Answer
from nightdesk.query.checking.parsing import parse
from nightdesk.query.engine import Engine
from nightdesk.query.hidden_labels import MEMBER
from nightdesk.query.together.batch import Batch
from nightdesk.query.together.shape import Unlike, shape_of
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.samples import MemorySamples

AT = 900_000
VALUES = [1.0, float("nan"), 3.25, float("inf"), -2.5, 0.1, STALE, 0.7]


def _store() -> MemorySamples:
    """Hold series of three metrics with gaps, NaN, infinities, stale ends, and buckets of a histogram."""
    store = MemorySamples()
    for name in ("a", "b", "x:y"):
        for row in range(8):
            samples = [(step * 60_000, VALUES[(step * row + row) % 8]) for step in range(16) if (step + row) % 5]
            store.put(Labels.of(name, job=str(row % 4), host=f"h.{row}"), *samples)
    for row in range(12):
        labels = Labels.of("d_bucket", job=str(row % 4), le=("1", "2", "+Inf")[row // 4])
        store.put(labels, *[(step * 60_000, float(step * (row + 1))) for step in range(16)])
    return store


ENGINES = [Engine(_store(), ManualClock(), short_circuits=each) for each in (False, True)]

LEAVES = st.sampled_from(
    ['a{job="$j"}', 'b{job="$j"}', 'a{job=~"$r"}', 'a{job!="$j"}', 'a{job="$j", host=~"h.$r"}', 'a{host="h.$h"}', "a",
     'x:y{job!~"$r", host!="h.3"}', 'a{job="$j"} offset 1m', 'a{job="$j"} @ 600', 'd_bucket{job="$j"}']
)  # fmt: skip
UNARY = [
    "sum($v)", "avg by (job) ($v)", "count without (host) ($v)", "quantile(0.7, $v)", "stddev by (host, job) ($v)",
    "$v > $n", "$v < bool $n", "$v * $n", "($v) ^ -$n", "3 - $v", "$v <= 2", "abs($v)", "-$v", "clamp_max($v, 3)",
    "$v ^ $n", "max_over_time(($v)[5m:1m])", "count_over_time(($v > 1)[5m:1m])", "hour($v)",
    "histogram_quantile(0.9, $v)", 'label_replace($v, "z", "$$1", "host", "h.(.)")',
    'label_join($v, "host", "-", "job", "job")', "timestamp($v)",
]  # fmt: skip
BINARY = [
    "$v / $w", "$v > $w", "$v and $w", "$v or $w", "$v unless $w", "$v / on () group_left () sum($w)",
    "$v == on (job) group_left (host) max by (job, host) ($w)", "$v - ignoring (host) $w",
    "sum($w) < on () group_right () $v",
]  # fmt: skip
WINDOWS = [
    "rate($l[5m])",
    "avg_over_time($l[3m])",
    "changes($l[4m])",
    "predict_linear($l[5m], 60)",
    "last_over_time($l[2m])",
]


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.tuples(st.sampled_from(UNARY), inner).map(lambda each: each[0].replace("$v", f"({each[1]})"))
    two = st.tuples(st.sampled_from(BINARY), inner, inner).map(
        lambda each: each[0].replace("$v", f"({each[1]})").replace("$w", f"({each[2]})")
    )
    return one | two


windows = st.tuples(st.sampled_from(WINDOWS), LEAVES.filter(lambda leaf: leaf[-1] == "}")).map(
    lambda each: each[0].replace("$l", each[1])
)
forms = st.recursive(LEAVES | windows, _grown, max_leaves=4)


@st.composite
def alike(draw: st.DrawFn) -> list[str]:
    """Draw expressions that differ in the values of their matchers and in numbers."""
    form, found = draw(forms), []
    for _ in range(draw(st.integers(2, 6))):
        one = form
        for hole, values in (("$j", "01239"), ("$r", ["0|1", "[23]", ".*", "9", ".+"]), ("$h", "0257"), ("$n", "0123")):
            while hole in one:
                one = one.replace(hole, draw(st.sampled_from(values)), 1)
        found.append(one)
    return found


def _alone(engine: Engine, expressions: Sequence[str]) -> list[Answer] | None:
    try:
        return [engine.instant(parse(each), AT, FreeBudget()) for each in expressions]
    except NightdeskError:
        return None


def _same(mine: Answer, alone: Answer) -> bool:
    """Compare to the last bit, save the sign of a zero: the larger of 0 and -0 is either, as the processor likes."""
    return (mine.kind, mine.labels, mine.present.tobytes(), mine.rejected) == (
        alone.kind, alone.labels, alone.present.tobytes(), alone.rejected,
    ) and np.array_equal(mine.values, alone.values, equal_nan=True)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(alike(), st.sampled_from(ENGINES))
def test_each_gets_what_it_alone_would_have_answered(expressions: list[str], engine: Engine) -> None:
    """Labels, values to the bit, order, what was rejected; and where one alone has an error, all as one have."""
    try:
        shape = shape_of(parse(expressions[0])).tree
        expressions = [each for each in expressions if shape_of(parse(each)).tree == shape]
        shares = Batch([parse(each) for each in expressions]).ask(engine, AT, FreeBudget())
    except (NightdeskError, Unlike) as error:
        event(f"asked alone: {type(error).__name__}")
        return
    alone = _alone(engine, expressions)
    event("asked as one")
    assert alone is not None, "an error of one was lost"
    for member, answer in enumerate(alone):
        assert _same(shares.answer(member), answer), (expressions[member], shares.answer(member), answer)
        assert (member in shares) == bool(len(answer))


@pytest.mark.parametrize(
    "form",
    [
        'a{{job="{}"}} > 1', 'a{{host="h.{}"}} * {}', 'avg_over_time(a{{job="{}"}}[5m]) < {}',
        'sum(a{{job=~"{}|9"}}) > -{}',
        'a{{job="{}"}} / on () group_left () avg(b{{job="{}"}}) > 0', 'count(a{{job!="{}"}} > {}) > 1',
        'a{{job="{}"}} ^ 2', 'a{{job="{}"}} ^ -1', 'a{{job="{}"}} ^ 0.5',
        'histogram_quantile(0.5, d_bucket{{job="{}"}})', 'a{{job="{}"}} or b{{job="{}"}} and on (host) a',
    ],
)  # fmt: skip
def test_usual_forms_are_asked_as_one(form: str) -> None:
    """Rules as people write them have a shape, and their answers are what each alone answers."""
    expressions = [form.format(number, number) for number in range(4)]
    shares = Batch([parse(each) for each in expressions]).ask(ENGINES[1], AT, FreeBudget())
    alone = _alone(ENGINES[1], expressions)
    assert alone is not None
    assert any(len(answer) for answer in alone)
    assert all(_same(shares.answer(member), answer) for member, answer in enumerate(alone))


@pytest.mark.parametrize(
    "text",
    ["1", "absent(a)", "scalar(a) + 1", "topk(1, a)", "vector(1)", "a > scalar(b)", "time()", "sort(a)", "hour()",
     'count_values("x", a)', "a + fill (0) b", f'label_replace(a, "{MEMBER}", "1", "job", ".*")',
     'label_replace(a, "\U0001f600", "1", "job", ".*")'],
)  # fmt: skip
def test_what_has_no_place_for_a_member_is_asked_alone(text: str) -> None:
    """An expression that would mix the rows of several is told apart from the start."""
    with pytest.raises(Unlike):
        shape_of(parse(text))


def test_patterns_that_are_too_large_together_are_asked_alone() -> None:
    """Each of them is taken by itself."""
    with pytest.raises(Unlike):
        Batch([parse(f'a{{job=~"{number}.{{900}}.{{900}}"}}') for number in range(9)])


def test_the_same_series_find_their_members_once() -> None:
    """While a read gives the same label sets, nobody asks again whose each is: the very same rows come back."""
    batch = Batch([parse(f'a{{job="{number}"}} > 0') for number in range(4)])
    (selector,) = batch.selectors
    labels = [series.labels for series in _store().select(selector.matchers, 0, AT, FreeBudget())]
    assert selector.rows_of_members(labels) is selector.rows_of_members(list(labels))
    assert selector.rows_of_members(labels) is not selector.rows_of_members(labels[1:])


def test_nothing_is_read_that_no_member_asks_for() -> None:
    """The one read names the values of all members, so that a metric of many other series costs nothing."""
    (selector,) = Batch([parse(f'a{{job="1", host="h.{number}"}}') for number in (1, 5)]).selectors
    found = _store().select(selector.matchers, 0, AT, FreeBudget())
    assert [series.labels.get("host") for series in found] == ["h.1", "h.5"]
    with pytest.raises(Unlike):
        Batch([parse('{job="1", host=""}'), parse('{job="", host="h.1"}')])
