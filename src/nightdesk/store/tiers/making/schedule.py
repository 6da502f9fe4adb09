"""When tiers are built, built anew and removed: one task at a time, in short steps."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from nightdesk.clock import Clock, Deadline
from nightdesk.model.instant import DAY, YEAR
from nightdesk.store.samples.days.raw_days import RawDays
from nightdesk.store.tiers.files.left_behind import there_of
from nightdesk.store.tiers.files.periods import Period, day_period, month_period
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.files.tier_tombstones import TierTombstones
from nightdesk.store.tiers.making.months import Months
from nightdesk.store.tiers.making.rolling_days import roll_day
from nightdesk.store.tiers.making.rolling_months import roll_month
from nightdesk.store.tiers.making.tombstone_cleaning import cleaning_task

STEP_SECONDS: Final = 0.02
_LOOK_SECONDS: Final = 60.0
_QUIET_SECONDS: Final = 3_600.0
"""A day is rolled up once nothing of it has changed for so long: late samples come in bursts."""
_RETRY_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class KeepTiers:
    """How long tiers are kept, in milliseconds; with 0 a tier is not kept at all."""

    after: int = 7 * DAY
    """Age of a day at which its buckets are made."""
    five_minutes: int = YEAR
    one_hour: int = 5 * YEAR

    @property
    def any(self) -> bool:
        """Whether there is a tier at all."""
        return self.five_minutes > 0

    def is_fine_past(self, day: Period, now: int) -> bool:
        """Tell whether the time of 5 m has passed for a day, or for its month where there are hours too."""
        last = month_period(day.first) if self.one_hour > 0 else day
        return last.end <= now - self.five_minutes

    def is_coarse_past(self, month: Period, now: int) -> bool:
        """Tell whether the time of 1 h has passed for a month."""
        return month.end <= now - self.one_hour

    def is_past(self, day: Period, now: int) -> bool:
        """Tell whether nothing is kept of a day any more: it is past the retention of both tiers."""
        is_told_longer = self.one_hour > 0 and not self.is_coarse_past(month_period(day.first), now)
        return self.is_fine_past(day, now) and not is_told_longer


class TierKeeping:
    """Makes and removes files of both tiers; called from one thread at a time."""

    def __init__(
        self,
        raw: RawDays,
        fine: TierFolder,
        coarse: TierFolder,
        clock: Clock,
        keep: KeepTiers,
        earliest_now: Callable[[], int],
        tombstones: TierTombstones,
    ) -> None:
        """Keep the tiers of `raw`; `earliest_now` is the instant that removals go by, `tombstones` what was deleted."""
        self._raw, self._fine, self._coarse = raw, fine, coarse
        self._months = Months(raw, fine, coarse)
        self._clock, self._keep, self._earliest_now = clock, keep, earliest_now
        self._tombstones = tombstones
        self._task: Iterator[None] | None = None
        self._builds = True
        """Whether the task at hand makes buckets, which a deletion does not."""
        self._next_look = 0.0
        self._seen: dict[int, tuple[str, float]] = {}
        """Of days that are to be rolled up: their source and when it was first seen so, in boot seconds."""
        self._tried: dict[Period, float] = {}
        """When each file was last made or failed, in boot seconds: one that is never done keeps no other waiting."""
        self._at_hand: Period | None = None
        """What the task at hand makes the file of."""
        self.built = 0
        self.failures = 0
        self._fails = False
        """Whether the last task failed."""

    def step(self) -> bool:
        """Work for about 20 ms; True while there is more to do at once."""
        boot = self._clock.boot()
        try:
            if self._task is None:
                if boot < self._next_look:
                    return False
                self._next_look = boot + _LOOK_SECONDS
                self.enforce_retention(self._earliest_now())
                self._task = self._next_task(boot)
            return self._advance(Deadline(self._clock, STEP_SECONDS))
        except Exception:
            self._rest_from_file()
            self.stop()
            self.failures, self._fails = self.failures + 1, True
            self._next_look = boot + _RETRY_SECONDS
            raise

    def retain(self, keep: KeepTiers) -> None:
        """Go by other times from now on."""
        self.look_soon()
        self._keep = keep

    def look_soon(self) -> None:
        """Break off the task at hand, and look at the next step for what is to do."""
        self.stop()
        self._next_look = 0.0

    def clean_next(self) -> bool:
        """Work for about 20 ms on what was deleted; False once that is out of every file that this release reads."""
        if self._task is None:
            self._task = self._cleaning_task()
        return self._advance(Deadline(self._clock, STEP_SECONDS))

    def run(self, *, at_once: bool = False) -> None:
        """Build everything that is due; `at_once` also what has not been quiet for long."""
        self.stop()
        self._tried.clear()
        while True:
            self._task = self._next_task(self._clock.boot(), at_once=at_once)
            if self._task is None:
                return
            while self._task is not None:
                self._advance(Deadline(self._clock, STEP_SECONDS))

    def stop(self) -> None:
        """Break off the task at hand; what it wrote is removed."""
        task, self._task, self._at_hand = self._task, None, None
        close = getattr(task, "close", None)
        if close is not None:
            close()

    def wants(self, day: int) -> bool:
        """Tell whether a day's samples have to stay because its buckets are not made yet."""
        is_kept = not self._keep.is_past(day_period(day), self._clock.now()) and not self._months.is_closed(day)
        told = there_of(self._fine.source(day_period(day)))
        is_behind = told is None or told != self._raw.settled(day)
        # Where building fails, or a newer release has built, the samples go nevertheless: a disk would else fill up.
        is_ours = day_period(day) not in self._fine.newer()
        return self._keep.any and is_kept and is_behind and is_ours and not self._fails

    def enforce_retention(self, now: int) -> int:
        """Remove the files whose last instant lies before their retention; return how many.

        The 5-minute files of a month are removed together, once its 1-hour file covers all of its days: a month can be
        made again only of all its days. They also stay while there are samples of the month: others may come late.
        """
        old = [month for month in self._coarse.periods() if self._keep.is_coarse_past(month, now)]
        for month in old:
            self._coarse.remove(month)
        held = {month_period(day) for day in self._raw.numbers()}
        days = [day for day in self._fine.periods() if self._may_go(day, now, held)]
        for day in days:
            self._fine.remove(day)
        return len(old) + len(days)

    def thin(self) -> int:
        """Remove the oldest 5-minute month that has 1-hour buckets and no samples; return its bytes, 0 without one."""
        month = next(self._months.spare(), None)
        if month is None:
            return 0
        self.stop()
        days = self._months.days(month)
        given = sum(map(self._fine.bytes_of, days))
        for day in days:
            self._fine.remove(day)
        return given

    def _may_go(self, day: Period, now: int, held: Collection[Period]) -> bool:
        """Tell whether a day's buckets of 5 m may go; `held` are the months of which there are samples."""
        if self._keep.is_past(day, now):
            return True
        is_needed = month_period(day.first) in held or (not self._fails and self._months.want(day))
        return self._keep.is_fine_past(day, now) and not is_needed

    def _advance(self, deadline: Deadline) -> bool:
        if self._task is None:
            return False
        try:
            while not deadline.passed:
                next(self._task)
        except StopIteration:
            self._task = None
            self._rest_from_file()
            self.built, self._fails = self.built + self._builds, False
            self._next_look = 0.0
        return True

    def _cleaning_task(self) -> Iterator[None] | None:
        task = cleaning_task(self._tombstones, (self._fine, self._coarse))
        self._builds = task is None
        return task

    def _next_task(self, boot: float, *, at_once: bool = False) -> Iterator[None] | None:
        return self._cleaning_task() or self._building_task(boot, at_once=at_once)

    def _building_task(self, boot: float, *, at_once: bool) -> Iterator[None] | None:
        if not self._keep.any:
            return None
        due = self._days_due(self._clock.now())
        for day in due:
            source = self._ripe_source(day, boot, at_once=at_once)
            if source is not None and self._takes(day_period(day), boot):
                return roll_day(day, source, self._raw.days, self._fine)
        self._seen = {day: seen for day, seen in self._seen.items() if day in set(due)}
        return self._month_task(boot)

    def _days_due(self, now: int) -> list[int]:
        """Return the days of samples that are old enough, and of which a tier is still kept; rising."""
        return [
            day
            for day in self._raw.numbers()
            if (day + 1) * DAY <= now - self._keep.after
            and not self._keep.is_past(day_period(day), now)
            and not self._months.is_closed(day)
        ]

    def _takes(self, period: Period, boot: float) -> bool:
        """Take a file in hand unless it was made, or failed, within the hour; hours that are over are forgotten."""
        self._tried = {each: since for each, since in self._tried.items() if boot - since < _QUIET_SECONDS}
        if period in self._tried:
            return False
        self._at_hand = period
        return True

    def _rest_from_file(self) -> None:
        """Leave the file that was in hand alone for an hour."""
        if self._at_hand is not None:
            self._tried[self._at_hand], self._at_hand = self._clock.boot(), None

    def _ripe_source(self, day: int, boot: float, *, at_once: bool) -> str | None:
        """Return the source of a day whose buckets are to be made, None where they are there or the day may change."""
        source, made_of = self._raw.settled(day), self._fine.source(day_period(day))
        if day_period(day) in self._fine.newer():
            return None
        if source is None:
            # A day that is about to go is taken as it is, if nothing of it is kept yet.
            return self._raw.source(day) if at_once and made_of is None else None
        if source == there_of(made_of):
            self._seen.pop(day, None)
            return None
        seen, since = self._seen.get(day, ("", boot))
        if seen != source:
            self._seen[day] = (source, boot)
            since = boot
        return source if at_once or boot - since >= _QUIET_SECONDS else None

    def _month_task(self, boot: float) -> Iterator[None] | None:
        now = self._clock.now()
        for month in self._months.due(now - self._keep.after):
            if not self._keep.is_coarse_past(month, now) and self._takes(month, boot):
                return roll_month(month, self._fine, self._coarse)
        return None
