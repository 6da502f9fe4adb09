"""What tiers lack is told by day: until it was made again, and after a restart as before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk.errors import CorruptData
from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, BucketsWanted, Column
from nightdesk.model.instant import DAY, HOUR
from nightdesk.query.engine import Engine
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.tiered import EVERYTHING, START, TieredLake

BROKEN = START + 2 * DAY + HOUR
LAST = START + 40 * DAY


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TieredLake]:
    """Nine days, rolled up."""
    made = TieredLake(tmp_path)
    made.fill(9)
    made.go_to(START + 60 * DAY)
    made.tiers.build()
    yield made
    made.close()


def _without_samples(lake: TieredLake) -> None:
    for day in lake.store.raw.numbers():
        lake.store.raw.days.remove(day)


def _broken(lake: TieredLake, name: str, resolution: int = FIVE_MINUTES) -> Path:
    """Cut a file short and ask for all of the time; return the file."""
    file = lake.path / "tiers" / name
    file.chmod(0o600)
    file.write_bytes(b"x" * 5_000)
    lake.restart()
    wanted = BucketsWanted(EVERYTHING, START, LAST, resolution, frozenset({Column.COUNT}))
    for _ in range(2):
        try:
            list(lake.tiers.buckets(wanted, UNBOUNDED))
        except CorruptData:
            continue
    return file


def test_a_day_that_is_gone_is_named_until_its_file_is_removed(lake: TieredLake) -> None:
    """Without samples nothing makes it again: those who ask for that day hear of it, at the next start too."""
    _without_samples(lake)
    file = _broken(lake, "5m/2025-01-03.db")
    for _ in range(2):
        (told,) = lake.tiers.flaws(START, LAST)
        assert "2025-01-03 may be missing" in told
        assert "tiers/5m/2025-01-03.db: " in told
        assert lake.tiers.flaws(BROKEN, BROKEN) == [told]
        assert lake.tiers.flaws(START, BROKEN - DAY) == lake.tiers.flaws(BROKEN + DAY, LAST) == []
        assert lake.tiers.damaged == 1
        lake.restart()
    file.with_name(f"{file.name}.damaged").unlink()
    lake.restart()
    assert lake.tiers.flaws(START, LAST) == []


def test_a_day_that_was_made_again_is_named_no_more(lake: TieredLake) -> None:
    """Its samples are there: once they are rolled up nothing is missing, until the new file is damaged as well."""
    for _ in range(2):
        file = _broken(lake, "5m/2025-01-03.db")
        assert len(lake.tiers.flaws(START, LAST)) == 1
        lake.tiers.build()
        assert file.exists()
        assert lake.tiers.flaws(START, LAST) == []
    lake.restart()
    assert file.with_name(f"{file.name}.damaged").exists()
    assert lake.tiers.flaws(START, LAST) == []


def test_a_month_is_named_until_all_of_its_days_are_told(tmp_path: Path) -> None:
    """Made again of all its days it lacks none; made of those that are left it may lack the others."""
    lake = TieredLake(tmp_path)
    lake.fill(32)
    lake.go_to(START + 60 * DAY)
    lake.tiers.build()
    _broken(lake, "1h/2025-01.db", ONE_HOUR)
    assert len(lake.tiers.flaws(START, LAST)) == 31
    lake.tiers.build()
    assert lake.tiers.flaws(START, LAST) == []
    _without_samples(lake)
    (lake.path / "tiers" / "5m" / "2025-01-03.db").unlink()
    file = _broken(lake, "1h/2025-01.db", ONE_HOUR)
    lake.tiers.build()
    assert file.exists()
    for _ in range(2):
        assert len(lake.tiers.flaws(START, LAST)) == 31
        lake.restart()
    lake.close()


def test_an_answer_out_of_buckets_warns(lake: TieredLake) -> None:
    """The question whose day is gone says so; that of another day has nothing to say."""
    _without_samples(lake)
    _broken(lake, "5m/2025-01-03.db")
    engine = Engine(lake.store, lake.clock, tiers=lake.tiers, flaws=lake.tiers.flaws)
    (warning,) = engine.instant("sum(count_over_time(m[12h]))", BROKEN + 12 * HOUR).warnings
    assert "2025-01-03 may be missing from this answer" in warning
    other = engine.instant("sum(count_over_time(m[12h]))", BROKEN + 2 * DAY + 12 * HOUR)
    assert not other.warnings


def test_what_samples_lack_is_told_with_it(lake: TieredLake) -> None:
    """One teller for both: a day of samples and another of buckets, each by its own file."""
    (lake.path / "samples" / "days" / "2025-01-05.db").write_bytes(b"x" * 5_000)
    _broken(lake, "5m/2025-01-03.db")
    lake.store.select((), START, LAST, UNBOUNDED)
    days = [told.split(" may be")[0][-10:] for told in lake.tiers.flaws(START, LAST)]
    assert sorted(days) == ["2025-01-03", "2025-01-05"]
