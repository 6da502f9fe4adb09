"""Sums in two parts: the sum as `math.fsum` has it, and the loss as it has that."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nightdesk.model.exact_sums import MOST, exact_sums

numbers = st.one_of(
    st.floats(-1e290, 1e290),
    st.integers(-100_000, 100_000).map(lambda cents: cents / 100),
    st.sampled_from([1.0, 1e100, -1e100, 5e-324, -0.0, 2.0**53, 2.0**-53, -(2.0**-54), 1e-38, 0.1]),
)


@example([0.0] * 3, [1.0, 0.14, -1.2e-38])  # half a step beside 1.14, but for the last
@example([0.0] * 3, [1.0, 0.14, 1.2e-38])
@given(st.lists(numbers, min_size=1, max_size=60), st.lists(numbers, min_size=1, max_size=60))
def test_a_sum_and_its_loss_are_exact(one: list[float], other: list[float]) -> None:
    """Whatever lies in the row, and in that beside it: huge beside tiny, cents, what cancels out."""
    width = min(len(one), len(other))
    rows = [one[:width], other[:width]]
    sums = exact_sums(np.array(rows))
    for row, total, loss in zip(rows, sums.totals.tolist(), sums.losses.tolist(), strict=True):
        assert total == math.fsum(row)
        assert loss == math.fsum([*row, -total])


@pytest.mark.parametrize("rows", [3, 300])
def test_cents_that_cancel_out_sum_to_nothing(rows: int) -> None:
    """And what lies beside 1e100 is not lost; in many rows as in few."""
    cents = np.round(np.random.default_rng(1).normal(0, 1000, (rows, 2000)), 2)
    assert not any(np.any(part) for part in exact_sums(np.concatenate((cents, -cents[:, ::-1]), axis=1)))
    beside = np.tile([1.0, 1e100, 1.0, -1e100, 1e100], (rows, 1))
    assert np.transpose(exact_sums(beside)).tolist() == [[1e100, 2.0]] * rows


def test_what_has_no_finite_sum() -> None:
    """Infinities and NaN are summed as floats are; of what may overflow samples tell; no row harms its neighbour."""
    inf, nan = math.inf, math.nan
    rows = np.array([[1.5e308, -1.5e308], [MOST, 0.0], [inf, 1.0], [1.0, -inf], [inf, -inf], [nan, inf], [0.1, 0.2]])
    sums = exact_sums(rows)
    assert repr(sums.totals.tolist()) == repr([inf, inf, inf, -inf, nan, nan, math.fsum((0.1, 0.2))])
    assert sums.losses[:-1].tolist() == [0.0] * 6
    assert exact_sums(np.empty((2, 0))).totals.tolist() == [0.0, 0.0]
