"""Rules ready to be judged: parsed, keyed, and knowing what they read."""

from collections import Counter
from dataclasses import dataclass

from nightdesk.model.alert import Alert
from nightdesk.model.rule import AlertRule, RecordingRule, Rule, RuleGroup
from nightdesk.query.checking.parsed import parsed
from nightdesk.query.language.tree import Node
from nightdesk.rules.expression import metric_names


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
        """Return whether an alert came from this rule.

        Alerts that began before keys named labels bear the key without them until they end; their labels tell.
        """
        if not isinstance(self.rule, AlertRule):
            return False
        is_older = self.key.startswith(f"{alert.rule};") and alert.name == self.rule.name
        older = is_older and all(alert.labels.get(name) == value for name, value in fixed_labels(self.rule))
        return alert.rule == self.key or older


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
    keyed = zip(group.rules, _rule_keys(group), strict=True)
    return CompiledGroup(group, tuple(_compile(rule, key) for rule, key in keyed))


def fixed_labels(rule: Rule) -> tuple[tuple[str, str], ...]:
    """Return the labels that a rule gives all its alerts or series, sorted."""
    return tuple(sorted((name, value) for name, value in rule.labels if "{{" not in value))


def _rule_keys(group: RuleGroup) -> list[str]:
    """Return the key of each rule: group file, group name, rule name, fixed labels; twins are counted.

    A key stays while rules come, go and change places, and no two rules of a desk share one.
    """
    twins: Counter[str] = Counter()
    keys = []
    for rule in group.rules:
        labels = (f"{name}={value}" for name, value in fixed_labels(rule))
        key = ";".join((group.file, group.name, rule.name, *labels))
        twins[key] += 1
        keys.append(f"{key};{twins[key]}" if twins[key] > 1 else key)
    return keys


def _compile(rule: Rule, key: str) -> CompiledRule:
    node = parsed(rule.expr)
    return CompiledRule(rule, node, key, None if _asks(rule) else metric_names(node))


def _asks(rule: Rule) -> bool:
    """Tell whether a rule's texts may ask queries of their own: of what metrics shows only when they are filled in."""
    texts = (text for _, text in (*rule.labels, *rule.annotations)) if isinstance(rule, AlertRule) else ()
    return any("{{" in text and "query" in text for text in texts)
