"""A reader of another program that never ends: the log stays bounded, and nothing acknowledged is lost."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import StoreError
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.journal import renewal
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000
MIB = 2**20


def opened(path: Path) -> SampleStore:
    """Open a store."""
    return SampleStore(path, clock=ManualClock(NOW), retention_ms=100 * YEAR)


def write(store: SampleStore, folder: Path, instants: int, first: int = 0, series: int = 4_000) -> int:
    """Write so many instants of all series, each with its own commit; return the longest log seen."""
    refs = np.array([store.reference(Labels.of("up", sid=str(number))) for number in range(series)])
    chance, longest = np.random.default_rng(first), 0
    for step in range(first, first + instants):
        store.append(Batch.at(refs, NOW + step * 1_000, chance.random(series)))
        store.commit()
        store.maintain()
        longest = max([longest, *(log.stat().st_size for log in folder.rglob("*-wal"))])
    return longest


def count(store: SampleStore) -> int:
    """Return how many samples there are."""
    return sum(len(series.times) for series in store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget()))


def test_no_log_outgrows_its_bound_while_another_program_reads(tmp_path: Path) -> None:
    """A read transaction on the journal that stays open for as long as 100 MiB are written."""
    store = opened(tmp_path)
    write(store, tmp_path, 2)
    reader = sqlite3.connect(f"file:{tmp_path / 'journal.db'}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    before = reader.execute("SELECT count(*) FROM entry").fetchall()
    assert write(store, tmp_path, 1_200, first=2, series=2_000) <= 40 * MIB
    assert reader.execute("SELECT count(*) FROM entry").fetchall() == before
    reader.close()
    assert count(store) == 2 * 4_000 + 1_200 * 2_000
    store.close()
    store = opened(tmp_path)
    assert count(store) == 2 * 4_000 + 1_200 * 2_000
    assert store.stats().damaged == 0
    store.close()


@pytest.mark.parametrize("left", ["both", "log alone", "nothing"])
def test_a_renewal_that_was_killed_is_finished_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    """Between the new file's name and the old one's end a kill may fall anywhere."""
    monkeypatch.setattr(renewal, "MOST_LOG_BYTES", 0)
    store = opened(tmp_path)
    reader = sqlite3.connect(f"file:{tmp_path / 'journal.db'}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entry").fetchall()

    def killed(_: Path) -> None:
        raise StoreError("killed here")

    monkeypatch.setattr(renewal, "finish_renewal", killed)
    with pytest.raises(StoreError, match="killed here"):
        write(store, tmp_path, 3, series=10)
    assert (tmp_path / "journal.next").exists()
    monkeypatch.undo()
    reader.close()
    if left != "both":
        (tmp_path / "journal.db").unlink()
    if left == "nothing":
        (tmp_path / "journal.db-wal").unlink(missing_ok=True)
    store = opened(tmp_path)
    assert count(store) == 10
    assert store.stats().damaged == 0
    store.close()
