"""Buckets without what was deleted: whole ones go, of the series that any of a deletion's selectors matches."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import Buckets, Sketches
from nightdesk.model.series import Refs
from nightdesk.store.samples.deletion.deletion import Deletion
from nightdesk.store.tiers.cells.laying import EMPTY

Hidden = tuple[Deletion, Refs]
"""A deletion with the series of a file that it is about, sorted."""


def spared(buckets: Buckets, ids: Refs, hidden: Sequence[Hidden], resolution: int) -> Buckets:
    """Return buckets of a file's series `ids`, a row each, without what is hidden of them."""
    gone = np.zeros((len(buckets), len(buckets.ends)), dtype=np.bool_)
    for deletion, chosen in hidden:
        within = (buckets.ends >= deletion.start) & (buckets.ends - resolution < deletion.end)
        gone |= np.isin(ids, chosen)[:, None] & within
    if not gone.any():
        return buckets
    columns: dict[Any, NDArray[Any]] = {
        column: np.where(gone, np.array(EMPTY.get(column, 0), told.dtype), told)
        for column, told in buckets.columns.items()
    }
    return Buckets(buckets.labels, buckets.ends, columns, _spared(buckets.sketches, gone.ravel()))


def _spared(old: Sketches | None, gone: NDArray[np.bool_]) -> Sketches | None:
    if old is None:
        return None
    kept = ~gone[old.cells]
    return Sketches(old.cells[kept], old.codes[kept], old.weights[kept])
