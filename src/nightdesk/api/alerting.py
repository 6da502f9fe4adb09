"""Prometheus' HTTP API for rules and alerts: `/api/v1/rules` and `/api/v1/alerts`."""

from collections.abc import Mapping, Sequence

from nightdesk.api.encode import success, text_json
from nightdesk.api.message import Request, Response
from nightdesk.api.numbers import moment_text, value_text
from nightdesk.app.desk import Desk
from nightdesk.model.alert import Alert, AlertState
from nightdesk.model.instant import SECOND, format_instant
from nightdesk.model.rule import AlertRule
from nightdesk.rules.health import GroupHealth, RuleHealth


async def alerts(request: Request, desk: Desk) -> Response:
    """List pending and firing alerts."""
    return Response(200, success(text_json({"alerts": [_alert(each) for each in desk.live_alerts()]}))).packed(request)


async def rules(request: Request, desk: Desk) -> Response:
    """List groups with their rules, how each is doing, and the alerts of each."""
    by_rule: dict[str, list[Alert]] = {}
    for alert in desk.live_alerts():
        by_rule.setdefault(alert.rule, []).append(alert)
    groups = [_group(health, by_rule) for health in desk.rules()]
    return Response(200, success(text_json({"groups": groups}))).packed(request)


def _group(health: GroupHealth, alerts: Mapping[str, Sequence[Alert]]) -> dict[str, object]:
    group = health.group
    return {
        "name": group.name,
        "file": group.file,
        "interval": group.interval / SECOND,
        "limit": group.limit,
        "evaluationTime": health.seconds,
        "lastEvaluation": moment_text(health.at),
        "rules": [_rule(rule, alerts.get(rule.key, ())) for rule in health.rules],
    }


def _rule(health: RuleHealth, alerts: Sequence[Alert]) -> dict[str, object]:
    rule = health.rule
    shaped: dict[str, object] = {
        "name": rule.name,
        "query": rule.expr,
        "labels": dict(rule.labels),
        "health": health.state.value,
        "lastError": health.error,
        "evaluationTime": health.seconds,
        "lastEvaluation": moment_text(health.at),
    }
    if not isinstance(rule, AlertRule):
        return {**shaped, "type": "recording"}
    states = {alert.state for alert in alerts}
    state = "firing" if AlertState.FIRING in states else "pending" if AlertState.PENDING in states else "inactive"
    return {
        **shaped,
        "type": "alerting",
        "state": state,
        "duration": rule.for_ / SECOND,
        "keepFiringFor": rule.keep_firing_for / SECOND,
        "annotations": dict(rule.annotations),
        "alerts": [_alert(alert) for alert in alerts],
    }


def _alert(alert: Alert) -> dict[str, object]:
    return {
        "labels": alert.labels.as_dict(),
        "annotations": dict(alert.annotations),
        "state": alert.state.value,
        "activeAt": format_instant(alert.active_at),
        "value": value_text(alert.value).decode(),
    }
