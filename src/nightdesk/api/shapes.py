"""The JSON of `/api/desk/`, read by page and command line. Instants in ms; a value that is no number is null."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from nightdesk.app.live.broadcast import Event
from nightdesk.app.standing import Standing
from nightdesk.app.vitals import Vitals
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.notice import Attempt, OutboxEntry
from nightdesk.rules.thresholds import Threshold

Number = Annotated[float, Field(allow_inf_nan=True)]


class Shape(BaseModel):
    """A frozen piece of JSON; NaN and infinities are written as null."""

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


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


class WarningShape(Shape):
    """A warning that stays until somebody acts."""

    code: str
    text: str


class StatusShape(Shape):
    """`GET /api/desk/status`."""

    version: str
    state: Literal["ok", "warning", "critical", "unknown"]
    started_at: int
    now: int
    data: str
    interval_ms: int
    uptime_seconds: float
    lag: LagShape
    series: int
    samples_total: int
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
            firing=FiringShape(critical=counts.critical, warning=counts.warning, info=counts.info),
            pending=counts.pending,
            warnings=[WarningShape(code=each.code.value, text=each.text) for each in standing.warnings],
            build=standing.build,
        )


class ThresholdsShape(Shape):
    """Levels of a vital in its unit; `direction` says which side is bad."""

    warning: float | None
    critical: float | None
    direction: Literal["above", "below"]


class PartShape(Shape):
    """One core, one mount."""

    labels: dict[str, str]
    value: float


class VitalShape(Shape):
    """One vital: `value` or `reason`, never both."""

    name: str
    unit: str
    value: float | None
    reason: str | None
    at: int
    level: Literal["ok", "warning", "critical", "unknown", "none"]
    thresholds: ThresholdsShape | None
    parts: list[PartShape]


class VitalsShape(Shape):
    """`GET /api/desk/vitals`."""

    at: int
    interval_ms: int
    vitals: list[VitalShape]

    @classmethod
    def of(cls, vitals: Vitals) -> "VitalsShape":
        """Shape the vitals."""
        shapes = [
            VitalShape(
                name=vital.name,
                unit=vital.unit,
                value=vital.value,
                reason=vital.reason,
                at=vital.at,
                level=vital.level.value,
                thresholds=_thresholds(vital.threshold),
                parts=[PartShape(labels=part.labels, value=part.value) for part in vital.parts],
            )
            for vital in vitals.vitals
        ]
        return cls(at=vitals.at, interval_ms=vitals.interval_ms, vitals=shapes)


def _thresholds(threshold: Threshold | None) -> ThresholdsShape | None:
    if threshold is None:
        return None
    return ThresholdsShape(warning=threshold.warning, critical=threshold.critical, direction=threshold.direction.value)


class AlertShape(Shape):
    """One alert as last judged."""

    fingerprint: str
    name: str
    severity: Literal["info", "warning", "critical"]
    state: str
    value: Number
    labels: dict[str, str]
    annotations: dict[str, str]
    active_at: int
    fired_at: int | None
    ended_at: int | None
    evidence: str
    rule: str

    @classmethod
    def of(cls, alert: Alert) -> "AlertShape":
        """Shape an alert."""
        return cls(
            fingerprint=alert.fingerprint,
            name=alert.name,
            severity=alert.severity.value,
            state=alert.state.value,
            value=alert.value,
            labels=alert.labels.as_dict(),
            annotations=dict(alert.annotations),
            active_at=alert.active_at,
            fired_at=alert.fired_at,
            ended_at=alert.ended_at,
            evidence=alert.evidence.value,
            rule=alert.rule,
        )


class AlertsShape(Shape):
    """`GET /api/desk/alerts`."""

    alerts: list[AlertShape]

    @classmethod
    def of(cls, alerts: Sequence[Alert]) -> "AlertsShape":
        """Shape alerts in their order."""
        return cls(alerts=[AlertShape.of(alert) for alert in alerts])


class TransitionShape(Shape):
    """One change of an alert."""

    id: str
    at: int
    previous: str | None
    state: str
    alert: AlertShape


class AttemptShape(Shape):
    """What became of an attempt; `failure` is null when the other side took the message."""

    at: int
    failure: str | None
    detail: str


class DeliveryShape(Shape):
    """One message to one channel with its fate."""

    id: int
    channel: str
    reason: str
    state: str
    attempts: int
    last: AttemptShape | None
    created_at: int
    alerts: list[str]


class HistoryShape(Shape):
    """`GET /api/desk/alerts/history`: changes and deliveries, newest first."""

    transitions: list[TransitionShape]
    deliveries: list[DeliveryShape]

    @classmethod
    def of(cls, transitions: Sequence[Transition], entries: Sequence[OutboxEntry]) -> "HistoryShape":
        """Shape a history."""
        return cls(
            transitions=[
                TransitionShape(
                    id=each.id,
                    at=each.at,
                    previous=each.previous.value if each.previous else None,
                    state=each.alert.state.value,
                    alert=AlertShape.of(each.alert),
                )
                for each in transitions
            ],
            deliveries=[_delivery(entry) for entry in entries],
        )


def _delivery(entry: OutboxEntry) -> DeliveryShape:
    return DeliveryShape(
        id=entry.id,
        channel=entry.notice.channel,
        reason=entry.notice.reason.value,
        state=entry.state.value,
        attempts=entry.attempts,
        last=_attempt(entry.last),
        created_at=entry.notice.created_at,
        alerts=[alert.name for alert in entry.notice.alerts],
    )


def _attempt(attempt: Attempt | None) -> AttemptShape | None:
    if attempt is None:
        return None
    failure = attempt.failure.value if attempt.failure else None
    return AttemptShape(at=attempt.at, failure=failure, detail=attempt.detail)


class CodeShape(Shape):
    """`POST /api/desk/session`: the one-time code of the URL that `nightdesk up` prints."""

    code: str = Field(min_length=1, max_length=200)


class SessionShape(Shape):
    """`GET /api/desk/session`."""

    authenticated: bool
    reads_need_token: bool


class LoginShape(Shape):
    """`POST /api/desk/login`: a path of the page that opens one session within ten minutes."""

    path: str


def event_json(event: Event) -> bytes:
    """Write the data of an event: the shape that the route of the same name answers."""
    value = event.value
    if isinstance(value, Vitals):
        return VitalsShape.of(value).model_dump_json().encode()
    if isinstance(value, Standing):
        return StatusShape.of(value).model_dump_json().encode()
    return AlertsShape.of(value).model_dump_json().encode()
