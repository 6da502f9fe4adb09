"""The collector of established TCP connections."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from nightdesk.clock import Clock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure, Readings
from nightdesk.collect.connections.established import End, Established, established
from nightdesk.collect.connections.processes import WatchedProcesses
from nightdesk.collect.connections.targets import WatchedTarget
from nightdesk.collect.points import Pairs, Point, PointSeries
from nightdesk.errors import CollectError
from nightdesk.model.labels import Labels

JOB: Final = "connections"
_MACHINE: Final[Pairs] = (("source", "machine"),)
_WATCHED: Final[Pairs] = (("source", "watched"),)


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched: processes by name, targets as `host:port`. Nothing: the machine."""

    processes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Count:
    points: list[Point] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


class ConnectionCollector:
    """Counts connections each `interval` seconds. A `Collector`.

    `tcp_connections_established{source}` is the sum: sockets of the whole machine where nothing is watched, else the
    distinct connections of what is watched, each counted once. `tcp_connections_watched{watched}` are the parts. What
    cannot be seen has no value, and neither has the sum then.
    """

    def __init__(self, watch: Watch, clock: Clock, *, instance: str, interval: float) -> None:
        """Watch what the settings name."""
        self.name, self.url, self.interval = JOB, "", interval
        self.deadline = min(5.0, max(interval, 1.0))
        self.target = Labels([("job", JOB), ("instance", instance)])
        self.trouble = ""
        """What cannot be seen and why, as a sentence; empty where all is counted."""
        self._clock = clock
        self._attendant, self._resolver = Attendant(JOB), Attendant(f"{JOB} names")
        self._processes = [WatchedProcesses(name) for name in watch.processes]
        self._targets = [WatchedTarget(target, self._resolver, clock) for target in watch.targets]
        self._series = PointSeries(self.target)

    async def collect(self, now: int) -> Readings:
        """Count once; see `Collector.collect`."""
        if sys.platform != "linux":
            self.trouble = "Connections are counted on Linux alone."
            raise CollectError(self.trouble, CollectFailure.BAD_PAYLOAD)
        for target in self._targets:
            await target.look()
        try:
            count = await self._attendant.ask(self._count)
        except OSError as error:
            self.trouble = f"The kernel does not list connections: {error}."
            raise CollectError(self.trouble, CollectFailure.BAD_PAYLOAD) from error
        self.trouble = "; ".join(count.unseen)
        return self._series.readings(count.points, now)

    def close(self) -> None:
        """Let the threads go."""
        self._attendant.close()
        self._resolver.close()

    def _count(self) -> _Count:
        sockets = established()
        if not self._processes and not self._targets:
            return _Count([("tcp_connections_established", _MACHINE, float(len(sockets)))])
        count, together = _Count(), set[frozenset[End]]()
        for name, kind, members in self._members(sockets, count.unseen):
            together |= members
            count.points.append(("tcp_connections_watched", (("watched", name), ("watch", kind)), float(len(members))))
        if not count.unseen:
            count.points.append(("tcp_connections_established", _WATCHED, float(len(together))))
        return count

    def _members(
        self, sockets: Sequence[Established], unseen: list[str]
    ) -> Iterable[tuple[str, str, set[frozenset[End]]]]:
        now = self._clock.boot()
        for process in self._processes:
            try:
                inodes = process.inodes(now)
            except CollectError as error:
                unseen.append(str(error))
            else:
                yield process.name, "process", {each.connection for each in sockets if each.inode in inodes}
        for target in self._targets:
            if target.trouble:
                unseen.append(target.trouble)
            else:
                yield target.name, "target", {each.connection for each in sockets if target.is_end_of(each)}
