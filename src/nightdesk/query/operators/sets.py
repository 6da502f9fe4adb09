"""Set operators between vectors: and, or, unless. Rows of the left come first, as they are."""

import numpy as np

from nightdesk.query.grid import Grid, Mask, stacked
from nightdesk.query.language.tree import Matching
from nightdesk.query.operators.matching import Groups, Pairs


def intersect(left: Grid, right: Grid, matching: Matching) -> Grid:
    """`and`: rows of the left at the steps at which the right has their signature."""
    mine, theirs = Groups.of(left, matching), Groups.of(right, matching)
    opposite = _opposite(left, mine, theirs.any_present(right))
    known_there = theirs.any_known(right)
    both_known = np.zeros(len(left), dtype=np.bool_)
    for key, rows in mine.rows.items():
        both_known[rows] = key in known_there
    present = left.present & opposite
    refused = left.known & both_known & ~present[:, -1]
    return Grid(left.labels, left.values, present, refused)


def unite(left: Grid, right: Grid, matching: Matching) -> Grid:
    """`or`: the left, and rows of the right at the steps at which the left lacks their signature."""
    mine, theirs = Groups.of(left, matching), Groups.of(right, matching)
    opposite = _opposite(right, theirs, mine.any_present(left))
    added = Grid(right.labels, right.values, right.present & ~opposite, right.refused)
    return stacked([left, added]).merged()


def subtract(left: Grid, right: Grid, matching: Matching) -> Grid:
    """`unless`: rows of the left at the steps at which the right lacks their signature."""
    mine, theirs = Groups.of(left, matching), Groups.of(right, matching)
    return left.keeping(~_opposite(left, mine, theirs.any_present(right)))


def _opposite(grid: Grid, groups: Groups, there: dict[Pairs, Mask]) -> Mask:
    """Return for every row the steps at which the other side has its signature."""
    opposite = np.zeros(grid.present.shape, dtype=np.bool_)
    for key, rows in groups.rows.items():
        steps = there.get(key)
        if steps is not None:
            opposite[rows] = steps
    return opposite
