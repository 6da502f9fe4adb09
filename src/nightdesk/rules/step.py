"""The one judge: a pure step from a rule, its answer and its alerts to the alerts' present standing.

With `no_data: prometheus` it is Prometheus' state machine, evaluation for evaluation. With `no_data: hold` an alert
whose series are not in the answer ends only if the answer says that they were looked at and refused; where they are
absent it is held as it was. A failed query holds every alert in both modes, as in Prometheus.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final

from nightdesk.errors import NightdeskError, QueryError
from nightdesk.model.alert import ALERT_NAME, Alert, AlertState, Evidence
from nightdesk.model.instant import HOUR, SECOND
from nightdesk.model.labels import METRIC_NAME, Labels
from nightdesk.model.rule import AlertRule, NoData
from nightdesk.query.answer import Answer
from nightdesk.rules.templates.template import render
from nightdesk.rules.templates.values import Ask, Facts, no_answers
from nightdesk.rules.vector import Vector, vector_of

PENDING_HELD: Final = HOUR
"""A pending alert without data is dropped after this long (or after `for`, if longer): nobody was told of it."""
ALERTS: Final = "ALERTS"
ALERTS_FOR_STATE: Final = "ALERTS_FOR_STATE"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one judgement of a rule found."""

    alerts: tuple[Alert, ...]
    """The present standing of every alert of the rule; those that ended with this judgement are among them."""
    error: str = ""
    """Why nothing could be judged; every alert is as it was then, and no samples are written."""

    @property
    def live(self) -> tuple[Alert, ...]:
        """Those that are pending or firing."""
        return tuple(alert for alert in self.alerts if alert.state.is_live)

    @property
    def samples(self) -> Vector:
        """The series `ALERTS` and `ALERTS_FOR_STATE` (Unix seconds since when), as Prometheus writes them."""
        if self.error:
            return []
        return [sample for alert in self.live for sample in _samples_of(alert)]


@dataclass(frozen=True, slots=True)
class _Sighting:
    value: float
    annotations: tuple[tuple[str, str], ...]


def judge(
    rule: AlertRule,
    answer: Answer | NightdeskError,
    previous: Sequence[Alert],
    at: int,
    *,
    key: str = "",
    limit: int = 0,
    ask: Ask = no_answers,
) -> Judgement:
    """Judge a rule at `at` ms. `previous` are its alerts that were pending or firing; `key` names it in new ones.

    `ask` answers the queries of its texts.
    An answer that is an error, that is no vector, that gives two alerts one label set, or that gives more than `limit`
    alerts (0 is no limit) holds all alerts and says why.
    """
    try:
        if isinstance(answer, NightdeskError):
            raise answer
        sightings = _sightings(rule, vector_of(answer), ask)
    except NightdeskError as error:
        return _held(previous, at, str(error))
    known = {alert.labels: alert for alert in previous}
    seen = [
        _seen(
            rule, known.get(labels), Alert(labels, each.annotations, AlertState.PENDING, each.value, at, rule=key), at
        )
        for labels, each in sightings.items()
    ]
    gone = [alert for alert in previous if alert.labels not in sightings]
    refused = _subjects(rule, gone, answer.rejected, sightings)
    judged = (*seen, *(_unseen(rule, alert, at, refused=_subject(rule, alert.labels) in refused) for alert in gone))
    return _within(limit, Judgement(judged), rule, previous, at)


def _sightings(rule: AlertRule, vector: Vector, ask: Ask) -> dict[Labels, _Sighting]:
    """Return the alerts that the answer calls for, each with its value and rendered annotations."""
    sightings: dict[Labels, _Sighting] = {}
    for labels, value in vector:
        facts = Facts(labels.as_dict(), value, ask=ask)
        text = partial(render, facts=facts)
        given = {name: text(template) for name, template in rule.labels}
        alert_labels = labels.without_name().merged({**given, ALERT_NAME: rule.name})
        if alert_labels in sightings:
            raise QueryError("vector contains metrics with the same labelset after applying alert labels")
        annotations = tuple((name, text(template)) for name, template in rule.annotations)
        sightings[alert_labels] = _Sighting(value, annotations)
    return sightings


def _seen(rule: AlertRule, known: Alert | None, fresh: Alert, at: int) -> Alert:
    """Bring an alert whose condition is true up to date; it fires once that has been so for `for`."""
    alert = fresh if known is None else replace(known, value=fresh.value, annotations=fresh.annotations)
    alert = replace(alert, judged_at=at, true_at=at, quiet_at=None, evidence=Evidence.TRUE)
    if alert.state is AlertState.PENDING and at - alert.active_at >= rule.for_:
        return replace(alert, state=AlertState.FIRING, fired_at=at)
    return alert


def _unseen(rule: AlertRule, alert: Alert, at: int, *, refused: bool) -> Alert:
    """Judge an alert that the answer does not call for: hold it, keep it firing, or end it."""
    evidence = Evidence.FALSE if refused else Evidence.ABSENT
    alert = replace(alert, judged_at=at, evidence=evidence)
    if evidence is Evidence.ABSENT and rule.no_data is NoData.HOLD:
        waits = alert.state is AlertState.PENDING and at - alert.true_at > max(rule.for_, PENDING_HELD)
        return _ended(alert, at) if waits else alert
    if alert.state is AlertState.FIRING and rule.keep_firing_for:
        alert = replace(alert, quiet_at=at if alert.quiet_at is None else alert.quiet_at)
        if alert.quiet_at is not None and at - alert.quiet_at < rule.keep_firing_for:
            return alert
    return _ended(alert, at)


def _ended(alert: Alert, at: int) -> Alert:
    state = AlertState.RESOLVED if alert.state is AlertState.FIRING else AlertState.DROPPED
    return replace(alert, state=state, ended_at=at)


def end_unjudged(alert: Alert, at: int, evidence: Evidence) -> Alert:
    """End an alert by what has become of its rule or of the desk, not by an answer."""
    return replace(_ended(alert, at), judged_at=at, evidence=evidence)


def _held(previous: Sequence[Alert], at: int, error: str) -> Judgement:
    held = tuple(replace(alert, judged_at=at, evidence=Evidence.ERROR) for alert in previous)
    return Judgement(held, error or "the query failed without a word")


def _within(limit: int, judgement: Judgement, rule: AlertRule, previous: Sequence[Alert], at: int) -> Judgement:
    count = len(judgement.live)
    if not limit or count <= limit:
        return judgement
    error = f"exceeded limit of {limit} with {count} alerts"
    if rule.no_data is NoData.HOLD:
        return _held(previous, at, error)
    ended = (_ended(replace(alert, judged_at=at, evidence=Evidence.ERROR), at) for alert in previous)
    return Judgement(tuple(ended), error)


def _subject(rule: AlertRule, labels: Labels) -> Labels:
    """Return what an alert is about: its labels less those that the rule itself gives."""
    return labels.without((METRIC_NAME, ALERT_NAME, *(name for name, _ in rule.labels)))


def _subjects(
    rule: AlertRule, gone: Sequence[Alert], rejected: Iterable[Labels], sightings: Mapping[Labels, _Sighting]
) -> frozenset[Labels]:
    """Return the subjects that were looked at: refused by a comparison, or true under other labels of the rule's."""
    if not gone:
        return frozenset()
    looked_at = {_subject(rule, labels) for labels in rejected}
    return frozenset(looked_at.union(_subject(rule, labels) for labels in sightings))


def _samples_of(alert: Alert) -> Vector:
    state, since = _series_of(alert.labels, alert.state)
    return [(state, 1.0), (since, float(alert.active_at // SECOND))]


@lru_cache(maxsize=16_384)  # written every round, while the labels of an alert never change
def _series_of(labels: Labels, state: AlertState) -> tuple[Labels, Labels]:
    return (
        labels.merged({METRIC_NAME: ALERTS, "alertstate": state.value}),
        labels.merged({METRIC_NAME: ALERTS_FOR_STATE}),
    )
