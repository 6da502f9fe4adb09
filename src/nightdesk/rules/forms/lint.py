"""What is allowed in rules but rarely meant: `nightdesk check` tells of it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nightdesk.model.rule import AlertRule, NoData, Rule, RuleGroup, RuleSource
from nightdesk.rules.expression import calls, parsed
from nightdesk.rules.templates.template import read_template
from nightdesk.rules.templates.words import BadTemplate

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
    return [hint for group in groups for hint in _of_group(group)]


def _of_group(group: RuleGroup) -> Iterator[Hint]:
    twins = Counter(_identity(rule) for rule in group.rules)
    for rule in group.rules:
        if twins[_identity(rule)] > 1:
            yield Hint(rule.source, f"{rule.name} stands twice in group {group.name} with the same labels")
        if isinstance(rule, AlertRule):
            yield from _of_alert(rule)


def _identity(rule: Rule) -> tuple[bool, str, tuple[tuple[str, str], ...]]:
    return isinstance(rule, AlertRule), rule.name, tuple(sorted(rule.labels))


def _of_alert(rule: AlertRule) -> Iterator[Hint]:
    if rule.no_data is NoData.PROMETHEUS and not calls(parsed(rule.expr)) & _ABSENCE:
        yield Hint(
            rule.source,
            f"alert {rule.name}: a series that goes missing resolves it, as in Prometheus; "
            "in our own form (desk_rules) absence would hold it",
        )
    for name, text in (*rule.labels, *rule.annotations):
        try:
            read_template(text)
        except BadTemplate as error:
            yield Hint(rule.source, f"alert {rule.name}: {name} will be rendered as an error: {error}")
