"""Nodes of a query that buckets can answer: which steps, from which tier, and the rest from samples."""

from typing import Protocol

from nightdesk.model.series import Times, Values
from nightdesk.query.buckets.answering import BucketAnswers, beside, earlier_and_later
from nightdesk.query.durations import QueryExtent, resolve_positive
from nightdesk.query.functions.signature import Function, Value
from nightdesk.query.grid import Grid, Scalar
from nightdesk.query.kernels.quantiles import note_bad_quantiles
from nightdesk.query.language.tree import Call, MatrixSelector, Node, Subquery, VectorSelector, unwrap
from nightdesk.query.memory import QueryMemory
from nightdesk.query.notes import Notes
from nightdesk.query.selecting.resolution import Look
from nightdesk.query.selecting.select import Selected
from nightdesk.seams.samples import Budget


class Evaluating(Protocol):
    """A query under way."""

    @property
    def budget(self) -> Budget:
        """What it may cost."""
        ...

    @property
    def lookback(self) -> int:
        """How long a sample counts, in milliseconds."""
        ...

    @property
    def extent(self) -> QueryExtent:
        """The interval and the step of the query."""
        ...

    @property
    def notes(self) -> Notes:
        """What it has to say."""
        ...

    def value(self, node: Node, steps: Times) -> Value:
        """Compute a node at some instants."""
        ...

    def selected(self, node: VectorSelector, steps: Times, *, with_times: bool = False) -> Selected:
        """Compute an instant selector."""
        ...

    def instants(self, node: VectorSelector | Subquery, steps: Times) -> Times:
        """Return the instants a selector looks at."""
        ...

    @property
    def memory(self) -> QueryMemory:
        """What it holds."""
        ...


def over_buckets(query: Evaluating, tiers: BucketAnswers, function: Function, node: Call, steps: Times) -> Value | None:
    """Compute a function of a range from buckets, at later steps from samples; None where samples answer all."""
    fold = function.buckets
    argument = unwrap(node.arguments[-1]) if fold is not None else None
    if fold is None or not isinstance(argument, MatrixSelector) or argument.selector.extended is not None:
        return None
    length, end = resolve_positive(argument.range, query.extent), query.instants(argument.selector, steps)
    start = end - length
    is_folded = bool(end[0] == end[-1]) and function.summaries is not None
    share = tiers.share(Look(int(start[0]), int(end[-1]), length, folds=is_folded), start, argument.selector.matchers)
    if share is None:
        return None
    few = slice(0, share.steps)
    wanted = _wanted_quantiles(query, node, steps)[few] if fold.sketches else None
    grid = tiers.over(fold, argument.selector.matchers, start[few], end[few], share.resolution, wanted, argument.span)
    query.memory.demand_vector(len(grid), len(steps))
    told = function.told(grid, node, query.notes)
    if share.steps == len(steps):
        return told
    later = query.value(node, steps[share.steps :])
    assert isinstance(told, Grid)
    assert isinstance(later, Grid)
    return earlier_and_later(told, later)


def _wanted_quantiles(query: Evaluating, node: Call, steps: Times) -> Values:
    wanted = query.value(node.arguments[0], steps)
    assert isinstance(wanted, Scalar)
    note_bad_quantiles(wanted.values, query.notes, node.arguments[0].span)
    return wanted.values


def latest_of_buckets(
    query: Evaluating, tiers: BucketAnswers, node: VectorSelector, at: Times, steps: Times
) -> Selected | None:
    """Take the last samples of buckets, at later steps samples themselves; None where samples answer all."""
    apart = int(at[1] - at[0]) if len(at) > 1 else 0
    look = Look(int(at[0]) - query.lookback, int(at[-1]), apart, plain=True)
    share = tiers.share(look, at - query.lookback, node.matchers)
    if share is None:
        return None
    told = tiers.latest(node.matchers, at[: share.steps], query.lookback, share.resolution, node.span)
    query.memory.demand_vector(len(told.grid), len(steps))
    if share.steps == len(steps):
        return told
    return beside(told, query.selected(node, steps[share.steps :], with_times=True))
