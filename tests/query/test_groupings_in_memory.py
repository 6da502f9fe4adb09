"""What groupings leave in memory: they remember their groups, and hostile ones no more of them than the bound."""

import tracemalloc

import numpy as np
import pytest

from nightdesk.model import remembered
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels
from nightdesk.model.lru_cache import LruCache
from nightdesk.query.aggregations.partition import Partition
from nightdesk.query.grid import Grid
from nightdesk.query.language.tree import Aggregate, Number
from nightdesk.query.memory import weight_of

_ROWS = 1_000
_BOUND = 2 * 2**20
_LOAD = Number(0.0)


def test_many_groupings_of_many_rows_stay_within_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight by six groupings within groupings that leave every row alone: 13 MB, of which 2 MB may stay."""
    leases = LruCache[remembered._Lease](_BOUND)
    monkeypatch.setattr(remembered, "LEASES", leases)
    rows = LabelRows([Labels.of("load", i=f"{row:04d}", zone=f"z{row % 20}") for row in range(_ROWS)])
    tracemalloc.start()
    for outer in range(8):
        groups = Partition.of(_grid(rows), _without(f"o{outer}")).labels
        for inner in range(6):
            assert len(Partition.of(_grid(groups), _without(f"i{inner}")).labels) == _ROWS
    del groups
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert leases.weight <= _BOUND
    assert held < 1.3 * _BOUND


def test_groups_are_remembered() -> None:
    """The same grouping of the same rows is worked out once, whichever query asks."""
    rows = LabelRows([Labels.of("load", i=str(row % 7), row=str(row)) for row in range(100)])
    node = Aggregate("sum", _LOAD, grouping=("i",))
    assert Partition.of(_grid(rows), node) is Partition.of(_grid(rows), node)
    grid = _grid(rows).without_name().settled(_Free())
    assert grid.labels is _grid(rows).without_name().settled(_Free()).labels


def test_label_sets_that_a_query_made_count_in_its_memory() -> None:
    """Those that the store holds anyway do not."""
    read = _grid(LabelRows([Labels.of("load", i=str(row)) for row in range(100)]))
    made = _grid(Partition.of(read, _without("other")).labels)
    cells = weight_of(read)
    assert weight_of(made) > cells + 100 * 100


def _without(name: str) -> Aggregate:
    return Aggregate("sum", _LOAD, grouping=(name,), without=True)


def _grid(rows: list[Labels]) -> Grid:
    return Grid.of(rows, np.zeros((len(rows), 1)), np.ones((len(rows), 1), dtype=np.bool_))


class _Free:
    def charge(self, samples: int) -> None:
        """Take any number."""

    def check(self) -> None:
        """Never end."""
