"""The collector of accelerators: every family asked at once, none waiting for another."""

import asyncio
import platform
from collections.abc import Callable, Collection, Iterable
from typing import Final

from nightdesk.clock import Clock, SystemClock
from nightdesk.collect.accelerators.attended import AttendedFamily
from nightdesk.collect.accelerators.machine import Machine
from nightdesk.collect.accelerators.points import points_of
from nightdesk.collect.accelerators.reasons import reason_of
from nightdesk.collect.accelerators.roll import Roll
from nightdesk.collect.accelerators.sample import AcceleratorSample, Device, Kind
from nightdesk.collect.accelerators.table import families
from nightdesk.collect.accelerators.watch import FamilyWatch
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import Readings
from nightdesk.collect.points import PointSeries
from nightdesk.model.labels import Labels

JOB: Final = "accelerator"
PATIENCE: Final = 0.6
"""Part of the deadline that a family may take before the collection goes on without it."""
NOT_ASKED: Final = "No value yet: accelerators are being looked for."


def own_instance() -> str:
    """Return what this machine is called in the label `instance`."""
    return platform.node() or "localhost"


class AcceleratorCollector:
    """NPUs and GPUs as `accelerator_*` series; a device that was seen once is said to be lost when it is gone."""

    def __init__(
        self,
        interval: float = 1.0,
        root: str = "",
        *,
        kinds: Collection[Kind] = tuple(Kind),
        instance: str = "",
        clock: Clock | None = None,
        remembered: Callable[[], Iterable[Device]] = tuple,
    ) -> None:
        """Collect every `interval` seconds, not oftener than each: the counters are not made for more.

        `root` stands before `/sys`. `remembered` returns the devices that were there when the desk ran before; it is
        called once, on a thread, and may read the store.
        """
        self.name, self.url = JOB, ""
        self.interval = max(interval, 1.0)
        self.deadline = min(10.0, self.interval)
        self.target = Labels([("job", JOB), ("instance", instance or own_instance())])
        self.samples: tuple[AcceleratorSample, ...] = ()
        """The latest sample of each device."""
        self._kinds = frozenset(kinds)
        machine = Machine(root.rstrip("/"), (clock or SystemClock()).monotonic)
        self._families = [
            AttendedFamily(name, FamilyWatch(family, machine, kinds), machine)
            for name, family in families(machine).items()
        ]
        self._remembered, self._historian = remembered, Attendant("accelerators-history")
        self._roll: Roll | None = None
        self._series = PointSeries(self.target)

    async def collect(self, now: int) -> Readings:
        """Ask every family, and return what came within its patience."""
        roll = self._roll or await self._begun()
        patience = self.deadline * PATIENCE
        answers = await asyncio.gather(*(family.samples(patience) for family in self._families))
        is_whole = all(family.has_looked for family in self._families)
        self.samples = tuple(roll.call([sample for answer in answers for sample in answer], is_whole=is_whole))
        points = [point for sample in self.samples for point in points_of(sample)]
        return self._series.readings(points, now)

    def reason(self, kind: Kind) -> str | None:
        """Return why there is no utilization of a kind, as a sentence; None where there is one."""
        return reason_of(kind, self.samples) if self._roll is not None else NOT_ASKED

    def close(self) -> None:
        """End the threads; a driver that hangs keeps its own until the desk ends."""
        for family in self._families:
            family.close()
        self._historian.close()

    async def _begun(self) -> Roll:
        devices = await self._historian.ask(lambda: list(self._remembered()))
        self._roll = Roll(device for device in devices if device.kind in self._kinds)
        return self._roll
