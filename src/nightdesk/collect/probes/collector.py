"""The collector around every probe: attempts and failures counted, the deadline kept, a sick target told as such."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from nightdesk.collect.collector import Readings
from nightdesk.collect.points import NO_LABELS, Point, PointSeries
from nightdesk.collect.probes.probe import ALWAYS_POSSIBLE, WAITED_OUT, Probe, Probed, ProbeFailure, failure_of
from nightdesk.errors import BadPayload, CollectError, PayloadTooLarge
from nightdesk.model.labels import Labels

JOB: Final = "probe"
GRACE_SECONDS: Final = 0.5
"""How much longer than the probe's timeout the whole collection may take: for counting and handing over."""

ENDING_SECONDS: Final = 0.2
"""How much of that an attempt gets to end once its time is up, and once more."""


class ProbeCollector:
    """Asks one target every `interval` seconds within `timeout`. A `Collector` that never raises for its target.

    `up` says that the probe ran, `probe_success` that the target is well, as blackbox_exporter has it. A target that
    does not answer in time has the timeout as its duration; one that cannot be reached has none.
    """

    def __init__(self, name: str, probe: Probe, *, instance: str, interval: float, timeout: float) -> None:
        """Take the probe over; `instance` is the host that asks, as with the host's own metrics."""
        self.name, self.url = f"{JOB} {name}", ""
        self.interval, self.timeout = interval, timeout
        self.deadline = timeout + GRACE_SECONDS
        self.target = Labels([("job", JOB), ("instance", instance), ("probe", name), ("kind", probe.kind)])
        self.probe = probe
        self.last: Probed | None = None
        """What the latest attempt found; None before the first has ended."""
        self._series = PointSeries(self.target)
        self._is_prepared = False
        self._attempts = 0
        # From 0 on, so that the first failure is a rise from 0 to 1 and not a series that begins at 1.
        self._failures: Counter[ProbeFailure] = Counter(dict.fromkeys((*ALWAYS_POSSIBLE, *probe.failures), 0))
        self._hung: asyncio.Task[Probed] | None = None

    async def collect(self, now: int) -> Readings:
        """Ask the target once; whatever it does is in the readings. Raises CollectError while it is being prepared."""
        if not self._is_prepared:
            # Loading a library may take longer than a target may: that is no failure of the target's.
            await self.probe.prepare()
            self._is_prepared = True
        probed = await self._attempt()
        self._attempts += 1
        if probed.failure is not None:
            self._failures[probed.failure] += 1
        self.last = probed
        return self._series.readings([*self._report(probed), *probed.points], now)

    def close(self) -> None:
        """Let the probe go."""
        self.probe.close()

    def _report(self, probed: Probed) -> Iterator[Point]:
        yield "probe_success", NO_LABELS, float(probed.failure is None)
        if probed.seconds is not None:
            yield "probe_duration_seconds", NO_LABELS, probed.seconds
        yield "probe_attempts_total", NO_LABELS, float(self._attempts)
        for failure, count in self._failures.items():
            yield "probe_failures_total", (("reason", failure.value),), float(count)

    async def _attempt(self) -> Probed:
        if self._hung is not None and not self._hung.done():
            return self._failed(ProbeFailure.BUSY, "an earlier attempt still hangs")
        task = asyncio.ensure_future(self.probe.ask())
        try:
            # Not asyncio.timeout: that would wait for ever on a library that swallows its cancellation.
            await asyncio.wait({task}, timeout=self.timeout)
        finally:
            if not task.done():
                self._hung = task
                task.add_done_callback(_forget)
                task.cancel()
        if self._hung is task:
            await _ended(task)
            return self._failed(ProbeFailure.DEADLINE, f"no answer within {self.timeout:g} s")
        return self._outcome(task)

    def _outcome(self, task: asyncio.Task[Probed]) -> Probed:
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        match error:
            case None:
                return task.result()
            case CollectError():
                return self._failed(failure_of(error.reason), str(error))
            case BadPayload():
                return self._failed(ProbeFailure.BAD_ANSWER, str(error))
            case PayloadTooLarge():
                return self._failed(ProbeFailure.TOO_LARGE, str(error))
            case _:
                return self._failed(ProbeFailure.CRASHED, f"{type(error).__name__}: {error}")

    def _failed(self, failure: ProbeFailure, detail: str) -> Probed:
        return Probed(self.timeout if failure in WAITED_OUT else None, failure=failure, detail=detail)


async def _ended(task: asyncio.Task[Probed]) -> None:
    """Wait a moment for a cancelled attempt; tell it once more, for libraries that first ask the server to let go."""
    await asyncio.wait({task}, timeout=ENDING_SECONDS)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=ENDING_SECONDS)


def _forget(task: "asyncio.Future[Any]") -> None:
    """Look at the result of an attempt nobody waits for any more, so that asyncio does not report it as unseen."""
    if not task.cancelled():
        task.exception()
