"""One alert, several rules: what each rule holds of it, and which of these people see."""

from collections.abc import Iterable, Mapping

from nightdesk.model.alert import Alert, AlertState
from nightdesk.model.labels import Labels

Standing = tuple[Alert, ...]
"""What the rules hold of one label set, one alert a rule, the one that speaks for it first; never empty when kept."""
Standings = Mapping[Labels, Standing]


def standings_of(alerts: Iterable[Alert]) -> dict[Labels, Standing]:
    """Group alerts by their labels."""
    standings: dict[Labels, Standing] = {}
    for alert in alerts:
        standings[alert.labels] = with_alert(standings.get(alert.labels, ()), alert)
    return standings


def held_by(standing: Standing, rule: str) -> Alert | None:
    """Return what a rule holds of it, or None."""
    return next((alert for alert in standing if alert.rule == rule), None)


def with_alert(standing: Standing, alert: Alert) -> Standing:
    """Return the standing with what one rule holds now; without it where that has ended."""
    others = tuple(other for other in standing if other.rule != alert.rule)
    if not alert.state.is_live:
        return others
    return tuple(sorted((*others, alert), key=_precedence)) if others else (alert,)


def firing(standing: Standing) -> Alert | None:
    """Return the alert that speaks for a label set that fires, or None."""
    return standing[0] if standing and standing[0].state is AlertState.FIRING else None


def _precedence(alert: Alert) -> tuple[bool, bool, int, str]:
    """Order: what fires, what was told, what is older."""
    return alert.state is not AlertState.FIRING, not alert.told, alert.active_at, alert.rule
