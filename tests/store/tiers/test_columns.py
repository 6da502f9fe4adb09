"""Columns of tier files: every bit of whatever buckets tell comes back from the sections."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.model.buckets import FIVE_MINUTES, Column
from nightdesk.model.instant import DAY, MINUTE
from nightdesk.model.labels import Labels
from nightdesk.model.panel import Panel
from nightdesk.store.tiers.files.columns import GroupDecoder, encode, sections_for
from nightdesk.store.tiers.files.decimal_rows import packed, places_of, unpacked
from nightdesk.store.tiers.making.bucketing import bucketed

VALUES = st.one_of(
    st.integers(-(2**55), 2**55).map(float),
    st.decimals(-1000, 1000, places=2).map(float),
    st.floats(),
    st.sampled_from([0.0, -0.0, 1e-300, 1e308]),
)


def _bits(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> list[int]:
    return list(np.ascontiguousarray(values).view(np.int64).ravel().tolist())


@given(
    values=st.lists(st.tuples(st.integers(0, 3), VALUES, VALUES), max_size=40).map(sorted),
    knows=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_values_come_back_whatever_was_expected_of_them(values: list[tuple[int, float, float]], knows: bool) -> None:
    """Decimals, floats, NaN of any bits, infinities, zeros of either sign, beside expectations of any kind."""
    rows = np.array([row for row, _, _ in values], dtype=np.intp)
    told, guess = (np.array([each[place] for each in values], dtype=np.float64) for place in (1, 2))
    expected = guess if knows else None
    assert _bits(unpacked(packed(told, rows, 4, expected), rows, expected)) == _bits(told)


@pytest.mark.parametrize("places", [0, 2, 9])
def test_columns_of_a_group_come_back(places: int) -> None:
    """Every column and sketch of gauges and counters, decoded from the sections that tell of it alone."""
    rng = np.random.default_rng(places)
    times = np.arange(DAY + 7, 2 * DAY, MINUTE, dtype=np.int64)
    values = rng.normal(50.0, 9.0, (5, len(times))).round(places)
    values[1] = np.cumsum(rng.poisson(3.0, len(times)))
    values[2, ::9] = np.nan
    buckets = bucketed(Panel([Labels.of("m", i=str(row)) for row in range(5)], times, values), FIVE_MINUTES)
    sections = encode(buckets)
    for column in Column:
        needed = sections_for([column], sketches=True)
        decoder = GroupDecoder({each: sections[each] for each in needed}, 5, buckets.ends)
        held = np.asarray(buckets[Column.COUNT]) > 0
        np.testing.assert_allclose(decoder.column(column)[held], buckets[column][held], rtol=1e-12)
    assert buckets.sketches is not None
    assert decoder.sketches().codes.tolist() == buckets.sketches.codes.tolist()


def test_what_is_near_to_what_is_expected_takes_less_room() -> None:
    """Highs beside their lows are stored as small numbers."""
    rng = np.random.default_rng(7)
    low = rng.normal(50.0, 9.0, 2_000).round(1)
    high = (low + rng.integers(1, 8, 2_000) / 10).round(1)
    rows = np.zeros(2_000, dtype=np.intp)
    assert places_of(high, rows, 1).tolist() == [1]
    (_, alone), (_, beside) = packed(high, rows, 1), packed(high, rows, 1, low)
    assert int(np.abs(beside).max()) <= 8 < int(np.abs(alone).max())
