"""Tree to values, node by node: every node is computed once for all steps."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.errors import QueryError
from nightdesk.model.instant import HOUR
from nightdesk.model.panel import Panel, panels_of
from nightdesk.model.series import Times, Values
from nightdesk.query.aggregations import aggregate, pick
from nightdesk.query.bucketed import latest_of_buckets, over_buckets
from nightdesk.query.buckets.answering import BucketAnswers
from nightdesk.query.context import QueryContext
from nightdesk.query.durations import resolve_positive
from nightdesk.query.functions.information import info_matchers, path_to_selector
from nightdesk.query.functions.signature import Function, Invocation, Value
from nightdesk.query.functions.table import FUNCTIONS, extended_argument
from nightdesk.query.grid import Grid, Scalar
from nightdesk.query.kernels.quantiles import note_bad_quantiles, outermost
from nightdesk.query.language.tree import (
    SET_OPERATORS,
    Aggregate,
    Binary,
    Call,
    Extended,
    MatrixSelector,
    Node,
    Number,
    Paren,
    String,
    Subquery,
    Unary,
    VectorSelector,
    unwrap,
)
from nightdesk.query.operators import sets
from nightdesk.query.operators.binary import combine, negated
from nightdesk.query.selecting.extended import ExtendedWindows, smoothed_at
from nightdesk.query.selecting.reading import Reading
from nightdesk.query.selecting.select import Selected, latest
from nightdesk.query.selecting.summary_folds import SummaryFold, fold
from nightdesk.query.selecting.windows import Windows, cut_windows, grid_windows
from nightdesk.query.slices import in_slices
from nightdesk.seams.samples import Budget, PanelReader

_LONG_WINDOW: Final = 2 * HOUR
"""Shorter windows hold hardly a whole chunk, so their samples are read."""
_SETS = {"and": sets.intersect, "or": sets.unite, "unless": sets.subtract}


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation(QueryContext):
    """One query under way, and what it may read."""

    reader: PanelReader
    tiers: BucketAnswers | None = None
    """Answers from buckets what samples do not, or not as cheaply."""
    short_circuits: bool = False
    """Leaves out what cannot change the values: the other side of an operation whose left side has no series."""

    def value(self, node: Node, steps: Times) -> Value:
        """Compute a node at some instants; there is at least one.

        Raises:
            QueryError: the query cannot be answered, e.g. vectors that match many to many.
            Exceeded: a limit, the deadline, or whoever asked has gone.
        """
        self.budget.check()
        value = self._value(node, steps)
        self.budget.check()
        return value

    def _value(self, node: Node, steps: Times) -> Value:
        match node:
            case Number(number):
                return Scalar(np.full(len(steps), number))
            case String(text):
                return text
            case Paren(expression):
                return self.value(expression, steps)
            case VectorSelector(extended=Extended.SMOOTHED):
                return self._smoothed(node, steps)
            case VectorSelector():
                return self.selected(node, steps).grid
            case MatrixSelector():
                return self._windows(node, steps)
            case Subquery():
                return self._subquery(node, steps)
            case Call():
                return self._call(node, steps)
            case Aggregate():
                return self._aggregate(node, steps)
            case Unary():
                return self._unary(node, steps)
            case Binary():
                return self._binary(node, steps)

    # -------------------------------------------------------------- selectors

    def _read(self, node: VectorSelector, start: int, end: int, steps: int) -> Reading:
        def read(budget: Budget) -> Reading:
            panels: Sequence[Panel] = self.reader.panels(node.matchers, start, end, budget)
            if self.tiers is not None:
                panels = self.tiers.with_last_samples(panels, node.matchers, start, end, node.span)
            return Reading.of(panels)

        reading = self.memory.reading((node.matchers, start, end), read)
        self.memory.demand_vector(len(reading), steps, reads=True)
        return reading

    def selected(self, node: VectorSelector, steps: Times, *, with_times: bool = False) -> Selected:
        """Compute an instant selector, with the instants of its samples."""
        at = self.instants(node, steps)
        lookback = self.lookback
        if self.tiers is not None:
            told = latest_of_buckets(
                self, self.tiers, node, at, lambda step: self.selected(node, steps[step:], with_times=True)
            )
            if told is not None:
                return told
        reading = self._read(node, int(at[0]) - lookback + 1, int(at[-1]), len(steps))
        if node.at is None or len(steps) == 1:
            return latest(reading, at, lookback, self.budget, with_times=with_times)
        grid, times = latest(reading, at[:1], lookback, self.budget, with_times=with_times)
        return Selected(grid.repeated(len(steps)), None if times is None else np.repeat(times, len(steps), axis=1))

    def _smoothed(self, node: VectorSelector, steps: Times) -> Grid:
        at = self.instants(node, steps)
        series = self._read(node, int(at[0]) - self.lookback + 1, int(at[-1]) + self.lookback, len(steps))
        return smoothed_at(series.series(), at, self.lookback, self.budget)

    def _extended(self, node: MatrixSelector, extended: Extended, steps: Times) -> ExtendedWindows:
        end = self.instants(node.selector, steps)
        start = end - resolve_positive(node.range, self.query_range)
        beyond = self.lookback if extended is Extended.SMOOTHED else 0
        first, last = int(start[0]) - self.lookback + 1, int(end[-1]) + beyond
        series = self._read(node.selector, first, last, len(steps))
        return ExtendedWindows(series.series(), extended, start, end, self.lookback, self.budget)

    def _windows(self, node: MatrixSelector, steps: Times) -> Windows:
        if node.selector.extended is not None:
            wide = self._extended(node, node.selector.extended, steps)
            # The value at the left edge belongs to the window.
            return cut_windows(Reading.of(panels_of(wide.samples())), wide.start - 1, wide.end, self.budget)
        length = resolve_positive(node.range, self.query_range)
        end = self.instants(node.selector, steps)
        reading = self._read(node.selector, int(end[0]) - length + 1, int(end[-1]), len(steps))
        return cut_windows(reading, end - length, end, self.budget)

    def _subquery(self, node: Subquery, steps: Times) -> Windows:
        length = resolve_positive(node.range, self.query_range)
        step = self.limits.subquery_step_ms if node.step is None else resolve_positive(node.step, self.query_range)
        end = self.instants(node, steps)
        # Steps are multiples of the step itself, whatever the instant of the query: the first after the window's start.
        first = (int(end[0]) - length) // step * step + step
        count = max(0, (int(end[-1]) - first) // step + 1)
        self.memory.demand_steps(count)
        if not count:
            return cut_windows(Reading.of(()), end - length, end, self.budget)
        inner_steps = first + step * np.arange(count, dtype=np.int64)
        inner = self.value(node.expression, inner_steps)
        assert isinstance(inner, Grid)
        with self.memory.holding(inner):
            self.memory.demand_vector(len(inner), count)
        # What is made of the windows has as many rows, but the steps from outside: there may be far more of them.
        self.memory.demand_vector(len(inner), len(steps))
        return grid_windows(inner, inner_steps, end - length, end, self.budget)

    # -------------------------------------------------------------- operators

    def _call(self, node: Call, steps: Times) -> Value:
        function = FUNCTIONS[node.name]
        told = None if self.tiers is None else over_buckets(self, self.tiers, function, node, steps, self.value)
        return function.told(self._found(function, node, steps), node, self.notes) if told is None else told

    def _found(self, function: Function, node: Call, steps: Times) -> Value:
        """Compute a function of what lies beyond a range, of summaries or of its arguments."""
        wide = extended_argument(node)
        if wide is not None and wide.selector.extended is not None and function.beyond is not None:
            return function.beyond.compute(self._extended(wide, wide.selector.extended, steps))
        argument = unwrap(node.arguments[0]) if node.arguments else None
        if function.summaries is not None:
            folded = self._folded(function.summaries, argument, steps)
            if folded is not None:
                return folded
        times = None
        arguments: tuple[Value, ...]
        if function.takes_info_series:
            arguments, times = self._informed(node, steps)
        elif function.takes_sample_times and isinstance(argument, VectorSelector):
            grid, times = self.selected(argument, steps, with_times=True)
            arguments = (grid,)
        else:
            arguments = self._arguments(node.arguments, steps)
        invocation = Invocation(node, arguments, steps, self.query_range, self.notes, self.budget, times)
        with self.memory.holding(*arguments, reads=True):
            for vector in arguments:
                if isinstance(vector, Grid | Windows):
                    rows = len(vector.labels) * function.fan(len(arguments))
                    self.memory.demand_vector(rows, len(steps), reads=isinstance(vector, Windows))
            return function.compute(invocation)

    def _arguments(self, nodes: Sequence[Node], steps: Times) -> tuple[Value, ...]:
        if len(nodes) == 1:
            return (self.value(nodes[0], steps),)
        found: list[Value] = []
        with ExitStack() as held:
            for node in nodes:
                found.append(self.value(node, steps))
                held.enter_context(self.memory.holding(found[-1]))
        return tuple(found)

    def _folded(self, how: SummaryFold, argument: Node | None, steps: Times) -> Grid | None:
        """Compute a function over one long window out of summaries; None where samples have to be looked at."""
        if not isinstance(argument, MatrixSelector) or argument.selector.extended is not None:
            return None
        length = resolve_positive(argument.range, self.query_range)
        end = self.instants(argument.selector, steps)
        if end[0] != end[-1] or length < _LONG_WINDOW:
            return None
        start = end - length
        told = self.reader.summarised(argument.selector.matchers, int(start[0]) + 1, int(end[0]), self.budget)
        grid = fold(how, told, start[:1], end[:1], self.budget)
        if grid is None:
            return None
        self.memory.demand_vector(len(grid), len(steps))
        return grid.repeated(len(steps))

    def _informed(self, node: Call, steps: Times) -> tuple[tuple[Value, ...], Values | None]:
        """Compute what `info` works on: its vector, and the info series as of the instants the vector is of."""
        base = self.value(node.arguments[0], steps)
        assert isinstance(base, Grid)
        matchers = info_matchers(node, base, self.budget)
        if not matchers:
            return (base, Grid.empty(len(steps))), np.zeros((0, len(steps)))
        at = steps
        for each in path_to_selector(node.arguments[0]):
            at = self.instants(each, at)
        series = self._read(VectorSelector(matchers), int(at.min()) - self.lookback + 1, int(at.max()), len(steps))
        grid, times = latest(series, at, self.lookback, self.budget, with_times=True)
        return (base, grid), times

    def _unary(self, node: Unary, steps: Times) -> Value:
        operand = self.value(node.operand, steps)
        if node.operator == "+":
            return operand
        if isinstance(operand, Scalar):
            return Scalar(-operand.values)
        assert isinstance(operand, Grid)
        return negated(operand)

    def _binary(self, node: Binary, steps: Times) -> Value:
        left = self.value(node.left, steps)
        if (
            self.short_circuits
            and isinstance(left, Grid)
            and not len(left)
            and node.operator != "or"
            and not node.matching.fills
        ):
            return left
        with self.memory.holding(left):
            right = self.value(node.right, steps)
        with self.memory.holding(left, right):
            return self._combined(node, left, right, len(steps))

    def _combined(self, node: Binary, left: Value, right: Value, steps: int) -> Value:
        if node.operator in SET_OPERATORS:
            assert isinstance(left, Grid)
            assert isinstance(right, Grid)
            self.memory.demand_vector(len(left) + len(right) if node.operator == "or" else len(left), steps)
            return _SETS[node.operator](left, right, node.matching, self.budget)
        assert isinstance(left, Grid | Scalar)
        assert isinstance(right, Grid | Scalar)
        return combine(node, left, right, lambda rows: self.memory.demand_vector(rows, steps), self.budget)

    def _aggregate(self, node: Aggregate, steps: Times) -> Grid:
        def compute(some: Times) -> Grid:
            with self.notes.or_nothing():
                return self._aggregated(node, some)

        # Only an instant query, which may be a rule's, is ever asked what it refused.
        return in_slices(compute, steps, self.memory, refusals=self.query_range.step == 0)

    def _aggregated(self, node: Aggregate, steps: Times) -> Grid:
        grid = self.value(node.expression, steps)
        assert isinstance(grid, Grid)
        # Rows without a sample at any step must not make groups of their own.
        grid = grid.pruned()
        with self.memory.holding(grid):
            parameter = None if node.parameter is None else self.value(node.parameter, steps)
            self.memory.demand_vector(len(grid), len(steps))
            if parameter is None:
                return aggregate.fold(node, grid, self.budget)
            if isinstance(parameter, str):
                return aggregate.count_values(node, grid, parameter, self.budget, self.memory.demand_labelled_vector)
            assert isinstance(parameter, Scalar)
            return self._aggregate_with(node, grid, parameter)

    def _aggregate_with(self, node: Aggregate, grid: Grid, parameter: Scalar) -> Grid:
        assert node.parameter is not None
        span = node.parameter.span
        match node.operator:
            case "quantile":
                note_bad_quantiles(outermost(parameter.values), self.notes, span)
                return aggregate.quantile(node, grid, parameter.values, self.budget)
            case "topk" | "bottomk":
                return pick.extremes(node, grid, parameter.values, self.budget)
            case "limitk":
                return pick.first(node, grid, parameter.values, self.budget)
            case "limit_ratio":
                return pick.share(grid, parameter.values, self.notes, span)
        raise QueryError(f"unknown aggregation {node.operator}")
