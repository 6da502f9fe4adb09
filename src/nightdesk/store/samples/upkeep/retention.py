"""How long samples stay: by time, by bytes on the disk, and shorter for series of a class."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.instant import DAY, day_of
from nightdesk.model.labels import Labels
from nightdesk.model.regex import fulfils
from nightdesk.model.series import Refs, Times
from nightdesk.store.samples.deletion.deletion import Selector
from nightdesk.store.samples.matching import PostingsSource, match, union


class Removal(Enum):
    """Why a whole day went."""

    TIME = "time"
    BYTES = "bytes"
    CLASS = "class"
    DELETION = "deletion"


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """Series that match `selector` keep their samples for `keep_ms` only."""

    selector: Selector
    keep_ms: int


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept beside the retention by time, which no class exceeds."""

    bytes: int | None = None
    """The most that the sample store may take on the disk; None for no bound."""
    classes: tuple[RetentionClass, ...] = ()
    """A series belongs to the first class that matches it."""

    def due(self, day: int, now: int) -> list[tuple[RetentionClass, bool]]:
        """Return the classes, each with whether a day as a whole is past it; empty where it is past none."""
        told = [(each, (day + 1) * DAY <= now - each.keep_ms) for each in self.classes]
        return told if any(is_past for _, is_past in told) else []

    def keep(self, labels: Labels, times: Times, now: int) -> NDArray[np.bool_] | None:
        """Return which samples of a series stay, as a mask; None for all. They go by whole days, as in `due`."""
        own = next((each for each in self.classes if fulfils(labels, each.selector)), None)
        first = 0 if own is None else day_of(now - own.keep_ms) * DAY
        if own is None or not len(times) or times[0] >= first:
            return None
        return np.greater_equal(times, first)


def any_past(source: PostingsSource, due: Sequence[tuple[RetentionClass, bool]]) -> bool:
    """Tell whether a file holds a series of a class that its day is past."""
    taken: Refs = union([])
    for each, is_past in due:
        found = match(source, each.selector)
        if is_past and len(np.setdiff1d(found, taken, assume_unique=True)):
            return True
        taken = union([taken, found])
    return False
