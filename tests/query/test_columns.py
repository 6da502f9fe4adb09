"""Columns by slice are columns by number."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.model.series import STALE, has_nan
from nightdesk.query.kernels.columns import columns


@given(st.integers(0, 5), st.integers(0, 4), st.integers(1, 30), st.lists(st.integers(0, 40), max_size=12))
def test_columns_are_those_asked_for(begin: int, stride: int, count: int, odd: list[int]) -> None:
    """At even distances, at the same place again and again, and with odd ones before."""
    matrix = np.random.default_rng(1).random((3, 200))
    indices = np.array([*odd, *(begin + stride * np.arange(count))])
    found = columns(matrix, indices)
    np.testing.assert_array_equal(found, matrix[:, indices])
    found[:] = 0
    assert matrix.all()


def test_one_marker_anywhere_is_seen() -> None:
    """The quick question misses none, and an empty matrix has none."""
    matrix = np.full((2, 100), -np.inf)
    assert not has_nan(matrix)
    assert not has_nan(np.empty((0, 5)))
    for place in range(100):
        marked = matrix.copy()
        marked[1, place] = STALE
        assert has_nan(marked)
