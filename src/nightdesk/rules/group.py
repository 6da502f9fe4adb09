"""Judges the rules of one group in order, at one instant."""

import logging
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from nightdesk.clock import Clock
from nightdesk.errors import NightdeskError, QueryError
from nightdesk.model.alert import Alert
from nightdesk.model.rule import AlertRule
from nightdesk.query.answer import Answer
from nightdesk.query.language.tree import Node
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.rules.compiled import CompiledGroup
from nightdesk.rules.health import GroupHealth, RuleHealth, RuleState
from nightdesk.rules.record import record
from nightdesk.rules.recorder import Recorder
from nightdesk.rules.schedule import Schedule
from nightdesk.rules.standing import RuleStanding
from nightdesk.rules.step import judge
from nightdesk.rules.vector import Vector
from nightdesk.seams import Budget, Intake

RULE_LIMITS: Final = Limits(seconds=10.0)
"""What one judgement may cost: a rule that asks for more must not hold up the rules behind it."""

_log = logging.getLogger(__name__)


class Asker(Protocol):
    """What the rules ask: `query.engine.Engine`."""

    def instant(self, expr: str | Node, at: int, budget: Budget | None) -> Answer:
        """Return the answer at an instant in ms, within a budget. Raises NightdeskError."""
        ...


class GroupJudge:
    """One group at work: its schedule, its rules' standings, its health. Used by the rules thread alone."""

    def __init__(
        self,
        compiled: CompiledGroup,
        asker: Asker,
        intake: Intake,
        clock: Clock,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Make the first round due at once; queries end early once `cancelled` says so."""
        self.compiled = compiled
        self.schedule = Schedule(clock, compiled.group.interval)
        self.standings = tuple(RuleStanding(rule) for rule in compiled.rules)
        self._asker, self._clock, self._cancelled = asker, clock, cancelled
        self._recorder = Recorder(intake)
        self._health = GroupHealth(compiled.group, ())
        self._rounds = 0

    @property
    def health(self) -> GroupHealth:
        """How the group is doing; safe from another thread."""
        return self._health if self._rounds else GroupHealth(self.compiled.group, self._rule_healths())

    def round(self, at: int) -> list[Alert]:
        """Judge every rule at `at` ms; return the reports for the book. Never raises for what a rule does."""
        started = self._clock.boot()
        instant = at - self.compiled.group.query_offset
        errors = []
        for standing in self.standings:
            if self._recorder.concerns(standing.compiled.reads):
                errors.append(self._recorder.write(instant))
            self._judge(standing, instant, at)
        errors.append(self._recorder.write(instant))
        self._rounds += 1
        self._health = GroupHealth(
            self.compiled.group,
            self._rule_healths(),
            at,
            self._clock.boot() - started,
            self._rounds,
            self.schedule.missed,
            next((error for error in errors if error), ""),
        )
        return [report for standing in self.standings for report in standing.reports()]

    def accepted(self) -> None:
        """Note that the book has taken the last reports."""
        for standing in self.standings:
            standing.accepted()

    def end_series(self, standings: Iterable[RuleStanding], at: int) -> None:
        """Write stale markers for the series of rules that are gone."""
        for standing in standings:
            self._recorder.add(standing.with_stale([]))
        self._recorder.write(at)

    def _rule_healths(self) -> tuple[RuleHealth, ...]:
        return tuple(standing.health for standing in self.standings)

    def _judge(self, standing: RuleStanding, instant: int, at: int) -> None:
        started = self._clock.boot()
        rule, limit = standing.compiled.rule, self.compiled.group.limit
        answer = self._ask(standing, instant)
        samples: Vector = []
        error = str(answer) if isinstance(answer, NightdeskError) else ""
        if isinstance(rule, AlertRule):
            judgement = judge(rule, answer, standing.live, at, key=standing.compiled.key, limit=limit)
            standing.take(judgement)
            samples, error = judgement.samples, judgement.error
        elif not isinstance(answer, NightdeskError):
            try:
                samples = record(rule, answer, limit)
            except QueryError as refusal:
                error = str(refusal)
        if not error:  # after a failure the series of before stand until their time is over, as in Prometheus
            self._recorder.add(standing.with_stale(samples))
        state = RuleState.ERROR if error else RuleState.OK
        seconds = self._clock.boot() - started
        standing.health = RuleHealth(standing.compiled.key, rule, state, error, at, seconds, len(samples))

    def _ask(self, standing: RuleStanding, instant: int) -> Answer | NightdeskError:
        try:
            budget = QueryBudget(RULE_LIMITS, self._clock, self._cancelled)
            return self._asker.instant(standing.compiled.node, instant, budget)
        except NightdeskError as error:
            return error
        except Exception as fault:  # noqa: BLE001 - a fault in one function must not stop the rules beside it
            _log.exception("rule %s failed by a fault of the desk", standing.compiled.key)
            return QueryError(f"a fault of the desk, please report it: {fault!r}")
