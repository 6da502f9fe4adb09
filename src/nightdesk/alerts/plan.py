"""What one round of reports does to the book, worked out before anything is written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nightdesk.alerts.gates import HigherSeverityGate
from nightdesk.alerts.merge import LIVE, carried, merge
from nightdesk.alerts.notices import notices_for
from nightdesk.alerts.routing import Router
from nightdesk.model.alert import Alert, AlertState, Transition
from nightdesk.model.labels import Labels
from nightdesk.model.mute import Muted
from nightdesk.model.notice import Notice


@dataclass(frozen=True, slots=True)
class Plan:
    """The book after a round, and what must be durable before it becomes true."""

    live: dict[Labels, Alert]
    held: dict[Labels, Muted]
    """Firing alerts that nobody was told of, and why."""
    transitions: tuple[Transition, ...]
    notices: tuple[Notice, ...]


def plan(
    live: Mapping[Labels, Alert], held: Mapping[Labels, Muted], reports: Sequence[Alert], router: Router, at: int
) -> Plan:
    """Work out a round: merge every report, then tell of what fires untold and of what ended told."""
    after = dict(live)
    changes: dict[Labels, list[Transition]] = {}
    for report in reports:
        known = after.get(report.labels)
        merged = merge(known, report, at)
        if merged:
            changes.setdefault(report.labels, []).extend(merged)
            _put(after, merged[-1].alert)
        elif report.state in LIVE:
            after[report.labels] = carried(known, report)
    now_held = {labels: muted for labels, muted in held.items() if labels in after}
    for labels, answer in _tell(after, reports, router).items():
        if isinstance(answer, Muted):
            now_held[labels] = answer
        else:
            now_held.pop(labels, None)
            after[labels] = _mark_told(after[labels], answer, changes.setdefault(labels, []), at)
    transitions = tuple(change for merged in changes.values() for change in merged)
    return Plan(after, now_held, transitions, tuple(notices_for(transitions, at)))


def _put(live: dict[Labels, Alert], alert: Alert) -> None:
    if alert.state in LIVE:
        live[alert.labels] = alert
    else:
        live.pop(alert.labels, None)


def _tell(
    live: Mapping[Labels, Alert], reports: Sequence[Alert], router: Router
) -> dict[Labels, tuple[str, ...] | Muted]:
    """Ask gates and router about every reported alert that fires and was told to nobody.

    It is asked again each round, so that a mute that ends, or a route that is added, lets a firing alert out.
    """
    standing = (live.get(report.labels) for report in reports)
    untold = {
        alert.labels: alert for alert in standing if alert and alert.state is AlertState.FIRING and not alert.told
    }
    if not untold:
        return {}
    gate = HigherSeverityGate(live.values())
    return {labels: gate.held(alert) or router.channels_for(alert) for labels, alert in untold.items()}


def _mark_told(alert: Alert, channels: tuple[str, ...], changes: list[Transition], at: int) -> Alert:
    """Write the channels into the change that made the alert fire, or into a change of its own if it fired before."""
    if changes and changes[-1].alert.state is AlertState.FIRING:
        told = replace(alert, told=channels)
        changes[-1] = replace(changes[-1], alert=told)
    else:
        told = replace(alert, told=channels, changes=alert.changes + 1)
        changes.append(Transition(told, AlertState.FIRING, at, told.changes))
    return told
