"""Prometheus' rule files, unchanged: what promtool accepts is accepted, with the meaning it has there."""

from dataclasses import replace
from typing import Final

import yaml

from nightdesk.model.instant import MINUTE
from nightdesk.model.labels import METRIC_PATTERN
from nightdesk.model.rule import AlertRule, NoData, RecordingRule, Rule, RuleGroup, RuleSource
from nightdesk.rules.forms.fields import (
    Pairs,
    read_annotations,
    read_count,
    read_duration,
    read_expression,
    read_labels,
)
from nightdesk.rules.forms.yaml_nodes import Fields, Reader

DEFAULT_INTERVAL: Final = MINUTE
"""Prometheus' `evaluation_interval` where a group gives none."""
_GROUP: Final = ("name", "interval", "query_offset", "limit", "labels", "rules")
_RULE: Final = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")
_ALERT_ONLY: Final = ("for", "keep_firing_for", "annotations")


def read_groups(reader: Reader, node: yaml.Node | None, interval: int) -> list[RuleGroup]:
    """Read the list under `groups`; `interval` in ms is for groups that give none."""
    groups: list[RuleGroup] = []
    names: set[str] = set()
    for item in reader.items(node, "groups"):
        group = _group(reader, item, interval)
        if group.name in names:
            reader.complain(item, f"group name {group.name!r} is repeated in this file")
        names.add(group.name)
        groups.append(group)
    return groups


def _group(reader: Reader, node: yaml.Node, interval: int) -> RuleGroup:
    fields = reader.fields(node, _GROUP, "a group")
    name = reader.text(fields.get("name"), "name")
    if fields and not name:
        reader.complain(node, "a group needs a name")
    every = read_duration(reader, fields.get("interval"), "interval")
    labels = read_labels(reader, fields.get("labels"), templates=False)
    rules = (_rule(reader, item, labels) for item in reader.items(fields.get("rules"), "rules"))
    return RuleGroup(
        name,
        tuple(rule for rule in rules if rule is not None),
        every or interval,
        reader.file,
        read_count(reader, fields.get("limit"), "limit"),
        read_duration(reader, fields.get("query_offset"), "query_offset"),
    )


def _rule(reader: Reader, node: yaml.Node, group_labels: Pairs) -> Rule | None:
    fields = reader.fields(node, _RULE, "a rule")
    record, alert = (reader.text(fields.get(key), key) for key in ("record", "alert"))
    if not fields:
        return None
    if bool(record) == bool(alert):
        reader.complain(node, "a rule needs either 'record' or 'alert', and not both")
        return None
    rule = _recording(reader, node, fields, record) if record else _alerting(reader, node, fields, alert)
    # The rule's own labels win over those of its group.
    return replace(rule, labels=tuple({**dict(group_labels), **dict(rule.labels)}.items()))


def _recording(reader: Reader, node: yaml.Node, fields: Fields, name: str) -> RecordingRule:
    if not METRIC_PATTERN.fullmatch(name):
        reader.complain(fields["record"], f"{name!r} is no metric name: letters, digits, _ and :, not first a digit")
    for key in _ALERT_ONLY:
        if key in fields:
            reader.complain(fields[key], f"a recording rule has no {key!r}")
    expr = read_expression(reader, fields.get("expr"), node, f"recording rule {name}")
    labels = read_labels(reader, fields.get("labels"), templates=False)
    return RecordingRule(name, expr, labels, RuleSource(reader.file, node.start_mark.line + 1))


def _alerting(reader: Reader, node: yaml.Node, fields: Fields, name: str) -> AlertRule:
    return AlertRule(
        name=name,
        expr=read_expression(reader, fields.get("expr"), node, f"alert {name}"),
        for_=read_duration(reader, fields.get("for"), "for"),
        keep_firing_for=read_duration(reader, fields.get("keep_firing_for"), "keep_firing_for"),
        labels=read_labels(reader, fields.get("labels"), templates=True),
        annotations=read_annotations(reader, fields.get("annotations")),
        no_data=NoData.PROMETHEUS,
        source=RuleSource(reader.file, node.start_mark.line + 1),
    )
