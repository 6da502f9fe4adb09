"""One collector's place in the loop: its timetable, its series, its standing."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from nightdesk.clock import Clock
from nightdesk.collect.caps import MOST_NEW_SERIES
from nightdesk.collect.collector import (
    UNDESCRIBED,
    CollectFailure,
    Collector,
    CollectorHealth,
    Describing,
    Readings,
    Standing,
)
from nightdesk.collect.target_series import TargetSeries
from nightdesk.collect.timetable import Timetable
from nightdesk.errors import BadPayload, CollectError, NightdeskError, Overloaded, PayloadTooLarge
from nightdesk.model.series import Batch
from nightdesk.seams.samples import Intake, SampleWriter

ALIGN_MS = 2
"""A collection this close to the grid is labelled with the grid's instant: even timestamps compress to nothing."""
WRITE_SECONDS = 10.0
"""How long a seat waits for its samples to be durable before it says so and goes on."""
_BYTES_A_SAMPLE = 24


class Seat:
    """Runs one collector and keeps what is known of it; never raises for what the collector does."""

    def __init__(
        self,
        collector: Collector,
        intake: Intake,
        clock: Clock,
        start: float,
        most_new_series: int = MOST_NEW_SERIES,
    ) -> None:
        """Make the first collection due at `start` (boot seconds); it may begin so many series within an hour."""
        self.collector = collector
        self.timetable = Timetable(start, collector.interval)
        self.task: asyncio.Task[None] | None = None
        self.epoch = -1
        """The epoch in which the last finished collection began: -1 before the first."""
        self._intake, self._clock = intake, clock
        self._series = TargetSeries(collector.target, most_new_series)
        self._hung: asyncio.Task[Readings] | None = None
        self._aligned = 0
        self._standing = Standing.UNKNOWN
        self._trouble: tuple[CollectFailure, str] | None = None
        """What failed in the last finished collection."""
        self._noted: tuple[CollectFailure, str] | None = None
        """What failed so far in the present one."""
        self._last: tuple[int, float, int] | None = None
        self._collections = 0
        self._failures: Counter[CollectFailure] = Counter()
        self._refused: Counter[str] = Counter()

    @property
    def busy(self) -> bool:
        """True while a collection runs."""
        return self.task is not None and not self.task.done()

    async def collect(self, epoch: int) -> None:
        """Collect once within the deadline, write what was found or that nothing was, and remember how it went."""
        at, started = self._instant(), self._clock.boot()
        self._noted = None
        readings = await self._ask(at)
        seconds = self._clock.boot() - started
        samples = 0 if readings is None else len(readings)
        self._standing = Standing.DOWN if readings is None else Standing.UP
        self._trouble = self._noted
        self._last = (at, seconds, samples)
        self._collections += 1
        await self._submit(self._series.job(readings, at, seconds), samples * _BYTES_A_SAMPLE)
        self._trouble = self._noted
        self.epoch = epoch

    def hand_over(self, successor: Collector) -> None:
        """Let another collector of the same name and target go on here; series it does not have end at its first."""
        predecessor, self.collector = self.collector, successor
        if self.task is not None and not self.task.done():
            # It is in the middle of a collection: let it finish, so that a reload makes no target look down.
            self.task.add_done_callback(lambda _: predecessor.close())
        else:
            predecessor.close()
        self.timetable = Timetable(self._clock.boot(), successor.interval)

    async def leave(self) -> None:
        """Stop, end every series of this collector, and let it close: it was taken out of the settings."""
        if self.task is not None and not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})
        await self._submit(self._series.farewell(self._clock.now()), 0)
        self.collector.close()

    def health(self) -> CollectorHealth:
        """Return how this collector is doing."""
        failure, detail = self._trouble or (None, "")
        at, seconds, samples = self._last or (None, 0.0, 0)
        refused = Counter(self._refused)
        refused.update({reason.value: count for reason, count in self._series.refused.items()})
        return CollectorHealth(
            name=self.collector.name,
            target=self.collector.target,
            interval=self.collector.interval,
            standing=self._standing,
            last_at=at,
            last_seconds=seconds,
            last_samples=samples,
            failure=failure,
            detail=detail,
            collections=self._collections,
            missed=self.timetable.missed,
            failures=dict(self._failures),
            refused=dict(refused),
            deadline=self.collector.deadline,
            url=self.collector.url,
            metadata=self.collector.metadata if isinstance(self.collector, Describing) else UNDESCRIBED,
        )

    def _instant(self) -> int:
        """Return wall time in ms, moved onto the grid of the collections before it where it is next to it."""
        now, interval = self._clock.now(), max(1, round(self.collector.interval * 1000))
        near = self._aligned + round((now - self._aligned) / interval) * interval
        self._aligned = near if abs(now - near) <= ALIGN_MS else now
        return self._aligned

    async def _ask(self, at: int) -> Readings | None:
        if self._hung is not None and not self._hung.done():
            self._fail(CollectFailure.BUSY, "an earlier attempt ignores that it was cancelled")
            return None
        task = asyncio.ensure_future(self.collector.collect(at))
        try:
            # Not asyncio.timeout: that would wait for ever on a collector that swallows its cancellation.
            await asyncio.wait({task}, timeout=self.collector.deadline)
        finally:
            if not task.done():
                self._hung = task
                task.cancel()
                task.add_done_callback(_forget)
        if self._hung is task:
            self._fail(CollectFailure.DEADLINE, f"no answer within {self.collector.deadline:g} s")
            return None
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is None:
            return task.result()
        self._fail(*_explain(error))
        return None

    def _fail(self, failure: CollectFailure, detail: str) -> None:
        self._failures[failure] += 1
        self._noted = (failure, detail)

    async def _submit(self, job: Callable[[SampleWriter], Batch], size: int) -> None:
        try:
            future = self._intake.submit(job, size)
        except Overloaded as error:
            self._fail(CollectFailure.OVERLOADED, str(error))
            return
        # Waiting leaves the job in the queue when time is up (wait_for would cancel it): it is written later, in order.
        waiter = asyncio.wrap_future(future)
        waiter.add_done_callback(_forget)
        await asyncio.wait({waiter}, timeout=WRITE_SECONDS)
        trouble = waiter.exception() if waiter.done() and not waiter.cancelled() else None
        if trouble is not None:
            self._fail(CollectFailure.STORE, str(trouble))
        elif not waiter.done() or waiter.cancelled():
            self._fail(CollectFailure.STORE, f"not written within {WRITE_SECONDS:g} s")
        else:
            self._refused.update({reason.value: count for reason, count in waiter.result().refused.items()})


def _explain(error: BaseException) -> tuple[CollectFailure, str]:
    """Classify what a collector raised; whatever it should not have raised is a fault of ours and says its type."""
    if isinstance(error, CollectError) and isinstance(error.reason, CollectFailure):
        return error.reason, str(error)
    if isinstance(error, BadPayload):
        return CollectFailure.BAD_PAYLOAD, str(error)
    if isinstance(error, PayloadTooLarge):
        return CollectFailure.TOO_LARGE, str(error)
    if isinstance(error, NightdeskError):
        return CollectFailure.CRASHED, str(error)
    return CollectFailure.CRASHED, f"{type(error).__name__}: {error}"


def _forget(task: "asyncio.Future[Any]") -> None:
    """Look at the result of something nobody waits for any more, so that asyncio does not report it as unseen."""
    if not task.cancelled():
        task.exception()
