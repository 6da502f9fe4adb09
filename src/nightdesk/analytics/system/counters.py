"""How much counters grew: exact where PromQL's `increase` extrapolates to the edges of its window."""

from typing import Final

import numpy as np

from nightdesk.model.labels import Labels
from nightdesk.model.series import Series, Values, stale_mask

ROUNDING: Final = 1e-9


class Growth:
    """Adds up counters over consecutive pieces of a window; resets are seen, since a counter only falls by one.

    A counter's floor is its last value before the window. One that has none counts from zero: a process tells the desk
    all it has counted since its start.
    """

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._last: dict[Labels, float] = {}
        self._total: dict[Labels, float] = {}
        self._first: dict[Labels, float] = {}
        """First values in the window of the counters without a floor."""

    def add(self, series: Series) -> None:
        """Take the samples of the next piece of the window."""
        values = _plain(series)
        if not len(values):
            return
        known = self._last.get(series.labels)
        if known is None:
            self._first[series.labels] = float(values[0])
        before = np.concatenate(([known or 0.0], values[:-1]))
        # What a counter shows after a reset it has counted since. A sum of seconds that was added up in another order
        # may fall by its last digit: that is none.
        is_reset = values < before * (1 - ROUNDING)
        grown = float(np.where(is_reset, values, values - before).sum())
        self._total[series.labels] = self._total.get(series.labels, 0.0) + grown
        self._last[series.labels] = float(values[-1])

    @property
    def lacks_floors(self) -> bool:
        """True while a counter of the window has no floor yet."""
        return bool(self._first)

    def floor(self, series: Series) -> None:
        """Take samples of before the window; those nearer to it come first."""
        values = _plain(series)
        first = self._first.get(series.labels)
        if first is not None and len(values):
            stood = float(values[-1])
            self._total[series.labels] -= stood if stood <= first else 0.0
            del self._first[series.labels]

    def by_labels(self) -> dict[Labels, float]:
        """Return how much each series grew in the window."""
        return self._total


def _plain(series: Series) -> Values:
    """Return the values that are numbers."""
    return series.values[~(stale_mask(series.values) | np.isnan(series.values))]
