"""What months of hours lack, and which days they are to be made of."""

from collections.abc import Iterator

from nightdesk.store.samples.days.raw_days import RawDays
from nightdesk.store.tiers.files.periods import Period, day_period, days_of_source, month_period
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.making.rolling_months import source_of_month


class Months:
    """Looks at both tiers and at the samples beside them; a month is made of all its days or stays as it is."""

    def __init__(self, raw: RawDays, fine: TierFolder, coarse: TierFolder) -> None:
        """Look at these."""
        self._raw, self._fine, self._coarse = raw, fine, coarse

    def due(self, until: int) -> Iterator[Period]:
        """Yield the months over by `until` (ms) that do not tell yet what all of their days do, rising."""
        for month in sorted({month_period(day.first) for day in self._fine.periods()}):
            if month.end <= until and self._is_due(month):
                yield month

    def want(self, day: Period) -> bool:
        """Tell whether a day's buckets have to stay because its month's file does not cover all of its days yet."""
        month = month_period(day.first)
        made_of, days = self._coarse.source(month), self.days(month)
        if made_of is None:
            return True
        is_behind = not set(made_of.split()).issuperset(source_of_month(days, self._fine).split())
        # A month that has lost days, by damage or by a deletion, is not made again: then nothing is waited for.
        return is_behind and _has_all(days, made_of)

    def spare(self) -> Iterator[Period]:
        """Yield the months that can spare their 5-minute files, rising: they have 1-hour buckets and no samples."""
        held = {month_period(number) for number in self._raw.numbers()}
        for month in sorted({month_period(day.first) for day in self._fine.periods()} - held):
            if self._coarse.source(month) == source_of_month(self.days(month), self._fine):
                yield month

    def is_closed(self, number: int) -> bool:
        """Tell whether the month of a day of samples has 1-hour buckets alone, made of none of the samples there are.

        5-minute buckets of such late samples would hide the 1-hour ones, and cannot be added to them.
        """
        month = month_period(number)
        told = self._coarse.source(month)
        if told is None or self.days(month):
            return False
        numbers = [each for each in self._raw.numbers() if month.first <= each <= month.last]
        parts = set(told.split())
        return parts.isdisjoint(f"{day_period(each).name}={self._raw.source(each)}" for each in numbers)

    def days(self, month: Period) -> list[Period]:
        """Return the days of a month that have 5-minute buckets, rising."""
        return [day for day in self._fine.periods() if month.first <= day.first <= month.last]

    def _is_due(self, month: Period) -> bool:
        numbers = [day for day in self._raw.numbers() if month.first <= day <= month.last]
        if month in self._coarse.newer() or any(self._fine.source(day_period(day)) is None for day in numbers):
            return False
        days = self.days(month)
        made_of = self._coarse.source(month)
        # A month that has lost days since stays as it was made.
        return made_of is None or (made_of != source_of_month(days, self._fine) and _has_all(days, made_of))


def _has_all(days: list[Period], made_of: str) -> bool:
    return days_of_source(made_of) <= {day.name for day in days}
