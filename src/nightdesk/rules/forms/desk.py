"""Our own form: the levels of one condition in one rule, absence held, templates checked when the file is read.

    interval: 15s            # or `desk`: as often as the desk collects
    desk_rules:
      - name: DiskFilling
        expr: disk_usage:mount
        warning: "> 80"
        critical: "> 90"
        for: 5m
        summary: "{{ $labels.mountpoint }} is {{ $value | humanize }} % full"

Each level becomes an alert rule of its own with one name, and the label `severity`. A lower level stays true while a
higher one is (so that a value that swings between them does not restart their clocks); the book tells a person of the
highest alone.
"""

import re
from dataclasses import replace
from pathlib import PurePath
from typing import Final

import yaml

from nightdesk.errors import QuerySyntaxError
from nightdesk.model.alert import SEVERITY, Severity
from nightdesk.model.labels import LABEL_PATTERN, METRIC_PATTERN
from nightdesk.model.rule import AlertRule, NoData, RecordingRule, Rule, RuleGroup, RuleSource
from nightdesk.query.checking.parsed import parsed
from nightdesk.rules.forms.fields import (
    read_annotations,
    read_duration,
    read_expression,
    read_labels,
    read_template_text,
)
from nightdesk.rules.forms.yaml_nodes import Fields, Reader

INTERVAL_OF_DESK: Final = "desk"
FILE_FIELDS: Final = ("group", "interval", "desk_rules")
LEVELS: Final = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
_RECORD: Final = ("record", "expr", "labels")
_ALERT: Final = (
    "name", "expr", "critical", "warning", "info", "severity", "for", "keep_firing_for", "no_data", "labels",
    "summary", "description", "annotations",
)  # fmt: skip
_SPOKEN: Final = ("summary", "description")
_LEVEL: Final = re.compile(r"\s*(?:==|!=|<=|>=|<|>)\s*\S.*", re.DOTALL)


def read_desk_rules(reader: Reader, fields: Fields, desk_interval: int) -> list[RuleGroup]:
    """Read `desk_rules` into one group, named by `group` or by the file; `desk_interval` in ms."""
    if "desk_rules" not in fields:
        return []
    name = reader.text(fields.get("group"), "group") or PurePath(reader.file).stem or "desk"
    interval_text = reader.text(fields.get("interval"), "interval", INTERVAL_OF_DESK)
    interval = desk_interval
    if interval_text != INTERVAL_OF_DESK:
        interval = read_duration(reader, fields.get("interval"), "interval") or desk_interval
    rules = tuple(rule for item in reader.items(fields["desk_rules"], "desk_rules") for rule in _rules(reader, item))
    return [RuleGroup(name, rules, interval, reader.file)]


def _rules(reader: Reader, node: yaml.Node) -> list[Rule]:
    records = isinstance(node, yaml.MappingNode) and any(key.value == "record" for key, _ in node.value)
    if records:
        return _recording(reader, node)
    fields = reader.fields(node, _ALERT, "a desk rule")
    name = reader.text(fields.get("name"), "name")
    if fields and not LABEL_PATTERN.fullmatch(name):
        reader.complain(
            fields.get("name") or node, "a desk rule needs a name of letters, digits and _: name: DiskFilling"
        )
    levels = _levels(reader, node, fields, name)
    base = _base(reader, node, fields, name)
    return [_at_level(base, severity, expr) for severity, expr in levels]


def _recording(reader: Reader, node: yaml.Node) -> list[Rule]:
    fields = reader.fields(node, _RECORD, "a recording desk rule")
    name = reader.text(fields.get("record"), "record")
    if not METRIC_PATTERN.fullmatch(name):
        reader.complain(fields.get("record") or node, f"{name!r} is no metric name: letters, digits, _ and :")
    expr = read_expression(reader, fields.get("expr"), node, f"recording rule {name}")
    labels = read_labels(reader, fields.get("labels"), templates=False)
    return [RecordingRule(name, expr, labels, RuleSource(reader.file, node.start_mark.line + 1))]


def _levels(reader: Reader, node: yaml.Node, fields: Fields, name: str) -> list[tuple[Severity, str]]:
    """Return severity and whole expression of each level, highest first."""
    expr = read_expression(reader, fields.get("expr"), node, f"desk rule {name}")
    given = [severity for severity in LEVELS if severity.value in fields]
    if bool(given) == ("severity" in fields):
        if fields:
            reader.complain(node, 'a desk rule needs levels (warning: "> 80") or, with a condition in expr, a severity')
        return []
    if not expr:
        return []
    if not given:
        return [(severity, expr) for severity in (_severity(reader, fields["severity"]),) if severity is not None]
    return [(severity, _beyond(reader, fields[severity.value], expr, severity)) for severity in given]


def _beyond(reader: Reader, node: yaml.Node, expr: str, severity: Severity) -> str:
    """Return the expression with a level's comparison behind it."""
    level = reader.text(node, severity.value)
    whole = f"({expr.strip()}\n) {level.strip()}" if "#" in expr else f"({expr.strip()}) {level.strip()}"
    if not _LEVEL.fullmatch(level):
        reader.complain(node, f'{severity.value} must be a comparison, e.g. {severity.value}: "> 80", not {level!r}')
        return expr
    try:
        parsed(whole)
    except QuerySyntaxError as error:
        reader.complain(node, f"{severity.value}: {error}")
    return whole


def _severity(reader: Reader, node: yaml.Node) -> Severity | None:
    word = reader.text(node, "severity")
    found = next((severity for severity in Severity if severity.value == word), None)
    if found is None:
        reader.complain(node, f"severity is one of {', '.join(each.value for each in Severity)}, not {word!r}")
    return found


def _base(reader: Reader, node: yaml.Node, fields: Fields, name: str) -> AlertRule:
    """Read what all levels share."""
    labels = read_labels(reader, fields.get("labels"), templates=True)
    spoken = [(key, read_template_text(reader, fields[key], key)) for key in _SPOKEN if key in fields]
    return AlertRule(
        name=name,
        expr="",
        for_=read_duration(reader, fields.get("for"), "for"),
        keep_firing_for=read_duration(reader, fields.get("keep_firing_for"), "keep_firing_for"),
        labels=labels,
        annotations=(*spoken, *read_annotations(reader, fields.get("annotations"))),
        no_data=_no_data(reader, fields.get("no_data")),
        source=RuleSource(reader.file, node.start_mark.line + 1),
    )


def _at_level(base: AlertRule, severity: Severity, expr: str) -> AlertRule:
    labels = {**dict(base.labels), SEVERITY: severity.value}
    return replace(base, expr=expr, labels=tuple(labels.items()))


def _no_data(reader: Reader, node: yaml.Node | None) -> NoData:
    word = reader.text(node, "no_data", NoData.HOLD.value)
    found = next((mode for mode in NoData if mode.value == word), None)
    if found is None:
        reader.complain(node, f"no_data is one of {', '.join(mode.value for mode in NoData)}, not {word!r}")
    return found or NoData.HOLD
