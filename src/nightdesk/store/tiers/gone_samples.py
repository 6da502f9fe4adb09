"""Since when samples tell all that buckets do: where some are gone, of every series or of few, buckets tell of them.

What a tier file was made of stands in it, so that most days are compared by two texts; labels are read only of days of
which some series have left and others have stayed.
"""

from collections.abc import Sequence

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Matcher
from nightdesk.seams.samples import Budget
from nightdesk.store.samples.day_names import day_name
from nightdesk.store.samples.days.raw_days import RawDays
from nightdesk.store.samples.matching import match
from nightdesk.store.tiers.files.left_behind import MadeOf, is_marked
from nightdesk.store.tiers.files.periods import day_period, days_of_source, month_period
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.making.months import Months

_State = tuple[int, int, int]


class GoneSamples:
    """Compares what buckets were made of with the samples there are. Any thread may ask."""

    def __init__(self, raw: RawDays, fine: TierFolder, coarse: TierFolder) -> None:
        """Look at these."""
        self._raw, self._fine, self._coarse = raw, fine, coarse
        self._months = Months(raw, fine, coarse)
        self._known: tuple[_State, int | None] | None = None

    def last(self) -> int | None:
        """Return the last day of which samples of anybody may be gone that buckets tell of; None without any.

        Every question asks: it is worked out once for each state of the folders.
        """
        state = (self._raw.days.changes, self._fine.changes, self._coarse.changes)
        known = self._known
        if known is None or known[0] != state:
            days = {day.first for day in self._fine.periods()}
            days.update(day for month in self._coarse.periods() for day in month.days)
            # Two threads may both work it out; what they find is the same.
            known = self._known = state, next(filter(self._may_be_gone, sorted(days, reverse=True)), None)
        return known[1]

    def last_of(self, matchers: Sequence[Matcher], first: int, last: int, budget: Budget) -> int | None:
        """Return the last of some days of which samples of the series that match are gone; None without any.

        Of a day that has no samples at all any series may be gone: its labels are not looked at.
        """
        for day in range(last, first - 1, -1):
            budget.check()
            if self._may_be_gone(day) and self._are_gone(day, matchers, budget):
                return day
        return None

    def _may_be_gone(self, day: int) -> bool:
        """Tell whether a day's buckets tell of more than of the samples that are there, as its files say."""
        source = self._fine.source(day_period(day))
        if source is None:
            return self._is_told_by_hours(day)
        made_of = MadeOf.parse(source)
        return bool(made_of.gone) or made_of.there not in (self._raw.whole_source(day), self._raw.source(day))

    def _is_told_by_hours(self, day: int) -> bool:
        """Tell whether hours alone tell of a day: it has no samples, or what it has came late."""
        source = self._coarse.source(month_period(day))
        if source is None or day_name(day) not in days_of_source(source):
            return False
        return not self._raw.days.files_of(day) or self._months.is_closed(day)

    def _are_gone(self, day: int, matchers: Sequence[Matcher], budget: Budget) -> bool:
        """Tell whether samples are gone of any series that matches, of a day of which some may be."""
        if not self._raw.days.files_of(day):
            return True
        try:
            with self._fine.reading(day_period(day)) as file:
                if file is None:
                    return self._is_told_by_hours(day)
                section = self._fine.sections.of(file, budget.check)
                rows = [section.rows[row] for row in match(section, matchers, budget.check).tolist()]
                there = MadeOf.parse(file.span.source).there
            if any(map(is_marked, rows)):
                return True
            is_as_it_was = there in (self._raw.whole_source(day), self._raw.source(day))
            return not is_as_it_was and not self._raw.series_of_whole(day, matchers, budget.check).issuperset(rows)
        except CorruptData:
            # It is set aside now, and missing like any other file that is.
            return self._may_be_gone(day)
