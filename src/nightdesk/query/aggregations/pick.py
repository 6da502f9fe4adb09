"""Aggregations that pick series and keep their labels: topk, bottomk, limitk, limit_ratio.

They are filters: what they leave out was looked at and refused (`query.answer`).
"""

import hashlib
from typing import Final

import numpy as np

from nightdesk.errors import QueryError
from nightdesk.model.go_numbers import go_text
from nightdesk.model.labels import Labels
from nightdesk.model.series import Values
from nightdesk.query.aggregations.partition import Partition, strips
from nightdesk.query.grid import Grid, Indices, Mask
from nightdesk.query.language.position import Span
from nightdesk.query.language.tree import Aggregate
from nightdesk.query.notes import Notes
from nightdesk.seams.samples import Budget

_LEAST: Final = -(2.0**63)
_MOST: Final = 2.0**63 - 1024
"""What a k must lie between: the whole numbers of 64 bits that a float can be."""


def extremes(node: Aggregate, grid: Grid, wanted: Values, budget: Budget) -> Grid:
    """Keep the k largest (topk) or smallest (bottomk) of each group at every step; NaN is taken last.

    At a single step rows come out in order of group, then rank.

    Raises:
        QueryError: k is no count (see `_counts`), be there series or not.
    """
    most = _counts(wanted)
    if not len(grid):
        return grid
    partition = Partition.of(grid, node)
    direction = -1.0 if node.operator == "topk" else 1.0
    kept = np.zeros(grid.present.shape, dtype=np.bool_)
    sequence: list[Indices] = []
    for _, rows in partition.groups(budget):
        for cut in strips(len(rows), len(most), budget):
            with np.errstate(invalid="ignore"):
                ranks = _ranks(grid.values[rows, cut] * direction, grid.present[rows, cut])
            kept[rows, cut] = ranks < most[cut]
        sequence.append(rows[np.argsort(ranks[:, -1], kind="stable")])
    return grid.keeping(kept, unknown=np.isnan(grid.values)).rows(np.concatenate(sequence))


def _ranks(values: Values, present: Mask) -> Indices:
    """Rank the rows of every step from 0: numbers in rising order, then NaN, then what is absent; ties by row."""
    category = np.where(present, np.isnan(values), np.int8(2))
    order = np.lexsort((values, category), axis=0)
    ranks = np.empty(order.shape, dtype=np.intp)
    np.put_along_axis(ranks, order, np.arange(len(order))[:, None], axis=0)
    return ranks


def first(node: Aggregate, grid: Grid, wanted: Values, budget: Budget) -> Grid:
    """Keep k series of each group at every step (limitk), the first in order of rows."""
    most = _counts(wanted)
    if not len(grid):
        return grid
    partition = Partition.of(grid, node)
    kept = np.zeros(grid.present.shape, dtype=np.bool_)
    for _, rows in partition.groups(budget):
        for cut in strips(len(rows), len(most), budget):
            kept[rows, cut] = np.cumsum(grid.present[rows, cut], axis=0) <= most[cut]
    return grid.keeping(kept)


def share(grid: Grid, wanted: Values, notes: Notes, span: Span) -> Grid:
    """Keep about that share of the series (limit_ratio), chosen by labels; ratios r and r - 1 complement each other."""
    if np.isnan(wanted).any():
        raise QueryError("Ratio value is NaN")
    for value in dict.fromkeys(wanted.tolist()):
        if not -1 <= value <= 1:
            bound = 1 if value > 1 else -1
            message = f"ratio value should be between -1 and 1, got {go_text(value)}, capping to {bound}"
            notes.warn(message, span)
    ratio = np.clip(wanted, -1.0, 1.0)
    places = np.array([_place(labels) for labels in grid.labels]).reshape(-1, 1)
    return grid.keeping(np.where(ratio >= 0, places < ratio, places >= 1.0 + ratio))


def _place(labels: Labels) -> float:
    """Put a label set somewhere in [0, 1), the same in every process."""
    text = "\xff".join(part for pair in labels for part in pair)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


def _counts(wanted: Values) -> Indices:
    """Read k at every step; where it never reaches 1 there is nothing to keep, and nothing to complain of.

    Raises:
        QueryError: k is NaN somewhere; or it reaches 1, and somewhere a bound. In this order, as Prometheus has it.
    """
    most, least = float(wanted.max()), float(wanted.min())
    if most < 1:
        return np.zeros(wanted.shape, dtype=np.intp)
    if np.isnan(wanted).any():
        raise QueryError("Parameter value is NaN")
    if least <= _LEAST:
        raise QueryError(f"Scalar value {go_text(least)} underflows int64")
    if most >= _MOST:
        raise QueryError(f"Scalar value {go_text(most)} overflows int64")
    return np.trunc(np.clip(wanted, -1, 2.0**53)).astype(np.intp)
