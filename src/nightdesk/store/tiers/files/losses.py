"""Which series are no counters: what they lose in falls is told by nobody, and costs more than all else of a bucket.

A counter falls when its program starts anew, and then to near nothing, never below. What falls all day long, and by
little, is a gauge, of which a rate means nothing.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from nightdesk.model.buckets import Buckets, Column

_MANY: Final = 4
"""A gauge slides in more than one bucket of so many: of two samples each, in every second."""


def of_counters(buckets: Buckets) -> Buckets:
    """Return buckets without what gauges lose: they slide, by less than half or below 0, in many buckets."""
    lost, low, high = (np.asarray(buckets[column]) for column in (Column.LOST, Column.LOW, Column.HIGH))
    held = np.asarray(buckets[Column.COUNT]) > 0
    slid = held & (lost != 0) & ((low > high / 2) | (low < 0))
    gauges = _MANY * slid.sum(axis=1) > held.sum(axis=1)
    if not gauges.any():
        return buckets
    return replace(buckets, columns={**buckets.columns, Column.LOST: np.where(gauges[:, None], 0.0, lost)})
