"""Alerts as JSON: those that live, and the story of changes and messages."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from nightdesk.app.live.live_alerts import LiveAlerts
from nightdesk.app.shapes.shape import Number, Shape, Text
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.notice import Attempt, OutboxEntry


class AlertShape(Shape):
    """One alert as last judged."""

    fingerprint: str
    name: Text
    severity: Literal["info", "warning", "critical"]
    state: str
    value: Number
    labels: dict[Text, Text]
    annotations: dict[Text, Text]
    active_at: int
    fired_at: int | None
    ended_at: int | None
    evidence: str
    rule: Text

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


class HeldShape(Shape):
    """Why an alert that fires was told to nobody: the reason, and what holds it."""

    reason: str
    by: Text


class LiveAlertShape(AlertShape):
    """An alert that lives: `held` where it fires and nobody was told; `kept_from` what its being load keeps it from."""

    held: HeldShape | None
    kept_from: list[Text]

    @classmethod
    def among(cls, live: LiveAlerts, alert: Alert) -> "LiveAlertShape":
        """Shape one of the live alerts."""
        muted = live.held.get(alert.labels)
        held = HeldShape(reason=muted.reason.value, by=muted.by) if muted else None
        kept_from = list(live.kept_from.get(alert.labels, ()))
        return cls(**dict(AlertShape.of(alert)), held=held, kept_from=kept_from)


class ReleaseShape(Shape):
    """`POST /api/desk/alerts/release`: which alert to end although its data have not come back."""

    fingerprint: str = Field(min_length=1, max_length=64)


class AlertsShape(Shape):
    """`GET /api/desk/alerts`."""

    alerts: list[LiveAlertShape]

    @classmethod
    def of(cls, live: LiveAlerts) -> "AlertsShape":
        """Shape alerts in their order."""
        return cls(alerts=[LiveAlertShape.among(live, alert) for alert in live.alerts])


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
    detail: Text


class DeliveryShape(Shape):
    """One message to one channel with its fate."""

    id: int
    channel: str
    reason: str
    state: str
    attempts: int
    last: AttemptShape | None
    created_at: int
    alerts: list[Text]
    instead_of: Text
    """The channel that failed, where this message was told here in its place; else empty."""


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
        instead_of=entry.notice.instead_of,
    )


def _attempt(attempt: Attempt | None) -> AttemptShape | None:
    if attempt is None:
        return None
    failure = attempt.failure.value if attempt.failure else None
    return AttemptShape(at=attempt.at, failure=failure, detail=attempt.detail)
