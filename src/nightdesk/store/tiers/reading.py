"""Buckets of any stretch: out of the files of months, else of days, else made of the samples where those are all there.

Where a day's file and its samples tell each of something the other lacks, the two are added: see `joining`.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, Buckets, BucketsWanted, Kept
from nightdesk.model.instant import DAY, day_of
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel
from nightdesk.seams.samples import Budget, LabelReader
from nightdesk.store.samples.days.raw_days import RawDays
from nightdesk.store.samples.matching import match
from nightdesk.store.tiers.cells.laying import cut, laid_out, rows_of
from nightdesk.store.tiers.files.left_behind import read_series, there_of, unmarked
from nightdesk.store.tiers.files.periods import Period, day_period, days_of_source, month_period
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.gone_samples import GoneSamples
from nightdesk.store.tiers.joining import PanelsOfDay, Piece, joined_day, joined_month
from nightdesk.store.tiers.making.bucketing import bucketed, coarser, folding_needs
from nightdesk.store.tiers.making.months import Months
from nightdesk.store.tiers.making.rolling_months import source_of_month

_CELLS_AT_ONCE: Final = 1 << 20
"""Series x buckets in one part of an answer: 8 MB a column."""


class Samples(LabelReader, Protocol):
    """What tiers are made of: a store of samples."""

    raw: RawDays

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return the series that match with their samples in [start, end] ms."""
        ...

    def earliest_now(self) -> int:
        """Return the earliest instant that it may be now."""
        ...

    def flaws(self, start: int, end: int) -> Sequence[str]:
        """Return a sentence on each day of [start, end] ms of which samples may be missing."""
        ...


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A question under way."""

    asked: BucketsWanted
    budget: Budget
    exact_day: int
    """The first day of those that are made of samples from there on: their buckets end as the interval does."""

    def phase(self, day: int) -> int:
        """Return where buckets made of a day's samples end, counted from the multiples of the resolution."""
        return self.asked.end % self.asked.resolution if day >= self.exact_day else 0

    def begin(self, day: int) -> int:
        """Return the instant after which a day's samples count: buckets that end at the multiples are whole."""
        start = self.asked.start
        return start if day >= self.exact_day else start - start % self.asked.resolution


class TierReading:
    """Reads the files of both tiers and the samples beside them. Safe from several threads."""

    def __init__(self, samples: Samples, fine: TierFolder, coarse: TierFolder) -> None:
        """Read these."""
        self._samples, self._fine, self._coarse = samples, fine, coarse
        self._since: tuple[tuple[int, int], dict[int, int]] | None = None
        self._months = Months(samples.raw, fine, coarse)
        self._gone = GoneSamples(samples.raw, fine, coarse)

    def kept(self) -> Kept:
        """Return since when there are samples, none of them gone, and buckets."""
        first, gone = self._samples.raw.first(), self._gone.last()
        samples_since = first if first is None or gone is None else (gone + 1) * DAY
        state, known = (self._fine.changes, self._coarse.changes), self._since
        if known is None or known[0] != state:
            known = self._since = state, self._tiers_since()
        return Kept(samples_since, known[1])

    def _tiers_since(self) -> dict[int, int]:
        """Return since when there are buckets of each tier."""
        fine, coarse = self._fine.periods(), self._coarse.periods()
        # Five minutes of before a month that hours alone tell are no reason to look for that month in them.
        alone = max({*coarse} - {month_period(day.first) for day in fine}, default=None)
        young = [day.start for day in fine if alone is None or day.first > alone.last]
        # Hours are made of five minutes where no month of them is there, so they may begin with either.
        starts = {FIVE_MINUTES: young[:1], ONE_HOUR: [period.start for period in (*coarse[:1], *fine[:1])]}
        return {resolution: min(found) for resolution, found in starts.items() if found}

    def samples_since(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> int:
        """Return since when in (start, end] ms the samples of the series that match are all there.

        It is `start` where none is gone that buckets tell of.
        """
        gone = self._gone.last_of(matchers, day_of(start + 1), day_of(end), budget)
        return start if gone is None else (gone + 1) * DAY

    def buckets(self, wanted: BucketsWanted, budget: Budget) -> Iterator[Buckets]:
        """Yield the series that match, sorted, some at a time.

        Where samples are not rolled up, or have changed since, the buckets are made of them here.

        Raises:
            CorruptData: a file turned out damaged; it is set aside, and the same question has an answer.
        """
        exact = self.exact_since(wanted.end, wanted.resolution)
        found: set[Labels] = set()
        pieces = list(self._pieces(_Wanted(wanted, budget, exact // DAY), found))
        ordered = sorted(found, key=lambda labels: labels.pairs)
        across = (wanted.end - wanted.start) // wanted.resolution + 1
        some = max(1, _CELLS_AT_ONCE // across)
        for low in range(0, len(ordered), some):
            rows = ordered[low : low + some]
            budget.charge(len(rows) * across)
            told = laid_out([piece(rows) for piece in pieces], wanted.columns, sketches=wanted.sketches)
            if len(told.ends):  # else all that was found lies outside of the interval
                yield replace(told, exact_since=exact)

    def exact_since(self, end: int, resolution: int) -> int:
        """Return the first instant of the days up to `end` that are all told by samples; days may have none.

        It is after `end` where a file tells of its day, or no sample is there.
        """
        day, first = day_of(end), self._samples.raw.first()
        while first is not None and day >= day_of(first) and not self._is_told_by_file(day, resolution):
            day -= 1
        return (day + 1) * DAY

    def _is_told_by_file(self, day: int, resolution: int) -> bool:
        """Tell whether anything that is told of a day at a resolution is told by a file."""
        is_of_hours = resolution == ONE_HOUR and self._is_true_of_month(month_period(day))
        return is_of_hours or self._fine.source(day_period(day)) is not None

    # ------------------------------------------------------------- the pieces

    def _pieces(self, wanted: _Wanted, found: set[Labels]) -> Iterator[Piece]:
        """Yield the places to read in order of time, and note the series that are found in them."""
        # The first bucket may be the last of the day before; the sample at `end` may be the first of the day after.
        start = wanted.begin(day_of(wanted.asked.start))
        day, last = day_of(start + 1), day_of(wanted.asked.end)
        known = [each for each in (self._samples.raw.first(), *self.kept().tiers_since.values()) if each is not None]
        day = max(day, day_of(min(known))) if known else last + 1
        while day <= last:
            wanted.budget.check()
            month = month_period(day)
            if wanted.asked.resolution == ONE_HOUR and self._is_true_of_month(month):
                piece = self._month(month, wanted, found)
                if piece is not None:
                    yield piece
                    day = month.last + 1
                    continue
            is_true = self._is_true_of_day(day)
            piece = (
                self._stored(self._fine, day_period(day), wanted, found)
                if is_true
                else self._joined(day, wanted, found)
            )
            yield piece or self._made(day, wanted, found)
            day += 1

    def _is_true_of_day(self, day: int) -> bool:
        """Tell whether a day's file tells of all samples that there are; without samples it is all there is."""
        made_of, raw = self._fine.source(day_period(day)), self._samples.raw
        return made_of is not None and (there_of(made_of) == raw.settled(day) or not raw.may_hold(day))

    def _is_true_of_month(self, month: Period) -> bool:
        made_of = self._coarse.source(month)
        if made_of is None or self._months.is_closed(month.first):
            return made_of is not None
        days = self._months.days(month)
        parts = set(made_of.split())
        there = {day_period(day).name for day in self._samples.raw.days.between(month.first, month.last)}
        return (
            parts.issuperset(source_of_month(days, self._fine).split())
            and there <= days_of_source(made_of)
            and all(self._is_true_of_day(period.first) for period in days if self._samples.raw.may_hold(period.first))
        )

    def _month(self, month: Period, wanted: _Wanted, found: set[Labels]) -> Piece | None:
        """Return a month's part by hours, what came late to a closed one beside them; None where it is not there."""
        raw = self._samples.raw
        late = [day for day in month.days if raw.may_hold(day)] if self._months.is_closed(month.first) else []
        if not late:
            return self._stored(self._coarse, month, wanted, found)
        panels = self._panels(wanted)
        return joined_month(month, late, self._coarse, panels, wanted.asked, wanted.budget, found)

    def _stored(self, folder: TierFolder, period: Period, wanted: _Wanted, found: set[Labels]) -> Piece | None:
        """Return a tier file's part, None where it is not there after all."""
        with folder.reading(period) as file:
            if file is None:
                return None
            section = folder.sections.of(file, wanted.budget.check)
            ids = match(section, wanted.asked.matchers, wanted.budget.check)
        found.update(unmarked(section.rows[row]) for row in ids.tolist())
        columns = wanted.asked.columns
        if folder.resolution != wanted.asked.resolution:
            columns = folding_needs(columns, sketches=wanted.asked.sketches)

        def read(rows: Collection[Labels]) -> list[Buckets]:
            with folder.reading(period) as file:
                if file is None:
                    return []
                held = folder.sections.of(file, wanted.budget.check)
                told = read_series(file, held, rows, columns, wanted.budget, sketches=wanted.asked.sketches)
                parts = [
                    part if folder.resolution == wanted.asked.resolution else coarser(part, wanted.asked.resolution)
                    for part in told
                ]
                return [cut(part, wanted.asked.start, wanted.asked.end) for part in parts]

        return read

    def _joined(self, day: int, wanted: _Wanted, found: set[Labels]) -> Piece | None:
        """Return the part of a day that has changed since its file was made, None without a file."""
        panels = self._panels(wanted)
        return joined_day(day, self._fine, self._samples.raw, panels, wanted.asked, wanted.budget, found)

    def _panels(self, wanted: _Wanted) -> PanelsOfDay:
        return lambda start, end: self._samples.panels(wanted.asked.matchers, start, end, wanted.budget)

    def _made(self, day: int, wanted: _Wanted, found: set[Labels]) -> Piece:
        """Make the buckets of a day of its samples."""
        start = max(day * DAY, wanted.begin(day) + 1)
        end = min((day + 1) * DAY - 1, wanted.asked.end)
        phase = wanted.phase(day)
        parts = [
            bucketed(panel, wanted.asked.resolution, wanted.asked.columns, sketches=wanted.asked.sketches, phase=phase)
            for panel in self._samples.panels(wanted.asked.matchers, start, end, wanted.budget)
        ]
        found.update(labels for part in parts for labels in part.labels)

        def read(rows: Collection[Labels]) -> list[Buckets]:
            chosen = set(rows)
            return [kept for part in parts if (kept := rows_of(part, chosen)) is not None]

        return read
