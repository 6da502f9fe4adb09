"""The figures of the system over a window, as one value: each is a number, or None with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nightdesk.analytics.system.latency import Latency
from nightdesk.analytics.system.spans import Spans
from nightdesk.analytics.system.uptime import Uptime
from nightdesk.model.instant import SECOND


@dataclass(frozen=True, slots=True)
class Failures:
    """Attempts of one source (`bots`, `probes`, `http_logs`), and how many of them failed."""

    source: str
    attempts: float
    failed: float


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of one bot."""

    bot: str
    operation: str
    latency: Latency
    failed: float


@dataclass(frozen=True, slots=True)
class LastBeat:
    """When a sign of life of a bot was last heard, in ms."""

    bot: str
    beat: str
    at: int


@dataclass(frozen=True, slots=True)
class SystemAnalytics:
    """How the system did in [start, end) ms. Times are seconds, `..._percentage` and utilization are %."""

    start: int
    end: int
    avg_response_time: float | None = None
    """Mean time of a request, of all requests that bots timed; never of probes."""
    p95_response_time: float | None = None
    avg_npu_utilization: float | None = None
    """Mean over the time in which it was awake and measured: a device that sleeps has no share, which is not 0."""
    avg_gpu_utilization: float | None = None
    error_rate: float | None = None
    """Failed over attempted, of all sources together; `failures` tells them apart."""
    uptime_percentage: float | None = None
    """Up time over monitored time of all targets together. What was unmonitored is in `targets`, and is never up."""
    uptime_of: str = ""
    """What it is the uptime of: `probes and scrape targets`, or `this machine` where nothing else is watched."""
    latency: Latency = field(default_factory=lambda: Latency(0.0, None, None, None, None))
    operations: tuple[Operation, ...] = ()
    beats: tuple[LastBeat, ...] = ()
    failures: tuple[Failures, ...] = ()
    targets: tuple[Uptime, ...] = ()
    stops: Spans = ()
    """Spans of the window in which the desk itself did not run, from and to in ms."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Why a figure is None, by its name."""

    @property
    def window_seconds(self) -> float:
        """Length of the window."""
        return (self.end - self.start) / SECOND

    @property
    def desk_stopped_seconds(self) -> float:
        """How long the desk itself did not run in the window."""
        return sum(end - start for start, end in self.stops) / SECOND


def error_rate(failures: tuple[Failures, ...]) -> float | None:
    """Return failed over attempted of all sources together; None without attempts."""
    attempts = sum(each.attempts for each in failures)
    return sum(each.failed for each in failures) / attempts if attempts > 0 else None


def overall_uptime(targets: tuple[Uptime, ...]) -> float | None:
    """Return the % of monitored time in which targets were up, of all together; None where nothing was monitored."""
    up, down = sum(each.up for each in targets), sum(each.down for each in targets)
    return 100.0 * up / (up + down) if up + down else None
