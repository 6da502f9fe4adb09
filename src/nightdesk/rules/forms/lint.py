"""What is allowed in rules but rarely meant: `nightdesk check` tells of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nightdesk.model.alert import PAGE, SEVERITY, Severity
from nightdesk.model.rule import AlertRule, NoData, Rule, RuleGroup, RuleSource
from nightdesk.query.checking.parsed import parsed
from nightdesk.rules.compiled import fixed_labels
from nightdesk.rules.expression import calls
from nightdesk.rules.templates.doubts import doubts
from nightdesk.rules.templates.template import read_template

_ABSENCE = frozenset({"absent", "absent_over_time"})


@dataclass(frozen=True, slots=True)
class Hint:
    """One doubt about a rule, with its place."""

    source: RuleSource
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.message}"


def hints(groups: Iterable[RuleGroup]) -> list[Hint]:
    """Return the doubts about rules that load; none of them keeps a rule from being judged."""
    groups = list(groups)
    return [*twins(groups), *texts(groups), *(hint for group in groups for hint in _of_group(group))]


def twins(groups: Iterable[RuleGroup], known: Iterable[RuleGroup] = ()) -> list[Hint]:
    """Return the doubts about rules with the name and the fixed labels of another, there or in the `known` groups.

    Each is judged for itself, but people see one alert, and recorded series overwrite each other. A rule that is in
    all the same as one of another group is passed over: it says the same.
    """
    first = {_identity(rule): (group, rule) for group in known for rule in group.rules}
    found = []
    for group in groups:
        for rule in group.rules:
            other_group, other = first.setdefault(_identity(rule), (group, rule))
            if other_group is group and other is not rule:
                found.append(Hint(rule.source, f"{rule.name} stands twice in group {group.name} with the same labels"))
            elif other != rule:
                what = "one alert to people" if isinstance(rule, AlertRule) else "one series"
                text = f"{rule.name} has the name and labels of the rule at {other.source}: they are {what}"
                found.append(Hint(rule.source, f"{text}; give it a name or a label of its own"))
    return found


def _of_group(group: RuleGroup) -> Iterator[Hint]:
    for rule in group.rules:
        if isinstance(rule, AlertRule):
            yield from _of_alert(rule)


def _identity(rule: Rule) -> tuple[bool, str, tuple[tuple[str, str], ...]]:
    return isinstance(rule, AlertRule), rule.name, fixed_labels(rule)


def _of_alert(rule: AlertRule) -> Iterator[Hint]:
    if rule.no_data is NoData.PROMETHEUS and not calls(parsed(rule.expr)) & _ABSENCE:
        yield Hint(
            rule.source,
            f"alert {rule.name}: a series that goes missing resolves it, as in Prometheus; "
            "in our own form (desk_rules) absence would hold it",
        )


def texts(groups: Iterable[RuleGroup]) -> list[Hint]:
    """Return the doubts about what alerts say: templates that will be rendered as errors, severities of no meaning."""
    alerts = (rule for group in groups for rule in group.rules if isinstance(rule, AlertRule))
    return [hint for rule in alerts for hint in (*_failing(rule), *_foreign(rule))]


def _failing(rule: AlertRule) -> Iterator[Hint]:
    for name, text in (*rule.labels, *rule.annotations):
        loud = ", and the alert will be critical" if name == SEVERITY else ""
        for doubt in doubts(read_template(text)):
            yield Hint(rule.source, f"alert {rule.name}: {name} will be rendered as an error{loud}: {doubt}")


def _foreign(rule: AlertRule) -> Iterator[Hint]:
    word = dict(rule.labels).get(SEVERITY, "")
    if word and "{{" not in word and Severity.of_word(word) is None:
        known = ", ".join([*(severity.value for severity in Severity), PAGE])
        yield Hint(rule.source, f"alert {rule.name}: severity {word!r} is read as warning; known: {known}")
