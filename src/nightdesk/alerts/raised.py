"""Alerts that programs raise: the same metric with the same labels is the same alert, however often it is reported.

An episode lasts from the first report to the end, which is a program's word or its silence. It keeps the worst severity
that it reached: like the two levels of a rule, a warning that became critical stays beside it until both end.
"""

import re
from dataclasses import dataclass, replace
from math import isnan
from typing import Final

from nightdesk.alerts.severity import severity_of
from nightdesk.errors import BadLabels, Refused
from nightdesk.model.alert import ALERT_NAME, SEVERITY, Alert, AlertState, Evidence, Severity
from nightdesk.model.direction import Direction
from nightdesk.model.instant import DAY, MINUTE, SECOND
from nightdesk.model.labels import LABEL_PATTERN, Labels

RULE: Final = "raised;"
"""How the rule keys of raised alerts begin; the metric follows."""
EXPIRES_AFTER: Final = 5 * MINUTE
"""How long an alert stands that nobody renews, unless its program says otherwise."""
MOST_EXPIRES_AFTER: Final = 7 * DAY
FLAPS_WITHIN: Final = 10 * MINUTE
"""An alert that is back so soon after its end flaps."""
QUIET: Final = 5 * MINUTE
"""How long an alert that flaps must be quiet before its end is told."""
MOST_LABELS: Final = 24
MOST_NAME: Final = 128
MOST_VALUE: Final = 1_024
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:.]*")
"""A metric's name, in which a dot may stand: an alert's is a label's value, and programs name figures `book.spread`."""
_RESERVED: Final = (ALERT_NAME, SEVERITY)


@dataclass(frozen=True, slots=True)
class Breach:
    """What a program reports: a metric that has passed its threshold, of what the labels name."""

    metric: str
    value: float
    threshold: float
    labels: Labels = Labels()  # noqa: RUF009 - a frozen value
    direction: Direction = Direction.ABOVE
    expires_after: int = EXPIRES_AFTER
    """Milliseconds after which the alert ends where no report renews it."""

    def __post_init__(self) -> None:
        """Refuse what could be no alert. Raises BadLabels, Refused."""
        check_subject(self.metric, self.labels)
        if not SECOND <= self.expires_after <= MOST_EXPIRES_AFTER:
            raise Refused("an alert is renewed within 1 second to 7 days: expires_after lies outside")

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return severity_of(self.value, self.threshold, self.direction)

    @property
    def summary(self) -> str:
        """The breach as one sentence, without its labels."""
        if isnan(self.value):
            return f"{self.metric} is no number; its threshold is {self.direction.value} {self.threshold:g}"
        if isnan(self.threshold):
            return f"{self.metric} is {self.value:.6g}; its threshold is no number"
        beyond = "" if self.direction.past(self.value, self.threshold) > 0 else "not "
        return f"{self.metric} is {self.value:.6g}, {beyond}{self.direction.value} {self.threshold:g}"


@dataclass(frozen=True, slots=True)
class Episode:
    """One raised alert from its first report to its end; `ticks` count seconds that stand still in a suspend."""

    alerts: tuple[Alert, ...]
    """One for each severity it reached, the worst last."""
    renewed_at: float
    """The tick of the last report."""
    expires_after: int = EXPIRES_AFTER
    flaps: bool = False
    quiet_since: float | None = None
    """The tick at which its program said that it is over, while the end is held back."""

    @property
    def worst(self) -> Alert:
        """The alert that speaks for it."""
        return self.alerts[-1]

    def end_due(self, tick: float) -> Evidence | None:
        """Return why it ends now, or None while it goes on."""
        if self.quiet_since is not None:
            return Evidence.FALSE if (tick - self.quiet_since) * SECOND >= QUIET else None
        return Evidence.EXPIRED if (tick - self.renewed_at) * SECOND >= self.expires_after else None


def check_subject(metric: str, labels: Labels) -> None:
    """Refuse names and sizes that no alert may have. Raises BadLabels."""
    if not _NAME.fullmatch(metric) or len(metric) > MOST_NAME:
        raise BadLabels(f"not the name of a metric: {metric[:40]!r}; write letters, digits, _, : and .")
    if len(labels) > MOST_LABELS:
        raise BadLabels(f"{len(labels)} labels; at most {MOST_LABELS} are taken")
    for name, value in labels:
        if name in _RESERVED or not LABEL_PATTERN.fullmatch(name) or len(name) > MOST_NAME:
            raise BadLabels(f"not a label that an alert may be given: {name[:40]!r}; the desk sets {_RESERVED}")
        if len(value.encode("utf-8", "replace")) > MOST_VALUE:
            raise BadLabels(f"the value of label {name!r} is over {MOST_VALUE} bytes")


def subject_of(metric: str, labels: Labels) -> Labels:
    """Return what makes two reports one alert: the metric and the labels."""
    return labels.with_(**{ALERT_NAME: metric})


def begun(breach: Breach, at: int, tick: float, *, flaps: bool = False) -> Episode:
    """Begin an episode with its first report, at `at` ms."""
    return Episode((_alert(breach, at, at),), tick, breach.expires_after, flaps)


def renewed(episode: Episode, breach: Breach, at: int, tick: float) -> Episode:
    """Take another report: the values are those of now; a severity that is worse than all before joins."""
    since = episode.worst.active_at
    latest = _alert(breach, since, at)
    known = tuple(
        replace(latest, labels=alert.labels, fired_at=alert.fired_at, active_at=alert.active_at)
        for alert in episode.alerts
    )
    if latest.severity.rank > episode.worst.severity.rank:
        known = (*known, replace(latest, active_at=at, fired_at=at))
    return replace(episode, alerts=known, renewed_at=tick, expires_after=breach.expires_after, quiet_since=None)


def quietened(episode: Episode, at: int, tick: float) -> Episode:
    """Hold back the end of an episode that flaps: its program says that it is over."""
    since = tick if episode.quiet_since is None else episode.quiet_since
    alerts = tuple(replace(alert, judged_at=at, evidence=Evidence.FALSE) for alert in episode.alerts)
    return replace(episode, alerts=alerts, quiet_since=since)


def ended(episode: Episode, at: int, evidence: Evidence) -> tuple[Alert, ...]:
    """Return the alerts of an episode as they end."""
    return tuple(
        replace(alert, state=AlertState.RESOLVED, ended_at=at, judged_at=at, evidence=evidence)
        for alert in episode.alerts
    )


def is_raised(alert: Alert) -> bool:
    """Return whether a program raised it, not a rule."""
    return alert.rule.startswith(RULE)


def restored(alerts: list[Alert], tick: float) -> dict[Labels, Episode]:
    """Return the episodes that live alerts of before a restart belong to; their programs have all their time again."""
    found: dict[Labels, list[Alert]] = {}
    for alert in alerts:
        if is_raised(alert):
            found.setdefault(alert.labels.without((SEVERITY,)), []).append(alert)
    return {
        subject: Episode(tuple(sorted(members, key=lambda alert: alert.severity.rank)), tick, _expiry(members[0]))
        for subject, members in found.items()
    }


def _alert(breach: Breach, since: int, at: int) -> Alert:
    subject = subject_of(breach.metric, breach.labels)
    return Alert(
        labels=subject.with_(**{SEVERITY: breach.severity.value}),
        annotations=(
            ("summary", breach.summary),
            ("vital", breach.metric),
            ("threshold", f"{breach.direction.value} {breach.threshold:g}"),
            *((("expires_after_ms", str(breach.expires_after)),) if breach.expires_after != EXPIRES_AFTER else ()),
        ),
        state=AlertState.FIRING,
        value=breach.value,
        active_at=since,
        fired_at=since,
        judged_at=at,
        true_at=at,
        evidence=Evidence.TRUE,
        rule=RULE + breach.metric,
    )


def _expiry(alert: Alert) -> int:
    text = alert.annotation("expires_after_ms")
    return min(int(text), MOST_EXPIRES_AFTER) if text.isascii() and text.isdigit() else EXPIRES_AFTER
