"""Tier files of a newer release: an older one leaves them where they are, whatever it builds, removes or deletes."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import NewerFormat
from nightdesk.model.instant import DAY, HOUR
from nightdesk.model.labels import Matcher, MatchOp
from nightdesk.store.tiers.files.periods import day_period
from nightdesk.store.tiers.files.tier_format import VERSION, Span, span_checksum
from nightdesk.testing.tiered import FIRST_DAY, START, TieredLake

NEWER = (f"UPDATE span SET version = {VERSION + 1}, crc = %d", "ALTER TABLE span ADD more; PRAGMA user_version = 2")
"""A newer encoding in the same tables, and newer tables."""


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[TieredLake]:
    """Two days, rolled up; their samples are there."""
    made = TieredLake(tmp_path)
    made.fill(2)
    made.go_to(START + 20 * DAY)
    made.tiers.build()
    yield made
    made.close()


def _made_newer(lake: TieredLake, statement: str) -> Path:
    """Let a newer release have written the first day's file."""
    file = lake.path / "tiers" / "5m" / "2025-01-01.db"
    file.chmod(0o600)
    with sqlite3.connect(file) as database:
        row = database.execute("SELECT resolution, first, buckets, source, series, labels FROM span").fetchone()
        crc = span_checksum(Span(*row[:4]), row[4], VERSION + 1, row[5])
        database.executescript(statement.replace("%d", str(crc)))
    database.close()
    return file


@pytest.mark.parametrize("statement", NEWER)
def test_a_newer_file_is_never_overwritten(lake: TieredLake, statement: str) -> None:
    """Late samples make the day due; it is told by its samples, and the file stays, bit by bit."""
    file = _made_newer(lake, statement)
    before = file.read_bytes()
    lake.restart()
    lake.put(np.arange(START + HOUR, START + 2 * HOUR, 61_000, dtype=np.int64), 9)
    lake.tiers.build()
    assert file.read_bytes() == before
    assert not list(file.parent.glob("2025-01-01.db.*"))
    lake.assert_agree(HOUR, START + 2 * DAY)
    assert lake.tiers.damaged == 1
    folder = lake.tiers.keeping._fine
    assert folder.newer() == [day_period(FIRST_DAY)]
    with pytest.raises(NewerFormat, match="newer release"):
        folder.put(day_period(FIRST_DAY), file.with_name("other"), "")
    assert not lake.tiers.wants(FIRST_DAY)


def test_what_is_deleted_stays_noted_for_the_newer_release(lake: TieredLake) -> None:
    """It leaves the files of this release, and the note goes on to hide it in the newer one's."""
    _made_newer(lake, NEWER[0])
    lake.restart()
    lake.tiers.build()
    lake.tiers.delete([(Matcher("i", MatchOp.EQUAL, "1"),)], START, START + 2 * DAY)
    lake.tiers.clean_tombstones()
    assert lake.tiers.deletions_pending == 1
    (pending,) = lake.tiers._tombstones.pending
    assert len(pending.settled) == 1
