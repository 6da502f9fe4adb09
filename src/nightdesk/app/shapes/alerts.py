"""Alerts as JSON: those that live, and the story of changes and messages."""

from collections.abc import Sequence
from typing import Literal

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
