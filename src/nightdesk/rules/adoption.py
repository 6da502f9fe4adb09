"""Whose alerts are whose after a restart or a reload, and what becomes of those that are nobody's."""

from collections.abc import Iterable, Sequence
from typing import Final

from nightdesk.model.alert import Alert, AlertState, Evidence
from nightdesk.model.instant import HOUR
from nightdesk.model.labels import Labels
from nightdesk.model.rule import AlertRule
from nightdesk.rules.group import GroupJudge
from nightdesk.rules.standing import RuleStanding
from nightdesk.rules.step import end_unjudged

OUTAGE_TOLERATED: Final = HOUR
"""A pending alert's clock goes on over an outage up to this long."""


class Adoption:
    """Hands alerts to the rules that own them; keeps the ends of the others until the book has them."""

    def __init__(self, restored: Sequence[Alert]) -> None:
        """Hold the alerts of before the restart for the first groups."""
        self._pool = list(restored)
        self._orphans: dict[tuple[Labels, str], Alert] = {}

    def replace(self, arriving: Sequence[GroupJudge], leaving: Sequence[GroupJudge], now: int) -> None:
        """Give alerts and series of leaving groups, and restored alerts, to the arriving rules that own them."""
        old = [standing for judge in leaving for standing in judge.standings]
        pool = [*self._pool, *(alert for standing in old for alert in standing.live)]
        self._pool = []
        for standing in (standing for judge in arriving for standing in judge.standings):
            pool = _adopt(standing, pool, now)
            _inherit_series(standing, old)
        self._orphans.update(((alert.labels, alert.rule), alert) for alert in pool)
        owed = (report for standing in old for report in standing.reports() if not report.state.is_live)
        self._orphans.update(((alert.labels, alert.rule), alert) for alert in owed)
        if leaving:
            leaving[0].end_series(old, now)

    def orphans(self, at: int) -> list[Alert]:
        """Return the ends of alerts that are nobody's, as of `at` ms."""
        return [
            end_unjudged(alert, at, Evidence.RULE_GONE) if alert.state.is_live else alert
            for alert in self._orphans.values()
        ]

    def accepted(self) -> None:
        """Forget the orphans: the book has them."""
        self._orphans.clear()


def _adopt(standing: RuleStanding, pool: Sequence[Alert], now: int) -> list[Alert]:
    """Take a rule's own out of the pool, and return the rest."""
    own = [alert for alert in pool if standing.compiled.owns(alert)]
    kept = [alert for alert in own if _counts_on(alert, standing.compiled.rule, now)]
    standing.adopt(kept)
    for alert in own:
        if alert not in kept:
            # Its clock stood still for too long to say that the condition held all the while.
            standing.owe(end_unjudged(alert, now, Evidence.ABSENT))
    return [alert for alert in pool if alert not in own]


def _counts_on(alert: Alert, rule: object, now: int) -> bool:
    """Return whether an alert goes on. One that fires always does; a pending one if the outage was short.

    Records hold the instant it became pending, not when it was last judged; it is pending for at most `for`, so the
    outage is known to within that.
    """
    if alert.state is AlertState.FIRING or not isinstance(rule, AlertRule):
        return True
    return alert.active_at <= now <= alert.active_at + rule.for_ + OUTAGE_TOLERATED


def _inherit_series(standing: RuleStanding, old: Iterable[RuleStanding]) -> None:
    """Let a rule that goes on under the same key know which series it wrote, so that they end when they should."""
    for before in old:
        if (
            before.compiled.key == standing.compiled.key
            and before.compiled.rule.labels == standing.compiled.rule.labels
        ):
            standing.written, before.written = standing.written | before.written, frozenset()
