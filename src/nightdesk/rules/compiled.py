"""Rules ready to be judged: parsed, keyed, and knowing what they read."""

from collections.abc import Iterable
from dataclasses import dataclass

from nightdesk.model.alert import Alert
from nightdesk.model.rule import AlertRule, RecordingRule, Rule, RuleGroup
from nightdesk.query.language.tree import Node
from nightdesk.rules.expression import metric_names, parsed


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its tree. `reads` is None where it may read any metric."""

    rule: Rule
    node: Node
    key: str
    reads: frozenset[str] | None

    @property
    def records(self) -> str:
        """The metric name it records under; the empty string for an alert rule."""
        return self.rule.name if isinstance(self.rule, RecordingRule) else ""

    def owns(self, alert: Alert) -> bool:
        """Return whether an alert came from this rule: same key, and its fixed labels are this rule's.

        Two rules of one group may share a name and differ in `severity`: then their key is one, their labels are not.
        """
        if not isinstance(self.rule, AlertRule) or alert.rule != self.key:
            return False
        fixed = ((name, value) for name, value in self.rule.labels if "{{" not in value)
        return all(alert.labels.get(name) == value for name, value in fixed)


@dataclass(frozen=True, slots=True)
class CompiledGroup:
    """A group with its rules compiled, in order."""

    group: RuleGroup
    rules: tuple[CompiledRule, ...]

    @property
    def key(self) -> str:
        """Identity of the group over reloads: file and name."""
        return f"{self.group.file};{self.group.name}"


def compile_group(group: RuleGroup) -> CompiledGroup:
    """Compile the rules of a group. Raises QuerySyntaxError where one was not checked before."""
    return CompiledGroup(group, tuple(_compile(group, rule) for rule in group.rules))


def rule_key(group: RuleGroup, rule: Rule) -> str:
    """Return the key that alerts carry: group file, group name, rule name."""
    return f"{group.file};{group.name};{rule.name}"


def _compile(group: RuleGroup, rule: Rule) -> CompiledRule:
    node = parsed(rule.expr)
    return CompiledRule(rule, node, rule_key(group, rule), metric_names(node))


def owner_of(alert: Alert, groups: Iterable[CompiledGroup]) -> CompiledRule | None:
    """Return the rule that an alert came from, or None where it is gone."""
    return next((rule for group in groups for rule in group.rules if rule.owns(alert)), None)
