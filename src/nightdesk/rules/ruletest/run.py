"""Runs rule tests: series in, alerts and answers out, with the same step that judges by night."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nightdesk.clock import SystemClock
from nightdesk.errors import NightdeskError
from nightdesk.model.alert import ALERT_NAME, Alert, AlertState
from nightdesk.model.labels import Labels
from nightdesk.model.rule import RuleGroup
from nightdesk.query.engine import Engine
from nightdesk.rules.compiled import compile_group
from nightdesk.rules.group import GroupJudge
from nightdesk.rules.ruletest.form import AlertCase, ExpressionCase, RuleTest, read_tests
from nightdesk.rules.ruletest.scratch import ScratchSamples
from nightdesk.rules.vector import vector_of


@dataclass(frozen=True, slots=True)
class TestFailure:
    """A case that did not come out as expected, with its place."""

    __test__ = False  # no test of pytest's

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


def run_tests(text: str, file: str, rules: Callable[[str], Sequence[RuleGroup]]) -> list[TestFailure]:
    """Run a file of tests; `rules` loads a rule file by the name that the test file gives it.

    Raises:
        RuleFileError: the tests or the rules cannot be used.
    """
    tests = read_tests(text, file)
    groups = [group for name in tests.rule_files for group in rules(name)]
    return [
        failure for test in tests.tests for failure in _Run(test, groups, tests.evaluation_interval, file).failures()
    ]


class _Run:
    """One test on samples of its own."""

    def __init__(self, test: RuleTest, groups: Sequence[RuleGroup], interval: int, file: str) -> None:
        self._test, self._interval, self._file = test, interval, file
        self._samples = ScratchSamples()
        clock = SystemClock()  # for the deadlines of queries; what is judged goes by the test's own time
        self._engine = Engine(self._samples, clock, short_circuits=True)
        self._judges = [GroupJudge(compile_group(group), self._engine, self._samples, clock) for group in groups]
        for labels, steps in test.series:
            samples = ((step * test.interval, value) for step, value in enumerate(steps) if value is not None)
            self._samples.add(labels, samples)

    def failures(self) -> list[TestFailure]:
        """Judge from 0 to the last case, and compare each case as its instant passes."""
        cases = sorted(self._test.alerts, key=lambda case: case.at)
        last = max([case.at for case in cases] + [case.at for case in self._test.expressions], default=0)
        found: list[TestFailure] = []
        for at in range(0, last + 1, self._interval):
            for judge in self._judges:
                judge.round(at)
                judge.accepted()
            due = [case for case in cases if at <= case.at < at + self._interval]
            found += [failure for case in due if (failure := self._alerts(case))]
        found += [failure for case in self._test.expressions if (failure := self._answer(case))]
        return sorted(found, key=lambda failure: failure.line)

    def _alerts(self, case: AlertCase) -> TestFailure | None:
        firing = [
            alert
            for judge in self._judges
            for standing in judge.standings
            for alert in standing.live
            if alert.state is AlertState.FIRING and alert.name == case.alertname
        ]
        got = sorted(_told(alert) for alert in firing)
        wanted = sorted((str(each.labels), each.annotations or ()) for each in case.expected)
        if got == wanted:
            return None
        return self._failure(case.line, f"alert {case.alertname} at {case.at} ms", wanted, got)

    def _answer(self, case: ExpressionCase) -> TestFailure | None:
        try:
            got = sorted(vector_of(self._engine.instant(case.expr, case.at)))
        except NightdeskError as error:
            return self._failure(case.line, f"{case.expr} at {case.at} ms", list(case.expected), str(error))
        wanted = sorted(case.expected)
        if [labels for labels, _ in got] == [labels for labels, _ in wanted] and all(
            _same(mine, theirs) for (_, mine), (_, theirs) in zip(got, wanted, strict=True)
        ):
            return None
        return self._failure(case.line, f"{case.expr} at {case.at} ms", wanted, got)

    def _failure(self, line: int, what: str, wanted: object, got: object) -> TestFailure:
        name = f"{self._test.name}: " if self._test.name else ""
        return TestFailure(self._file, line, f"{name}{what}: expected {wanted or 'nothing'}, got {got or 'nothing'}")


def _told(alert: Alert) -> tuple[str, tuple[tuple[str, str], ...]]:
    labels = Labels([*alert.labels, (ALERT_NAME, alert.name)])
    return str(labels), tuple(sorted(alert.annotations))


def _same(mine: float, theirs: float) -> bool:
    return mine == theirs or (math.isnan(mine) and math.isnan(theirs))
