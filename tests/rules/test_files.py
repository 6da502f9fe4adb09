"""Rule files: what is accepted, what it means, and what is said of the rest."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.errors import RuleFileError
from nightdesk.model.instant import HOUR, MINUTE, SECOND
from nightdesk.model.rule import AlertRule, NoData, RecordingRule
from nightdesk.rules.forms.files import complaints_of, load

PROMETHEUS = """
groups:
  - name: example
    interval: 30s
    limit: 10
    query_offset: 1m
    labels: {team: desk, severity: none}
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
        labels: {origin: rule}
      - alert: Down
        expr: |
          up == 0
        for: 5m
        keep_firing_for: 1h
        labels: &page
          severity: page
        annotations:
          summary: "{{ $labels.instance }} is down"
      - alert: Merged
        expr: up == 1
        labels:
          <<: *page
          extra: on
  - name: second
    rules: []
"""


def test_prometheus_form() -> None:
    """Every field of Prometheus' form arrives, with Prometheus' defaults and its meaning of no data."""
    first, second = load(PROMETHEUS, "example.yml")
    assert (first.name, first.interval, first.limit, first.query_offset) == ("example", 30 * SECOND, 10, MINUTE)
    record, down, merged = first.rules
    assert isinstance(record, RecordingRule)
    assert dict(record.labels) == {"team": "desk", "severity": "none", "origin": "rule"}
    assert isinstance(down, AlertRule)
    assert (down.for_, down.keep_firing_for, down.no_data) == (5 * MINUTE, HOUR, NoData.PROMETHEUS)
    assert dict(down.labels) == {"team": "desk", "severity": "page"}
    assert dict(down.annotations) == {"summary": "{{ $labels.instance }} is down"}
    assert (down.source.file, down.source.line) == ("example.yml", 12)
    assert dict(merged.labels) == {"team": "desk", "severity": "page", "extra": "on"}
    assert (second.interval, second.rules) == (MINUTE, ())


def test_desk_form() -> None:
    """Levels become rules of one name, highest first, each with its severity; absence holds."""
    text = """
interval: desk
desk_rules:
  - record: half
    expr: disk_usage:mount / 2
  - name: DiskFilling
    expr: disk_usage:mount  # of each
    warning: "> 80"
    critical: "> 90"
    for: 5m
    labels: {kind: load}
    summary: "{{ $labels.mountpoint }}: {{ $value }}"
"""
    (group,) = load(text, "rules/disks.yml", desk_interval=15 * SECOND)
    assert (group.name, group.interval, group.file) == ("disks", 15 * SECOND, "rules/disks.yml")
    _, critical, warning = group.rules
    assert isinstance(critical, AlertRule)
    assert isinstance(warning, AlertRule)
    assert critical.expr == "(disk_usage:mount) > 90"
    assert (dict(critical.labels), dict(warning.labels)) == (
        {"kind": "load", "severity": "critical"},
        {"kind": "load", "severity": "warning"},
    )
    assert (critical.name, critical.for_, critical.no_data) == ("DiskFilling", 5 * MINUTE, NoData.HOLD)
    assert dict(critical.annotations) == {"summary": "{{ $labels.mountpoint }}: {{ $value }}"}


FAULTS = [
    ("groups: [{name: g, rules: [{alert: A, exprr: up}]}]", 1, "field 'exprr' not found in a rule"),
    ("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up ==\n", 5, "alert A"),
    ("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: |\n      up\n      == == 0\n", 7, "alert A"),
    ("groups:\n- name: g\n  rules:\n  - record: 1a\n    expr: up\n", 4, "no metric name"),
    ("groups:\n- name: g\n  rules:\n  - record: a\n    expr: up\n    for: 5m\n", 6, "a recording rule has no 'for'"),
    ("groups:\n- name: g\n  rules:\n  - alert: A\n    record: a\n    expr: up\n", 4, "either 'record' or 'alert'"),
    ("groups:\n- name: g\n  rules:\n  - alert: A\n", 4, "needs an expression"),
    ("groups:\n- name: g\n  interval: fast\n", 3, "not a valid duration"),
    ("groups:\n- name: g\n- name: g\n", 3, "repeated"),
    ("groups:\n- rules: []\n", 2, "a group needs a name"),
    ("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up\n    labels: {1x: a}\n", 6, "no label name"),
    ("groups:\n- name: g\n  rules: {alert: A}\n", 3, "must be a list"),
    ("groups:\n- name: g\n  limit: -1\n", 3, "whole number"),
    ("groups: [", 1, "not YAML"),
    ('groups:\n- name: g\n  rules:\n  - {alert: A, expr: up, labels: {a: "\\uD800"}}\n', 4, "half a surrogate pair"),
    ("rules: []", 1, "field 'rules' not found in a rule file"),
    ("desk_rules:\n- name: A\n  expr: up\n  warning: 80\n", 4, "must be a comparison"),
    ("desk_rules:\n- name: A\n  expr: up\n  warning: '> >'\n", 4, "warning"),
    ("desk_rules:\n- name: A\n  expr: up\n", 2, "needs levels"),
    ("desk_rules:\n- name: A\n  expr: up\n  severity: loud\n", 4, "severity is one of"),
    ("desk_rules:\n- name: A\n  expr: up\n  severity: info\n  no_data: maybe\n", 5, "no_data is one of"),
    ("desk_rules:\n- name: A\n  expr: up\n  severity: info\n  summary: '{{ if }}'\n", 5, "summary"),
    ("desk_rules:\n- name: a b\n  expr: up\n  severity: info\n", 2, "needs a name"),
    ("interval: never\ndesk_rules: []\n", 1, "not a valid duration"),
]


@pytest.mark.parametrize(("text", "line", "message"), FAULTS)
def test_faults_are_named(text: str, line: int, message: str) -> None:
    """Each fault is told with its file, its line and what would be right."""
    with pytest.raises(RuleFileError) as caught:
        load(text, "bad.yml")
    assert (caught.value.file, caught.value.line) == ("bad.yml", line)
    assert message in str(caught.value)


def test_all_faults_are_told_at_once() -> None:
    """A person sees every fault of a file, in the order of its lines."""
    text = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up ==\n  - alert: B\n    expr: up\n    fro: 5m\n"
    assert [complaint.line for complaint in complaints_of(text, "bad.yml")] == [5, 8]


def test_prometheus_templates_beyond_the_subset_are_accepted() -> None:
    """A file that Prometheus takes is taken, even where its texts use more than we render."""
    text = "groups: [{name: g, rules: [{alert: A, expr: up, annotations: {a: '{{ if .Value }}x{{ end }}'}}]}]"
    assert len(load(text, "prometheus.yml")) == 1


@pytest.mark.parametrize("text", ["", "# nothing\n", "groups:\n", "groups: []\n", "desk_rules: []\n"])
def test_empty_files_are_files(text: str) -> None:
    """A file without rules is no fault."""
    assert [rule for group in load(text, "empty.yml") for rule in group.rules] == []


@pytest.mark.parametrize("run", ["[", "{", "[{a: ", "- [", "- ", "? "])
def test_what_is_nested_too_deeply_is_refused_at_once(run: str) -> None:
    """A run of brackets costs no more than its first few: reading it all took seconds, growing with its square."""
    begun = time.process_time()
    (complaint,) = complaints_of("groups: \n" + run * 20_000, "r.yml")
    assert "nested too deeply for a rule file" in str(complaint)
    assert time.process_time() - begun < 0.5


def test_a_bomb_of_aliases_is_read_by_its_shape() -> None:
    """Aliases that would unfold to billions cost nothing where no rule can stand."""
    layers = "\n".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
    assert complaints_of(f"a0: &a0 [x]\n{layers}\n", "bomb.yml")


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text is either a rule file or a list of complaints."""
    complaints_of(text, "any.yml")
    complaints_of("desk_rules:\n - name: A\n   expr: " + text, "any.yml")


@pytest.mark.peer
def test_promtool_refuses_and_accepts_the_same(tmp_path: Path) -> None:
    """Faults of Prometheus' form are faults to promtool, and its good files are good here."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed")
    texts = [text for text, _, message in FAULTS if text.startswith("groups") and "whole number" not in message]
    plain = PROMETHEUS.replace("    query_offset: 1m\n", "").replace("    labels: {team: desk, severity: none}\n", "")
    for number, (text, good) in enumerate([(text, False) for text in texts] + [(plain, True)]):
        file = tmp_path / f"{number}.yml"
        file.write_text(text)
        told = subprocess.run([promtool, "check", "rules", str(file)], capture_output=True, check=False, timeout=20)
        assert (told.returncode == 0) is good, text
        assert (not complaints_of(text, "x.yml")) is good, text
