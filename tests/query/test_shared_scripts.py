"""The conformance scripts, read where they lie and judged by their own runner, over an engine in this process."""

import argparse
import importlib.util
import math
import os
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from nightdesk.errors import NightdeskError
from nightdesk.model.labels import Labels
from nightdesk.model.series import STALE, Batch
from nightdesk.query.answer import Answer
from nightdesk.query.engine import Engine
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.scripts import ScriptStore

ROOT = Path(__file__).parents[2]
CHECKS = Path(os.environ.get("NIGHTDESK_CHECKS", "../shared/checks"))
SCRIPTS = (CHECKS if CHECKS.is_absolute() else ROOT / CHECKS) / "promql"
FLOORS = {
    "classic": 0.99, "experimental_fn": 0.99, "duration_expr": 0.99, "fill_modifier": 0.99,
    "delayed_name_removal": 0.99, "type_unit_labels": 0.99,
    # What is missing there needs native histograms.
    "info_fn": 0.96, "extended_range_selectors": 0.62,
}  # fmt: skip


class EngineClient:
    """What the runner takes for a server: parameters in, Prometheus' JSON out."""

    def __init__(self, store: ScriptStore) -> None:
        self._store = store
        self._engine = Engine(store, ManualClock())

    def load(self, runner: ModuleType, command: Any) -> None:
        for key, values in command.series.items():
            samples = [
                (position * command.step, STALE if value is runner.STALE else value)
                for position, value in enumerate(values)
                if value is not None and value is not runner.HIST
            ]
            refs = np.full(len(samples), self._store.reference(Labels(key)), dtype=np.int64)
            times = np.array([time for time, _ in samples], dtype=np.int64)
            self._store.append(Batch(refs, times, np.array([value for _, value in samples], dtype=np.float64)))

    def query(self, path: str, parameters: dict[str, str]) -> tuple[int, dict[str, Any]]:
        try:
            answer = self._answer(path, parameters)
        except NightdeskError as error:
            return 422, {"status": "error", "error": str(error)}
        data = {"resultType": answer.kind, "result": _result(answer)}
        return 200, {"status": "success", "data": data, "warnings": answer.warnings, "infos": answer.infos}

    def _answer(self, path: str, parameters: dict[str, str]) -> Answer:
        if path.endswith("query_range"):
            start, end, step = (round(float(parameters[name]) * 1000) for name in ("start", "end", "step"))
            return self._engine.range(parameters["query"], start, end, step)
        return self._engine.instant(parameters["query"], round(float(parameters["time"]) * 1000))


def _result(answer: Answer) -> Any:
    seconds = [step / 1000 for step in answer.steps.tolist()]
    if answer.kind == "string":
        return [seconds[0], answer.text]
    if answer.kind == "scalar":
        return [seconds[0], _number(answer.values[0, 0])]
    if answer.kind == "vector":
        pairs = zip(answer.labels, answer.values[:, 0], strict=True)
        return [{"metric": labels.as_dict(), "value": [seconds[0], _number(value)]} for labels, value in pairs]
    rows = [(one.labels, one.times / 1000, one.values) for one in answer.series] or [
        (labels, np.array(seconds)[present], values[present])
        for labels, values, present in zip(answer.labels, answer.values, answer.present, strict=True)
    ]
    return [
        {
            "metric": labels.as_dict(),
            "values": [[time, _number(value)] for time, value in zip(times.tolist(), values, strict=True)],
        }
        for labels, times, values in rows
    ]


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(float(value))


@pytest.fixture(scope="module")
def runner() -> ModuleType:
    """Load the scripts' own runner, or say why not."""
    path = SCRIPTS / "runner.py"
    if not path.exists():
        pytest.skip(f"no conformance scripts at {path.parent}; NIGHTDESK_CHECKS names their folder")
    spec = importlib.util.spec_from_file_location("conformance_runner", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_conformance_scripts_keep_their_score(runner: ModuleType, make_store: Any) -> None:
    """The share of cases that hold, notes and range form included, never falls below the floor of its category."""
    options = argparse.Namespace(base=0, extra="", range_mode=True)
    total, passed, failed = Counter[str](), Counter[str](), []
    for _, groups in runner.read_data(str(SCRIPTS / "given")):
        for items, _, _ in groups:
            client = EngineClient(make_store())
            for item in items:
                if isinstance(item, runner.Load):
                    client.load(runner, item)
                    continue
                total[item.category] += 1
                result = runner.run_case(item, client, options)
                passed[item.category] += runner.strict_ok(result)
                if item.category in FLOORS and not runner.strict_ok(result):
                    failed.append((item.id, item.query, result))
    assert {name: passed[name] / total[name] for name in FLOORS if passed[name] / total[name] < FLOORS[name]} == {}, (
        failed
    )
