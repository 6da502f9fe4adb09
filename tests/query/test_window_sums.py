"""Sums and extremes of windows: exact where floats allow, whatever lies beside a window."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.query.kernels.compensated import group_sums, window_means, window_sums
from nightdesk.query.kernels.extremes import window_extremes
from nightdesk.query.kernels.running_sum import RunningSum, summed
from nightdesk.query.kernels.tiles import evenly_placed

rows = st.lists(
    st.floats(allow_nan=False, allow_infinity=False, min_value=-1e150, max_value=1e150) | st.integers(-9, 9).map(float),
    min_size=1,
    max_size=40,
)


def _windows(count: int) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(low, high) for low in range(count + 1) for high in range(low, count + 1)]
    return np.array([low for low, _ in pairs]), np.array([high for _, high in pairs])


@settings(max_examples=200, deadline=None)
@given(rows)
def test_every_window_sums_as_if_it_were_alone(row: list[float]) -> None:
    """No window loses digits to what came before it: each is the compensated sum of its own values."""
    low, high = _windows(len(row))
    sums = window_sums(np.array([row]), low, high)[0]
    for found, start, end in zip(sums.tolist(), low.tolist(), high.tolist(), strict=True):
        alone = RunningSum.zeros((1,))
        for value in row[start:end]:
            alone.add(np.array([value]))
        scale = max((abs(value) for value in row[start:end]), default=0.0)
        assert math.isclose(found, float(alone.result()[0]), rel_tol=1e-15, abs_tol=scale * 1e-30)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(-1e150, 1e150) | st.sampled_from([0.1, 1.0, 1e100, -1e100]), min_size=8, max_size=90),
    st.integers(1, 6),
    st.integers(2, 12),
    st.integers(-4, 4),
    st.integers(0, 3),
)
def test_windows_at_even_distances_sum_as_if_alone(
    row: list[float], stride: int, width: int, begin: int, torn: int
) -> None:
    """As dashboards ask: the first and last windows reach beyond the samples, one in the middle may hold fewer."""
    ends = np.arange(begin + width, len(row) + width, stride)
    low, high = np.clip(ends - width, 0, len(row)), np.clip(ends, 0, len(row))
    if torn and len(low) > torn:
        low[torn] = high[torn]
    sums = window_sums(np.array([row, [1.0] * len(row)]), low, high)
    for found, ones, start, end in zip(*sums.tolist(), low.tolist(), high.tolist(), strict=True):
        scale = max((abs(value) for value in row[start:end]), default=0.0)
        assert math.isclose(found, math.fsum(row[start:end]), rel_tol=1e-15, abs_tol=scale * 1e-28)
        assert ones == end - start


def test_infinities_and_nan_stay_in_their_windows() -> None:
    """Windows beside one that holds such a value are what they were."""
    row = np.arange(100.0)
    row[[20, 50, 52, 80]] = math.inf, math.inf, -math.inf, math.nan
    low = np.arange(0, 90, 2)
    assert evenly_placed(low, low + 6) is not None
    found = window_sums(row[None, :], low, low + 6)[0]
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(found, [row[at : at + 6].sum() for at in low.tolist()])


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ([1, 1e100, 1, -1e100], 2),
        ([math.inf, 1], math.inf),
        ([math.inf, -math.inf], math.nan),
        ([1, math.nan], math.nan),
        ([1e308, 1e308], math.inf),
        ([0.1] * 10, 1.0),
        # Two floats do not hold three magnitudes: Prometheus answers 0, so that is the answer here, exact or not.
        ([1e220, 1e203, 0.5, -1e203, -1e220], 0.0),
    ],
)
@pytest.mark.parametrize("beside", [1, 600])
def test_hard_sums(row: list[float], wanted: float, beside: int) -> None:
    """Cancellation, infinities, NaN, overflow and tenths come out as in Prometheus, in few windows and in many."""
    # Rows beside it must not change it, nor must values before the window.
    values = np.array([[5.0, *row], *[[1.0] * (len(row) + 1)] * beside])
    found = window_sums(values, np.array([1]), np.array([len(row) + 1]))[0, 0]
    assert found == wanted or (math.isnan(found) and math.isnan(wanted))


def test_a_mean_does_not_overflow() -> None:
    """The mean of finite values is finite although their sum is not."""
    assert window_means(np.array([[1e308] * 3]), np.array([0]), np.array([3]))[0, 0] == pytest.approx(1e308)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(width=32), min_size=1, max_size=20), st.sampled_from([np.fmin, np.fmax]))
def test_extremes_are_those_of_each_window(row: list[float], fold: np.ufunc) -> None:
    """Folding by table is folding value by value."""
    low, high = _windows(len(row))
    found = window_extremes(np.array([row]), low, high, fold)[0]
    values = np.array(row)
    wanted = [fold.reduce(values[a:b]) if b > a else 0.0 for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    np.testing.assert_array_equal(found, wanted)


@settings(max_examples=200, deadline=None)
@given(st.lists(rows, min_size=1, max_size=5))
def test_groups_of_any_sizes_sum_apart(groups: list[list[float]]) -> None:
    """Every group is summed by itself, exactly but for one rounding."""
    values = np.array([value for group in groups for value in group])[:, None]
    found = group_sums(values, np.array([len(group) for group in groups]))[:, 0]
    for total, group in zip(found.tolist(), groups, strict=True):
        scale = max(abs(value) for value in group)
        assert math.isclose(total, math.fsum(group), rel_tol=1e-15, abs_tol=scale * 1e-28)


@pytest.mark.parametrize("odd", [0.0, 1e100, 1e308, math.inf, math.nan])
def test_groups_of_many_steps_are_the_exact_sums(odd: float) -> None:
    """Cut by steps or not, beside a value beyond all bounds or not: each cell is the exact sum of its group."""
    values = np.random.default_rng(5).random((3_000, 40)) * 10.0 ** np.arange(40)
    values[7, 20] = odd
    sizes = np.array([1, 2_000, 999])
    found = group_sums(values, sizes)
    for step in range(40):
        column = values[:, step].tolist()
        wanted = [math.fsum(column[:1]), math.fsum(column[1:2_001]), math.fsum(column[2_001:])]
        np.testing.assert_array_equal(found[:, step], wanted)


def test_windows_of_small_values_in_a_row_of_large_ones_are_exact() -> None:
    """A spike of a gauge elsewhere in its row takes no digit from a window."""
    row = np.full(400, 0.1)
    row[300:] = 1e15
    low = np.arange(0, 380, 4)
    found = window_sums(np.array([row, row[::-1]]), low, low + 20)
    for sums, values in zip(found.tolist(), (row.tolist(), row[::-1].tolist()), strict=True):
        assert sums == [math.fsum(values[at : at + 20]) for at in low.tolist()]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 700), st.integers(0, 700), st.integers(0, 2**32 - 1))
def test_a_sum_is_the_same_to_the_last_digit_however_many_zeros_follow(width: int, zeros: int, seed: int) -> None:
    """What lies beside a window makes its row longer, and changes nothing."""
    row = np.random.default_rng(seed).normal(size=(1, 1, width))
    longer = np.concatenate([row, np.zeros((1, 1, zeros))], axis=2)
    assert summed(row).tobytes() == summed(longer).tobytes()
    assert summed(row)[0, 0] == pytest.approx(math.fsum(row[0, 0].tolist()), abs=1e-12)
