"""Arithmetic and comparison between scalars and vectors."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import QueryError
from nightdesk.model.labels import METRIC_NAME, Labels
from nightdesk.model.series import Values
from nightdesk.query.grid import Grid, Mask, Scalar, stacked
from nightdesk.query.language.tree import COMPARISONS, Binary, Side
from nightdesk.query.limits import watched
from nightdesk.query.names import METADATA, NAMES, name_of, renamed, seen, with_name_going, without_metadata
from nightdesk.query.operators.matching import Groups, demand_unique
from nightdesk.seams.samples import Budget

Demand: TypeAlias = Callable[[int], None]
"""Asks for the memory of so many rows, and raises QueryLimitExceeded where there is too little."""
_MANY_PAIRS: Final = 1_000
"""So many pairs of one signature are asked for before they are listed."""
_Operation: TypeAlias = Callable[[Values, Values], NDArray[np.generic]]

_POWERS: Final = ((2.0, np.square), (0.5, np.sqrt), (-1.0, np.reciprocal))


def _power(base: Values, exponent: Values) -> Values:
    """Raise to a power; numpy takes these three apart where it sees that all exponents are one, and then alone.

    Go takes them so wherever they stand. At 0 and at infinity they are what the standard for `pow` says.
    """
    found: Values = np.power(base, exponent)
    usual = np.isfinite(base) & (base != 0)
    for number, form in _POWERS:
        if (here := exponent == number).any():
            found = np.where(here & usual, form(base), found)
    return found


OPERATIONS: Final[dict[str, _Operation]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide,
    "%": np.fmod, "^": _power, "atan2": np.arctan2,
    "==": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip


def combine(node: Binary, left: Grid | Scalar, right: Grid | Scalar, demand: Demand, budget: Budget) -> Grid | Scalar:
    """Compute a binary operation other than and, or, unless; memory is demanded for the rows before they are made.

    Raises:
        QueryError: two vectors do not match one to one, or as `group_left` and `group_right` say.
        QueryLimitExceeded: so many pairs match that there is too little memory for them.
    """
    with np.errstate(all="ignore"):
        if isinstance(left, Scalar):
            if isinstance(right, Scalar):
                return Scalar(OPERATIONS[node.operator](left.values, right.values).astype(np.float64))
            demand(len(right))
            return _with_scalar(node, right, left.values, right.values, right)
        if isinstance(right, Scalar):
            demand(len(left))
            return _with_scalar(node, left, left.values, right.values, left)
        return _VectorPair(node, left.pruned(), right.pruned(), demand, budget).result()


def _with_scalar(node: Binary, grid: Grid, left: Values, right: Values, vector: Grid) -> Grid:
    found = OPERATIONS[node.operator](left, right)
    if node.operator in COMPARISONS and not node.returns_bool:
        unknown = np.isnan(left) | np.isnan(right)
        return vector.keeping(found.astype(np.bool_), unknown)
    return grid.with_values(found.astype(np.float64, copy=False)).without_name()


class _VectorPair:
    """Two vectors on their way to one. The side that may match several is called `many`, the other `one`."""

    def __init__(self, node: Binary, left: Grid, right: Grid, demand: Demand, budget: Budget) -> None:
        self.node, self.matching = node, node.matching
        self.demand, self.budget = demand, budget
        self.swapped = self.matching.many is Side.RIGHT
        self.many, self.one = (right, left) if self.swapped else (left, right)
        # Not swapped for group_right: Prometheus fills after it has put the many to the left, and so do we.
        self.fill_many, self.fill_one = self.matching.fill_left, self.matching.fill_right
        self.arithmetic = node.operator not in COMPARISONS
        self.filters = not self.arithmetic and not node.returns_bool
        self.many_groups = Groups.of(self.many, self.matching, budget)
        self.one_groups = Groups.of(self.one, self.matching, budget).condensed(self.one)

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
        values = left if self.filters else found.astype(np.float64, copy=False)
        refused = known & ~present[:, -1]
        if self.filters:
            refused &= ~(both[:, -1] & (np.isnan(left[:, -1]) | np.isnan(right[:, -1])))
        return Grid(labels, values, present, refused).merged(self.budget)

    def _meeting(self) -> Mask:
        """Return the steps at which matching is tried: where one side has nothing and nothing is filled, it is not."""
        many, one = (np.logical_or.reduce(grid.present, axis=0) for grid in (self.many, self.one))
        steps: Mask = many | one if self.matching.fills else many & one
        return steps

    def _pairs(self) -> tuple[list[int], list[int]]:
        many_rows: list[int] = []
        one_rows: list[int] = []
        for key, rows in watched(self.many_groups.rows.items(), self.budget):
            partners = self.one_groups.rows.get(key, [])
            if len(rows) * len(partners) >= _MANY_PAIRS:
                self.demand(len(many_rows) + len(rows) * len(partners))
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
        self.demand(len(many_rows))
        return many_rows, one_rows

    def _filled(self, many_rows: list[int], one_rows: list[int]) -> tuple[Values, Values, Mask, Mask]:
        """Let a row stand alone, beside a fill value, at the steps at which its signature has nothing opposite.

        Row -1 of either side is one that is present nowhere. Returns both sides' values, what is present, what known.
        """
        many, one = _in_order(_with_nothing(self.many), many_rows), _in_order(_with_nothing(self.one), one_rows)
        many_values, one_values = many.values.copy(), one.values.copy()
        both, known = many.present & one.present, many.known & one.known
        many_there, one_there = (
            groups.any_present(grid, self.budget)
            for groups, grid in ((self.many_groups, self.many), (self.one_groups, self.one))
        )
        many_keys, one_keys = _keys_of(self.many_groups, len(self.many)), _keys_of(self.one_groups, len(self.one))
        for place, (many_row, one_row) in enumerate(watched(zip(many_rows, one_rows, strict=True), self.budget)):
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
            pairs = watched(zip(many_rows, one_rows, strict=True), self.budget)
            found = [result(many[m] if m >= 0 else one[o].without(NAMES)) for m, o in pairs]
        else:
            signed = {row: Labels.from_sorted(key) for key, rows in self.one_groups.rows.items() for row in rows}
            pairs = watched(zip(many_rows, one_rows, strict=True), self.budget)
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
