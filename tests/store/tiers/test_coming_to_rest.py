"""Whatever the settings: the builder comes to rest, and what goes has been told as they promise."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, BucketsWanted, Column
from nightdesk.model.instant import DAY, HOUR
from nightdesk.store.tiers.files.periods import day_period, month_period
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.tiered import EVERYTHING, FIRST_DAY, START, TieredLake

LONG = 5_000 * DAY


def _fill(lake: TieredLake, days: list[int]) -> None:
    """Take samples of some days, an hour apart, as if each had just ended."""
    for day in days:
        begin = START + day * DAY
        lake.go_to(begin + DAY + DAY // 2)
        lake.put(np.arange(begin + HOUR, begin + DAY, HOUR, dtype=np.int64), day, series=1)


def _counted(lake: TieredLake, resolution: int) -> dict[int, int]:
    """Return how many samples the buckets of each day tell, without the days that have none."""
    wanted = BucketsWanted(EVERYTHING, START - DAY, START + 400 * DAY, resolution, frozenset({Column.COUNT}))
    told: dict[int, int] = {}
    for part in lake.tiers.buckets(wanted, UNBOUNDED):
        for end, count in zip(part.ends.tolist(), np.asarray(part[Column.COUNT]).sum(axis=0).tolist(), strict=True):
            if count:
                day = (end - 1 - START) // DAY
                told[day] = told.get(day, 0) + count
    return told


def _rest(lake: TieredLake, most: int) -> int:
    """Do what is to be done, some hours long, and let samples go by their age; return what was built."""
    before = lake.tiers.keeping.built
    for _ in range(4):
        steps = 0
        while lake.store.maintain() or lake.tiers.maintain():
            steps += 1
            assert steps <= most, "the builder never comes to rest"
        lake.store.enforce_retention(lake.clock.now())
        lake.clock.jump(3_700)
    return lake.tiers.keeping.built - before


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of its own for each example."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@given(
    retention=st.integers(2, 120),
    five_minutes=st.integers(1, 120),
    hours=st.one_of(st.just(0), st.integers(1, 200)),
    after=st.integers(1, 8),
    days=st.lists(st.integers(0, 64), min_size=1, max_size=4, unique=True).map(sorted),
    later=st.lists(st.integers(0, 60), max_size=3),
)
@settings(max_examples=12, deadline=None)
def test_any_settings_come_to_rest_and_keep_what_they_promise(
    retention: int, five_minutes: int, hours: int, after: int, days: list[int], later: list[int]
) -> None:
    """At rest every day that its time has not passed for is told once, by samples, by 5 m or by hours."""
    after = min(after, retention)
    keep = KeepTiers(after * DAY, (after + five_minutes) * DAY, hours and (after + five_minutes + hours) * DAY)
    with tempfile.TemporaryDirectory() as name:
        lake = TieredLake(Path(name), keep, retention_ms=retention * DAY)
        _fill(lake, days)
        files = len(days) + len({month_period(FIRST_DAY + day) for day in days})
        for wait in [0, *later]:
            lake.clock.jump(wait * DAY / 1_000)
            _rest(lake, 200)
            assert lake.tiers.keeping.built <= files, "what is done is done again"
            _assert_promise(lake, keep, days)
        lake.close()


def _assert_promise(lake: TieredLake, keep: KeepTiers, days: list[int]) -> None:
    now, raw = lake.clock.now(), set(lake.store.raw.numbers())
    hours = _counted(lake, ONE_HOUR)
    fine = _counted(lake, FIVE_MINUTES)
    for day in days:
        number = FIRST_DAY + day
        assert hours.get(day, 0) in (0, 23)
        assert fine.get(day, 0) in (0, 23)
        if not keep.is_past(day_period(number), now) or number in raw:
            assert hours[day] == 23
        if day_period(number).end > now - keep.five_minutes or number in raw:
            assert fine[day] == 23
        if keep.is_past(day_period(number), now) and number not in raw:
            assert day not in fine


def test_a_long_retention_of_samples_keeps_the_builder_at_rest(folder: Path) -> None:
    """Samples stay longer than 5 m would: each day is rolled up once, each month told, and new days get theirs."""
    keep = KeepTiers(after=7 * DAY, five_minutes=20 * DAY, one_hour=LONG)
    lake = TieredLake(folder, keep, retention_ms=400 * DAY)
    _fill(lake, [0, 5, *range(25, 46)])
    # Seven days are too young; of the first month all is past but the samples.
    assert _rest(lake, 100) == 16 + 1
    assert [tier.files for tier in lake.tiers.stats()] == [16, 1]
    assert _rest(lake, 10) == 0
    lake.close()


def test_without_hours_nothing_is_built_of_days_that_are_past(folder: Path) -> None:
    """Days whose 5 m are past have nothing to be kept in: they are left alone, and the others are built."""
    lake = TieredLake(folder, KeepTiers(7 * DAY, 20 * DAY, 0), retention_ms=400 * DAY)
    _fill(lake, [*range(3), *range(26, 40)])
    assert 0 < _rest(lake, 100) <= 14
    assert _rest(lake, 10) == 0
    lake.close()


def test_a_desk_that_was_off_for_long_tells_past_months_in_hours(folder: Path) -> None:
    """Samples and 5 m are past when it comes back: the months are told first, and then all of it goes."""
    lake = TieredLake(folder, KeepTiers(7 * DAY, 20 * DAY, LONG), retention_ms=10 * DAY)
    _fill(lake, [*range(28, 36), 59])
    lake.go_to(START + 200 * DAY)
    lake.store.enforce_retention(lake.clock.now())
    _rest(lake, 300)
    lake.clock.jump(2 * 86_400)  # a clock that leaps has to be believed first
    _rest(lake, 300)
    assert lake.store.raw.numbers() == []
    assert [tier.files for tier in lake.tiers.stats()] == [0, 3]
    assert _counted(lake, ONE_HOUR) == dict.fromkeys([*range(28, 36), 59], 23)
    lake.close()


def test_a_late_sample_of_a_past_month_is_counted_once(folder: Path) -> None:
    """While samples of a month are there its 5 m stay, so the month is told again whole, and stays so after them."""
    keep = KeepTiers(7 * DAY, 20 * DAY, LONG)
    lake = TieredLake(folder, keep, retention_ms=100 * DAY)
    _fill(lake, [0, 3, 30])
    lake.go_to(START + 90 * DAY)
    _rest(lake, 300)
    lake.put(np.array([START + 3 * DAY + HOUR // 2], dtype=np.int64), 1, series=1)
    expected = {0: 23, 3: 24, 30: 23}
    assert _counted(lake, ONE_HOUR) == expected
    assert _rest(lake, 300) == 2
    assert _counted(lake, ONE_HOUR) == expected
    lake.go_to(START + 150 * DAY)
    for day in lake.store.raw.numbers():
        lake.store.raw.days.remove(day)
    assert lake.tiers.keeping.enforce_retention(lake.clock.now()) == 3
    assert _counted(lake, ONE_HOUR) == expected
    lake.close()


def test_five_minutes_go_by_whole_months_once_their_month_tells_all_of_them(folder: Path) -> None:
    """Before the last day of the month is past none goes, nor while the month waits to be told again."""
    keep = KeepTiers(7 * DAY, 20 * DAY, LONG)
    lake = TieredLake(folder, keep, retention_ms=10 * DAY)
    _fill(lake, [0, 3, 30])
    lake.go_to(START + 40 * DAY)
    lake.tiers.build()
    keeping = lake.tiers.keeping
    lake.put(np.array([START + 30 * DAY + HOUR // 2], dtype=np.int64), 1, series=1)
    month = month_period(FIRST_DAY)
    assert keeping.enforce_retention(month.end + 20 * DAY - 1) == 0
    lake.tiers.build()
    for day in lake.store.raw.numbers():
        lake.store.raw.days.remove(day)
    assert keeping.enforce_retention(month.end + 20 * DAY - 1) == 0
    assert keeping.enforce_retention(month.end + 20 * DAY) == 3
    assert _counted(lake, ONE_HOUR) == {0: 23, 3: 23, 30: 24}
    lake.close()


def test_a_file_that_never_comes_to_stand_keeps_no_other_waiting(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first day fails at each attempt: it is tried once an hour, and the others are built meanwhile."""
    lake = TieredLake(folder, KeepTiers(7 * DAY, 20 * DAY, LONG), retention_ms=400 * DAY)
    _fill(lake, list(range(10)))
    attempts = []
    put = lake.tiers._fine.put

    def failing(period: object, finished: Path, source: str) -> None:
        if period == day_period(FIRST_DAY):
            attempts.append(lake.clock.boot())
            raise OSError("no")
        put(period, finished, source)  # type: ignore[arg-type]

    monkeypatch.setattr(lake.tiers._fine, "put", failing)
    lake.tiers.maintain()
    lake.clock.jump(3_700)
    for _ in range(100):
        try:
            lake.tiers.maintain()
        except OSError:
            assert lake.tiers.keeping.failures == len(attempts)
        lake.clock.jump(50)
    assert [tier.files for tier in lake.tiers.stats()] == [2, 0]
    assert len(attempts) == 2
    lake.close()
