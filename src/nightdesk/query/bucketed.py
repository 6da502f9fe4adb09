"""Nodes of a query that buckets can answer: which steps, from which tier, and the rest from samples."""

from collections.abc import Callable

from nightdesk.model.series import Times, Values
from nightdesk.query.buckets.answering import BucketAnswers, beside, earlier_and_later
from nightdesk.query.context import QueryContext
from nightdesk.query.durations import resolve_positive
from nightdesk.query.functions.signature import Function, Value
from nightdesk.query.grid import Grid, Scalar
from nightdesk.query.kernels.quantiles import note_bad_quantiles
from nightdesk.query.language.tree import Call, MatrixSelector, Node, VectorSelector, unwrap
from nightdesk.query.notes import Notes
from nightdesk.query.selecting.resolution import Look
from nightdesk.query.selecting.select import Selected


def over_buckets(
    query: QueryContext,
    tiers: BucketAnswers,
    function: Function,
    node: Call,
    steps: Times,
    value: Callable[[Node, Times], Value],
) -> Value | None:
    """Compute a function of a range from buckets, at later steps from samples; None where samples answer all.

    `value` computes any node at some instants.
    """
    fold = function.buckets
    argument = unwrap(node.arguments[-1]) if fold is not None else None
    if fold is None or not isinstance(argument, MatrixSelector) or argument.selector.extended is not None:
        return None
    length, end = resolve_positive(argument.range, query.query_range), query.instants(argument.selector, steps)
    start = end - length
    is_folded = bool(end[0] == end[-1]) and function.summaries is not None
    share = tiers.share(Look(int(start[0]), int(end[-1]), length, folds=is_folded), start, argument.selector.matchers)
    if share is None:
        return None
    few = slice(0, share.steps)
    wanted = _wanted_quantiles(node, value(node.arguments[0], steps), query.notes)[few] if fold.sketches else None
    grid = tiers.over(fold, argument.selector.matchers, start[few], end[few], share.resolution, wanted, argument.span)
    query.memory.demand_vector(len(grid), len(steps))
    told = function.told(grid, node, query.notes)
    if share.steps == len(steps):
        return told
    later = value(node, steps[share.steps :])
    assert isinstance(told, Grid)
    assert isinstance(later, Grid)
    return earlier_and_later(told, later)


def _wanted_quantiles(node: Call, wanted: Value, notes: Notes) -> Values:
    assert isinstance(wanted, Scalar)
    note_bad_quantiles(wanted.values, notes, unwrap(node.arguments[0]).span)
    return wanted.values


def latest_of_buckets(
    query: QueryContext, tiers: BucketAnswers, node: VectorSelector, at: Times, later: Callable[[int], Selected]
) -> Selected | None:
    """Take the last samples of buckets as of `at`, at later steps samples themselves; None where samples answer all.

    `later` selects samples, with their instants, from the step of a number on.
    """
    apart = int(at[1] - at[0]) if len(at) > 1 else 0
    look = Look(int(at[0]) - query.lookback, int(at[-1]), apart, plain=True)
    share = tiers.share(look, at - query.lookback, node.matchers)
    if share is None:
        return None
    told = tiers.latest(node.matchers, at[: share.steps], query.lookback, share.resolution, node.span)
    query.memory.demand_vector(len(told.grid), len(at))
    if share.steps == len(at):
        return told
    return beside(told, later(share.steps))
