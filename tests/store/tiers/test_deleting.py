"""Deletion from tiers: noted, hidden at once, out of the files by and by; nobody waits for files to be rewritten."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, BucketsWanted, Column
from nightdesk.model.instant import DAY, HOUR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.store.tiers.files.label_section import LabelSection
from nightdesk.store.tiers.files.tier_file import TierFile
from nightdesk.store.unbounded import UNBOUNDED
from nightdesk.testing.tiered import EVERYTHING, START, TieredLake

ONE = [(Matcher("i", MatchOp.EQUAL, "1"),)]
ALL = [EVERYTHING]
FIRST, LAST = START + 5 * DAY, START + 5 * DAY + 2 * HOUR


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TieredLake]:
    """A month with a week of samples, which have gone: both tiers tell of them."""
    made = TieredLake(tmp_path)
    made.fill(7)
    made.go_to(START + 60 * DAY)
    made.tiers.build()
    for day in made.store.raw.numbers():
        made.store.raw.days.remove(day)
    yield made
    made.close()


def _counts(lake: TieredLake, resolution: int, first: int = FIRST, last: int = LAST) -> dict[str, int]:
    wanted = BucketsWanted(EVERYTHING, first, last, resolution, frozenset({Column.COUNT}), sketches=True)
    found: dict[str, int] = {}
    for told in lake.tiers.buckets(wanted, UNBOUNDED):
        sums = np.asarray(told[Column.COUNT]).sum(axis=1).tolist()
        found |= {labels.get("i"): total for labels, total in zip(told.labels, sums, strict=True)}
    return found


def _assert_gone(lake: TieredLake) -> None:
    for resolution in (FIVE_MINUTES, ONE_HOUR):
        counts = _counts(lake, resolution)
        assert counts.get("1", 0) == 0
        assert counts["0"] == counts["2"] > 60


def _held_by_files(lake: TieredLake) -> int:
    """Return how many samples of the deleted stretch the files tell of, whatever is hidden."""
    held = 0
    for path in sorted((lake.path / "tiers").glob("*/*.db")):
        file = TierFile(path)
        section = LabelSection(file.label_bytes())
        for told in file.read(
            section, section.numbers([Labels.of("m", i="1")]), (Column.COUNT,), UNBOUNDED, sketches=False
        ):
            within = (told.ends > FIRST) & (told.ends <= LAST)
            held += int(np.asarray(told[Column.COUNT])[:, within].sum())
        file.close()
    return held


def test_what_is_deleted_shows_no_more_before_any_file_is_touched(lake: TieredLake) -> None:
    """Hidden with the answer, after a restart too; then, in short steps, out of the files and forgotten."""
    assert _held_by_files(lake) > 100
    lake.tiers.delete(ONE, FIRST, LAST)
    assert _held_by_files(lake) > 100
    _assert_gone(lake)
    lake.restart()
    assert lake.tiers.deletions_pending == 1
    _assert_gone(lake)
    steps = 0
    while lake.tiers.deletions_pending:
        assert lake.tiers.maintain()
        steps += 1
    assert steps >= 3
    assert _held_by_files(lake) == 0
    _assert_gone(lake)


def test_a_deletion_waits_for_no_snapshot_and_ingest_for_neither(lake: TieredLake) -> None:
    """While files have to stay as they are a deletion is taken and hides, and maintaining returns at once."""
    with lake.tiers.still():
        lake.tiers.delete(ONE, FIRST, LAST)
        _assert_gone(lake)
        assert not lake.tiers.maintain()
    assert lake.tiers.maintain()
    lake.tiers.clean_tombstones()
    assert _held_by_files(lake) == 0


def test_what_comes_after_a_deletion_is_rolled_up(lake: TieredLake) -> None:
    """Samples written anew into a deleted stretch are told by buckets once more."""
    lake.tiers.delete(ONE, FIRST, LAST)
    lake.put(np.arange(FIRST + 1_000, LAST, 60_000, dtype=np.int64), 99, series=2)
    lake.tiers.build()
    assert lake.tiers.deletions_pending == 0
    for resolution in (FIVE_MINUTES, ONE_HOUR):
        assert _counts(lake, resolution)["1"] == 120


def test_what_goes_as_a_whole_is_unlinked(lake: TieredLake) -> None:
    """With every series of whole periods deleted, files go without another being written."""
    lake.tiers.delete(ALL, START - DAY, START + 40 * DAY)
    assert _counts(lake, ONE_HOUR, START, START + 31 * DAY) in ({}, {"0": 0, "1": 0, "2": 0})
    lake.tiers.clean_tombstones()
    assert [tier.files for tier in lake.tiers.stats()] == [0, 0]


def test_a_task_broken_off_by_a_deletion_leaves_what_was_deleted_hidden(lake: TieredLake) -> None:
    """A restart in the midst of a rewriting: the old file stays, still without what is hidden of it."""
    lake.tiers.delete(ONE, FIRST, LAST)
    assert lake.tiers.maintain()
    lake.restart()
    _assert_gone(lake)
    lake.tiers.clean_tombstones()
    lake.tiers.clean_tombstones()
    assert _held_by_files(lake) == 0
    _assert_gone(lake)


def test_a_deletion_beside_every_bucket_is_not_noted(lake: TieredLake) -> None:
    """Days that no tier tells of need no note."""
    lake.tiers.delete(ONE, START + 50 * DAY, START + 51 * DAY)
    assert lake.tiers.deletions_pending == 0
    assert not (lake.path / "tiers" / "deletions.db").exists()
