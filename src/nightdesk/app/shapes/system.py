"""The figures of the system as JSON, and back: an attached monitor reads them as they were made."""

import math

from nightdesk.analytics.system.figures import Failures, LastBeat, Operation, SystemAnalytics
from nightdesk.analytics.system.latency import Latency, Quantile
from nightdesk.analytics.system.uptime import Uptime
from nightdesk.app.shapes.shape import Shape, Text
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels


class QuantileShape(Shape):
    """A quantile in seconds and the bucket that holds the truth; `high` is null beyond the last bucket."""

    value: float
    low: float
    high: float | None


class LatencyShape(Shape):
    """Requests, and how long they took in seconds."""

    requests: float
    mean: float | None
    p50: QuantileShape | None
    p95: QuantileShape | None
    p99: QuantileShape | None

    @classmethod
    def of(cls, latency: Latency) -> "LatencyShape":
        """Shape a latency."""
        quantiles = {name: _quantile(getattr(latency, name)) for name in ("p50", "p95", "p99")}
        return cls(requests=latency.requests, mean=latency.mean, **quantiles)

    def latency(self) -> Latency:
        """Return what was shaped."""
        return Latency(self.requests, self.mean, *(_back(each) for each in (self.p50, self.p95, self.p99)))


class OperationShape(Shape):
    """One operation of one bot."""

    bot: Text
    operation: Text
    failed: float
    latency: LatencyShape


class FailuresShape(Shape):
    """Attempts of one source, and how many failed."""

    source: Text
    attempts: float
    failed: float


class BeatShape(Shape):
    """When a sign of life of a bot was last heard, in ms."""

    bot: Text
    beat: Text
    at: int


class UptimeShape(Shape):
    """One target: up, down and unmonitored sum to the window; `desk_stopped_seconds` is a part of the unmonitored."""

    labels: dict[Text, Text]
    up_seconds: float
    down_seconds: float
    unmonitored_seconds: float
    desk_stopped_seconds: float
    uptime_percentage: float | None


class StopShape(Shape):
    """A span in which the desk itself did not run, in ms."""

    start: int
    end: int


class SystemShape(Shape):
    """`GET /api/desk/system?hours=24`: figures are numbers, or null with a sentence in `reasons`."""

    start: int
    end: int
    window_seconds: float
    avg_response_time: float | None
    p95_response_time: float | None
    avg_npu_utilization: float | None
    avg_gpu_utilization: float | None
    error_rate: float | None
    uptime_percentage: float | None
    uptime_of: Text
    desk_stopped_seconds: float
    latency: LatencyShape
    operations: list[OperationShape]
    beats: list[BeatShape]
    failures: list[FailuresShape]
    targets: list[UptimeShape]
    stops: list[StopShape]
    reasons: dict[str, Text]

    @classmethod
    def of(cls, found: SystemAnalytics) -> "SystemShape":
        """Shape the figures."""
        return cls(
            start=found.start,
            end=found.end,
            window_seconds=found.window_seconds,
            avg_response_time=found.avg_response_time,
            p95_response_time=found.p95_response_time,
            avg_npu_utilization=found.avg_npu_utilization,
            avg_gpu_utilization=found.avg_gpu_utilization,
            error_rate=found.error_rate,
            uptime_percentage=found.uptime_percentage,
            uptime_of=found.uptime_of,
            desk_stopped_seconds=found.desk_stopped_seconds,
            latency=LatencyShape.of(found.latency),
            operations=[
                OperationShape(
                    bot=each.bot, operation=each.operation, failed=each.failed, latency=LatencyShape.of(each.latency)
                )
                for each in found.operations
            ],
            beats=[BeatShape(bot=each.bot, beat=each.beat, at=each.at) for each in found.beats],
            failures=[
                FailuresShape(source=each.source, attempts=each.attempts, failed=each.failed) for each in found.failures
            ],
            targets=[_uptime(each) for each in found.targets],
            stops=[StopShape(start=start, end=end) for start, end in found.stops],
            reasons=dict(found.reasons),
        )

    def analytics(self) -> SystemAnalytics:
        """Return what was shaped."""
        return SystemAnalytics(
            self.start,
            self.end,
            avg_response_time=self.avg_response_time,
            p95_response_time=self.p95_response_time,
            avg_npu_utilization=self.avg_npu_utilization,
            avg_gpu_utilization=self.avg_gpu_utilization,
            error_rate=self.error_rate,
            uptime_percentage=self.uptime_percentage,
            uptime_of=self.uptime_of,
            latency=self.latency.latency(),
            operations=tuple(
                Operation(each.bot, each.operation, each.latency.latency(), each.failed) for each in self.operations
            ),
            beats=tuple(LastBeat(each.bot, each.beat, each.at) for each in self.beats),
            failures=tuple(Failures(each.source, each.attempts, each.failed) for each in self.failures),
            targets=tuple(_target(each) for each in self.targets),
            stops=tuple((stop.start, stop.end) for stop in self.stops),
            reasons=self.reasons,
        )


def _quantile(found: Quantile | None) -> QuantileShape | None:
    if found is None:
        return None
    return QuantileShape(value=found.value, low=found.low, high=found.high if math.isfinite(found.high) else None)


def _back(shape: QuantileShape | None) -> Quantile | None:
    if shape is None:
        return None
    return Quantile(shape.value, shape.low, math.inf if shape.high is None else shape.high)


def _uptime(found: Uptime) -> UptimeShape:
    return UptimeShape(
        labels=found.target.as_dict(),
        up_seconds=found.up / SECOND,
        down_seconds=found.down / SECOND,
        unmonitored_seconds=found.unmonitored / SECOND,
        desk_stopped_seconds=found.desk_stopped / SECOND,
        uptime_percentage=None if found.ratio is None else 100.0 * found.ratio,
    )


def _target(shape: UptimeShape) -> Uptime:
    seconds = (shape.up_seconds, shape.down_seconds, shape.unmonitored_seconds, shape.desk_stopped_seconds)
    return Uptime(Labels.from_mapping(shape.labels), *(round(each * SECOND) for each in seconds))
