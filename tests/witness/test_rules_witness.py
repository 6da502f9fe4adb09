"""Prometheus' own promtool agrees, evaluation for evaluation, with how rules in its form are judged here."""

import math
import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from nightdesk.clock import SystemClock
from nightdesk.model.alert import Alert, AlertState
from nightdesk.model.instant import MINUTE
from nightdesk.query.engine import Engine
from nightdesk.rules.compiled import compile_group
from nightdesk.rules.forms.files import load
from nightdesk.rules.group import GroupJudge
from nightdesk.rules.ruletest.notation import parse_labels, parse_values
from nightdesk.rules.ruletest.scratch import ScratchSamples
from nightdesk.rules.vector import vector_of

PROMTOOL = shutil.which("promtool")
ASKED = ("ALERTS", "ALERTS_FOR_STATE", "rec", "rec:sum")
ROUNDS = 24

pytestmark = pytest.mark.peer

RULES = """
groups:
  - name: recorded
    rules:
      - record: rec
        expr: 2 * x
        labels: {origin: rule}
      - record: rec:sum
        expr: sum by (i) (rec)
  - name: judged
    rules:
      - alert: AtOnce
        expr: x > 5
        annotations:
          text: '{{ $labels.i }}: {{ $value }} {{ $value | humanize }} {{ $value | humanizeDuration }}'
          more: '{{ printf "%.3f|%8.2e|%-5s|%q" $value $value $labels.i "a\\"b" }} {{ humanizePercentage $value }}'
      - alert: Patient
        expr: x > 5
        for: 3m
        labels: {severity: '{{ $labels.i }}-{{ "page" | toUpper }}'}
        annotations: {text: '{{ $value | humanize1024 }} {{ $value | humanizeTimestamp }} {{ title "two words" }}'}
      - alert: Sticky
        expr: x > 5
        keep_firing_for: 4m
      - alert: Both
        expr: rec > 10 and on (i, j) x < 100
        for: 2m
        keep_firing_for: 2m
      - alert: Missing
        expr: absent(x{i="1"})
        for: 1m
"""


def test_promtool_agrees(tmp_path: Path) -> None:
    """ALERTS, ALERTS_FOR_STATE, recorded series and messages are equal at every evaluation of random histories."""
    if PROMTOOL is None:
        assert not os.environ.get("CI"), "CI has Prometheus' tools"
        pytest.skip("promtool is not installed")
    (tmp_path / "rules.yml").write_text(RULES)
    tests = [_expected(random.Random(seed)) for seed in range(12)]
    file = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "group_eval_order": ["recorded", "judged"],
        "tests": tests,
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(file, sort_keys=False))
    told = subprocess.run(
        [PROMTOOL, "test", "rules", "test.yml"], cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False
    )
    assert told.returncode == 0, (told.stdout + told.stderr)[:4000]


def _history(dice: random.Random) -> str:
    words = []
    for _ in range(ROUNDS):
        kind = dice.random()
        if kind < 0.15:
            words.append("_")
        elif kind < 0.22:
            words.append("stale")
        elif kind < 0.27:
            words.append(dice.choice(["NaN", "Inf", "-Inf"]))
        else:
            words.append(str(dice.choice([0, 1, 5, 6, 7.25, 99, 1e9, 123456.789])))
    return " ".join(words)


def _expected(dice: random.Random) -> dict[str, object]:
    """Judge a random history here, and write down what came of it as a test for promtool."""
    series = {f'x{{i="{i}",j="{j}"}}': _history(dice) for i in (1, 2) for j in ("a", "b")[: dice.choice([1, 2])]}
    samples = ScratchSamples()
    for name, values in series.items():
        steps = enumerate(parse_values(values))
        samples.add(parse_labels(name), [(step * MINUTE, value) for step, value in steps if value is not None])
    clock = SystemClock()
    engine = Engine(samples, clock)
    judges = [GroupJudge(compile_group(group), engine, samples, clock) for group in load(RULES, "rules.yml")]
    alerts: list[dict[str, object]] = []
    for at in range(0, ROUNDS * MINUTE, MINUTE):
        for judge in judges:
            judge.round(at)
            judge.accepted()
        alerts += [_alert_case(judges, name, at) for name in ("AtOnce", "Patient", "Sticky", "Both", "Missing")]
    asked = [(expr, at) for at in range(0, ROUNDS * MINUTE, MINUTE) for expr in ASKED]
    expressions = [case for expr, at in asked if (case := _expression(engine, expr, at))]
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": alerts,
        "promql_expr_test": expressions,
    }


def _alert_case(judges: list[GroupJudge], name: str, at: int) -> dict[str, object]:
    live = [alert for judge in judges for standing in judge.standings for alert in standing.live]
    firing = [_as_written(alert) for alert in live if alert.name == name and alert.state is AlertState.FIRING]
    return {"eval_time": f"{at // MINUTE}m", "alertname": name, "exp_alerts": firing}


def _as_written(alert: Alert) -> dict[str, object]:
    labels = alert.labels.without(("alertname",)).as_dict()
    return {"exp_labels": labels, "exp_annotations": dict(alert.annotations)}


def _expression(engine: Engine, expr: str, at: int) -> dict[str, object] | None:
    found = vector_of(engine.instant(expr, at))
    if any(math.isnan(value) for _, value in found):
        return None  # to promtool no NaN equals another
    samples = [{"labels": str(labels), "value": value} for labels, value in found]
    return {"expr": expr, "eval_time": f"{at // MINUTE}m", "exp_samples": samples}
