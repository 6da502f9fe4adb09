"""Arithmetic and comparison between scalars and vectors."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import QueryError, QueryLimitExceeded
from nightdesk.model.labels import METRIC_NAME, Labels
from nightdesk.model.series import Values
from nightdesk.query.grid import Grid, Mask, Scalar, stacked
from nightdesk.query.language.tree import COMPARISONS, Binary, Side
from nightdesk.query.names import METADATA, NAMES, name_of, renamed, seen, with_name_going, without_metadata
from nightdesk.query.operators.matching import Groups, demand_unique

_Operation: TypeAlias = Callable[[Values, Values], NDArray[np.generic]]

OPERATIONS: Final[dict[str, _Operation]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide,
    "%": np.fmod, "^": np.power, "atan2": np.arctan2,
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip


def combine(node: Binary, left: Grid | Scalar, right: Grid | Scalar, most: int) -> Grid | Scalar:
    """Compute a binary operation other than and, or, unless; of two vectors it may match `most` pairs of series.

    Raises:
        QueryError: two vectors do not match one to one, or as `group_left` and `group_right` say.
        QueryLimitExceeded: more pairs match.
    """
    with np.errstate(all="ignore"):
        if isinstance(left, Scalar):
            if isinstance(right, Scalar):
                return Scalar(OPERATIONS[node.operator](left.values, right.values).astype(np.float64))
            return _with_scalar(node, right, left.values, right.values, right)
        if isinstance(right, Scalar):
            return _with_scalar(node, left, left.values, right.values, left)
        return _VectorPair(node, left.pruned(), right.pruned(), most).result()


def _with_scalar(node: Binary, grid: Grid, left: Values, right: Values, vector: Grid) -> Grid:
    found = OPERATIONS[node.operator](left, right)
    if node.operator in COMPARISONS and not node.returns_bool:
        unknown = np.isnan(left) | np.isnan(right)
        return vector.keeping(found.astype(np.bool_), unknown)
    return grid.with_values(found.astype(np.float64)).without_name()


class _VectorPair:
    """Two vectors on their way to one. The side that may match several is called `many`, the other `one`."""

    def __init__(self, node: Binary, left: Grid, right: Grid, most: int) -> None:
        self.node, self.matching, self.most = node, node.matching, most
        self.swapped = self.matching.many is Side.RIGHT
        self.many, self.one = (right, left) if self.swapped else (left, right)
        # Not swapped for group_right: Prometheus fills after it has put the many to the left, and so do we.
        self.fill_many, self.fill_one = self.matching.fill_left, self.matching.fill_right
        self.arithmetic = node.operator not in COMPARISONS
        self.filters = not self.arithmetic and not node.returns_bool
        self.many_groups = Groups.of(self.many, self.matching)
        self.one_groups = Groups.of(self.one, self.matching).condensed(self.one)

    def result(self) -> Grid:
        demand_unique(self.one, self.one_groups, self.matching, "left" if self.swapped else "right", self._meeting())
        many_rows, one_rows = self._pairs()
        if self.matching.fills:
            many_values, one_values, both, known = self._filled(many_rows, one_rows)
        else:
            many, one = _in_order(self.many, many_rows), _in_order(self.one, one_rows)
            many_values, one_values = many.values, one.values
            both, known = many.present & one.present, many.known & one.known
        left, right = (one_values, many_values) if self.swapped else (many_values, one_values)
        labels = self._labels(many_rows, one_rows)
        found = OPERATIONS[self.node.operator](left, right)
        present = both & found.astype(np.bool_) if self.filters else both
        self._demand_unique_results(labels, many_rows, present)
        values = left if self.filters else found.astype(np.float64)
        refused = known & ~present[:, -1]
        if self.filters:
            refused &= ~(both[:, -1] & (np.isnan(left[:, -1]) | np.isnan(right[:, -1])))
        return Grid(labels, values, present, refused).merged()

    def _meeting(self) -> Mask:
        """Return the steps at which matching is tried: where one side has nothing and nothing is filled, it is not."""
        many, one = (np.logical_or.reduce(grid.present, axis=0) for grid in (self.many, self.one))
        steps: Mask = many | one if self.matching.fills else many & one
        return steps

    def _pairs(self) -> tuple[list[int], list[int]]:
        many_rows: list[int] = []
        one_rows: list[int] = []
        for key, rows in self.many_groups.rows.items():
            partners = self.one_groups.rows.get(key, [])
            if len(many_rows) + len(rows) * len(partners) > self.most:
                raise QueryLimitExceeded(f"more than {self.most} pairs of series match")
            for row in rows:
                many_rows.extend([row] * len(partners))
                one_rows.extend(partners)
                if self.fill_one is not None:
                    many_rows.append(row)
                    one_rows.append(-1)
        if self.fill_many is not None:
            for rows in self.one_groups.rows.values():
                many_rows.extend([-1] * len(rows))
                one_rows.extend(rows)
        return many_rows, one_rows

    def _filled(self, many_rows: list[int], one_rows: list[int]) -> tuple[Values, Values, Mask, Mask]:
        """Let a row stand alone, beside a fill value, at the steps at which its signature has nothing opposite.

        Row -1 of either side is one that is present nowhere. Returns both sides' values, what is present, what known.
        """
        many, one = _in_order(_with_nothing(self.many), many_rows), _in_order(_with_nothing(self.one), one_rows)
        many_values, one_values = many.values.copy(), one.values.copy()
        both, known = many.present & one.present, many.known & one.known
        many_there, one_there = self.many_groups.any_present(self.many), self.one_groups.any_present(self.one)
        many_keys, one_keys = _keys_of(self.many_groups, len(self.many)), _keys_of(self.one_groups, len(self.one))
        for place, (many_row, one_row) in enumerate(zip(many_rows, one_rows, strict=True)):
            if one_row == -1 and self.fill_one is not None:
                opposite = one_there.get(many_keys[many_row])
                both[place] = many.present[place] if opposite is None else many.present[place] & ~opposite
                one_values[place] = self.fill_one
                known[place] = many.known[place]
            elif many_row == -1 and self.fill_many is not None:
                opposite = many_there.get(one_keys[one_row])
                both[place] = one.present[place] if opposite is None else one.present[place] & ~opposite
                many_values[place] = self.fill_many
                known[place] = one.known[place]
        return many_values, one_values, both, known

    def _labels(self, many_rows: list[int], one_rows: list[int]) -> list[Labels]:
        nothing = Labels()
        many, one = [*self.many.labels, nothing], [*self.one.labels, nothing]
        if self.matching.many is None:
            result = self._one_to_one()
            pairs = zip(many_rows, one_rows, strict=True)
            found = [result(many[m] if m >= 0 else one[o].without(NAMES)) for m, o in pairs]
        else:
            signed = {row: Labels.from_sorted(key) for key, rows in self.one_groups.rows.items() for row in rows}
            pairs = zip(many_rows, one_rows, strict=True)
            found = [self._many_to_one(many[m] if m >= 0 else signed[o], one[o]) for m, o in pairs]
        return [with_name_going(labels) for labels in found] if self.node.returns_bool else found

    def _one_to_one(self) -> Callable[[Labels], Labels]:
        """Return what makes labels of those of the left: arithmetic changes what a series means, so its name goes."""
        names = frozenset(self.matching.labels)
        if self.matching.on:
            kept = names - METADATA if self.arithmetic else seen(names)
            return lambda labels: labels.only(kept)
        if not names:
            return without_metadata if self.arithmetic else lambda labels: labels
        dropped = names | METADATA if self.arithmetic else names
        return lambda labels: labels.without(dropped)

    def _many_to_one(self, many: Labels, one: Labels) -> Labels:
        labels = without_metadata(many) if self.arithmetic else many
        if METRIC_NAME in self.matching.include:
            labels = renamed(labels, METRIC_NAME, name_of(one))
        if self.matching.include:
            labels = labels.merged({name: one.get(name) for name in self.matching.include if name != METRIC_NAME})
        return labels

    def _demand_unique_results(self, labels: list[Labels], many_rows: list[int], present: Mask) -> None:
        """Refuse two results of one signature (one to one) or of one label set at one step; what a filter took is none.

        One to one, the signature decides: two that would keep names of their own are two of it all the same.
        """
        keys: Sequence[object] = labels
        if self.matching.many is None:
            if len(self.many_groups.rows) == len(self.many):
                return
            signed = _keys_of(self.many_groups, len(self.many))
            keys = [signed[row] if row >= 0 else None for row in many_rows]
        elif len(set(labels)) == len(labels):
            return
        rows: dict[object, list[int]] = {}
        for row, key in enumerate(keys):
            if key is not None:
                rows.setdefault(key, []).append(row)
        for members in rows.values():
            if len(members) > 1 and (present[members].sum(axis=0) > 1).any():
                if self.matching.many is None:
                    text = "many-to-one matching must be explicit (group_left/group_right)"
                else:
                    text = "grouping labels must ensure unique matches"
                raise QueryError(f"multiple matches for labels: {text}")


def _in_order(grid: Grid, rows: list[int]) -> Grid:
    """Return rows of a grid, without labels; the grid itself where these are its rows in order, the usual case."""
    if rows == list(range(len(grid))):
        return grid
    return Grid(grid.labels, grid.values[rows], grid.present[rows], grid.refused[rows])


def _with_nothing(grid: Grid) -> Grid:
    """Add a row that is present nowhere; index -1 finds it."""
    steps = grid.values.shape[1]
    nothing = Grid.of([Labels()], np.zeros((1, steps)), np.zeros((1, steps), dtype=np.bool_))
    return stacked([grid, nothing])


def _keys_of(groups: Groups, rows: int) -> list[tuple[tuple[str, str], ...]]:
    keys: list[tuple[tuple[str, str], ...]] = [()] * rows
    for key, members in groups.rows.items():
        for row in members:
            keys[row] = key
    return keys


def negated(grid: Grid) -> Grid:
    """Return a vector with its signs turned, without names."""
    return grid.with_values(-grid.values).without_name()
