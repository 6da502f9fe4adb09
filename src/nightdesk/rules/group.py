"""Judges the rules of one group in order, at one instant."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from nightdesk.clock import Clock
from nightdesk.errors import NightdeskError, QueryError
from nightdesk.model.alert import Alert
from nightdesk.model.rule import AlertRule
from nightdesk.query.answer import Answer
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.query.together.batch import Asker, Shares
from nightdesk.query.together.once import ReadOnce
from nightdesk.rules.compiled import CompiledGroup
from nightdesk.rules.health import GroupHealth, Judged, RuleState
from nightdesk.rules.record import record
from nightdesk.rules.recorder import Recorder
from nightdesk.rules.schedule import Schedule
from nightdesk.rules.stages import Stage, stages
from nightdesk.rules.standing import RuleStanding
from nightdesk.rules.step import judge
from nightdesk.rules.text_questions import TextQuestions
from nightdesk.rules.together import Together
from nightdesk.rules.vector import Vector
from nightdesk.seams.samples import Intake

RULE_LIMITS: Final = Limits(seconds=10.0)
"""What one judgement may cost: a rule that asks for more must not hold up the rules behind it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An answer for rules that were asked as one; seconds are the share of each, `idle` is what an empty one is."""

    shares: Shares
    seconds: float
    idle: Judged


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
        self._unwritten: dict[int, Judged] = {}
        """What is said of rules once their samples are stored, by place."""
        self._refused: set[int] = set()
        """The rules of which the log has said that their samples are not stored."""
        self._stages = [(stage, self._together(stage)) for stage in stages(compiled.rules)]
        self._last = GroupHealth(compiled.group, ())
        self._told: GroupHealth | None = None

    @property
    def health(self) -> GroupHealth:
        """How the group is doing; safe from another thread."""
        last, told = self._last, self._told
        if told is None or told.rounds != last.rounds or not last.rounds:
            told = self._told = replace(last, rules=tuple(standing.health for standing in self.standings))
        return told

    def round(self, at: int) -> list[Alert]:
        """Judge every rule at `at` ms; return the reports for the book. Never raises for what a rule does."""
        started = self._clock.boot()
        instant = at - self.compiled.group.query_offset
        self._unwritten.clear()
        for stage, alike in self._stages:
            if self._recorder.concerns(stage.reads):
                self._write(instant)
            self._judge_stage(stage, alike, instant, at)
        self._write(instant)
        self._last = GroupHealth(
            self.compiled.group,
            (),
            at,
            self._clock.boot() - started,
            self._last.rounds + 1,
            self.schedule.missed,
        )
        return [report for standing in self.standings if not standing.is_silent for report in standing.reports()]

    def accepted(self) -> None:
        """Note that the book has taken the last reports."""
        for standing in self.standings:
            if not standing.is_silent:
                standing.accepted()

    def end_series(self, standings: Iterable[RuleStanding], at: int) -> None:
        """Write stale markers for the series of rules that are gone."""
        for place, standing in enumerate(standings):
            self._recorder.add(place, standing.with_stale([]))
        refused = self._recorder.write(at)
        if refused:
            _log.warning(
                "series of %d rules that are gone were not ended: %s", len(refused), next(iter(refused.values()))
            )

    def _together(self, stage: Stage) -> list[Together]:
        rules = self.compiled.rules
        return [Together(places, [rules[place].node for place in places]) for places in stage.alike]

    def _judge_stage(self, stage: Stage, alike: list[Together], instant: int, at: int) -> None:
        """Ask rules of one shape as one, the others alone; judge all of them in their order."""
        asker = self._asker.through(ReadOnce)
        asked: dict[int, tuple[_Asked, int]] = {}
        failed = []
        for together in alike:
            found = self._ask_together(asker, together, instant, at)
            if found is None:
                failed.append(together)
            else:
                asked.update((place, (found, member)) for member, place in enumerate(together.places))
        for place in stage.places:
            standing, share = self.standings[place], asked.get(place)
            if share is None:
                started = self._clock.boot()
                self._judge(place, at, started, self._ask(asker, standing, instant, self._budget()))
                continue
            found, member = share
            if standing.is_idle and member not in found.shares:
                standing.judged = found.idle
            else:
                self._judge(place, at, self._clock.boot() - found.seconds, found.shares.answer(member))
        for together in failed:
            alone = (place for place in together.places if place not in self._unwritten)
            together.part([place for place in alone if self.standings[place].judged.error])

    def _ask_together(self, asker: Asker, together: Together, instant: int, at: int) -> "_Asked | None":
        started = self._clock.boot()
        shares = together.ask(asker, instant, self._budget)
        if shares is None:
            return None
        seconds = (self._clock.boot() - started) / len(together.places)
        return _Asked(shares, seconds, Judged(RuleState.OK, "", at, seconds))

    def _judge(self, place: int, at: int, started: float, answer: Answer | NightdeskError) -> None:
        standing, limit = self.standings[place], self.compiled.group.limit
        rule = standing.compiled.rule
        samples: Vector = []
        error = str(answer) if isinstance(answer, NightdeskError) else ""
        if isinstance(rule, AlertRule):
            ask = self._text_questions(standing, at - self.compiled.group.query_offset)
            judgement = judge(rule, answer, standing.live, at, key=standing.compiled.key, limit=limit, ask=ask)
            standing.take(judgement)
            samples, error = judgement.samples, judgement.error
        elif not isinstance(answer, NightdeskError):
            try:
                samples = record(rule, answer, limit)
            except QueryError as refusal:
                error = str(refusal)
        # After a failure the series of before stand until their time is over, as in Prometheus.
        recorded = [] if error else standing.with_stale(samples)
        state = RuleState.ERROR if error else RuleState.OK
        judged = Judged(state, error, at, self._clock.boot() - started, len(samples))
        if recorded:
            self._recorder.add(place, recorded)
            self._unwritten[place] = judged
        else:
            standing.judged = judged

    def _write(self, instant: int) -> None:
        """Store what was recorded, and only now say how these rules did: samples that were refused are their error."""
        refused = self._recorder.write(instant)
        for place, judged in self._unwritten.items():
            reason = refused.get(place)
            told = judged if reason is None else replace(judged, state=RuleState.ERROR, error=reason)
            self.standings[place].judged = told
        news = refused.keys() - self._refused
        self._refused.difference_update(self._unwritten)
        self._refused.update(refused)
        self._unwritten.clear()
        if news:
            first = min(news)
            key, reason = self.standings[first].compiled.key, refused[first]
            _log.warning("samples of %d rules are not stored, first those of %s: %s", len(news), key, reason)

    def _budget(self) -> QueryBudget:
        return QueryBudget(RULE_LIMITS, self._clock, self._cancelled)

    def _text_questions(self, standing: RuleStanding, instant: int) -> TextQuestions:
        def ask(expr: str, budget: QueryBudget) -> Answer | NightdeskError:
            return self._ask(self._asker, standing, instant, budget, expr)

        return TextQuestions(ask, self._budget)

    def _ask(
        self, asker: Asker, standing: RuleStanding, instant: int, budget: QueryBudget, expr: str | None = None
    ) -> Answer | NightdeskError:
        """Ask a rule's expression, or another for its texts."""
        try:
            return asker.instant(standing.compiled.node if expr is None else expr, instant, budget)
        except NightdeskError as error:
            return error
        except Exception as fault:  # noqa: BLE001 - a fault in one function must not stop the rules beside it
            _log.exception("rule %s failed by a fault of the desk", standing.compiled.key)
            return QueryError(f"a fault of the desk, please report it: {fault!r}")
