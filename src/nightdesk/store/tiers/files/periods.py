"""Which stretch of time a tier file tells of: 5 m tiers have a file a UTC day, 1 h tiers one a month."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR
from nightdesk.model.instant import DAY
from nightdesk.store.samples.day_names import FIRST_DAY, day_name
from nightdesk.store.tiers.files.tier_format import Span

FOLDERS: Final = {FIVE_MINUTES: "5m", ONE_HOUR: "1h"}
_EPOCH_ORDINAL: Final = 1 - FIRST_DAY


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Whole UTC days `first` to `last`, both inclusive, as day numbers; `name` is that of its file."""

    first: int
    last: int
    name: str

    @property
    def start(self) -> int:
        """Its first millisecond."""
        return self.first * DAY

    @property
    def days(self) -> range:
        """Its UTC days, as day numbers."""
        return range(self.first, self.last + 1)

    @property
    def end(self) -> int:
        """The first millisecond after it."""
        return (self.last + 1) * DAY

    def span(self, resolution: int, source: str) -> Span:
        """Return the span of a file that tells of it; the first bucket holds the first millisecond alone."""
        return Span(resolution, self.start, (self.end - self.start) // resolution + 1, source)


def day_period(day: int) -> Period:
    """Return a UTC day."""
    return Period(day, day, day_name(day))


def month_period(day: int) -> Period:
    """Return the month that holds a UTC day."""
    date = dt.date.fromordinal(day + _EPOCH_ORDINAL)
    first = date.replace(day=1)
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return Period(first.toordinal() - _EPOCH_ORDINAL, following.toordinal() - _EPOCH_ORDINAL - 1, f"{first:%Y-%m}")


def period_of(resolution: int, day: int) -> Period:
    """Return the period of a tier's file that holds a UTC day."""
    return day_period(day) if resolution == FIVE_MINUTES else month_period(day)


def period_of_name(resolution: int, name: str) -> Period | None:
    """Return the period of a file by its name, None for other names."""
    try:
        date = dt.date.fromisoformat(name if resolution == FIVE_MINUTES else f"{name}-01")
    except ValueError:
        return None
    found = period_of(resolution, date.toordinal() - _EPOCH_ORDINAL)
    return found if found.name == name else None


def days_of_source(source: str) -> set[str]:
    """Return the names of the days that a month's file was made of, by what it says of itself."""
    return {told.split("=")[0] for told in source.split()}
