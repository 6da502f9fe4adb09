"""A snapshot opens with all that was acknowledged, whatever goes on meanwhile; verifying finds each flipped bit."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import DataFolderFull, Refused
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store import snapshot
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.snapshot import clear_unfinished, take_snapshot
from nightdesk.store.verify import verify
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000
JOBS = [Labels.of("up", job=str(number)) for number in range(8)]


def opened(data: Path) -> SampleStore:
    """Open the samples of a data folder."""
    return SampleStore(data / "samples", clock=ManualClock(NOW), retention_ms=100 * YEAR)


def write(store: SampleStore, at: int, count: int = 50) -> None:
    """Write `count` instants of all series, and commit."""
    refs = np.array([store.reference(labels) for labels in JOBS])
    for step in range(count):
        store.append(Batch.at(refs, at + step * 1_000, np.arange(len(refs), dtype=np.float64) + step / 7))
    store.commit()


def held(store: SampleStore) -> dict[Labels, int]:
    """Return how many samples each series has."""
    answer = store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    return {series.labels: len(series.times) for series in answer}


def folder_with_all(data: Path) -> SampleStore:
    """Make a data folder with whole days, a supplement, a deletion that waits, and a journal."""
    data.mkdir()
    (data / "format").write_text("1\n")
    store = opened(data)
    write(store, NOW - 3 * DAY)
    write(store, NOW - 2 * DAY)
    store.seal()
    write(store, NOW - DAY)
    store.delete([(Matcher("job", MatchOp.EQUAL, "3"),)], NOW - 3 * DAY, NOW - 2 * DAY + 10_000)
    write(store, NOW)
    return store


def test_a_snapshot_opens_with_everything(tmp_path: Path) -> None:
    """Day files, supplements, deletions and the journal are in it, and it stays as it was when the desk goes on."""
    store = folder_with_all(tmp_path / "data")
    expected = held(store)
    with store.still():
        take_snapshot(tmp_path / "data", tmp_path / "data" / "snapshots" / "one")
    write(store, NOW + 60_000)
    store.seal()
    store.close()
    copy = opened(tmp_path / "data" / "snapshots" / "one")
    assert held(copy) == expected
    assert copy.stats().damaged == 0
    copy.close()


def test_whole_days_are_linked_and_not_copied(tmp_path: Path) -> None:
    """A snapshot on the same file system takes no room for days that never change."""
    store = folder_with_all(tmp_path / "data")
    with store.still():
        take_snapshot(tmp_path / "data", tmp_path / "one")
    days = [path for path in (tmp_path / "one" / "samples" / "days").glob("*.db") if path.name.count(".") == 1]
    assert days
    assert all(path.stat().st_nlink == 2 for path in days)
    store.close()


def test_nothing_acknowledged_before_is_missing_while_others_write_and_keep_house(tmp_path: Path) -> None:
    """Writers, seals and compactions that go on during snapshots take nothing out of them."""
    store = folder_with_all(tmp_path / "data")
    ending, acknowledged = threading.Event(), [0]

    def work() -> None:
        refs = np.array([store.reference(labels) for labels in JOBS])
        while not ending.is_set():
            store.append(Batch.at(refs, NOW + 1_000_000 + acknowledged[0], np.zeros(len(refs))))
            store.commit()
            acknowledged[0] += 1
            if acknowledged[0] % 40 == 0:
                store.seal()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for number in range(4):
            known = acknowledged[0]
            target = tmp_path / f"snapshot-{number}"
            with store.still():
                take_snapshot(tmp_path / "data", target)
            copy = opened(target)
            job = [Matcher("job", MatchOp.EQUAL, "1")]
            found = copy.select(job, NOW + 1_000_000, MAX_INSTANT, FreeBudget())
            assert sum(len(series.times) for series in found) >= known
            assert copy.stats().damaged == 0
            copy.close()
    finally:
        ending.set()
        thread.join()
        store.close()


def test_a_snapshot_that_has_no_room_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before anything is copied, and no half folder bears its name."""
    store = folder_with_all(tmp_path / "data")

    def no_room(_: Path, more: int = 0) -> None:
        raise DataFolderFull(f"{more} bytes are too many")

    monkeypatch.setattr(snapshot, "demand_disk", no_room)
    with pytest.raises(DataFolderFull):
        take_snapshot(tmp_path / "data", tmp_path / "one")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    store.close()


BREAKS_OFF = """
import os, sys
from pathlib import Path
from nightdesk.store.snapshot import take_snapshot
data = Path(sys.argv[1])
take_snapshot(data, data / "snapshots" / "one", progress=lambda done, whole: done == whole and os._exit(9))
"""


def test_what_a_kill_left_of_a_snapshot_is_cleared(tmp_path: Path) -> None:
    """Its links would hold on to days for good; a finished snapshot and the folder itself stay."""
    data = tmp_path / "data"
    store = folder_with_all(data)
    killed = subprocess.run([sys.executable, "-c", BREAKS_OFF, str(data)], check=False)
    assert killed.returncode == 9
    with store.still():
        take_snapshot(data, data / "snapshots" / "two")
    days = [path for path in (data / "samples" / "days").glob("*.db") if path.name.count(".") == 1]
    assert {path.stat().st_nlink for path in days} == {3}
    clear_unfinished(data)
    assert [path.name for path in (data / "snapshots").iterdir()] == ["two"]
    assert {path.stat().st_nlink for path in days} == {2}
    store.close()


def test_a_snapshot_never_replaces_what_is_there(tmp_path: Path) -> None:
    """A folder that bears the name already stays as it is."""
    store = folder_with_all(tmp_path / "data")
    with pytest.raises(Refused, match="there already"):
        take_snapshot(tmp_path / "data", tmp_path / "data")
    store.close()


@pytest.mark.parametrize("place", ["one", "samples/days/one", "snapshots/one/two", "."])
def test_a_snapshot_is_not_made_where_the_next_would_take_it_along(tmp_path: Path, place: str) -> None:
    """Inside the data folder its own place is the only one; nothing is left anywhere else."""
    data = tmp_path / "data"
    folder_with_all(data).close()
    before = sorted(data.rglob("*"))
    with pytest.raises(Refused, match=r"there already|the data folder itself"):
        take_snapshot(data, data / place)
    assert sorted(data.rglob("*")) == before


def test_a_sound_folder_verifies_beside_its_writer(tmp_path: Path) -> None:
    """Every file is read while the store is open, and every sample is counted."""
    store = folder_with_all(tmp_path / "data")
    found = {each.file: each for each in verify(tmp_path / "data")}
    assert [each.damage for each in found.values() if each.damage] == []
    assert {"samples/journal.db", "samples/deletions.db"} <= set(found)
    assert sum(each.samples or 0 for each in found.values()) >= sum(held(store).values())
    store.close()


def test_what_is_written_while_it_verifies_is_no_damage(tmp_path: Path) -> None:
    """The journal goes on between two looks at it, and whole days take the place of its entries."""
    store = folder_with_all(tmp_path / "data")
    has_enough = threading.Event()

    def go_on() -> None:
        for step in range(2_000):
            write(store, NOW + step * 10_000, 1)
            if step % 200 == 199:
                store.seal()
            if has_enough.is_set():
                return

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        found = [each for _ in range(12) for each in verify(tmp_path / "data") if each.damage or each.obstacle]
    finally:
        has_enough.set()
        writer.join()
        store.close()
    assert found == []


@pytest.mark.parametrize("where", ["days", "journal"])
def test_a_flipped_bit_is_found(tmp_path: Path, where: str) -> None:
    """A bit flipped inside a value or an entry, where SQLite sees nothing wrong, fails its checksum and is told."""
    store = folder_with_all(tmp_path / "data")
    store.close()
    samples = tmp_path / "data" / "samples"
    if where == "journal":
        flip(samples / "journal.db", "entry", "body")
    else:
        day = next(path for path in sorted((samples / "days").glob("*.db")) if path.name.count(".") == 1)
        flip(day, *blob_of(day))
    damaged = [each.file for each in verify(tmp_path / "data") if each.damage]
    assert len(damaged) == 1
    assert where in damaged[0]


def blob_of(day: Path) -> tuple[str, str]:
    """Return the table and column that hold values, in either format."""
    with sqlite3.connect(day) as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return ("chunk", "body") if "chunk" in tables else ("pack", "bodies")


def flip(path: Path, table: str, column: str) -> None:
    """Flip one bit in the middle of the first blob of a column."""
    connection = sqlite3.connect(path)
    ((number, body),) = connection.execute(f"SELECT rowid, {column} FROM {table} ORDER BY rowid LIMIT 1")
    changed = bytearray(body)
    changed[len(changed) // 2] ^= 0x10
    connection.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (bytes(changed), number))
    connection.commit()
    connection.close()
    os.sync()


def test_tier_files_are_linked_and_an_empty_file_is_damaged(tmp_path: Path) -> None:
    """A tier's file never changes; a database without a byte was cut short, whatever SQLite makes of it."""
    data = tmp_path / "data"
    folder_with_all(data).close()
    tier = data / "samples" / "tiers" / "5m" / "2023-11-10.db"
    tier.parent.mkdir(parents=True)
    tier.write_bytes(b"")
    for name in ("state.db", "ledger.db"):
        (data / name).write_bytes(b"")
    (data / "samples" / "days" / "2023-11-09.db.damaged").write_bytes(b"rubbish")
    told = {each.file: each for each in verify(data)}
    for name in ("state.db", "ledger.db", "samples/tiers/5m/2023-11-10.db"):
        assert "is empty: it was cut short" in told[name].damage[0]
    assert told["samples/days/2023-11-09.db.damaged"].aside
    for name in ("state.db", "ledger.db"):
        (data / name).unlink()
    take_snapshot(data, tmp_path / "one")
    assert tier.samefile(tmp_path / "one" / "samples" / "tiers" / "5m" / "2023-11-10.db")


def test_a_snapshot_is_examined_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a read-only mount SQLite could not make the files that a write-ahead log needs; none of them is needed."""
    folder_with_all(tmp_path / "data").close()
    take_snapshot(tmp_path / "data", tmp_path / "one")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert [each.file for each in verify(tmp_path / "one") if each.damage or each.obstacle] == []
    assert [each.file for each in verify(tmp_path / "data") if each.damage or each.obstacle] == []
    assert sorted(tmp_path.rglob("*")) == before
