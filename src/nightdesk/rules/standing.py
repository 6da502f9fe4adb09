"""What is remembered of one rule between judgements."""

from collections.abc import Iterable
from dataclasses import replace

from nightdesk.model.alert import Alert, AlertState, Evidence
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE
from nightdesk.rules.compiled import CompiledRule
from nightdesk.rules.health import Judged, RuleHealth
from nightdesk.rules.step import Judgement, end_unjudged
from nightdesk.rules.vector import Vector


class RuleStanding:
    """One rule's alerts, the ends it still owes to the book, and the series it wrote last."""

    def __init__(self, compiled: CompiledRule) -> None:
        """Start without alerts."""
        self.compiled = compiled
        self.live: tuple[Alert, ...] = ()
        self.judged = Judged()
        self.written: frozenset[Labels] = frozenset()
        self._owed: dict[Labels, Alert] = {}

    @property
    def health(self) -> RuleHealth:
        """The last judgement."""
        return RuleHealth.of(self.compiled.key, self.compiled.rule, self.judged)

    @property
    def is_idle(self) -> bool:
        """True where an empty answer changes nothing: no alert to hold or end, no series to end."""
        return not self.live and not self.written

    @property
    def is_silent(self) -> bool:
        """True where the book has nothing to hear."""
        return not self.live and not self._owed

    def adopt(self, alerts: Iterable[Alert]) -> None:
        """Take over alerts from before a restart or a reload."""
        self.live = (*self.live, *alerts)

    def take(self, judgement: Judgement) -> None:
        """Remember a judgement; ends are owed until `accepted`."""
        self.live = judgement.live
        ended = (alert for alert in judgement.alerts if alert.state in (AlertState.RESOLVED, AlertState.DROPPED))
        self._owed.update((alert.labels, alert) for alert in ended)
        for alert in self.live:
            self._owed.pop(alert.labels, None)

    def owe(self, alert: Alert) -> None:
        """Remember an end that came about without a judgement."""
        self._owed[alert.labels] = alert

    def release(self, fingerprint: str, at: int) -> None:
        """End an alert that is held for want of evidence; one whose condition is seen is no person's to end."""
        for alert in self.live:
            if alert.fingerprint == fingerprint and alert.evidence.is_missing:
                self.live = tuple(other for other in self.live if other is not alert)
                self.owe(end_unjudged(alert, at, Evidence.RELEASED))

    def reports(self) -> list[Alert]:
        """Return what the book should hear: ends it has not taken yet, then all live alerts."""
        return [*self._owed.values(), *self.live]

    def accepted(self) -> None:
        """Forget the ends: the book has them."""
        self._owed.clear()

    def with_stale(self, samples: Vector) -> Vector:
        """Return samples with a stale marker for each series written last time and not now."""
        now = frozenset(labels for labels, _ in samples)
        stale = [(labels, STALE) for labels in sorted(self.written - now)]
        self.written = now
        return [*samples, *stale]

    def shift(self, milliseconds: int) -> None:
        """Follow a wall clock that was set: what has been going on for a minute still has."""
        self.live = tuple(_shifted(alert, milliseconds) for alert in self.live)


def _shifted(alert: Alert, milliseconds: int) -> Alert:
    quiet_at = None if alert.quiet_at is None else alert.quiet_at + milliseconds
    active_at = alert.active_at + (milliseconds if alert.state is AlertState.PENDING else 0)
    return replace(alert, active_at=active_at, true_at=alert.true_at + milliseconds, quiet_at=quiet_at)
