"""The newest days, which have no files yet, are told in buckets that end where the question does: exact at any edge."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, BucketsWanted, Column
from nightdesk.model.instant import DAY
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.tiered import EVERYTHING, START, TieredLake

COLUMNS = (Column.COUNT, Column.SUM, Column.LOW, Column.HIGH)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TieredLake]:
    """Three days of samples, none of them rolled up."""
    made = TieredLake(tmp_path_factory.mktemp("edges"))
    made.fill(3)
    yield made
    made.close()


@given(
    end=st.integers(START + DAY // 2, START + 3 * DAY - 1),
    buckets=st.integers(1, 30),
    resolution=st.sampled_from([FIVE_MINUTES, ONE_HOUR]),
)
@settings(max_examples=60, deadline=None)
def test_a_window_at_any_instant_holds_its_samples(lake: TieredLake, end: int, buckets: int, resolution: int) -> None:
    """Over midnight too, at any millisecond: each stretch (end - k * resolution, end] has the samples it has."""
    start = end - buckets * resolution
    (told,) = lake.tiers.buckets(BucketsWanted(EVERYTHING, start, end, resolution, frozenset(COLUMNS)), UNBOUNDED)
    assert told.exact_since <= max(START, start)
    for number in (1, buckets):
        first = end - number * resolution
        within = told.ends > first
        held = {one.labels: one for one in lake.memory.select(EVERYTHING, first + 1, end, UNBOUNDED)}
        for row, labels in enumerate(told.labels):
            counts, sums, lows, highs = (np.asarray(told[column])[row, within] for column in COLUMNS)
            values = held[labels].values if labels in held else np.empty(0)
            assert counts.sum() == len(values)
            if len(values):
                assert lows[counts > 0].min() == values.min()
                assert highs[counts > 0].max() == values.max()
                assert sums.sum() == pytest.approx(values.sum())


@pytest.fixture(scope="module")
def rolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TieredLake]:
    """Three days of samples, all of them rolled up, and a fourth that is not."""
    made = TieredLake(tmp_path_factory.mktemp("rolled"), KeepTiers(after=DAY))
    made.fill(4)
    made.go_to(START + 4 * DAY)
    made.tiers.build()
    assert [tier.days for tier in made.tiers.stats()] == [3, 0]
    yield made
    made.close()


@given(
    start=st.tuples(st.integers(1, 3), st.integers(-FIVE_MINUTES - 2, 2)).map(lambda at: START + at[0] * DAY + at[1]),
    length=st.integers(ONE_HOUR, DAY),
    resolution=st.sampled_from([FIVE_MINUTES, ONE_HOUR]),
)
@example(start=START + DAY - 1, length=DAY, resolution=FIVE_MINUTES)
@settings(max_examples=60, deadline=None)
def test_a_window_that_begins_about_midnight_begins_with_its_bucket(
    rolled: TieredLake, start: int, length: int, resolution: int
) -> None:
    """Its first bucket may be the last of the day before, also where the day that follows is told by samples."""
    end = min(start + length, START + 4 * DAY - 1)
    (told,) = rolled.tiers.buckets(BucketsWanted(EVERYTHING, start, end, resolution, frozenset(COLUMNS)), UNBOUNDED)
    first, last = (edge if edge >= told.exact_since else edge - edge % resolution for edge in (start, end))
    held = rolled.memory.select(EVERYTHING, first + 1, last, UNBOUNDED)
    assert np.asarray(told[Column.COUNT]).sum(axis=1).tolist() == [len(one.values) for one in held]


def test_days_without_samples_round_no_edge(tmp_path: Path) -> None:
    """Nothing came today and the day before: what the days before them hold is told to the millisecond all the same."""
    lake = TieredLake(tmp_path)
    lake.fill(2)
    lake.go_to(START + 4 * DAY)
    end = START + 3 * DAY + DAY // 2 + 7
    assert lake.tiers.exact_since(end, ONE_HOUR) == START
    (told,) = lake.tiers.buckets(BucketsWanted(EVERYTHING, end - 3 * DAY, end, ONE_HOUR, frozenset(COLUMNS)), UNBOUNDED)
    held = list(lake.memory.select(EVERYTHING, end - 3 * DAY + 1, end, UNBOUNDED))
    assert np.asarray(told[Column.COUNT]).sum(axis=1).tolist() == [len(one.values) for one in held]
    lake.close()


def test_without_samples_nothing_is_exact(tmp_path: Path) -> None:
    """An empty store names an instant after the question."""
    lake = TieredLake(tmp_path)
    assert lake.tiers.exact_since(START, ONE_HOUR) > START
    lake.close()
