"""Buckets of what was taken: whatever makes samples go, no bucket loses what was not deleted, and none counts twice."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, BucketsWanted, Column
from nightdesk.model.instant import DAY, HOUR, MINUTE
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.retention import Removal, Retention, RetentionClass
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.tiers.tiers import Tiers
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.tiered import EVERYTHING, START, TieredLake

DAYS = 4
SERIES = [Labels.of("m", i=str(number)) for number in range(3)]
SHORT = RetentionClass((Matcher("i", MatchOp.EQUAL, "0"),), 6 * DAY)


class Kept:
    """A store with tiers, and beside it the samples that were taken and not deleted."""

    def __init__(self, path: Path) -> None:
        """Take four days, roll them up at an age of two."""
        self.path, self.clock = path, ManualClock(START)
        self.taken: dict[Labels, dict[int, float]] = {labels: {} for labels in SERIES}
        self._open()
        chance = np.random.default_rng(5)
        for day in range(DAYS):
            begin = START + day * DAY
            self.clock.jump((begin + DAY + HOUR - self.clock.now()) / 1000)
            for labels in SERIES:
                self.put(labels, np.arange(begin + 7, begin + DAY, 20 * MINUTE), chance)
            self.store.seal()
        self.clock.jump(2 * DAY / 1000)
        self.keep_house(2)
        assert self.tiers.stats()[0].days == DAYS

    def _open(self) -> None:
        retention = Retention(classes=(SHORT,))
        self.store = SampleStore(self.path / "samples", clock=self.clock, retention_ms=1_000 * DAY, retention=retention)
        self.tiers = Tiers(self.path / "tiers", self.store, self.clock, KeepTiers(after=DAY))
        self.store.attach(self.tiers)

    def close(self) -> None:
        """Close everything."""
        self.tiers.close()
        self.store.close()

    def restart(self) -> None:
        """Close everything and open it again."""
        self.close()
        self._open()

    def put(
        self, labels: Labels, times: "np.ndarray[tuple[int], np.dtype[np.int64]]", chance: np.random.Generator
    ) -> None:
        """Take samples at instants at which there is none yet."""
        fresh = np.array([time for time in times.tolist() if time not in self.taken[labels]], dtype=np.int64)
        values = chance.integers(0, 1_000, len(fresh)).astype(np.float64)
        self.store.append(Batch(np.full(len(fresh), self.store.reference(labels)), fresh, values))
        self.store.commit()
        self.taken[labels].update(zip(fresh.tolist(), values.tolist(), strict=True))

    def delete(self, labels: Labels, first: int, last: int) -> None:
        """Delete whole buckets of five minutes."""
        selector = [(Matcher("i", MatchOp.EQUAL, labels.get("i")),)]
        self.store.delete(selector, first, last)
        self.tiers.delete(selector, first, last)
        gone = [time for time in self.taken[labels] if first <= time <= last]
        for time in gone:
            del self.taken[labels][time]

    def keep_house(self, hours: int) -> None:
        """Let time pass, and do all there is to do every twenty minutes of it."""
        for _ in range(hours * 3):
            self.clock.jump(20 * 60)
            more = True
            while more:
                more = self.store.maintain() or self.tiers.maintain()

    def lose_a_day(self, day: int) -> None:
        """Remove a day of samples as the quota does; one whose late samples no bucket has yet is spared here."""
        if not self.tiers.wants(day):
            self.store._quota._remove(day, Removal.BYTES)

    def assert_nothing_is_lost(self, resolution: int) -> None:
        """Compare counts and sums of every bucket, and the lowest and highest values, with what was taken."""
        wanted = BucketsWanted(EVERYTHING, START - DAY, START + (DAYS + 1) * DAY, resolution, frozenset(Column))
        counts: Counter[tuple[Labels, int]] = Counter()
        sums: Counter[tuple[Labels, int]] = Counter()
        for part in self.tiers.buckets(wanted, UNBOUNDED):
            for row, labels in enumerate(part.labels):
                for place in np.flatnonzero(np.asarray(part[Column.COUNT])[row]).tolist():
                    cell = (labels, int(part.ends[place]))
                    counts[cell] += int(part[Column.COUNT][row, place])
                    sums[cell] += round(float(part[Column.SUM][row, place]))
        expected: Counter[tuple[Labels, int]] = Counter()
        total: Counter[tuple[Labels, int]] = Counter()
        for labels, samples in self.taken.items():
            for time, value in samples.items():
                cell = (labels, -(-time // resolution) * resolution)
                expected[cell] += 1
                total[cell] += int(value)
        assert counts == expected
        assert {cell: sums[cell] for cell in counts} == {cell: total[cell] for cell in expected}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    """Four days, rolled up."""
    made = Kept(tmp_path)
    yield made
    made.close()


def _at_random(kept: Kept, chance: np.random.Generator) -> None:
    day = START + int(chance.integers(0, DAYS)) * DAY
    labels = SERIES[int(chance.integers(0, len(SERIES)))]
    match int(chance.integers(0, 7)):
        case 0 | 1:
            times = np.unique(chance.integers(day + 1, day + DAY, int(chance.integers(1, 30))))
            kept.put(labels, times, chance)
        case 2:
            kept.store.seal()
        case 3:
            kept.lose_a_day(day // DAY)
        case 4:
            first = day + int(chance.integers(0, 20)) * HOUR
            kept.delete(labels, first + 1, first + 2 * HOUR)
        case 5:
            kept.restart()
        case _:
            kept.keep_house(int(chance.integers(1, 8)))


@pytest.mark.parametrize("seed", range(8))
def test_no_bucket_loses_or_counts_twice_what_was_taken(kept: Kept, seed: int) -> None:
    """Late samples, days that go by quota, a class that goes by age, deletions, restarts, buckets made anew."""
    chance = np.random.default_rng(seed)
    for _ in range(14):
        _at_random(kept, chance)
        kept.assert_nothing_is_lost(FIVE_MINUTES)
    kept.keep_house(30)
    kept.assert_nothing_is_lost(FIVE_MINUTES)
    kept.assert_nothing_is_lost(ONE_HOUR)


def test_a_late_sample_adds_to_a_day_whose_samples_are_gone(kept: Kept) -> None:
    """Unsealed, sealed, rolled up, and once more after that day has gone again."""
    chance = np.random.default_rng(1)
    for turn in range(2):
        kept.lose_a_day(START // DAY)
        assert START // DAY not in kept.store.raw.numbers()
        kept.put(SERIES[1], np.array([START + 12 * HOUR + 11 + turn]), chance)
        kept.assert_nothing_is_lost(FIVE_MINUTES)
        kept.store.seal()
        kept.assert_nothing_is_lost(FIVE_MINUTES)
        kept.keep_house(3)
        kept.assert_nothing_is_lost(ONE_HOUR)
        kept.restart()


def test_history_that_comes_late_for_days_whose_samples_are_gone_adds_to_them(kept: Kept) -> None:
    """Sealed to files at once, as history of several days is, rolled up, and after those days have gone again."""
    chance = np.random.default_rng(3)
    for turn in range(2):
        for day in range(DAYS - 1):
            kept.lose_a_day(START // DAY + day)
            kept.put(SERIES[1], np.array([START + day * DAY + 12 * HOUR + 11 + turn]), chance)
        kept.store.seal()
        kept.assert_nothing_is_lost(FIVE_MINUTES)
        kept.keep_house(3)
        kept.assert_nothing_is_lost(ONE_HOUR)
        kept.restart()


def test_a_class_keeps_its_buckets_while_its_samples_go(kept: Kept) -> None:
    """At every look, late samples of it included; other series are as they were."""
    chance = np.random.default_rng(2)
    for hour in range(0, 4 * 24, 6):
        kept.keep_house(6)
        kept.assert_nothing_is_lost(FIVE_MINUTES)
        if hour % 24 == 12:
            kept.put(SERIES[0], np.array([START + 5 * HOUR + hour]), chance)
            kept.store.seal()
    kept.keep_house(8)
    kept.assert_nothing_is_lost(ONE_HOUR)
    with kept.store.raw.days.reading(START // DAY) as (file,):
        assert SERIES[0] not in file.labels(file.all_series()).values()


def test_samples_that_come_again_count_once(kept: Kept) -> None:
    """A day that the quota took is filled again with what it held."""
    kept.lose_a_day(START // DAY)
    for labels in SERIES:
        old = {time: value for time, value in kept.taken[labels].items() if time < START + DAY}
        ref = kept.store.reference(labels)
        kept.store.append(Batch(np.full(len(old), ref), np.array(list(old)), np.array(list(old.values()))))
    kept.store.commit()
    kept.assert_nothing_is_lost(FIVE_MINUTES)
    kept.keep_house(3)
    kept.assert_nothing_is_lost(ONE_HOUR)


def test_a_class_waits_for_buckets_that_are_made_later_than_it_is_due(tmp_path: Path) -> None:
    """Its days stay whole until they are rolled up, however much shorter it is, and go then."""
    short = Retention(classes=(RetentionClass((Matcher("i", MatchOp.EQUAL, "0"),), 2 * DAY),))
    lake = TieredLake(tmp_path, KeepTiers(after=4 * DAY), retention=short)
    lake.fill(6)
    lake.keep_house(3)
    lake.assert_agree(FIVE_MINUTES, START + 6 * DAY)
    with lake.store.raw.days.reading(START // DAY) as (file,):
        assert Labels.of("m", i="0") not in file.labels(file.all_series()).values()
    lake.close()
