"""Set operators between vectors: and, or, unless. Rows of the left come first, as they are."""

import numpy as np

from nightdesk.query.grid import Grid, Mask, stacked
from nightdesk.query.language.tree import Matching
from nightdesk.query.limits import watched
from nightdesk.query.operators.matching import Groups, Pairs
from nightdesk.seams.samples import Budget


def intersect(left: Grid, right: Grid, matching: Matching, budget: Budget) -> Grid:
    """`and`: rows of the left at the steps at which the right has their signature."""
    mine, theirs = Groups.of(left, matching, budget), Groups.of(right, matching, budget)
    opposite = _opposite(left, mine, theirs.any_present(right, budget), budget)
    known_there = theirs.any_known(right)
    both_known = np.zeros(len(left), dtype=np.bool_)
    for key, rows in mine.rows.items():
        both_known[rows] = key in known_there
    present = left.present & opposite
    refused = left.known & both_known & ~present[:, -1]
    return Grid(left.labels, left.values, present, refused)


def unite(left: Grid, right: Grid, matching: Matching, budget: Budget) -> Grid:
    """`or`: the left, and rows of the right at the steps at which the left lacks their signature."""
    mine, theirs = Groups.of(left, matching, budget), Groups.of(right, matching, budget)
    opposite = _opposite(right, theirs, mine.any_present(left, budget), budget)
    added = Grid(right.labels, right.values, right.present & ~opposite, right.refused)
    return stacked([left, added]).merged(budget)


def subtract(left: Grid, right: Grid, matching: Matching, budget: Budget) -> Grid:
    """`unless`: rows of the left at the steps at which the right lacks their signature."""
    mine, theirs = Groups.of(left, matching, budget), Groups.of(right, matching, budget)
    return left.keeping(~_opposite(left, mine, theirs.any_present(right, budget), budget))


def _opposite(grid: Grid, groups: Groups, there: dict[Pairs, Mask], budget: Budget) -> Mask:
    """Return for every row the steps at which the other side has its signature."""
    opposite = np.zeros(grid.present.shape, dtype=np.bool_)
    for key, rows in watched(groups.rows.items(), budget):
        steps = there.get(key)
        if steps is not None:
            opposite[rows] = steps
    return opposite
