"""Quantiles of wide windows are those of sorted values, whatever the values."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.clock import SystemClock
from nightdesk.model.labels import Labels
from nightdesk.query.engine import Engine
from nightdesk.query.kernels.quantiles import WIDE, quantile_of_rows
from nightdesk.testing.samples import MemorySamples


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 3 * WIDE), st.sampled_from([0.0, 1e-9, 0.01, 0.5, 0.9, 0.999, 1.0]), st.integers(0, 2**32), st.data()
)
def test_a_quantile_is_that_of_the_sorted_row(width: int, wanted: float, seed: int, data: st.DataObject) -> None:
    """Rising, falling, random, of few values, with infinities: bounds told by few values never mislead."""
    random = np.random.default_rng(seed)
    shapes = {
        "rising": np.arange(width), "falling": -np.arange(width), "few": random.integers(0, 3, width),
        "waves": np.sin(np.arange(width) * np.pi / 11), "steep": np.exp(random.normal(size=width) * 50),
        "spikes": np.where(random.random(width) < 0.01, 1e9, 0.0),
    }  # fmt: skip
    row = shapes[data.draw(st.sampled_from(sorted(shapes)))].astype(np.float64)
    found = quantile_of_rows(wanted, np.stack([row, row[::-1]]))
    ordered = np.sort(row)
    rank = wanted * (width - 1)
    low, high = ordered[int(rank)], ordered[min(int(rank) + 1, width - 1)]
    expected = low * (1 - rank % 1) + high * (rank % 1)
    np.testing.assert_allclose(found, [expected, expected], rtol=1e-12)


def test_a_wide_window_with_a_nan_counts_it_as_smallest() -> None:
    """As narrow ones do."""
    samples = MemorySamples()
    for name, first in (("m", 0.0), ("n", float("nan"))):
        samples.put(Labels.of("x", of=name), *[(at * 1000, float(at) if at else first) for at in range(2 * WIDE)])
    answer = Engine(samples, SystemClock()).instant("quantile_over_time(0.5, x[3h])", (2 * WIDE - 1) * 1000)
    assert answer.values[:, 0].tolist() == [WIDE - 0.5, WIDE - 0.5]
