"""How the desk stands, as JSON."""

from typing import Literal

from nightdesk.app.shapes.shape import Shape, Text
from nightdesk.app.standing.holdings import Holdings
from nightdesk.app.standing.standing import Standing


class LagShape(Shape):
    """How far behind things run, in milliseconds."""

    loop_p99_ms: float
    rules_p99_ms: float
    ingest_ms: float


class FiringShape(Shape):
    """Firing alerts by severity."""

    critical: int
    warning: int
    info: int


class HeldShape(Shape):
    """What is held of samples: bytes on the disk, UTC days, an instant in ms. Of what is null `reason` says why.

    A null `quota_bytes` means that no bound is set.
    """

    samples_bytes: int | None
    journal_bytes: int | None
    tiers_bytes: int | None
    quota_bytes: int | None
    oldest_day: str | None
    newest_day: str | None
    newest_at: int | None
    reason: Text

    @classmethod
    def of(cls, held: Holdings) -> "HeldShape":
        """Shape holdings."""
        return cls(
            samples_bytes=held.samples_bytes,
            journal_bytes=held.journal_bytes,
            tiers_bytes=held.tiers_bytes,
            quota_bytes=held.quota_bytes,
            oldest_day=held.oldest_day,
            newest_day=held.newest_day,
            newest_at=held.newest_at,
            reason=held.reason,
        )


class WarningShape(Shape):
    """A warning that stays until somebody acts."""

    code: str
    text: Text


class StatusShape(Shape):
    """`GET /api/desk/status`."""

    version: str
    state: Literal["ok", "warning", "critical", "unknown"]
    started_at: int
    now: int
    data: Text
    interval_ms: int
    uptime_seconds: float
    lag: LagShape
    series: int
    samples_total: int
    held: HeldShape
    firing: FiringShape
    pending: int
    warnings: list[WarningShape]
    build: str

    @classmethod
    def of(cls, standing: Standing) -> "StatusShape":
        """Shape a standing."""
        lag, counts = standing.lag, standing.counts
        return cls(
            version=standing.version,
            state=standing.state.value,
            started_at=standing.started_at,
            now=standing.now,
            data=standing.data,
            interval_ms=standing.interval_ms,
            uptime_seconds=standing.uptime_seconds,
            lag=LagShape(
                loop_p99_ms=round(lag.loop_p99 * 1000, 1),
                rules_p99_ms=round(lag.rules_p99 * 1000, 1),
                ingest_ms=round(lag.ingest * 1000, 1),
            ),
            series=standing.series,
            samples_total=standing.samples_total,
            held=HeldShape.of(standing.held),
            firing=FiringShape(critical=counts.critical, warning=counts.warning, info=counts.info),
            pending=counts.pending,
            warnings=[WarningShape(code=each.code.value, text=each.text) for each in standing.warnings],
            build=standing.build,
        )
