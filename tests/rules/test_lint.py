"""Doubts about rules that load."""

from nightdesk.model.instant import SECOND
from nightdesk.rules.forms.files import load
from nightdesk.rules.forms.lint import hints, twins
from nightdesk.rules.rulebook import shipped
from nightdesk.rules.thresholds import compile_thresholds, with_defaults


def hinted(rules: str) -> list[tuple[int, str]]:
    """Return line and message of each hint on rules of one group in Prometheus' form."""
    text = f"groups:\n- name: g\n  rules:\n{rules}"
    return [(hint.source.line, hint.message) for hint in hints(load(text, "x.yml"))]


def test_absence_that_resolves_is_told() -> None:
    """An alert that Prometheus would resolve by absence is named, one that judges absence is not."""
    ((line, message),) = hinted("  - {alert: A, expr: up == 0}\n  - {alert: B, expr: sum(absent(up)) > 0}\n")
    assert line == 4
    assert message.startswith("alert A: a series that goes missing resolves it")


def test_twins_are_told() -> None:
    """Two rules of one name and one label set are one too many; a severity apart they are two."""
    twins = "  - {record: a, expr: up, labels: {x: y}}\n"
    assert [line for line, _ in hinted(twins + twins)] == [5]
    assert hinted(twins + "  - {record: a, expr: up, labels: {x: z}}\n") == []


def test_twins_in_other_groups_are_told() -> None:
    """A rule with name and labels of one elsewhere, a shipped one for instance, is named with that one's place."""
    rule = "groups: [{name: g, rules: [{alert: TargetDown, expr: up == 0, for: 5m, labels: {severity: warning}}]}]"
    ((hint,), known) = (twins(load(rule, "mine.yml"), shipped(SECOND)), shipped(SECOND))
    assert "TargetDown has the name and labels of the rule at rulebook/desk.yml:" in str(hint)
    assert twins(known, known) == []
    assert twins(load(rule.replace("warning", "info"), "mine.yml"), known) == []


def test_texts_that_will_fail_are_told() -> None:
    """A template that can be read but not filled in loads and is pointed out; of a severity it says what follows."""
    rule = "  - {alert: A, expr: absent(up), %s: '{{ if gt .Value 90 }}x{{ end }}'}}\n"
    ((line, message),) = hinted(rule % "annotations: {text")
    assert (line, message.split(":")[1]) == (4, " text will be rendered as an error")
    ((_, message),) = hinted(rule % "labels: {severity")
    assert "severity will be rendered as an error, and the alert will be critical: gt of $value" in message


def test_our_own_rules_leave_no_doubt() -> None:
    """Shipped and generated rules raise no hint."""
    assert hints([*shipped(SECOND), *compile_thresholds(with_defaults([]), SECOND)]) == []
