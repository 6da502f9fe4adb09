"""Columns of tier files: every bit of whatever buckets tell comes back from the sections."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nightdesk.model.buckets import FIVE_MINUTES, Column
from nightdesk.model.instant import DAY, MINUTE
from nightdesk.model.labels import Labels
from nightdesk.model.panel import Panel
from nightdesk.model.sketch import codes_of
from nightdesk.store.tiers.files.arrays import pack
from nightdesk.store.tiers.files.columns import GroupDecoder, encode
from nightdesk.store.tiers.files.losses import of_counters
from nightdesk.store.tiers.files.rests import by_scale, from_scales
from nightdesk.store.tiers.files.sections import sections_for
from nightdesk.store.tiers.files.settled_codes import settled_codes
from nightdesk.store.tiers.files.tier_format import SERIES_A_GROUP
from nightdesk.store.tiers.files.whole_numbers import guess, numbers_of, places_of, values_of
from nightdesk.store.tiers.making.bucketing import bucketed

VALUES = st.one_of(
    st.integers(-(2**55), 2**55).map(float),
    st.decimals(-1000, 1000, places=2).map(float),
    st.floats(),
    st.sampled_from([0.0, -0.0, 1e-300, 1e308]),
)


def _bits(values: NDArray[Any]) -> list[int]:
    return list(np.ascontiguousarray(values).view(np.int64).ravel().tolist())


@given(values=st.lists(st.tuples(st.integers(0, 3), VALUES, VALUES), max_size=40).map(sorted))
@settings(max_examples=200, deadline=None)
def test_values_come_back_whatever_was_expected_of_them(values: list[tuple[int, float, float]]) -> None:
    """Decimals, floats, NaN of any bits, infinities, zeros of either sign, beside expectations of any kind."""
    rows = np.array([row for row, _, _ in values], dtype=np.intp)
    told, expected = (np.array([each[place] for each in values], dtype=np.float64) for place in (1, 2))
    places = places_of(told, rows, 4)
    near = numbers_of(guess(expected), rows, places)
    arrays = by_scale(numbers_of(told, rows, places) - near, rows, 4)
    assert _bits(values_of(from_scales(iter(arrays), rows) + near, rows, places)) == _bits(told)


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


def _panel(values: np.ndarray[tuple[int, int], np.dtype[np.float64]], step: int) -> Panel:
    times = DAY + step * np.arange(1, values.shape[1] + 1, dtype=np.int64)
    return Panel([Labels.of("m", i=str(row)) for row in range(len(values))], times, values)


@given(
    rows=st.lists(st.lists(VALUES, min_size=40, max_size=40), min_size=1, max_size=4),
    a_bucket=st.sampled_from([1, 2, 3, 7, 40]),
)
@settings(max_examples=200, deadline=None)
def test_whatever_buckets_tell_comes_back(rows: list[list[float]], a_bucket: int) -> None:
    """Every bit of low, high, first and last, every class and weight, of any values and however many in a bucket."""
    buckets = bucketed(_panel(np.array(rows), FIVE_MINUTES // a_bucket), FIVE_MINUTES)
    decoder = GroupDecoder(encode(buckets), len(rows), buckets.ends)
    held = np.asarray(buckets[Column.COUNT]) > 0
    for column in (Column.LOW, Column.HIGH, Column.FIRST, Column.LAST):
        assert _bits(decoder.column(column)[held]) == _bits(np.asarray(buckets[column])[held])
    told, expected = decoder.sketches(), buckets.sketches
    assert expected is not None
    for name in ("cells", "codes", "weights"):
        assert getattr(told, name).tolist() == getattr(expected, name).tolist()


@pytest.mark.parametrize(("a_bucket", "most"), [(1, 1.1), (2, 1.1), (5, 0.85), (20, 0.45)])
def test_buckets_take_no_more_than_their_samples(a_bucket: int, most: float) -> None:
    """Gauges and counters: of one sample a bucket tells nothing but the sample, of twenty at half the price."""
    rng = np.random.default_rng(7)
    gauges = (50 + np.cumsum(rng.normal(0.0, 1.3, (SERIES_A_GROUP, 288 * a_bucket)), axis=1)).round(1)
    counters = np.cumsum(rng.poisson(9.0, gauges.shape), axis=1).astype(np.float64)
    for values in (gauges, counters):
        buckets = of_counters(bucketed(_panel(values, FIVE_MINUTES // a_bucket), FIVE_MINUTES))
        taken = sum(map(len, encode(buckets).values()))
        rows = np.repeat(np.arange(len(values)), values.shape[1])
        places = places_of(values.ravel(), rows, len(values))
        numbers = numbers_of(values.ravel(), rows, places).reshape(values.shape)
        assert taken <= most * len(pack([np.diff(numbers, axis=1, prepend=numbers[:, :1])]))


def test_what_gauges_lose_is_not_kept() -> None:
    """A series that falls by a little again and again is no counter; one that starts anew now and then is one."""
    rng = np.random.default_rng(8)
    restarted = np.cumsum(rng.poisson(3.0, 2_880)).astype(np.float64)
    restarted[1_002:] -= restarted[1_002]
    restarting = np.tile(np.arange(7.0), 412)[:2_880]
    values = np.stack([rng.normal(50.0, 9.0, 2_880).round(1), restarted, restarting])
    buckets = bucketed(_panel(values, MINUTE), FIVE_MINUTES)
    kept = np.asarray(of_counters(buckets)[Column.LOST])
    assert not kept[0].any()
    assert kept[1:].tolist() == np.asarray(buckets[Column.LOST])[1:].tolist()
    assert kept[1].sum() == restarted[1_001]
    assert kept[2].any()


def test_settled_codes_are_those_of_sketches_but_near_borders() -> None:
    """Within one class of `codes_of` for all, equal for nearly all, of either sign and whatever the magnitude."""
    rng = np.random.default_rng(9)
    values = rng.choice([-1.0, 1.0], 100_000) * 10.0 ** rng.uniform(-300, 300, 100_000)
    values[:4] = [0.0, np.inf, -np.inf, 1.0]
    apart = np.abs(settled_codes(values) - codes_of(values))
    assert apart.max() <= 1
    assert (apart > 0).mean() < 0.002


def test_settled_codes_hang_on_no_last_bit() -> None:
    """No logarithm of the table lies near to where it would round to another number."""
    exact = np.log2(1.0 + (np.arange(1 << 16) + 0.5) / (1 << 16)) * (1 << 24)
    assert np.abs(exact - np.floor(exact) - 0.5).min() > 1e-6
