"""The collector of one access log: requests by class of status, counted from when the desk began to look."""

from pathlib import Path
from typing import Final

from nightdesk.clock import Clock
from nightdesk.collect.attendant import Attendant
from nightdesk.collect.collector import CollectFailure, Readings
from nightdesk.collect.http_logs.access_line import CODE_CLASSES, code_class
from nightdesk.collect.http_logs.follower import LogFollower
from nightdesk.collect.points import NO_LABELS, Point, PointSeries
from nightdesk.errors import CollectError
from nightdesk.model.labels import Labels

JOB: Final = "http_log"


class HttpLogCollector:
    """Follows one file each `interval` seconds. A `Collector`; `http_log_requests_total{log,code_class}`."""

    def __init__(self, name: str, file: Path, clock: Clock, *, instance: str, interval: float) -> None:
        """Follow the file from its present end on."""
        self.name, self.url, self.interval = f"{JOB} {name}", "", interval
        self.deadline = min(5.0, max(interval, 1.0))
        self.target = Labels([("job", JOB), ("instance", instance), ("log", name)])
        self._file = file
        self._follower = LogFollower(file, clock.monotonic)
        self._attendant = Attendant(self.name)
        self._series = PointSeries(self.target)
        # From 0 on, so that the first request of a class is a rise and not a series that begins at 1.
        self._requests = dict.fromkeys(CODE_CLASSES, 0)
        self._unreadable = 0

    async def collect(self, now: int) -> Readings:
        """Count what was added; see `Collector.collect`."""
        try:
            await self._attendant.ask(self._count)
        except OSError as error:
            raise CollectError(f"{self._file}: {error.strerror}", CollectFailure.UNREACHABLE) from error
        points: list[Point] = [
            ("http_log_requests_total", (("code_class", each),), float(count)) for each, count in self._requests.items()
        ]
        points.append(("http_log_lines_unreadable_total", NO_LABELS, float(self._unreadable)))
        points.append(("http_log_behind_bytes", NO_LABELS, float(self._follower.behind)))
        return self._series.readings(points, now)

    def close(self) -> None:
        """Close the file and let the thread go; a read that hangs is left behind."""
        if not self._attendant.busy:
            self._follower.close()
        self._attendant.close()

    def _count(self) -> None:
        for line in self._follower.lines():
            found = code_class(line)
            if found is not None:
                self._requests[found] += 1
            elif line:
                self._unreadable += 1
