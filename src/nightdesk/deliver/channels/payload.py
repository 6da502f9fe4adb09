"""A notice in the JSON form of Alertmanager's webhook, version 4; documented in docs/channels.md."""

from collections.abc import Iterable
from typing import Any, Final

from nightdesk.deliver.render import Place, lines_of_test, why_ended
from nightdesk.model.alert import ALERT_NAME, Alert
from nightdesk.model.instant import format_instant
from nightdesk.model.notice import Notice

_NOT_ENDED: Final = "0001-01-01T00:00:00Z"
"""What Alertmanager writes for an alert that has no end yet: Go's zero time."""
_TEST_LABELS: Final = {ALERT_NAME: "NightdeskTest", "severity": "info"}


def payload(notice: Notice, place: Place) -> dict[str, Any]:
    """Build the body of the POST; whatever reads Alertmanager's webhooks reads this.

    A test is one alert that is already over, so that nothing stays open where it arrives. `nightdesk` adds the key
    and the reason.
    """
    alerts = [_alert(alert, place) for alert in notice.alerts] or [_test_alert(notice, place)]
    common = _common([alert["labels"] for alert in alerts])
    group = {ALERT_NAME: common[ALERT_NAME]} if ALERT_NAME in common else {}
    return {
        "version": "4",
        "groupKey": "{}:{" + ", ".join(f'{name}="{value}"' for name, value in group.items()) + "}",
        "truncatedAlerts": 0,
        "status": "firing" if any(alert["status"] == "firing" for alert in alerts) else "resolved",
        "receiver": notice.channel,
        "groupLabels": group,
        "commonLabels": common,
        "commonAnnotations": _common([alert["annotations"] for alert in alerts]),
        "externalURL": place.public_url,
        "alerts": alerts,
        "nightdesk": {"key": notice.key, "reason": notice.reason.value, "host": place.host},
    }


def _alert(alert: Alert, place: Place) -> dict[str, Any]:
    started = alert.fired_at if alert.fired_at is not None else alert.active_at
    return {
        "status": "firing" if alert.ended_at is None else "resolved",
        "labels": _readable(alert.labels.pairs),
        "annotations": _readable(_annotations(alert, place)),
        "startsAt": format_instant(started),
        "endsAt": _NOT_ENDED if alert.ended_at is None else format_instant(alert.ended_at),
        "generatorURL": place.public_url,
        "fingerprint": alert.fingerprint,
    }


def _annotations(alert: Alert, place: Place) -> Iterable[tuple[str, str]]:
    """Return the annotations, with `ended` where the end is no recovery: `resolved` is all the status can say."""
    why = why_ended(alert, place)
    return (*alert.annotations, ("ended", why)) if why else alert.annotations


def _test_alert(notice: Notice, place: Place) -> dict[str, Any]:
    at = format_instant(notice.created_at)
    return {
        "status": "resolved",
        "labels": {**_TEST_LABELS, "instance": place.host},
        "annotations": {"summary": " ".join(lines_of_test(notice, place))},
        "startsAt": at,
        "endsAt": at,
        "generatorURL": place.public_url,
        "fingerprint": notice.key[:16],
    }


def _readable(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return pairs without lone surrogates, which many a JSON reader refuses together with all the rest."""
    return {name: value.encode("utf-8", "replace").decode("utf-8") for name, value in pairs}


def _common(sets: list[dict[str, str]]) -> dict[str, str]:
    """Return the pairs that are the same in all."""
    first, *others = sets
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}
