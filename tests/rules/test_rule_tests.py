"""Rule tests fail when they should, and say where."""

import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from nightdesk.errors import NightdeskError
from nightdesk.model.labels import Labels
from nightdesk.model.rule import RuleGroup
from nightdesk.model.series import STALE_BITS
from nightdesk.rules.forms.files import load
from nightdesk.rules.ruletest.notation import parse_labels, parse_values
from nightdesk.rules.ruletest.run import run_tests

RULES = "groups: [{name: g, rules: [{alert: A, expr: x > 1, for: 1m, annotations: {text: '{{ $value }}'}}]}]"
TESTS = """
rule_files: [rules.yml]
tests:
  - name: one
    interval: 1m
    input_series:
      - {series: 'x{i="1"}', values: '0 2 2 2'}
    alert_rule_test:
      - {eval_time: 1m, alertname: A, exp_alerts: []}
      - eval_time: EVAL
        alertname: A
        exp_alerts:
          - exp_labels: {i: "LABEL"}
            exp_annotations: {text: "TEXT"}
    promql_expr_test:
      - expr: x + 1
        eval_time: 2m
        exp_samples: [{labels: '{i="1"}', value: VALUE}]
"""
RIGHT = {"EVAL": "2m", "LABEL": "1", "TEXT": "2", "VALUE": "3"}


def rules_of(_: str) -> Sequence[RuleGroup]:
    """Load the rules that every test file here names."""
    return load(RULES, "rules.yml")


def written(**changes: str) -> str:
    """Return the test file, with changes."""
    text = TESTS
    for word, value in {**RIGHT, **changes}.items():
        text = text.replace(word, value)
    return text


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, []),
        ({"EVAL": "1m"}, [10]),
        ({"LABEL": "2"}, [10]),
        ({"TEXT": "other"}, [10]),
        ({"VALUE": "4"}, [16]),
        ({"VALUE": "NaN", "TEXT": "other"}, [10, 16]),
    ],
)
def test_verdicts(changes: dict[str, str], lines: list[int], tmp_path: Path) -> None:
    """A case that does not come out is told with its line; promtool's verdict is the same."""
    assert [failure.line for failure in run_tests(written(**changes), "t.yml", rules_of)] == lines
    promtool = shutil.which("promtool")
    if promtool is not None:
        (tmp_path / "rules.yml").write_text(RULES)
        (tmp_path / "t.yml").write_text(written(**changes))
        told = subprocess.run([promtool, "test", "rules", "t.yml"], cwd=tmp_path, capture_output=True, check=False)
        assert (told.returncode == 0) == (lines == [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tests: 1",
        "unknown: 1",
        "tests: [{input_series: [{series: 'x y', values: '1'}]}]",
        "tests: [{input_series: [{series: x, values: '1 two'}]}]",
        "tests: [{input_series: [{series: x, values: '1x99999999'}]}]",
        "tests: [{promql_expr_test: [{expr: x, eval_time: soon}]}]",
        "tests: [{promql_expr_test: [{expr: x, exp_samples: [{labels: x, value: much}]}]}]",
    ],
)
def test_files_that_cannot_be_used(text: str) -> None:
    """A file of tests that says nothing sensible is refused, not passed."""
    with pytest.raises(NightdeskError):
        run_tests(text, "t.yml", rules_of)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 2.5 -3", [1, 2.5, -3]),
        ("0+10x3", [0, 10, 20, 30]),
        ("5-2x2", [5, 3, 1]),
        ("7x2", [7, 7, 7]),
        ("_ _x2 1", [None, None, None, 1]),
        ("1e3 .5", [1000, 0.5]),
    ],
)
def test_notation(text: str, values: list[float | None]) -> None:
    """Values are written as in Prometheus' own tests."""
    assert parse_values(text) == values


def test_stale_and_labels() -> None:
    """The stale marker is the one bit pattern; a series is a name with equal labels."""
    (value,) = parse_values("stale")
    assert value is not None
    assert int.from_bytes(struct.pack(">d", value), "big") == STALE_BITS
    assert parse_labels('x{a="1"}') == Labels.of("x", a="1")
    assert parse_labels("{}") == Labels()
    with pytest.raises(NightdeskError):
        parse_labels('x{a=~"1"}')


@pytest.mark.parametrize(
    ("label", "pattern", "is_found"),
    [(r"a\nb", "a.*", True), (r"a\nb", "(?-s)a.*", False), (r"\xff", r"\\C", True), (r"\xff", ".", False)],
)
def test_patterns_match_as_on_a_running_desk(label: str, pattern: str, is_found: bool) -> None:
    """The dot matches newlines, and bytes that are no UTF-8 are bytes."""
    expected = "exp_samples: [{labels: 'x{l=\"LABEL\"}', value: 1}]".replace("LABEL", label) if is_found else ""
    text = f"""
rule_files: [rules.yml]
tests:
  - interval: 1m
    input_series:
      - {{series: 'x{{l="{label}"}}', values: '1'}}
    promql_expr_test:
      - expr: x{{l=~"{pattern}"}}
        eval_time: 0m
        {expected}
"""
    assert run_tests(text, "rules.test.yml", rules_of) == []
