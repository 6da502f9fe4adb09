"""Laws over all trees that the parser can give: what is printed reads back; what is asked is answered or refused."""

import dataclasses
import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nightdesk.errors import NightdeskError
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.query.checking.parsing import parse
from nightdesk.query.engine import Engine
from nightdesk.query.language.pretty import pretty
from nightdesk.query.language.printer import print_node
from nightdesk.query.language.tree import (
    COMPARISONS,
    PRECEDENCE,
    SET_OPERATORS,
    Aggregate,
    AtEdge,
    Binary,
    Call,
    DurationBinary,
    DurationCall,
    DurationNumber,
    DurationUnary,
    Extended,
    Matching,
    MatrixSelector,
    Node,
    Number,
    Paren,
    Side,
    String,
    Subquery,
    Unary,
    VectorSelector,
    children,
)
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.samples import MemorySamples

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
words = st.sampled_from(["a", "job", "by", "sum", "le", "x:y", "inf"]) | texts.filter(bool)
labels = st.sampled_from(["a", "job", "on", "le"]) | texts.filter(bool)
plain_matchers = st.builds(
    Matcher, labels.filter(lambda name: name != "__name__"), st.sampled_from([MatchOp.EQUAL, MatchOp.NOT_EQUAL]), texts
)
names = st.builds(Matcher, st.just("__name__"), st.just(MatchOp.EQUAL), words)
seconds = st.integers(1, 10**7).map(float) | st.sampled_from([0.001, 0.5, 90.0, 3600.25])
durations = st.recursive(
    st.builds(DurationNumber, seconds) | st.just(DurationCall("step")) | st.just(DurationCall("range")),
    lambda inner: (
        st.builds(DurationBinary, st.sampled_from("+-*/%^"), inner, inner)
        | st.builds(DurationUnary, st.sampled_from("+-"), inner)
        | st.builds(DurationCall, st.sampled_from(["min_of", "max_of"]), st.tuples(inner, inner))
    ),
    max_leaves=4,
)
# Ranges must be positive: those that a literal can tell are checked by the parser.
reckoned = st.builds(
    DurationBinary, st.sampled_from("+-*/%^"), st.just(DurationCall("step")) | st.just(DurationCall("range")), durations
)
ranges = st.builds(DurationNumber, seconds, bare=st.booleans()) | st.just(DurationCall("step")) | reckoned
instants = st.none() | st.integers(-(10**12), 10**12) | st.sampled_from(AtEdge)
selectors = st.builds(
    lambda name, rest, offset, at, extended: VectorSelector((name, *rest), offset, at, extended),
    names, st.lists(plain_matchers, max_size=2), st.none() | durations, instants, st.none() | st.sampled_from(Extended),
)  # fmt: skip
numbers = st.builds(
    Number, st.floats(0, allow_nan=False) | st.integers(0, 99).map(float) | st.just(math.nan)
) | st.builds(Number, st.integers(0, 10**9).map(float), duration=st.just(True))
label_lists = st.lists(labels, max_size=2, unique=True).map(tuple)
fills = st.none() | st.floats(allow_nan=False)


@st.composite
def matchings(draw: st.DrawFn, operator: str) -> Matching:
    """Draw a matching that the operator allows."""
    sets = operator in SET_OPERATORS
    left, right = (None, None) if sets else (draw(fills), draw(fills))
    if draw(st.booleans()):
        return Matching(fill_left=left, fill_right=right)
    on, many = draw(st.booleans()), None if sets else draw(st.none() | st.sampled_from(Side))
    names_on, include = draw(label_lists), () if many is None else draw(label_lists)
    if on:
        include = tuple(label for label in include if label not in names_on)
    return Matching(on, names_on, many, include, left, right, written=on or bool(names_on) or many is not None)


@st.composite
def binaries(draw: st.DrawFn, inner: st.SearchStrategy[object]) -> Binary:
    """Draw an operation on operands that need no more parentheses."""
    operator = draw(st.sampled_from(sorted(PRECEDENCE)))
    returns_bool = operator in COMPARISONS and draw(st.booleans())
    return Binary(operator, Paren(draw(inner)), Paren(draw(inner)), returns_bool, draw(matchings(operator)))  # type: ignore[arg-type]  # nodes


def _grown(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Build instant vectors of instant vectors."""
    wrapped = inner.map(Paren)  # type: ignore[arg-type]  # nodes
    matrices = st.builds(MatrixSelector, selectors, ranges) | st.builds(
        Subquery, wrapped, ranges, st.none() | ranges, st.none() | durations, instants
    )
    return st.one_of(
        binaries(inner),
        wrapped,
        st.builds(Unary, st.sampled_from("+-"), wrapped),
        st.builds(Call, st.sampled_from(["abs", "sort", "timestamp"]), st.tuples(inner)),
        st.builds(Call, st.just("rate"), st.tuples(matrices)),
        st.builds(Call, st.just("clamp_min"), st.tuples(inner, numbers)),
        st.builds(Call, st.just("label_join"), st.tuples(inner, st.builds(String, texts), st.builds(String, texts))),
        st.builds(Aggregate, st.sampled_from(["sum", "count"]), inner, st.none(), label_lists, st.booleans()),
        st.builds(Aggregate, st.just("topk"), inner, numbers, label_lists, st.booleans()),
        st.builds(Aggregate, st.just("count_values"), inner, st.builds(String, texts), label_lists, st.booleans()),
    )


trees = st.recursive(selectors, _grown, max_leaves=6)


@settings(max_examples=300, deadline=None)
@example(Number(2.0**-24))
@given(trees | numbers | st.builds(String, texts))
def test_what_is_printed_reads_back_the_same(tree: object) -> None:
    """parse(print(t)) == t."""
    text = print_node(tree)  # type: ignore[arg-type]  # nodes
    assert parse(text) == tree, text
    assert parse(pretty(tree)) == tree


@given(trees)
def test_children_are_all_nodes_right_below(tree: object) -> None:
    """Whatever a field of a node holds that is itself a node, alone or in a tuple, is one of its children."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        fields = [getattr(node, each.name) for each in dataclasses.fields(node)]  # type: ignore[arg-type]  # nodes
        parts = [part for value in fields for part in (value if isinstance(value, tuple) else (value,))]
        below = [part for part in parts if isinstance(part, get_args(Node))]
        assert sorted(map(id, below)) == sorted(map(id, children(node)))  # type: ignore[arg-type]  # nodes
        waiting += below


@pytest.mark.parametrize(
    "text",
    [
        "1_000.5 + 0x_1F - 010 * 1h30m ^ .5e+1_0 % Inf / -NaN == bool 0",
        "a[1h30m:0x10] offset -(step() * 2 ^ -2) @ 1.5",
        "rate(a[min_of(5m, range() / 2)] smoothed @ end() offset -1d)",
        "a anchored @ start() offset 5m + on () group_left () fill_left (-Inf) fill_right (1e3) b smoothed",
        "a + ignoring (x) fill (0x10) {'it\\'s', `a\\b`=~'\\u00e9\\x41\\101\\n', \"käse\"!=`'\"`,} # all of it",
        "# first\nsum # second\nby # third\n(le, 'a b',) ( # fourth\nidelta(a[ # fifth\n5m:] @ # sixth\n-3))",
        r'count_values("\xa1\U0001F600\\ \"", fill + fill_left or end unless offset)',
        "sum_over_time((max_over_time((a)[5m:] @ end()) > 0)[step():1m] offset +1m)",
    ],
)
def test_every_notation_reads_back_the_same(text: str) -> None:
    """parse(print(parse(text))) == parse(text), for what the grammar of 3 lets one write in many ways."""
    tree = parse(text)
    assert parse(print_node(tree)) == parse(pretty(tree)) == tree


@pytest.mark.parametrize(
    "text",
    [
        'sum by (job, "käse") (rate(http_requests_total{job=~"api.*"}[5m] offset 1h))',
        "a / on (x, y) group_left (z) b",
        "max_over_time((a > 5)[1h:1m] @ end() offset -5m)",
        "topk(3, a) > bool 2",
        '{"my metric",a!="b"}',
        "histogram_quantile(0.99, sum without (pod) (rate(d_bucket[5m])))",
        "-a ^ 2",
        "a and ignoring (x) b unless c",
        "x[step() * 2]",
    ],
)
def test_the_form_is_prometheus(text: str) -> None:
    """Text in Prometheus' own form is printed as it is."""
    assert print_node(parse(text)) == text


def _small_store() -> MemorySamples:
    """Hold a few series under the names that trees are drawn with, some of them with gaps, NaN and infinities."""
    store = MemorySamples()
    values = [1.0, float("nan"), 3.0, float("inf"), -2.5, 0.0]
    for name in ("a", "job", "sum", "x:y"):
        for row in range(3):
            samples = [(step * 60_000, values[(step * row + row) % 6]) for step in range(30) if (step + row) % 4]
            store.put(Labels.of(name, job=str(row % 2), a=str(row)), *samples)
    return store


STORE = _small_store()


@settings(max_examples=400, deadline=None)
@given(trees)
def test_every_query_is_answered_or_refused(tree: object) -> None:
    """No tree breaks the engine; and a label set is never both in the answer and rejected, nor in it twice."""
    engine = Engine(STORE, ManualClock())
    try:
        instant = engine.instant(tree, 900_000)  # type: ignore[arg-type]  # nodes
        ranged = engine.range(tree, 0, 900_000, 60_000)  # type: ignore[arg-type]  # nodes
    except NightdeskError:
        return
    for answer in (instant, ranged):
        assert answer.values.shape == answer.present.shape == (len(answer.labels), len(answer.steps))
        assert len(set(answer.labels)) == len(answer.labels)
        assert not answer.rejected & {answer.labels[row] for row in np.flatnonzero(answer.present[:, -1]).tolist()}
