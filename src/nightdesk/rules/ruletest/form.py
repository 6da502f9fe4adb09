"""Reads files of rule tests: the form of `promtool test rules`."""

from dataclasses import dataclass
from typing import Final

import yaml

from nightdesk.errors import NightdeskError, RuleFileError
from nightdesk.model.instant import MINUTE
from nightdesk.model.labels import Labels
from nightdesk.rules.forms.fields import Pairs, read_duration
from nightdesk.rules.forms.yaml_nodes import Fields, Reader
from nightdesk.rules.ruletest.notation import Step, parse_labels, parse_values

_FILE: Final = ("rule_files", "evaluation_interval", "group_eval_order", "tests", "fuzzy_compare")
_TEST: Final = (
    "name", "interval", "input_series", "alert_rule_test", "promql_expr_test", "external_labels", "external_url",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ExpectedAlert:
    """An alert that should fire; annotations None are not compared."""

    labels: Labels
    annotations: Pairs | None


@dataclass(frozen=True, slots=True)
class AlertCase:
    """Which alerts of one name should fire at `at` ms."""

    line: int
    at: int
    alertname: str
    expected: tuple[ExpectedAlert, ...]


@dataclass(frozen=True, slots=True)
class ExpressionCase:
    """What an expression should answer at `at` ms."""

    line: int
    at: int
    expr: str
    expected: tuple[tuple[Labels, float], ...]


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test: series given every `interval` ms from Unix time 0, and what should come of them."""

    name: str
    interval: int
    series: tuple[tuple[Labels, tuple[Step, ...]], ...]
    alerts: tuple[AlertCase, ...]
    expressions: tuple[ExpressionCase, ...]


@dataclass(frozen=True, slots=True)
class RuleTestFile:
    """A file of tests, and the rule files it is about, as written."""

    rule_files: tuple[str, ...]
    evaluation_interval: int
    tests: tuple[RuleTest, ...]


def read_tests(text: str, file: str) -> RuleTestFile:
    """Read a file of rule tests.

    Raises:
        RuleFileError: it cannot be used; the message names file and line.
    """
    reader = Reader(text, file)
    if reader.root is None:
        raise reader.complaints[0] if reader.complaints else RuleFileError("an empty file tests nothing", file=file)
    fields = reader.fields(reader.root, _FILE, "a file of rule tests")
    made = RuleTestFile(
        tuple(reader.text(item, "rule_files") for item in reader.items(fields.get("rule_files"), "rule_files")),
        read_duration(reader, fields.get("evaluation_interval"), "evaluation_interval", MINUTE),
        tuple(_test(reader, item) for item in reader.items(fields.get("tests"), "tests")),
    )
    if reader.complaints:
        raise min(reader.complaints, key=lambda complaint: complaint.line)
    return made


def _test(reader: Reader, node: yaml.Node) -> RuleTest:
    fields = reader.fields(node, _TEST, "a test")
    return RuleTest(
        reader.text(fields.get("name"), "name"),
        read_duration(reader, fields.get("interval"), "interval", MINUTE),
        tuple(_series(reader, item) for item in reader.items(fields.get("input_series"), "input_series")),
        tuple(_alert_case(reader, item) for item in reader.items(fields.get("alert_rule_test"), "alert_rule_test")),
        tuple(_expr_case(reader, item) for item in reader.items(fields.get("promql_expr_test"), "promql_expr_test")),
    )


def _series(reader: Reader, node: yaml.Node) -> tuple[Labels, tuple[Step, ...]]:
    fields = reader.fields(node, ("series", "values"), "an input series")
    labels = _labels(reader, fields, "series", node)
    try:
        return labels, tuple(parse_values(reader.text(fields.get("values"), "values")))
    except NightdeskError as error:
        reader.complain(fields.get("values"), str(error))
        return labels, ()


def _labels(reader: Reader, fields: Fields, key: str, node: yaml.Node) -> Labels:
    try:
        return parse_labels(reader.text(fields.get(key), key))
    except NightdeskError as error:
        reader.complain(fields.get(key) or node, str(error))
        return Labels()


def _alert_case(reader: Reader, node: yaml.Node) -> AlertCase:
    fields = reader.fields(node, ("eval_time", "alertname", "exp_alerts"), "an alert test")
    name = reader.text(fields.get("alertname"), "alertname")
    expected = (_expected_alert(reader, item, name) for item in reader.items(fields.get("exp_alerts"), "exp_alerts"))
    return AlertCase(node.start_mark.line + 1, _eval_time(reader, fields), name, tuple(expected))


def _expected_alert(reader: Reader, node: yaml.Node, name: str) -> ExpectedAlert:
    fields = reader.fields(node, ("exp_labels", "exp_annotations"), "an expected alert")
    labels = [(key, value) for key, value, _ in reader.pairs(fields.get("exp_labels"), "exp_labels")]
    annotations = [(key, value) for key, value, _ in reader.pairs(fields.get("exp_annotations"), "exp_annotations")]
    return ExpectedAlert(Labels([*labels, ("alertname", name)]), tuple(sorted(annotations)))


def _expr_case(reader: Reader, node: yaml.Node) -> ExpressionCase:
    fields = reader.fields(node, ("expr", "eval_time", "exp_samples"), "an expression test")
    expected = tuple(_sample(reader, item) for item in reader.items(fields.get("exp_samples"), "exp_samples"))
    return ExpressionCase(
        node.start_mark.line + 1, _eval_time(reader, fields), reader.text(fields.get("expr"), "expr"), expected
    )


def _sample(reader: Reader, node: yaml.Node) -> tuple[Labels, float]:
    fields = reader.fields(node, ("labels", "value"), "an expected sample")
    text = reader.text(fields.get("value"), "value", "0")
    try:
        value = float(text)
    except ValueError:
        reader.complain(fields.get("value") or node, f"value must be a number, not {text!r}")
        value = 0.0
    return _labels(reader, fields, "labels", node), value


def _eval_time(reader: Reader, fields: Fields) -> int:
    return read_duration(reader, fields.get("eval_time"), "eval_time")
