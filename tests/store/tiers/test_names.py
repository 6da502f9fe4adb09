"""Pickers of names: what only buckets tell of is named too, by day, and what was deleted is not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from nightdesk.model.instant import DAY, HOUR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.tiered import EVERYTHING, START, TieredLake

THREE = [Labels.of("m", i=str(number)) for number in range(3)]


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TieredLake]:
    """A store with four days in both tiers, of whose samples nothing is left."""
    made = TieredLake(tmp_path)
    made.fill(4)
    made.go_to(START + 60 * DAY)
    made.tiers.build()
    for day in made.store.raw.numbers():
        made.store.raw.days.remove(day)
    yield made
    made.close()


@pytest.mark.parametrize(("first", "last"), [(-30, 60), (1, 2), (2, 2)])
def test_series_of_buckets_are_named(lake: TieredLake, first: int, last: int) -> None:
    """Series, names and values, asked by days and by whole months."""
    start, end = START + first * DAY, START + last * DAY + HOUR
    lake.restart()
    names = lake.tiers.names
    assert names.series(EVERYTHING, start, end, UNBOUNDED) == THREE
    assert names.series([Matcher("i", MatchOp.EQUAL, "1")], start, end, UNBOUNDED) == THREE[1:2]
    assert names.label_names(start, end, UNBOUNDED) == ["__name__", "i"]
    assert names.label_values("i", start, end, UNBOUNDED) == ["0", "1", "2"]


def test_days_without_buckets_name_nobody(lake: TieredLake) -> None:
    """A stretch after all of them is empty."""
    names, start = lake.tiers.names, START + 6 * DAY
    assert names.series(EVERYTHING, start, start + DAY, UNBOUNDED) == []
    assert names.label_values("i", start, start + DAY, UNBOUNDED) == []


def test_a_deleted_series_is_named_no_more(lake: TieredLake) -> None:
    """Gone from every picker with the answer, and still once the files are written anew; the others stay."""
    whole = START - 30 * DAY, START + 60 * DAY
    lake.tiers.delete([(Matcher("i", MatchOp.EQUAL, "1"),)], *whole)
    for _ in range(2):
        assert lake.tiers.names.series(EVERYTHING, *whole, UNBOUNDED) == [THREE[0], THREE[2]]
        assert lake.tiers.names.label_values("i", *whole, UNBOUNDED) == ["0", "2"]
        assert lake.tiers.names.label_names(*whole, UNBOUNDED) == ["__name__", "i"]
        lake.tiers.clean_tombstones()
