"""Aggregations are worked out in strips of some steps: they take little beside the vector and their answer."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from nightdesk.clock import SystemClock
from nightdesk.model.labels import Labels
from nightdesk.query.aggregations import aggregate, pick
from nightdesk.query.checking.parsing import parse
from nightdesk.query.grid import Grid
from nightdesk.query.language.tree import Aggregate
from nightdesk.query.limits import Limits, QueryBudget

ROWS, STEPS = 500, 6_000
MEBIBYTE = 2**20
BESIDE = 24 * MEBIBYTE
"""What may be allocated beside the answer, where the vector has 26 MiB of cells."""


def _vector() -> Grid:
    chance = np.random.default_rng(3)
    labels = [Labels.of("wide", i=str(row), g=str(row % 7)) for row in range(ROWS)]
    return Grid.of(labels, chance.normal(0, 9, (ROWS, STEPS)).round() + 0.0, chance.random((ROWS, STEPS)) > 0.1)


VECTOR = _vector()


def _aggregated(text: str, grid: Grid) -> Grid:
    node, budget = parse(text), QueryBudget(Limits(seconds=60), SystemClock())
    assert isinstance(node, Aggregate)
    steps = grid.values.shape[1]
    match node.operator:
        case "count_values":
            return aggregate.count_values(node, grid, "v", budget, lambda *_: None)
        case "quantile":
            return aggregate.quantile(node, grid, np.full(steps, 0.9), budget)
        case "topk":
            return pick.extremes(node, grid, np.full(steps, 5.0), budget)
        case "limitk":
            return pick.first(node, grid, np.full(steps, 5.0), budget)
    return aggregate.fold(node, grid, budget)


TEXTS = [
    "sum(a)", "avg by (g) (a)", "min by (i) (a)", "count(a)", "stddev(a)", "stdvar by (i) (a)",
    "quantile(0.9, a)", "quantile by (g) (0.9, a)", "topk(5, a)", "topk by (g) (5, a)", "limitk(5, a)",
    'count_values("v", a)',
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_strips_take_little_beside_the_vector(text: str) -> None:
    """What an aggregation works with does not grow with the steps; only its answer does."""
    tracemalloc.start(1)
    try:
        answer = _aggregated(text, VECTOR)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak - answer.values.nbytes - answer.present.nbytes < BESIDE


@pytest.mark.parametrize("text", TEXTS)
def test_a_step_is_what_it_is_alone(text: str) -> None:
    """Values to the bit: no strip knows another."""
    whole = _aggregated(text, VECTOR)
    for step in (0, 523, 524, STEPS - 1):
        cut = slice(step, step + 1)
        alone = replace(VECTOR, values=VECTOR.values[:, cut], present=VECTOR.present[:, cut])
        assert _told(_aggregated(text, alone), 0) == _told(whole, step)


def _told(grid: Grid, step: int) -> dict[Labels, float]:
    here = np.flatnonzero(grid.present[:, step]).tolist()
    return {grid.labels[row]: float(grid.values[row, step]) for row in here}
