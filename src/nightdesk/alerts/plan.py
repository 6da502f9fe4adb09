"""What one round of reports does to the book, worked out before anything is written down."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from nightdesk.alerts.crowd import AT_ONCE, WINDOW, Crowds, is_crowded, with_begun
from nightdesk.alerts.gates import HigherSeverityGate
from nightdesk.alerts.lost import Lost, waiting
from nightdesk.alerts.notices import notices_for
from nightdesk.alerts.round import Round
from nightdesk.alerts.routing import Router
from nightdesk.alerts.standings import Standings, firing
from nightdesk.model.alert import Alert, Transition
from nightdesk.model.instant import format_duration
from nightdesk.model.labels import Labels
from nightdesk.model.mute import Muted, MuteReason
from nightdesk.model.notice import Notice


@dataclass(frozen=True, slots=True)
class Standpoint:
    """The book between two rounds."""

    live: Standings
    held: Mapping[Labels, Muted] = field(default_factory=dict)
    """Firing alerts that nobody was told of, and why."""
    lost: Lost = field(default_factory=dict)
    crowds: Crowds = field(default_factory=dict)
    """When each alert began lately."""
    number: int = 0
    """The greatest number that a change ever had."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The book after a round, and what must be durable before it becomes true."""

    after: Standpoint
    transitions: tuple[Transition, ...]
    notices: tuple[Notice, ...]


def plan(before: Standpoint, reports: Sequence[Alert], router: Router, at: int) -> Plan:
    """Work out a round: merge every report, then tell of what fires untold and of what ended told."""
    turn = Round(before.live, before.number, at)
    for report in reports:
        turn.hear(report)
    turn.hand_on()
    answers = _tell(turn, reports, router, before)
    held = {labels: muted for labels, muted in before.held.items() if labels in turn.live and labels not in answers}
    held |= {labels: answer for labels, answer in answers.items() if isinstance(answer, Muted)}
    begun = (firing(turn.live[labels]) for labels, answer in answers.items() if isinstance(answer, tuple) and answer)
    crowds = with_begun(before.crowds, filter(None, begun), at)
    after = Standpoint(turn.live, held, _left_lost(before.lost, turn, answers), crowds, turn.number)
    return Plan(after, turn.transitions, tuple(notices_for(turn.news(), at)))


def _tell(
    turn: Round, reports: Sequence[Alert], router: Router, before: Standpoint
) -> dict[Labels, tuple[str, ...] | Muted]:
    """Tell of what fires untold, of what a channel gave up long enough ago, and of what a higher alert hid until now.

    It is asked again each round, so that a mute that ends, or a route that is added, lets a firing alert out. Returns
    the answer about each alert that was asked about: the channels that are told now, or why nobody is.
    """
    lost, freed = before.lost, HigherSeverityGate(turn.ended())
    asked = _asked(turn, reports, freed, lost)
    if asked:
        asked |= _let_out(turn, before)
    if not asked:
        return {}
    gate = HigherSeverityGate(alert for standing in turn.live.values() if (alert := firing(standing)))
    answers: dict[Labels, tuple[str, ...] | Muted] = {}
    for alert in sorted(asked.values(), key=lambda alert: -alert.severity.rank):
        may = None if not alert.told or _has_due(lost, alert, turn.at) else freed.channels(alert)
        answer = _answer(alert, router, gate, waiting(lost, alert, turn.at), may)
        if answer and isinstance(answer, tuple) and not alert.told and is_crowded(before.crowds, alert, turn.at):
            answer = Muted(MuteReason.CROWD, f"{alert.name} began {AT_ONCE} times within {format_duration(WINDOW)}")
        if isinstance(answer, tuple) and answer:
            gate.note(turn.tell(alert, answer))
        answers[alert.labels] = answer
    return answers


def _asked(turn: Round, reports: Sequence[Alert], freed: HigherSeverityGate, lost: Lost) -> dict[Labels, Alert]:
    fire = (firing(turn.live.get(report.labels, ())) for report in reports)
    asked = {alert.labels: alert for alert in fire if alert and (not alert.told or _has_due(lost, alert, turn.at))}
    if freed:
        everything = (firing(standing) for standing in turn.live.values())
        asked |= {alert.labels: alert for alert in everything if alert and freed.channels(alert)}
    return asked


def _let_out(turn: Round, before: Standpoint) -> dict[Labels, Alert]:
    """Return what waits in a crowd that has passed: all of it goes with whatever is told next, in one message."""
    crowded = (labels for labels, muted in before.held.items() if muted.reason is MuteReason.CROWD)
    fire = (firing(turn.live.get(labels, ())) for labels in crowded)
    return {alert.labels: alert for alert in fire if alert and not is_crowded(before.crowds, alert, turn.at)}


def _answer(
    alert: Alert,
    router: Router,
    gate: HigherSeverityGate,
    waits: frozenset[str],
    may: frozenset[str] | None,
) -> tuple[str, ...] | Muted:
    """Return the channels that are to be told now, of those that it `may` be told on (None: any); or why none is."""
    wanted = router.channels_for(alert)
    if isinstance(wanted, Muted):
        return wanted
    hidden = gate.channels(alert)
    told = tuple(
        channel
        for channel in wanted
        if channel not in alert.told and channel not in hidden | waits and (may is None or channel in may)
    )
    if told or alert.told:
        return told
    if hidden.intersection(wanted):
        return gate.held(alert)
    return Muted(MuteReason.UNDELIVERABLE, f"{', '.join(sorted(waits))} gave its message up")


def _has_due(lost: Lost, alert: Alert, at: int) -> bool:
    return alert.labels in lost and len(lost[alert.labels]) > len(waiting(lost, alert, at))


def _left_lost(lost: Lost, turn: Round, asked: Collection[Labels]) -> dict[Labels, dict[str, int]]:
    """Return what is still lost: of alerts that fire, the channels that were not asked about again."""
    left: dict[Labels, dict[str, int]] = {}
    for labels, channels in lost.items():
        alert = firing(turn.live.get(labels, ()))
        if alert is not None:
            waits = waiting(lost, alert, turn.at)
            left[labels] = {name: at for name, at in channels.items() if labels not in asked or name in waits}
    return {labels: channels for labels, channels in left.items() if channels}
