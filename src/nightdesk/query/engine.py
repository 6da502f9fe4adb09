"""The engine: a query, an instant or a range of them, and the answer."""

from collections.abc import Callable
from typing import Final

import numpy as np

from nightdesk.clock import Clock
from nightdesk.errors import QueryError, QueryLimitExceeded, QuerySyntaxError
from nightdesk.model.labels import Labels
from nightdesk.model.series import Series, Times
from nightdesk.query.answer import Answer
from nightdesk.query.asking import AS_USUAL, Asking
from nightdesk.query.buckets.answering import BucketAnswers
from nightdesk.query.checking.parsed import parsed
from nightdesk.query.checking.types import type_of
from nightdesk.query.durations import QueryRange
from nightdesk.query.evaluate import Evaluation
from nightdesk.query.functions.signature import Value
from nightdesk.query.grid import Grid, Scalar
from nightdesk.query.language.tree import Node, ValueType
from nightdesk.query.limits import LOOKBACK, Limits, QueryBudget, too_many_steps
from nightdesk.query.memory import QueryMemory
from nightdesk.query.names import without_going_name
from nightdesk.query.notes import Notes
from nightdesk.query.selecting.flaws import TellingBuckets, TellingPanels
from nightdesk.query.selecting.reading import ordered_rows
from nightdesk.query.selecting.windows import Windows
from nightdesk.seams.samples import BucketReader, Budget, FlawTeller, PanelReader

_NOBODY: Final[frozenset[Labels]] = frozenset()


class Engine:
    """Answers PromQL from a reader. Safe to use from several threads; holds no state of a query."""

    def __init__(
        self,
        reader: PanelReader,
        clock: Clock,
        lookback_ms: int = LOOKBACK,
        limits: Limits | None = None,
        *,
        short_circuits: bool = False,
        tiers: BucketReader | None = None,
        flaws: FlawTeller | None = None,
    ) -> None:
        """Take what to read from and a clock for deadlines; a sample counts for `lookback_ms` after its instant.

        With `short_circuits` the right side of an operation is not looked at where the left has no series: the values
        are the same, and what the right side would have to complain of is not said. Rules ask so, each second, mostly
        of what is not there. With `tiers` buckets of 5 m and 1 h answer where samples are gone or very many, and the
        answer says so (see `query.selecting.resolution`); rules are judged without. What `flaws` tells of the intervals
        that were read becomes warnings.
        """
        self._reader, self._clock = reader, clock
        self._lookback, self._short_circuits, self._tiers, self._flaws = lookback_ms, short_circuits, tiers, flaws
        self.limits = limits or Limits()

    def through(self, wrap: Callable[[PanelReader], PanelReader]) -> "Engine":
        """Return the same engine over another reader: what `wrap` makes of its own."""
        reader = wrap(self._reader)
        return Engine(
            reader, self._clock, self._lookback, self.limits,
            short_circuits=self._short_circuits, tiers=self._tiers, flaws=self._flaws,
        )  # fmt: skip

    def instant(
        self,
        expr: str | Node,
        at: int,
        budget: Budget | None = None,
        asking: Asking = AS_USUAL,
    ) -> Answer:
        """Answer a query at an instant in milliseconds.

        Raises:
            QuerySyntaxError: the text is no query, or none that can be asked so.
            QueryError: it cannot be answered.
            QueryLimitExceeded, QueryTimeout, QueryCancelled: it costs too much, takes too long, is wanted no more.
        """
        node, evaluation = self._begin(expr, QueryRange(at, at, 0), budget, asking)
        steps = np.array([at], dtype=np.int64)
        return _instant_answer(evaluation, evaluation.value(node, steps), steps)

    def range(
        self,
        expr: str | Node,
        start: int,
        end: int,
        step: int,
        budget: Budget | None = None,
        asking: Asking = AS_USUAL,
    ) -> Answer:
        """Answer a query at start, start + step, ... up to end, all in milliseconds; the answer is a matrix.

        Raises what `instant` does; QueryLimitExceeded also where there are too many points.
        """
        if step <= 0:
            message = "zero or negative query resolution step widths are not accepted. Try a positive integer"
            raise QueryError(message)
        if end < start:
            raise QueryError("end timestamp must not be before start time")
        if (end - start) // step > self.limits.steps:
            raise QueryLimitExceeded(too_many_steps(self.limits.steps))
        node, evaluation = self._begin(expr, QueryRange(start, end, step), budget, asking)
        kind = type_of(node)
        if kind not in (ValueType.SCALAR, ValueType.VECTOR):
            # The text is at fault, not the data: Prometheus, too, answers this as it does an error of syntax.
            message = f'invalid expression type "{kind.value}" for range query, must be Scalar or instant Vector'
            raise QuerySyntaxError(message)
        steps = np.arange(start, end + 1, step, dtype=np.int64)
        return _range_answer(evaluation, evaluation.value(node, steps), steps)

    def _begin(
        self, expr: str | Node, query_range: QueryRange, budget: Budget | None, asking: Asking
    ) -> tuple[Node, Evaluation]:
        notes = Notes(expr if isinstance(expr, str) else "")
        node = parsed(expr) if isinstance(expr, str) else expr
        if budget is None:
            budget = QueryBudget(self.limits, self._clock)
        reader = self._reader if self._flaws is None else TellingPanels(self._reader, self._flaws, notes)
        told = self._buckets(asking.resolution, budget, notes)
        lookback, memory = asking.lookback or self._lookback, QueryMemory(self.limits, budget)
        return node, Evaluation(
            budget, self.limits, lookback, query_range, notes, memory, reader, told, self._short_circuits
        )

    def _buckets(self, resolution: int | None, budget: Budget, notes: Notes) -> BucketAnswers | None:
        """Return what answers from buckets; None where there are none, so that no selector asks for them."""
        if self._tiers is None or not (kept := self._tiers.kept()).tiers_since:
            return None
        tiers = self._tiers if self._flaws is None else TellingBuckets(self._tiers, self._flaws, notes)
        return BucketAnswers(tiers, kept, resolution, budget, notes)


def _instant_answer(query: Evaluation, value: Value, steps: Times) -> Answer:
    warnings, infos = query.notes.warnings, query.notes.infos
    match value:
        case str():
            return Answer("string", steps, text=value, warnings=warnings, infos=infos)
        case Scalar():
            grid = _as_grid(value)
            return Answer("scalar", steps, grid.labels, grid.values, grid.present, warnings=warnings, infos=infos)
        case Windows():
            return Answer("matrix", steps, series=_samples(value), warnings=warnings, infos=infos)
    value = value.settled(query.budget)
    here = value.where(value.present[:, 0])
    return Answer(
        "vector", steps, here.labels, here.values, here.present, warnings=warnings, infos=infos,
        rejected=_rejected(value),
    )  # fmt: skip


def _range_answer(query: Evaluation, value: Value, steps: Times) -> Answer:
    assert isinstance(value, Grid | Scalar)
    grid = _as_grid(value) if isinstance(value, Scalar) else value.settled(query.budget)
    shown = grid.where(np.asarray(grid.present.any(axis=1)))
    if len(shown) > 1:
        _, (places,) = ordered_rows([shown.labels])
        shown = shown.rows(np.argsort(places))
    told, rejected = query.notes, _rejected(grid)
    return Answer(
        "matrix", steps, shown.labels, shown.values, shown.present,
        warnings=told.warnings, infos=told.infos, rejected=rejected,
    )  # fmt: skip


def _as_grid(scalar: Scalar) -> Grid:
    values = scalar.values.reshape(1, -1)
    return Grid.of([Labels()], values, np.ones(values.shape, dtype=np.bool_))


def _rejected(grid: Grid) -> frozenset[Labels]:
    """Name the rows that were refused; a label set that is also present elsewhere is no such row."""
    if not grid.refused.any():
        return _NOBODY
    there = {grid.labels[row] for row in np.flatnonzero(grid.present[:, -1]).tolist()}
    return frozenset(grid.labels[row] for row in np.flatnonzero(grid.refused).tolist()) - there


def _samples(windows: Windows) -> list[Series]:
    found: list[Series] = []
    for block in windows.blocks:
        cut = slice(int(block.low[0]), int(block.high[0]))
        if cut.start < cut.stop:
            times = np.broadcast_to(block.times, block.values.shape)
            found += [
                Series(without_going_name(windows.labels[row]), own[cut], values[cut])
                for row, own, values in zip(block.rows.tolist(), times, block.values, strict=True)
            ]
    return sorted(found, key=lambda series: series.labels.pairs)
