"""The story of alerts from a data folder that no desk holds, in the form of `/api/desk/alerts/history`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nightdesk.app.offline import open_records
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.notice import OutboxEntry


def read_history(data: Path, since: int, limit: int) -> dict[str, Any]:
    """Return changes since an instant (ms) and the newest messages, newest first.

    Raises:
        StoreError: there is no such folder, or it cannot be read.
    """
    with open_records(data) as records:
        return history_form(records.alerts.history(since, limit), records.outbox.entries(limit))


def history_form(transitions: Sequence[Transition], entries: Sequence[OutboxEntry]) -> dict[str, Any]:
    """Write changes and messages as the desk's API does."""
    return {"transitions": [*map(_transition, transitions)], "deliveries": [*map(_delivery, entries)]}


def _transition(transition: Transition) -> dict[str, Any]:
    return {
        "id": transition.id,
        "at": transition.at,
        "previous": transition.previous.value if transition.previous else None,
        "state": transition.alert.state.value,
        "alert": _alert(transition.alert),
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "fingerprint": alert.fingerprint,
        "name": alert.name,
        "severity": alert.severity.value,
        "state": alert.state.value,
        "value": alert.value,
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "active_at": alert.active_at,
        "fired_at": alert.fired_at,
        "ended_at": alert.ended_at,
        "evidence": alert.evidence.value,
        "rule": alert.rule,
    }


def _delivery(entry: OutboxEntry) -> dict[str, Any]:
    last = entry.last
    failure = last.failure.value if last and last.failure else None
    return {
        "id": entry.id,
        "channel": entry.notice.channel,
        "reason": entry.notice.reason.value,
        "state": entry.state.value,
        "attempts": entry.attempts,
        "last": {"at": last.at, "failure": failure, "detail": last.detail} if last else None,
        "created_at": entry.notice.created_at,
        "alerts": [alert.name for alert in entry.notice.alerts],
    }
