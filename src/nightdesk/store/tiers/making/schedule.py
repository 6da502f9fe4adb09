"""When tiers are built, built anew and removed: one task at a time, in short steps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from nightdesk.clock import Clock, Deadline
from nightdesk.model.instant import DAY, YEAR
from nightdesk.store.samples.days.raw_days import RawDays
from nightdesk.store.tiers.files.hiding import Hiding
from nightdesk.store.tiers.files.left_behind import there_of
from nightdesk.store.tiers.files.periods import Period, day_period, month_period
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.making.deleting import deletion_task
from nightdesk.store.tiers.making.rolling_days import roll_day
from nightdesk.store.tiers.making.rolling_months import days_of_source, roll_month, source_of_month

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
        hiding: Hiding,
    ) -> None:
        """Keep the tiers of `raw`; `earliest_now` is the instant that removals go by, `hiding` what was deleted."""
        self._raw, self._fine, self._coarse = raw, fine, coarse
        self._clock, self._keep, self._earliest_now = clock, keep, earliest_now
        self._hiding = hiding
        self._task: Iterator[None] | None = None
        self._builds = True
        """Whether the task at hand makes buckets, which a deletion does not."""
        self._next_look = 0.0
        self._seen: dict[int, tuple[str, float]] = {}
        """Of days that are to be rolled up: their source and when it was first seen so, in boot seconds."""
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

    def delete_next(self) -> bool:
        """Work for about 20 ms on what was deleted; False once that is out of every file that this release reads."""
        if self._task is None:
            self._task = self._deletion_task()
        return self._advance(Deadline(self._clock, STEP_SECONDS))

    def run(self, *, at_once: bool = False) -> None:
        """Build everything that is due; `at_once` also what has not been quiet for long."""
        self.stop()
        while True:
            self._task = self._next_task(self._clock.boot(), at_once=at_once)
            if self._task is None:
                return
            while self._task is not None:
                self._advance(Deadline(self._clock, STEP_SECONDS))

    def stop(self) -> None:
        """Break off the task at hand; what it wrote is removed."""
        task, self._task = self._task, None
        close = getattr(task, "close", None)
        if close is not None:
            close()

    def wants(self, day: int) -> bool:
        """Tell whether a day's samples have to stay because its buckets are not made yet."""
        is_kept = not self._is_past(day_period(day), self._clock.now())
        told = there_of(self._fine.source(day_period(day)))
        is_behind = told is None or told != self._raw.settled(day)
        # Where building fails, or a newer release has built, the samples go nevertheless: a disk would else fill up.
        is_ours = day_period(day) not in self._fine.newer()
        return self._keep.any and is_kept and is_behind and is_ours and not self._fails

    def is_behind(self, day: int) -> bool:
        """Tell whether a day's buckets are there and lack what came since: samples of no class may go before."""
        return self._fine.source(day_period(day)) is not None and self.wants(day)

    def enforce_retention(self, now: int) -> int:
        """Remove the files whose last instant lies before their retention; return how many.

        Days of 5 m go by whole months, once these tell of all of them: a month can be made anew of all its days alone.
        """
        old = [month for month in self._coarse.periods() if month.end <= now - self._keep.one_hour]
        for month in old:
            self._coarse.remove(month)
        days = [day for day in self._fine.periods() if self._is_past(day, now) and not self._month_wants(day)]
        for day in days:
            self._fine.remove(day)
        return len(old) + len(days)

    def _is_past(self, day: Period, now: int) -> bool:
        """Tell whether the retention of 5 m has passed for a day, or for its month where there are hours too."""
        last = month_period(day.first) if self._keep.one_hour > 0 else day
        return last.end <= now - self._keep.five_minutes

    def _advance(self, deadline: Deadline) -> bool:
        if self._task is None:
            return False
        try:
            while not deadline.passed:
                next(self._task)
        except StopIteration:
            self._task = None
            self.built, self._fails = self.built + self._builds, False
            self._next_look = 0.0
        return True

    def _deletion_task(self) -> Iterator[None] | None:
        task = deletion_task(self._hiding, (self._fine, self._coarse))
        self._builds = task is None
        return task

    def _next_task(self, boot: float, *, at_once: bool = False) -> Iterator[None] | None:
        return self._deletion_task() or self._building_task(boot, at_once=at_once)

    def _building_task(self, boot: float, *, at_once: bool) -> Iterator[None] | None:
        if not self._keep.any:
            return None
        due = [day for day in self._raw.numbers() if (day + 1) * DAY <= self._clock.now() - self._keep.after]
        for day in due:
            source = self._ripe_source(day, boot, at_once=at_once)
            if source is not None:
                return roll_day(day, source, self._raw.days, self._fine)
        self._seen = {day: seen for day, seen in self._seen.items() if day in set(due)}
        return self._month_task()

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

    def _month_task(self) -> Iterator[None] | None:
        if self._keep.one_hour <= 0:
            return None
        fine = self._fine.periods()
        for month in sorted({month_period(period.first) for period in fine}):
            days = [period for period in fine if month.first <= period.first <= month.last]
            if self._is_month_due(month, days):
                return roll_month(month, self._fine, self._coarse)
        return None

    def _is_month_due(self, month: Period, days: list[Period]) -> bool:
        if month.end > self._clock.now() - self._keep.after:
            return False
        if any(
            self._fine.source(day_period(day)) is None
            for day in self._raw.numbers()
            if month.first <= day <= month.last
        ):
            return False
        made_of, told = self._coarse.source(month), source_of_month(days, self._fine)
        if month in self._coarse.newer():
            return False
        # A month some of whose days have gone meanwhile stays as it was made.
        return made_of != told and (made_of is None or days_of_source(made_of) <= {day.name for day in days})

    def _month_wants(self, day: Period) -> bool:
        """Tell whether a day's buckets have to stay because its month does not tell all of its days yet."""
        if self._keep.one_hour <= 0 or self._fails:
            return False
        month = month_period(day.first)
        days = [period for period in self._fine.periods() if month.first <= period.first <= month.last]
        made_of = self._coarse.source(month)
        if made_of is None:
            return True
        is_behind = not set(made_of.split()).issuperset(source_of_month(days, self._fine).split())
        # One some of whose days have gone, by damage or by a deletion, is not made anew: then nothing is waited for.
        return is_behind and days_of_source(made_of) <= {period.name for period in days}
