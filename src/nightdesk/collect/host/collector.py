"""The collector of the machine the desk runs on."""

import asyncio
import platform
from collections.abc import Mapping
from typing import Final

import numpy as np

from nightdesk.clock import Clock, SystemClock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import Readings
from nightdesk.collect.host import families
from nightdesk.collect.host.files import NO_LABELS, HostFiles, Pairs, Point
from nightdesk.collect.host.filesystems import Filesystems
from nightdesk.collect.host.reader import FamilyFailure, FamilyReader
from nightdesk.model.labels import METRIC_NAME, Labels

JOB: Final = "node"
SLOW_SECONDS: Final = 5.0
"""Families that may wait for a device are read this often, or at the collector's interval where that is longer."""
SLOW_PATIENCE_SECONDS: Final = 0.3
"""How long a collection waits for them; if they take longer, their values come with the next one."""
FORGET_AFTER: Final = 3
"""Slow values this many readings old are no longer given out: a hung disk goes stale rather than looking well."""


class HostCollector:
    """CPU, memory, disks, networks, filesystems and sensors of this machine under node_exporter's names.

    No file is read on the event loop: quick families have one daemon thread, those that may hang another, and
    filesystems of foreign kinds a process that can be killed.
    """

    def __init__(
        self,
        interval: float = 1.0,
        root: str = "/proc",
        sys: str = "/sys",
        *,
        instance: str = "",
        clock: Clock | None = None,
    ) -> None:
        """Collect every `interval` seconds; `instance` is the host's name unless given."""
        self.name, self.url = JOB, ""
        self.interval = interval
        self.deadline = min(10.0, max(interval, 1.0))
        self.target = Labels([("job", JOB), ("instance", instance or platform.node() or "localhost")])
        self._clock = clock or SystemClock()
        self._files = (HostFiles(root, sys), HostFiles(root, sys))
        self._filesystems = Filesystems(self._clock.boot)
        self._quick = FamilyReader(families.quick(), self._files[0], self._clock.boot)
        self._slow = FamilyReader(families.slow(self._filesystems), self._files[1], self._clock.boot)
        self._quick_attendant, self._slow_attendant = Attendant("host"), Attendant("host-slow")
        self._slow_points: list[Point] = []
        self._slow_begun, self._slow_read = -1e9, -1e9
        self._slow_task: asyncio.Task[None] | None = None
        self._keys: list[tuple[str, Pairs]] = []
        self._labels: tuple[Labels, ...] = ()

    @property
    def failures(self) -> Mapping[tuple[str, FamilyFailure], int]:
        """How often each family could not be read, by reason."""
        return {**self._quick.failures, **self._slow.failures}

    async def collect(self, now: int) -> Readings:
        """Read everything that is due and return it with what slow families last said."""
        await self._look_slowly()
        points = await self._quick_attendant.ask(self._quick.read)
        if self._clock.boot() - self._slow_read <= FORGET_AFTER * self._slow_interval:
            points = points + self._slow_points
        points.append(("node_time_seconds", NO_LABELS, now / 1000))
        values = np.fromiter((value for _, _, value in points), dtype=np.float64, count=len(points))
        return Readings(self._labelled(points), values, now)

    def close(self) -> None:
        """End the threads and the process, and close the files; what hangs is left to end with the desk."""
        for attendant, files in zip((self._quick_attendant, self._slow_attendant), self._files, strict=True):
            if not attendant.busy:
                files.close()
            attendant.close()
        if not self._slow_attendant.busy:
            self._filesystems.close()

    @property
    def _slow_interval(self) -> float:
        return max(self.interval, SLOW_SECONDS)

    async def _look_slowly(self) -> None:
        """Start a slow reading where one is due, and give it a moment to come in."""
        due = self._clock.boot() - self._slow_begun >= self._slow_interval - self.interval / 2
        if not due or self._slow_attendant.busy:
            return
        self._slow_begun = self._clock.boot()
        self._slow_task = asyncio.ensure_future(self._read_slowly())
        await asyncio.wait({self._slow_task}, timeout=SLOW_PATIENCE_SECONDS)

    async def _read_slowly(self) -> None:
        self._slow_points = await self._slow_attendant.ask(self._slow.read)
        self._slow_read = self._clock.boot()

    def _labelled(self, points: list[Point]) -> tuple[Labels, ...]:
        """Return the series of the points: the same tuple as last time while the points are about the same things."""
        keys = [(name, labels) for name, labels, _ in points]
        if keys != self._keys:
            known = dict(zip(self._keys, self._labels, strict=True))
            target = self.target.pairs
            self._labels = tuple(known.get(key) or Labels([*target, *key[1], (METRIC_NAME, key[0])]) for key in keys)
            self._keys = keys
        return self._labels
