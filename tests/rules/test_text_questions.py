"""Queries that texts of alerts ask."""

import pytest

from nightdesk.clock import Clock
from nightdesk.errors import NightdeskError
from nightdesk.model.alert import Alert, Severity
from nightdesk.query.answer import Answer
from nightdesk.query.engine import Engine
from nightdesk.query.limits import Limits, QueryBudget
from nightdesk.rules.compiled import compile_group
from nightdesk.rules.forms.files import load
from nightdesk.rules.group import GroupJudge
from nightdesk.rules.ruletest.notation import parse_labels
from nightdesk.rules.ruletest.scratch import ScratchSamples
from nightdesk.rules.templates.faults import CannotFill
from nightdesk.rules.text_questions import MOST_QUESTIONS, TextQuestions
from nightdesk.testing.clock import ManualClock

CLOCK: Clock = ManualClock(0)


def samples() -> ScratchSamples:
    """Return two series at instant 0."""
    kept = ScratchSamples()
    kept.add(parse_labels('up{job="a"}'), [(0, 1.0)])
    kept.add(parse_labels('up{job="b"}'), [(0, 0.0)])
    return kept


def questions(asked: list[str]) -> TextQuestions:
    """Return questions to an engine that notes what it is asked."""
    engine = Engine(samples(), CLOCK)

    def ask(expr: str, budget: QueryBudget) -> Answer | NightdeskError:
        asked.append(expr)
        try:
            return engine.instant(expr, 0, budget)
        except NightdeskError as error:
            return error

    return TextQuestions(ask, lambda: QueryBudget(Limits(), CLOCK))


def judged(rules: str) -> list[Alert]:
    """Judge rules of one group once."""
    kept = samples()
    (group,) = load(f"groups:\n- name: g\n  rules:\n{rules}", "r.yml")
    return GroupJudge(compile_group(group), Engine(kept, CLOCK), kept, CLOCK).round(0)


def test_a_query_is_asked_once() -> None:
    """A thousand texts with one query cost one question, and so does one that fails."""
    asked: list[str] = []
    ask = questions(asked)
    for _ in range(3):
        assert [sample.value for sample in ask("sort(up)")] == [0.0, 1.0]
        with pytest.raises(CannotFill, match="query 'up =='"):
            ask("up ==")
        with pytest.raises(CannotFill):
            ask("")
    assert asked == ["sort(up)", "up ==", ""]


def test_questions_are_bounded() -> None:
    """The texts of a judgement cannot ask without end."""
    ask = questions([])
    for number in range(MOST_QUESTIONS):
        ask(f"vector({number})")
    with pytest.raises(CannotFill, match="more than 1000 queries"):
        ask("up")


def test_texts_see_what_was_recorded_before_them() -> None:
    """A rule whose text asks for a metric that the rule above recorded finds it, as in Prometheus."""
    (alert,) = judged(
        "  - {record: ups, expr: sum(up)}\n"
        "  - {alert: A, expr: vector(1), annotations: {of: '{{ query \"ups\" | first | value }}'}}\n"
    )
    assert alert.annotation("of") == "1"


@pytest.mark.parametrize(
    ("template", "severity"),
    [
        ("{{ if gt $value 0.9 }}critical{{ else }}info{{ end }}", Severity.CRITICAL),
        ("{{ if gt $value 5.0 }}critical{{ else }}info{{ end }}", Severity.INFO),
        ("{{ query `nothing` | first | value }}", Severity.CRITICAL),
        ("{{ if gt $value 5 }}critical{{ else }}info{{ end }}", Severity.CRITICAL),
    ],
)
def test_severities_of_templates(template: str, severity: Severity) -> None:
    """A severity is what its template says; where it cannot say, it is critical."""
    (alert,) = judged(f"  - {{alert: A, expr: 'up == 1', labels: {{severity: '{template}'}}}}\n")
    assert alert.severity is severity
