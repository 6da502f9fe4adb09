"""Tiers over a real store: built, rebuilt, cut, damaged, restarted; always what the samples would have told."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import CorruptData
from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, BucketsWanted, Column
from nightdesk.model.instant import DAY, HOUR, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.store.tiers.files.periods import day_period
from nightdesk.store.tiers.making.schedule import KeepTiers
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.store.verify import verify
from nightdesk.testing.tiered import EVERYTHING, FIRST_DAY, START, TieredLake

DAYS = 32


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TieredLake]:
    """An empty store with its tiers."""
    made = TieredLake(tmp_path)
    yield made
    made.close()


def _age(lake: TieredLake, days: int = 60) -> None:
    lake.go_to(START + days * DAY)
    lake.tiers.build()


@pytest.mark.parametrize("resolution", [FIVE_MINUTES, ONE_HOUR])
def test_buckets_of_files_are_those_of_the_samples(lake: TieredLake, resolution: int) -> None:
    """Days, a whole month and the days after it: every column and every sketch, before and after a restart."""
    lake.fill(DAYS)
    lake.assert_agree(resolution, START + DAYS * DAY)
    _age(lake)
    fine, coarse = lake.tiers.stats()
    assert (fine.files, coarse.files) == (DAYS, 1)
    lake.assert_agree(resolution, START + DAYS * DAY)
    lake.restart()
    lake.assert_agree(resolution, START + DAYS * DAY)


def test_samples_may_go_once_they_are_rolled_up(tmp_path: Path) -> None:
    """With all days past the retention the buckets stay; a day that is not rolled up yet is held until it is."""
    lake = TieredLake(tmp_path, retention_ms=10 * DAY)
    lake.fill(12)
    lake.go_to(START + 60 * DAY)
    assert lake.store.enforce_retention(lake.clock.now()) == 0
    lake.tiers.build()
    assert lake.store.enforce_retention(lake.clock.now()) >= 10
    assert lake.store.raw.numbers() == []
    lake.assert_agree(FIVE_MINUTES, START + 12 * DAY)
    lake.assert_agree(ONE_HOUR, START + 12 * DAY)
    assert lake.tiers.kept().samples_since is None
    lake.close()


def test_late_samples_show_at_once_and_are_rolled_up_later(lake: TieredLake) -> None:
    """A day with late samples is told by its samples, then by buckets made anew; its month follows."""
    lake.fill(DAYS)
    _age(lake)
    lake.put(np.arange(START + 3 * DAY + 1_000, START + 3 * DAY + HOUR, 61_000, dtype=np.int64), 99, series=4)
    lake.assert_agree(ONE_HOUR, START + DAYS * DAY)
    built = lake.tiers.keeping.built
    lake.tiers.build()
    assert lake.tiers.keeping.built == built + 2
    lake.assert_agree(ONE_HOUR, START + DAYS * DAY)
    lake.assert_agree(FIVE_MINUTES, START + DAYS * DAY)


def test_nothing_is_built_before_its_time(lake: TieredLake) -> None:
    """Young days, and days that changed within the hour, have no buckets; short steps build the others."""
    lake.fill(9)
    while lake.tiers.maintain():
        pass
    assert [tier.files for tier in lake.tiers.stats()] == [0, 0]
    lake.clock.jump(3_700)
    while lake.tiers.maintain():
        pass
    assert lake.tiers.stats()[0].days == 2


def test_what_is_deleted_leaves_the_buckets(lake: TieredLake) -> None:
    """One series loses two hours: whole buckets go, of 5 m and of 1 h, and no other series is touched."""
    lake.fill(DAYS)
    _age(lake)
    for day in lake.store.raw.numbers():
        lake.store.raw.days.remove(day)
    first, last = START + 5 * DAY, START + 5 * DAY + 2 * HOUR
    lake.tiers.delete([(Matcher("i", MatchOp.EQUAL, "1"),)], first, last)
    for resolution in (FIVE_MINUTES, ONE_HOUR):
        wanted = BucketsWanted(EVERYTHING, first, last, resolution, frozenset({Column.COUNT}))
        (told,) = lake.tiers.buckets(wanted, UNBOUNDED)
        counts = dict(zip(told.labels, np.asarray(told[Column.COUNT]).sum(axis=1).tolist(), strict=True))
        assert counts[Labels.of("m", i="1")] == 0
        assert counts[Labels.of("m", i="0")] == counts[Labels.of("m", i="2")] > 60


@pytest.mark.parametrize("seed", range(5))
def test_a_damaged_file_is_set_aside_and_never_believed(lake: TieredLake, seed: int) -> None:
    """Flipped bits: the question fails once at most, then the day is told by its samples and made again."""
    lake.fill(9)
    _age(lake)
    file = lake.path / "tiers" / "5m" / "2025-01-03.db"
    data = bytearray(file.read_bytes())
    random = np.random.default_rng(seed)
    for place in random.integers(0, len(data), 40).tolist():
        data[place] ^= 1 << int(random.integers(0, 8))
    file.write_bytes(data)
    lake.restart()
    for _ in range(3):
        try:
            lake.assert_agree(FIVE_MINUTES, START + 9 * DAY)
        except CorruptData:
            continue
    lake.assert_agree(FIVE_MINUTES, START + 9 * DAY)
    if lake.tiers.damaged:
        assert file.with_name(file.name + ".damaged").exists()
        lake.tiers.build()
        assert file.exists()
        lake.assert_agree(FIVE_MINUTES, START + 9 * DAY)


def test_verify_reads_every_section(lake: TieredLake) -> None:
    """`nightdesk verify` finds sound tier files sound, and a flipped bit of a section by its checksum."""
    lake.fill(9)
    _age(lake)
    lake.close()
    folder = lake.path / "samples" / "tiers"
    (lake.path / "tiers").rename(folder)
    assert [told.damage for told in verify(lake.path) if "tiers" in told.file] == [()] * 10
    file = folder / "5m" / "2025-01-03.db"
    with sqlite3.connect(file) as database:
        ((body,),) = database.execute("SELECT body FROM section WHERE id = 4").fetchall()
        database.execute("UPDATE section SET body = ? WHERE id = 4", (bytes([body[0] ^ 1]) + body[1:],))
    database.close()
    assert [told.file for told in verify(lake.path) if told.damage] == ["samples/tiers/5m/2025-01-03.db"]


def test_an_interrupted_build_leaves_nothing_that_counts(lake: TieredLake) -> None:
    """Broken off at each of its steps a build leaves no file; what lies there after a crash is cleared at a start."""
    lake.fill(9)
    lake.go_to(START + 60 * DAY)
    assert not lake.tiers.maintain()
    lake.clock.jump(3_700)
    assert lake.tiers.maintain()
    lake.tiers.close()
    folder = lake.path / "tiers" / "5m"
    assert not list(folder.glob("*.part"))
    (folder / "2025-01-02.part").write_bytes(b"half of it")
    lake.restart()
    assert not list(folder.glob("*.part"))
    lake.tiers.build()
    lake.assert_agree(ONE_HOUR, START + 9 * DAY)


def test_tiers_go_by_their_own_retention(tmp_path: Path) -> None:
    """Days of 5 m go by unlinking once their month is made, and the month goes on telling of them."""
    lake = TieredLake(tmp_path, KeepTiers(five_minutes=90 * DAY, one_hour=YEAR), retention_ms=10 * DAY)
    lake.fill(31)
    lake.go_to(START + 50 * DAY)
    lake.tiers.build()
    lake.store.enforce_retention(lake.clock.now())
    lake.go_to(START + 200 * DAY)
    assert lake.tiers.keeping.enforce_retention(lake.clock.now()) == 31
    assert list((tmp_path / "tiers" / "5m").glob("*.db")) == []
    lake.assert_agree(ONE_HOUR, START + 31 * DAY)
    lake.go_to(START + 2 * YEAR)
    assert lake.tiers.keeping.enforce_retention(lake.clock.now()) == 1
    lake.close()


def test_a_file_of_a_newer_release_is_refused(lake: TieredLake) -> None:
    """A format that this release does not know is left as it is; its day is told by the samples there are."""
    lake.fill(9)
    _age(lake)
    file = lake.path / "tiers" / "5m" / "2025-01-03.db"
    database = sqlite3.connect(file)
    database.execute("ALTER TABLE span ADD COLUMN more INTEGER")
    database.execute("PRAGMA user_version = 9")
    database.close()
    lake.restart()
    lake.assert_agree(FIVE_MINUTES, START + 9 * DAY)
    assert lake.tiers.damaged == 1
    assert file.exists()
    assert day_period(FIRST_DAY + 2).name == "2025-01-03"
