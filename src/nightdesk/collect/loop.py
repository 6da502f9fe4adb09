"""The loop that asks every collector when it is due; none waits for another."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from nightdesk.clock import Clock
from nightdesk.collect.caps import MOST_NEW_SERIES
from nightdesk.collect.collector import Collector, CollectorHealth
from nightdesk.collect.gaps import Gap, GapKind, GapWatch
from nightdesk.collect.seat import Seat
from nightdesk.errors import SettingsError
from nightdesk.seams.samples import Intake

LONGEST_SLEEP: Final = 1.0
"""Seconds. Timers of the event loop stand still while the machine sleeps; short ones notice at once that it woke."""
SPREAD_SECONDS: Final = 1.0
"""First collections of many targets are spread over this long, so that they do not all fall on one instant for good."""
STOP_SECONDS: Final = 1.0
"""How long running collections get to end when the loop stops."""


class CollectLoop:
    """Runs collectors on the boot clock and submits what they find.

    Each has its own timetable and deadline; one that fails or hangs delays no other. After a gap in time every
    collector is asked once at once, and `fresh` is false until each has answered or failed: absence is not to be
    judged before.
    """

    def __init__(
        self,
        collectors: Iterable[Collector],
        intake: Intake,
        clock: Clock,
        on_gap: Callable[[Gap], None] | None = None,
        *,
        most_new_series: int = MOST_NEW_SERIES,
    ) -> None:
        """Take the collectors, each of which may begin `most_new_series` within an hour; `on_gap` is told of each gap.

        Raises:
            SettingsError: two collectors have the same name.
        """
        self._intake, self._clock, self._on_gap = intake, clock, on_gap
        self._most_new_series = most_new_series
        self._seats: dict[str, Seat] = {}
        self._watch = GapWatch(clock)
        self._epoch = 0
        self._leaving: set[asyncio.Task[None]] = set()
        self._seat(list(_by_name(collectors).values()))

    @property
    def gaps(self) -> Sequence[Gap]:
        """The latest gaps in time, oldest first."""
        return tuple(self._watch.recent)

    @property
    def gap_counts(self) -> Mapping[GapKind, int]:
        """Gaps since the start, by kind."""
        return dict(self._watch.counts)

    @property
    def fresh(self) -> bool:
        """True once every collector has finished a collection that began after the start and after the last gap."""
        return all(seat.epoch >= self._epoch for seat in self._seats.values())

    def health(self) -> list[CollectorHealth]:
        """Return how each collector is doing, in the order given."""
        return [seat.health() for seat in self._seats.values()]

    async def run(self) -> None:
        """Collect until cancelled; then stop what runs and close every collector."""
        self._watch = GapWatch(self._clock)
        expected = 0.0
        try:
            while True:
                self._judge(self._watch.tick(expected))
                self._start_due()
                expected = self._pause()
                await self._clock.sleep(expected)
        finally:
            await self._stop()

    def replace(self, collectors: Iterable[Collector]) -> None:
        """Take a new set of collectors, as after a reload of the settings; call it on the event loop.

        An object that was there before goes on undisturbed. One with the name and target of an earlier one takes over
        its timetable and series. What is left over is stopped, and its series are ended.

        Raises:
            SettingsError: two collectors have the same name; nothing has changed then.
        """
        wanted = _by_name(collectors)
        for name, seat in list(self._seats.items()):
            successor = wanted.get(name)
            if successor is None or successor.target != seat.collector.target:
                del self._seats[name]
                leaving = asyncio.ensure_future(seat.leave())
                self._leaving.add(leaving)
                leaving.add_done_callback(self._leaving.discard)
            elif successor is not seat.collector:
                seat.hand_over(successor)
        self._seat([each for name, each in wanted.items() if name not in self._seats])

    def _seat(self, collectors: Sequence[Collector]) -> None:
        now = self._clock.boot()
        for number, each in enumerate(collectors):
            spread = number / len(collectors) * min(SPREAD_SECONDS, each.interval)
            self._seats[each.name] = Seat(each, self._intake, self._clock, now + spread, self._most_new_series)

    def _judge(self, gaps: Sequence[Gap]) -> None:
        if not gaps:
            return
        self._epoch += 1
        for seat in self._seats.values():
            seat.timetable.hurry()
        if self._on_gap is not None:
            for gap in gaps:
                self._on_gap(gap)

    def _start_due(self) -> None:
        boot = self._clock.boot()
        for seat in self._seats.values():
            if seat.busy:
                seat.timetable.miss(boot)
            elif seat.timetable.is_due(boot):
                seat.timetable.take(boot)
                seat.task = asyncio.ensure_future(seat.collect(self._epoch))

    def _pause(self) -> float:
        boot = self._clock.boot()
        due = min((seat.timetable.due for seat in self._seats.values()), default=boot + LONGEST_SLEEP)
        return max(0.0, min(LONGEST_SLEEP, due - boot))

    async def _stop(self) -> None:
        running = {seat.task for seat in self._seats.values() if seat.task is not None and seat.busy} | self._leaving
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=STOP_SECONDS)
        for seat in self._seats.values():
            seat.collector.close()


def _by_name(collectors: Iterable[Collector]) -> dict[str, Collector]:
    found: dict[str, Collector] = {}
    for each in collectors:
        if each.name in found:
            raise SettingsError(f"two scrape targets are the same: {each.name}; take one out, or label them apart")
        found[each.name] = each
    return found
