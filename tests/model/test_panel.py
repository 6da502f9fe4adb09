"""Rows that are equal find each other, whatever they hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nightdesk.model.panel import equal_rows

SHAPES = st.tuples(st.integers(0, 6), st.integers(1, 20))


@given(
    SHAPES.flatmap(lambda shape: arrays.arrays(np.int64, shape, elements=st.integers(0, 1)))
    | SHAPES.flatmap(lambda shape: arrays.arrays(np.bool_, shape))
)
def test_rows_are_grouped_by_what_they_hold(matrix: np.ndarray) -> None:
    """Each row is in one group, those of a group are equal and those of two are not; first rows come in order."""
    groups = [members.tolist() for members in equal_rows(matrix)]
    assert sorted(row for members in groups for row in members) == list(range(len(matrix)))
    contents = [{matrix[row].tobytes() for row in members} for members in groups]
    assert all(len(each) == 1 for each in contents)
    assert len(set.union(set(), *contents)) == len(groups)
    assert [members[0] for members in groups] == sorted(members[0] for members in groups)


@pytest.mark.parametrize("dtype", [np.int64, np.bool_])
def test_no_rows_are_no_groups(dtype: type[np.generic]) -> None:
    """An empty matrix is one that a reader may give."""
    assert equal_rows(np.empty((0, 3), dtype)) == []
