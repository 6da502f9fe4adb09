"""A full disk: nothing acknowledged is lost, nothing is acknowledged that is not safe, and judging goes on."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nightdesk.errors import DataFolderFull
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.disk_reserve import RESERVE_BYTES
from nightdesk.store.folder import DataFolder
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.sealing import seal_generation
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.faults.small_disk import fill
from nightdesk.testing.faults.small_disk import small_disk as mounted

NOW = 1_700_000_000_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 20 MB."""
    with mounted(tmp_path, megabytes=20) as disk:
        yield disk


def open_store(folder: Path) -> SampleStore:
    """Open a store that keeps a year."""
    return SampleStore(folder, clock=ManualClock(NOW), retention_ms=YEAR)


def write(store: SampleStore, time: int, series: int = 100) -> None:
    """Append and commit one scrape."""
    refs = np.array([store.reference(Labels.of("up", sid=str(number))) for number in range(series)])
    store.append(Batch.at(refs, time, np.full(series, float(time))))
    store.commit()


def times_of_first(store: SampleStore) -> list[int]:
    """Return the instants of the first series."""
    found = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    return found[0].times.tolist() if found else []


@pytest.mark.parametrize("leave", [0, RESERVE_BYTES // 2], ids=["not a byte", "less than the reserve"])
def test_what_was_acknowledged_is_there_after_the_disk_was_full(small_disk: Path, leave: int) -> None:
    """Commits fail with DataFolderFull, the store opens again, and goes on once there is room."""
    store = open_store(small_disk)
    for step in range(50):
        write(store, NOW + step)
    filler = fill(small_disk, leave)
    with pytest.raises(DataFolderFull, match="free"):
        write(store, NOW + 50)
    assert NOW + 50 in times_of_first(store), "rules go on judging what was not stored"
    assert store.stats().failed_commits == 1
    filler.unlink()
    write(store, NOW + 51)
    store.close()
    store = open_store(small_disk)
    assert set(times_of_first(store)) >= {*range(NOW, NOW + 50), NOW + 51}
    store.close()


def test_memory_stays_bounded_while_the_disk_is_full(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest volatile samples go, the newest and everything acknowledged stay readable."""
    monkeypatch.setattr("nightdesk.store.samples.journal.appender._VOLATILE_SAMPLES", 1_000)
    store = open_store(small_disk)
    for step in range(20):
        write(store, NOW + step)
    filler = fill(small_disk)
    for step in range(20, 400):
        with pytest.raises(DataFolderFull):
            write(store, NOW + step)
    assert store.stats().head_samples <= 20 * 100 + 3 * 1_000 + 100
    held = times_of_first(store)
    assert held[:20] == list(range(NOW, NOW + 20))
    assert held[-1] == NOW + 399
    filler.unlink()
    write(store, NOW + 400)
    store.seal()
    assert times_of_first(store)[-1] == NOW + 400
    store.close()


def test_a_seal_without_room_changes_nothing_and_is_tried_again(small_disk: Path) -> None:
    """Samples stay in journal and head until a later seal finds room."""
    store = open_store(small_disk)
    for step in range(20):
        write(store, NOW + step)
    filler = fill(small_disk)
    with pytest.raises(DataFolderFull):
        store.seal()
    assert times_of_first(store) == list(range(NOW, NOW + 20))
    assert store.stats().failed_housekeeping == 1
    filler.unlink()
    store.seal()
    assert times_of_first(store) == list(range(NOW, NOW + 20))
    assert (store.stats().head_samples, store.stats().journal_bytes) == (0, 0)
    store.close()


def test_a_seal_needs_room_for_its_files_and_not_for_its_journal(small_disk: Path) -> None:
    """What compresses well is sealed on a disk that is nearly full: the journal does not take the rest of it."""
    store = open_store(small_disk)
    for step in range(100):
        write(store, NOW + step, series=2_000)
    fill(small_disk, RESERVE_BYTES + store.stats().journal_bytes // 2)
    store._freeze()
    while store._head.frozen:
        store._house.run_one()
    assert store.stats().journal_bytes == 0
    assert times_of_first(store) == list(range(NOW, NOW + 100))
    store.close()


def test_a_seal_that_failed_is_tried_again_with_more_room_alone(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What random numbers take is found out by writing it: not again and again, but once there is more."""
    begun: list[int] = []

    def counted(*about: Any) -> Iterator[None]:
        begun.append(DataFolder(small_disk, -1).free_bytes())
        return seal_generation(*about)

    monkeypatch.setattr("nightdesk.store.samples.upkeep.housekeeping.seal_generation", counted)
    store = open_store(small_disk)
    refs = np.array([store.reference(Labels.of("up", sid=str(number))) for number in range(2_000)])
    for step in range(60):
        store.append(Batch.at(refs, NOW + step, np.random.default_rng(step).random(2_000)))
    store.commit()
    filler = fill(small_disk, RESERVE_BYTES + store.stats().journal_bytes // 2)
    for _ in range(5):
        with pytest.raises(DataFolderFull, match="MiB are left"):
            store.seal()
    assert len(begun) == 1
    filler.unlink()
    store.seal()
    assert len(begun) == 2
    assert times_of_first(store) == list(range(NOW, NOW + 60))
    store.close()


def test_sealing_leaves_the_reserve_to_alerts(small_disk: Path) -> None:
    """Where day files would not leave it, nothing of the seal or compaction stays written."""
    store = open_store(small_disk)
    for step in range(20):
        write(store, NOW + step, series=2_000)
    filler = fill(small_disk, RESERVE_BYTES + 65_536)
    before = DataFolder(small_disk, -1).free_bytes()
    with pytest.raises(DataFolderFull, match="MiB are left"):
        store.seal()
    assert DataFolder(small_disk, -1).free_bytes() == before
    filler.unlink()
    store.seal()
    write(store, NOW + DAY)
    store.commit()
    filler = fill(small_disk, RESERVE_BYTES + 8_192)
    with pytest.raises(DataFolderFull, match="MiB are left"):
        store.seal()
    assert DataFolder(small_disk, -1).free_bytes() >= RESERVE_BYTES
    filler.unlink()
    store.close()


def test_rows_and_labels_leave_the_reserve_too(small_disk: Path) -> None:
    """Of series with few samples the values are the least: their file takes eight times what the journal did."""
    store = open_store(small_disk)
    write(store, NOW, series=4_000)
    fill(small_disk, RESERVE_BYTES + 400_000)
    with pytest.raises(DataFolderFull, match="MiB are left"):
        store.seal()
    assert DataFolder(small_disk, -1).free_bytes() >= RESERVE_BYTES
    store.close()


def test_a_seal_looks_at_the_room_again_while_it_writes(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program that fills the disk meanwhile does not make the seal eat the reserve."""
    monkeypatch.setattr("nightdesk.store.samples.rows.writer._FLUSH_ROWS", 64)
    store = open_store(small_disk)
    for step in range(20):
        write(store, NOW + step, series=2_000)
    store._house.freeze()
    sealing = store._house._sealing()
    assert sealing is not None
    next(sealing)
    fill(small_disk, RESERVE_BYTES - 4_096)
    with pytest.raises(DataFolderFull, match="MiB are left"):
        list(sealing)
    assert list((small_disk / "days").glob("*.db*")) == []
    store.close()


def test_retention_makes_room_on_a_full_disk(small_disk: Path) -> None:
    """A day is removed by unlinking, which needs no room of its own."""
    store = open_store(small_disk)
    write(store, NOW - 30 * DAY, series=2_000)
    store.seal()
    fill(small_disk)
    before = DataFolder(small_disk, -1).free_bytes()
    assert store.enforce_retention(NOW + YEAR - 10 * DAY) == 1
    assert DataFolder(small_disk, -1).free_bytes() > before
    assert times_of_first(store) == []
    store.close()


def test_a_store_opens_on_a_full_disk_and_answers(small_disk: Path) -> None:
    """Killed while the disk was full, the next start reads what the journal holds and refuses writes politely."""
    store = open_store(small_disk)
    for step in range(20):
        write(store, NOW + step)
    fill(small_disk)
    again = open_store(small_disk)  # the first one is not closed: that is what a kill leaves behind
    assert times_of_first(again) == list(range(NOW, NOW + 20))
    with pytest.raises(DataFolderFull):
        write(again, NOW + 20)
    again.close()
    store.close()


def test_a_store_that_starts_on_a_full_disk_says_so(small_disk: Path) -> None:
    """Opening a fresh folder without room is DataFolderFull, not a damaged file."""
    fill(small_disk)
    with pytest.raises(DataFolderFull):
        open_store(small_disk / "new")
