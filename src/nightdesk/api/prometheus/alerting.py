"""Prometheus' HTTP API for rules and alerts: `/api/v1/rules` and `/api/v1/alerts`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nightdesk.api.message import Request, Response
from nightdesk.api.prometheus.encode import success, text_json
from nightdesk.api.prometheus.group_pages import GroupPage
from nightdesk.api.prometheus.numbers import moment_text, value_text
from nightdesk.api.prometheus.parameters import Parameters, bad_parameter
from nightdesk.api.prometheus.selectors import selectors_of
from nightdesk.app.desk import Desk
from nightdesk.model.alert import Alert, AlertState
from nightdesk.model.instant import SECOND, format_instant
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.regex import fulfils
from nightdesk.model.rule import AlertRule, Rule
from nightdesk.rules.health import GroupHealth, RuleHealth


async def alerts(request: Request, desk: Desk) -> Response:
    """List pending and firing alerts."""

    def write() -> Response:
        return Response(200, success(text_json({"alerts": [_alert(each) for each in desk.live_alerts()]})))

    return await desk.aside(lambda: write().packed(request))


async def rules(request: Request, desk: Desk) -> Response:
    """List groups with their rules, how each is doing, and the alerts of each; those alone that the parameters ask for.

    Page by page where `group_limit` is given; with `exclude_alerts` without the alerts, though states stay.
    Raises Refused for a `type` other than `alert` and `record`, a bad selector, and a page that is not there.
    """
    asked = Parameters.of(request)
    wanted, page, listed = _Wanted.by(asked), GroupPage.by(asked), not asked.flag("exclude_alerts")

    def write() -> Response:
        alerts = desk.alerts_by_rule()
        found = [(health, rules) for health in desk.rules() if (rules := wanted.rules_of(health))]
        shown, following = page.cut([health.group for health, _ in found])
        groups = [_group(health, rules, alerts, listed=listed) for health, rules in found[shown]]
        told = {"groups": groups, **({"groupNextToken": following} if following else {})}
        return Response(200, success(text_json(told)))

    return await desk.aside(lambda: write().packed(request))


async def alertmanagers(_request: Request, _desk: Desk) -> Response:
    """Answer that there are none: a desk routes and delivers by itself."""
    return Response(200, success(text_json({"activeAlertmanagers": [], "droppedAlertmanagers": []})))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which rules are asked for; of what is empty, any."""

    kind: str
    names: frozenset[str]
    groups: frozenset[str]
    files: frozenset[str]
    selectors: list[tuple[Matcher, ...]]

    @classmethod
    def by(cls, parameters: Parameters) -> "_Wanted":
        """Read `type`, `rule_name[]`, `rule_group[]`, `file[]` and `match[]`."""
        kind = parameters.text("type").lower()
        if kind not in ("", "alert", "record"):
            raise bad_parameter("type", f'not supported value "{kind}"')
        names, groups, files = (frozenset(parameters.all(name)) for name in ("rule_name[]", "rule_group[]", "file[]"))
        return cls(kind, names, groups, files, selectors_of(parameters))

    def rules_of(self, health: GroupHealth) -> list[RuleHealth]:
        """Return the rules of a group that are asked for, in order."""
        group = health.group
        if (self.groups and group.name not in self.groups) or (self.files and group.file not in self.files):
            return []
        return [each for each in health.rules if self._takes(each.rule)]

    def _takes(self, rule: Rule) -> bool:
        kind = "alert" if isinstance(rule, AlertRule) else "record"
        return self.kind in ("", kind) and (not self.names or rule.name in self.names) and self._chooses(rule)

    def _chooses(self, rule: Rule) -> bool:
        """Tell whether any selector chooses the labels as the rule has them, before templates are filled in."""
        if not self.selectors:
            return True
        labels = Labels(rule.labels)
        return any(fulfils(labels, matchers) for matchers in self.selectors)


def _group(
    health: GroupHealth, rules: Sequence[RuleHealth], alerts: Mapping[str, Sequence[Alert]], *, listed: bool
) -> dict[str, object]:
    group = health.group
    return {
        "name": group.name,
        "file": group.file,
        "interval": group.interval / SECOND,
        "limit": group.limit,
        "evaluationTime": health.seconds,
        "lastEvaluation": moment_text(health.at),
        "rules": [_rule(rule, alerts.get(rule.key, ()), listed=listed) for rule in rules],
    }


def _rule(health: RuleHealth, alerts: Sequence[Alert], *, listed: bool) -> dict[str, object]:
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
        "alerts": [_alert(alert) for alert in alerts] if listed else [],
    }


def _alert(alert: Alert) -> dict[str, object]:
    return {
        "labels": alert.labels.as_dict(),
        "annotations": dict(alert.annotations),
        "state": alert.state.value,
        "activeAt": format_instant(alert.active_at),
        "value": value_text(alert.value).decode(),
    }
