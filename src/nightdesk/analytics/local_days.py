"""Days, months and hours as an account counts them: in its own time zone, from its own hour.

A day is named by the date on which it begins, and numbered as the days since 1970-01-01.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from nightdesk.model.curve import Instants

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_QUARTER: Final = 15 * MINUTE
"""Clocks are changed on quarters of an hour."""
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_EPOCH: Final = date(1970, 1, 1)
_FIRST_WEEKDAY: Final = 3
"""1970-01-01 was a Thursday; Monday is 0."""


@dataclass(frozen=True, slots=True)
class DayRule:
    """An account's time zone, and how long after midnight (ns) its day begins."""

    zone: tzinfo = UTC
    begins_after: int = 0

    @classmethod
    def of(cls, zone: str = "UTC", begins_at: str = "00:00") -> "DayRule":
        """Read a zone's name and an hour as `HH:MM`. Raises ValueError that says which of them is wrong."""
        try:
            found: tzinfo = UTC if zone == "UTC" else ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f'not a known time zone: {zone!r}; write e.g. "UTC" or "America/New_York"') from error
        clock = _CLOCK.fullmatch(begins_at)
        if clock is None:
            raise ValueError(f'not an hour of the day: {begins_at!r}; write e.g. "00:00" or "17:00"')
        return cls(found, int(clock[1]) * HOUR + int(clock[2]) * MINUTE)

    def offset(self, instant: int) -> int:
        """Return what the zone's clocks show ahead of UTC at an instant, ns."""
        moment = datetime.fromtimestamp(instant // SECOND, UTC).astimezone(self.zone)
        return int((moment.utcoffset() or timedelta()) / timedelta(microseconds=1)) * 1_000

    def offsets(self, instants: Instants) -> Instants:
        """Return the same for many instants; each day is asked once, those on which clocks change by the quarter."""
        if self.zone is UTC or not len(instants):
            return np.zeros(len(instants), dtype=np.int64)
        days, of_day = np.unique(instants // DAY, return_inverse=True)
        first = np.array([self.offset(int(day) * DAY) for day in days], dtype=np.int64)
        last = np.array([self.offset((int(day) + 1) * DAY - SECOND) for day in days], dtype=np.int64)
        found = first[of_day]
        changing = (first != last)[of_day]
        if changing.any():
            quarters, of_quarter = np.unique(instants[changing] // _QUARTER, return_inverse=True)
            each = np.array([self.offset(int(quarter) * _QUARTER) for quarter in quarters], dtype=np.int64)
            found[changing] = each[of_quarter]
        return found

    def local(self, instants: Instants) -> Instants:
        """Return what the account's clocks show, as ns since 1970-01-01 00:00 of theirs."""
        return instants + self.offsets(instants)

    def days(self, instants: Instants) -> Instants:
        """Return the number of the account's day that holds each instant."""
        return (self.local(instants) - self.begins_after) // DAY

    def day(self, instant: int) -> int:
        """Return the number of the account's day that holds an instant."""
        return (instant + self.offset(instant) - self.begins_after) // DAY

    def began(self, day: int) -> int:
        """Return the instant (ns) at which a day of the account began; where clocks skip that hour, the skip."""
        local = day * DAY + self.begins_after
        before, after = self.offset(local - DAY), self.offset(local + DAY)
        if before == after:
            return local - before
        # Clocks are changed around that day: its first second is looked for between two that enclose it.
        early, late = (local - max(before, after)) // SECOND - 1, (local - min(before, after)) // SECOND
        while late - early > 1:
            middle = (early + late) // 2
            if self.day(middle * SECOND) < day:
                early = middle
            else:
                late = middle
        return late * SECOND


def date_of(day: int) -> date:
    """Return the date of a numbered day."""
    return _EPOCH + timedelta(days=day)


def weekday_of(days: Instants) -> Instants:
    """Return the weekday of numbered days, Monday 0."""
    return (days + _FIRST_WEEKDAY) % 7
