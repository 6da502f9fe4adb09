"""How much counters in the store grew, exactly: for whoever tells people a number of calls, errors or attempts."""

from collections.abc import Mapping
from typing import Final

from nightdesk.analytics.system.counters import Growth
from nightdesk.model.instant import DAY, HOUR
from nightdesk.model.labels import METRIC_NAME, Labels, Matcher, MatchOp
from nightdesk.model.series import Series
from nightdesk.seams.samples import Budget, SeriesReader

FLOORS: Final = (HOUR, DAY, 7 * DAY)
"""How far before the window a counter's standing is looked for, the nearest first."""
PIECE: Final = 6 * HOUR
"""Histograms are many series: they are read in pieces of this length, so that memory stays small."""


def growth_of(reader: SeriesReader, pattern: str, start: int, end: int, budget: Budget) -> Mapping[Labels, float]:
    """Return how much the counters of a name pattern grew in [start, end) ms. Raises what a read raises."""

    def named(begin: int, last: int) -> list[Series]:
        return reader.select((Matcher(METRIC_NAME, MatchOp.REGEX, pattern),), begin, last, budget)

    growth = Growth()
    for piece in range(start, end, PIECE):
        for series in named(piece, min(piece + PIECE, end) - 1):
            growth.add(series)
    beyond = start
    for floor in FLOORS:
        if growth.lacks_floors:
            for series in named(start - floor, beyond - 1):
                growth.floor(series)
            beyond = start - floor
    return growth.by_labels()
