"""Laying buckets from several places into one matrix."""

from collections.abc import Collection, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import Buckets, Column, Sketches
from nightdesk.model.labels import Labels
from nightdesk.model.series import Refs
from nightdesk.store.tiers.cells.sketching import no_sketches

Block = Sequence[Buckets]
"""Buckets of one stretch of time, from one place; a series is in one of them at most."""
EMPTY: Final = {Column.LOW: np.nan, Column.HIGH: np.nan, Column.FIRST: np.nan, Column.LAST: np.nan}
"""What columns tell of a bucket without samples; the others tell 0."""
_WHOLE_NUMBERS = frozenset({Column.COUNT, Column.MISSING, Column.ENDED, Column.FIRST_TIME, Column.LAST_TIME})


def laid_out(blocks: Sequence[Block], columns: Collection[Column], *, sketches: bool) -> Buckets:
    """Lay blocks, given in order of time, beside each other; series are sorted by labels.

    Each block has its own columns in the result, so that two may hold buckets of one end.
    """
    rows = sorted({labels for block in blocks for part in block for labels in part.labels}, key=_pairs)
    row_of = {labels: row for row, labels in enumerate(rows)}
    ends = [_ends(block) for block in blocks]
    begins = np.cumsum([0, *map(len, ends)])
    shape = (len(rows), int(begins[-1]))
    told: dict[Column, NDArray[Any]] = {
        column: np.full(shape, EMPTY.get(column, 0), np.int64 if column in _WHOLE_NUMBERS else np.float64)
        for column in columns
    }
    gathered: list[Sketches] = []
    for block, own, begin in zip(blocks, ends, begins.tolist(), strict=False):
        for part in block:
            mine = np.array([row_of[labels] for labels in part.labels], dtype=np.intp)
            places = begin + own.searchsorted(part.ends)
            for column in columns:
                _put(told[column], mine, places, part[column])
            if sketches and part.sketches is not None:
                gathered.append(_moved(part.sketches, mine, places, len(part.ends), shape[1]))
    all_ends = np.concatenate(ends) if ends else np.empty(0, dtype=np.int64)
    return Buckets(rows, all_ends, told, _in_order(gathered) if sketches else None)


def _ends(block: Block) -> NDArray[np.int64]:
    if not block:
        return np.empty(0, dtype=np.int64)
    first = block[0].ends
    if all(part.ends is first for part in block):
        return first
    return np.unique(np.concatenate([part.ends for part in block]))


def _put(target: NDArray[Any], rows: NDArray[np.intp], places: NDArray[np.intp], values: NDArray[Any]) -> None:
    if len(places) and len(places) == places[-1] - places[0] + 1:
        target[rows, places[0] : places[-1] + 1] = values
    elif len(places):
        target[np.ix_(rows, places)] = values


def _moved(sketches: Sketches, rows: NDArray[np.intp], places: NDArray[np.intp], narrow: int, width: int) -> Sketches:
    row, place = np.divmod(sketches.cells, narrow)
    return Sketches(rows[row] * width + places[place], sketches.codes, sketches.weights)


def _in_order(gathered: Sequence[Sketches]) -> Sketches:
    if not gathered:
        return no_sketches()
    cells = np.concatenate([one.cells for one in gathered])
    order = np.argsort(cells, kind="stable")
    codes, weights = (np.concatenate([getattr(one, name) for one in gathered]) for name in ("codes", "weights"))
    return Sketches(cells[order], codes[order], weights[order])


def cut(buckets: Buckets, start: int, end: int) -> Buckets:
    """Keep the buckets with ends in (start, end]."""
    low, high = (int(place) for place in buckets.ends.searchsorted([start, end], side="right"))
    if low == 0 and high == len(buckets.ends):
        return buckets
    columns = {column: told[:, low:high] for column, told in buckets.columns.items()}
    sketches = buckets.sketches
    if sketches is not None:
        row, place = np.divmod(sketches.cells, max(1, len(buckets.ends)))
        kept = (place >= low) & (place < high)
        cells = row[kept] * (high - low) + place[kept] - low
        sketches = Sketches(cells, sketches.codes[kept], sketches.weights[kept])
    return Buckets(buckets.labels, buckets.ends[low:high], columns, sketches)


def rows_of(buckets: Buckets, chosen: Collection[Labels]) -> Buckets | None:
    """Keep some series, None where none of them is there."""
    rows = np.array([row for row, labels in enumerate(buckets.labels) if labels in chosen], dtype=np.int64)
    if len(rows) in (0, len(buckets)):
        return buckets if len(rows) else None
    columns = {column: told[rows] for column, told in buckets.columns.items()}
    sketches = (
        None if buckets.sketches is None else sketches_of(buckets.sketches, rows, len(buckets), len(buckets.ends))
    )
    return Buckets([buckets.labels[row] for row in rows.tolist()], buckets.ends, columns, sketches)


def sketches_of(sketches: Sketches, rows: Refs, series: int, buckets: int) -> Sketches:
    """Keep the sketches of some rows (rising), renumbered by their places among those. Raises IndexError."""
    new = np.full(series, -1, dtype=np.int64)
    new[rows] = np.arange(len(rows))
    old, columns = np.divmod(sketches.cells, buckets)
    kept = new[old] >= 0
    return Sketches(new[old[kept]] * buckets + columns[kept], sketches.codes[kept], sketches.weights[kept])


def _pairs(labels: Labels) -> tuple[tuple[str, str], ...]:
    return labels.pairs
