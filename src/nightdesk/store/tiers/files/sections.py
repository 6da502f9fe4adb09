"""Which sections a group of series has in a tier file, and which of them tell of a column."""

from collections.abc import Collection, Mapping
from enum import IntEnum
from typing import Final

from nightdesk.model.buckets import Column


class Section(IntEnum):
    """What a row of a tier file's `section` table holds; the numbers are part of the format."""

    CLOCK = 1
    """Counts and the instants of first and last samples: series of one scrape share a row."""
    MISSING = 2
    ENDED = 3
    EDGES = 4
    """First and last values."""
    LOW = 5
    HIGH = 6
    SUM = 7
    LOST = 8
    SKETCH = 9


_CLOCK: Final = frozenset({Section.CLOCK})
_EDGES: Final = _CLOCK | {Section.EDGES}
_LOW: Final = _EDGES | {Section.LOW}
_HIGH: Final = _EDGES | {Section.HIGH}
_NEEDS: Final[Mapping[Column, frozenset[Section]]] = {
    Column.COUNT: _CLOCK,
    Column.FIRST_TIME: _CLOCK,
    Column.LAST_TIME: _CLOCK,
    Column.MISSING: frozenset({Section.MISSING}),
    Column.ENDED: frozenset({Section.ENDED}),
    Column.FIRST: _EDGES,
    Column.LAST: _EDGES,
    Column.LOW: _LOW,
    Column.HIGH: _HIGH,
    Column.SUM: _LOW | _HIGH | {Section.MISSING, Section.SUM},
    Column.LOST: _HIGH | {Section.LOST},
}
_SKETCH: Final = _LOW | _HIGH | {Section.MISSING, Section.SKETCH}


def sections_for(columns: Collection[Column], *, sketches: bool) -> frozenset[Section]:
    """Return the sections that tell of columns."""
    needed = _CLOCK.union(*(_NEEDS[column] for column in columns))
    return needed | _SKETCH if sketches else needed
