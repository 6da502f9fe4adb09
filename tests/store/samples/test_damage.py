"""Damaged bytes: what fails its check is set aside and told; no wrong sample is served, and the start goes on."""

import random
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import DataFolderFull, NewerFormat
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.journal.journal import JOURNAL
from nightdesk.store.samples.rows.format import DAY_FILE
from nightdesk.store.samples.rows.writer import DayWriter
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.store.sqlite import Database
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.sealing import leave_wal

NOW = 1_700_000_000_000
SERIES = 20
ROWS = 300
COMMIT_ROWS = 10


def open_store(folder: Path) -> SampleStore:
    """Open a store that keeps everything."""
    return SampleStore(folder, clock=ManualClock(NOW + DAY), retention_ms=100 * YEAR)


def written(folder: Path, *, seal: bool) -> dict[str, dict[int, float]]:
    """Fill a store over two days and close it; return what it should answer, by series and instant."""
    store = open_store(folder)
    labels = [Labels.of("up", sid=f"s{number:02}") for number in range(SERIES)]
    refs = np.array([store.reference(each) for each in labels])
    chance = np.random.default_rng(7)
    expected: dict[str, dict[int, float]] = {str(each): {} for each in labels}
    for row in range(ROWS):
        time, values = NOW + (row % 2) * DAY + row * 1_000, chance.normal(size=SERIES)
        store.append(Batch.at(refs, time, values))
        if row % COMMIT_ROWS == COMMIT_ROWS - 1:
            store.commit()
        for each, value in zip(labels, values.tolist(), strict=True):
            expected[str(each)][time] = value
    if seal:
        store.seal()
    store.close()
    return expected


def supplemented(folder: Path) -> dict[str, dict[int, float]]:
    """Fill a store, seal it into supplements, which are files of rows, and close it; return what it should answer."""
    expected = written(folder, seal=False)
    store = SampleStore(folder, clock=ManualClock(NOW + DAY), retention_ms=100 * YEAR, seal_when=SealWhen(samples=1))
    while not store.stats().seals:
        store.maintain()
    store.close()
    return expected


def wrong_samples(store: SampleStore, expected: dict[str, dict[int, float]]) -> tuple[int, int]:
    """Return how many samples are wrong and how many are right."""
    wrong = right = 0
    for series in store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget()):
        truth = expected.get(str(series.labels), {})
        for time, value in zip(series.times.tolist(), series.values.tolist(), strict=True):
            if truth.get(time) == value:
                right += 1
            else:
                wrong += 1
    return wrong, right


@pytest.mark.parametrize("seed", range(12))
def test_flipped_bytes_never_become_samples(tmp_path: Path, seed: int) -> None:
    """Any byte of any file: each sample served is one that was written, and the store opens and takes more."""
    expected = written(tmp_path, seal=seed % 3 > 0)
    chance = random.Random(seed)
    for file in tmp_path.rglob("*.db"):
        data = bytearray(file.read_bytes())
        for _ in range(8):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)
    try:
        store = open_store(tmp_path)
    except NewerFormat:
        return  # the flip hit the format number, and the file was refused
    wrong, _ = wrong_samples(store, expected)
    assert wrong == 0
    ref = store.reference(Labels.of("after"))
    store.append(Batch.at(np.array([ref]), NOW, np.ones(1)))
    store.commit()
    assert len(store.select(named("after"), NOW, NOW, FreeBudget())) == 1
    store.close()


def test_a_bad_chunk_costs_itself_alone_and_is_told(tmp_path: Path) -> None:
    """The other series of the day answer; the count and a sentence name the place."""
    expected = supplemented(tmp_path)
    file = next((tmp_path / "days").glob("*.*.db"))
    database = Database(file, DAY_FILE)
    database.execute("UPDATE chunk SET body = zeroblob(length(body)) WHERE id = (SELECT min(id) FROM chunk)")
    leave_wal(database)
    database.close()
    store = open_store(tmp_path)
    wrong, right = wrong_samples(store, expected)
    assert (wrong, right) == (0, SERIES * ROWS - ROWS // 2)
    told = store.stats()
    assert told.damaged == 1
    assert file.name in told.damage[0]
    store.close()


def test_samples_moved_to_another_series_fail_their_check(tmp_path: Path) -> None:
    """A chunk or its times under a foreign id are not served."""
    expected = supplemented(tmp_path)
    for file in (tmp_path / "days").glob("*.*.db"):
        database = Database(file, DAY_FILE)
        database.execute("UPDATE chunk SET id = id + 1000000000 WHERE id = (SELECT min(id) FROM chunk)")
        database.execute("UPDATE chunk SET id = id - 1048575 WHERE id = (SELECT max(id) FROM chunk)")
        database.execute("UPDATE stamps SET first = first + 1")
        leave_wal(database)
        database.close()
    store = open_store(tmp_path)
    assert wrong_samples(store, expected)[0] == 0
    assert store.stats().damaged > 0
    store.close()


def test_a_malformed_day_file_is_renamed_and_its_day_goes_on(tmp_path: Path) -> None:
    """The file stays for whoever wants to look; the other day answers; new samples of that day are taken."""
    written(tmp_path, seal=True)
    first, _ = sorted((tmp_path / "days").glob("*.db"))
    first.write_bytes(b"rubbish" * 10_000)
    store = open_store(tmp_path)
    (series, *_) = store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert len(series.times) == ROWS // 2
    assert first.with_name(first.name + ".damaged").exists()
    assert not first.exists()
    assert any(first.name in sentence for sentence in store.stats().damage)
    store.append(Batch.at(np.array([store.reference(Labels.of("after"))]), NOW, np.ones(1)))
    store.seal()
    assert len(store.select(named("after"), NOW, NOW, FreeBudget())) == 1
    store.close()


def test_a_malformed_journal_is_set_aside_loudly_and_the_start_goes_on(tmp_path: Path) -> None:
    """An empty journal takes its place."""
    written(tmp_path, seal=False)
    (tmp_path / "journal.db").write_bytes(b"rubbish" * 10_000)
    store = open_store(tmp_path)
    assert store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget()) == []
    assert "journal.db.damaged" in store.stats().damage[0]
    assert (tmp_path / "journal.db.damaged").exists()
    store.close()


def test_what_can_be_read_of_a_torn_journal_is_saved(tmp_path: Path) -> None:
    """The pages before the damage answer, and survive another start though their file was set aside."""
    expected = written(tmp_path, seal=False)
    journal = tmp_path / "journal.db"
    data = bytearray(journal.read_bytes())
    torn = len(data) * 3 // 4
    data[torn:] = bytes(len(data) - torn)
    journal.write_bytes(data)
    saved = []
    for _ in range(2):
        store = open_store(tmp_path)
        wrong, right = wrong_samples(store, expected)
        assert wrong == 0
        saved.append(right)
        store.close()
    assert saved[0] == saved[1] > 0


def test_a_torn_journal_stays_until_what_it_held_is_sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that fails half way, on a full disk say, leaves the file for the next one."""
    expected = written(tmp_path, seal=False)
    journal = tmp_path / "journal.db"
    data = bytearray(journal.read_bytes())
    torn = len(data) * 3 // 4
    journal.write_bytes(bytes(data[:torn]) + bytes(len(data) - torn))

    def fail(_: object) -> None:
        raise DataFolderFull("full")

    with monkeypatch.context() as patch:
        patch.setattr(DayWriter, "_flush", fail)
        with pytest.raises(DataFolderFull):
            open_store(tmp_path)
    store = open_store(tmp_path)
    wrong, right = wrong_samples(store, expected)
    assert wrong == 0
    assert right > 0
    store.close()


def test_a_bad_journal_entry_costs_itself_alone(tmp_path: Path) -> None:
    """The commits around it are replayed."""
    expected = written(tmp_path, seal=False)
    database = Database(tmp_path / "journal.db", JOURNAL)
    database.execute("UPDATE entry SET body = zeroblob(length(body)) WHERE id = 5")
    database.close()
    store = open_store(tmp_path)
    assert wrong_samples(store, expected) == (0, SERIES * (ROWS - COMMIT_ROWS))
    assert store.stats().damage == ("journal entry 5: it fails its check; its samples are left out",)
    store.close()


def test_compaction_keeps_a_file_with_a_bad_chunk(tmp_path: Path) -> None:
    """What is not carried over into the new file is still there for whoever wants to look."""
    expected = supplemented(tmp_path)
    file = min((tmp_path / "days").glob("*.*.db"))
    database = Database(file, DAY_FILE)
    database.execute("UPDATE chunk SET crc = crc + 1 WHERE id = (SELECT min(id) FROM chunk)")
    leave_wal(database)
    database.close()
    store = open_store(tmp_path)
    store.append(Batch.at(np.array([store.reference(Labels.of("late"))]), NOW, np.ones(1)))
    store.seal()
    assert file.with_name(file.name + ".damaged").exists()
    assert store.stats().damaged == 1
    late = {str(Labels.of("late")): {NOW: 1.0}}
    assert wrong_samples(store, expected | late) == (0, SERIES * ROWS - ROWS // 2 + 1)
    store.close()


def test_a_damaged_supplement_makes_room_for_a_fresh_one(tmp_path: Path) -> None:
    """Sealing does not write on into a file that fails its checks, and loses nothing of its own."""
    expected = written(tmp_path, seal=False)
    store = SampleStore(tmp_path, clock=ManualClock(NOW + DAY), retention_ms=100 * YEAR, seal_when=SealWhen(samples=1))
    while not store.stats().seals:
        store.maintain()
    supplement = min((tmp_path / "days").glob("*.*.db"))
    database = Database(supplement, DAY_FILE)
    database.execute("UPDATE label SET value = CAST('foreign' AS BLOB) WHERE value = CAST('s03' AS BLOB)")
    database.close()
    store.append(Batch.at(np.array([store.reference(Labels.of("late"))]), NOW + DAY, np.ones(1)))
    store.seal()
    late = {str(Labels.of("late")): {NOW + DAY: 1.0}}
    assert wrong_samples(store, expected | late) == (0, SERIES * ROWS // 2 + 1)
    assert supplement.with_name(supplement.name + ".damaged").exists()
    store.close()


@pytest.mark.parametrize("column", ["sum", "min", "max", "first", "last", "version"])
def test_every_column_of_a_chunk_is_under_its_checksum(tmp_path: Path, column: str) -> None:
    """A summary that does not belong to its values is found before anybody could use it."""
    expected = supplemented(tmp_path)
    file = min((tmp_path / "days").glob("*.*.db"))
    database = Database(file, DAY_FILE)
    database.execute(f"UPDATE chunk SET {column} = {column} + 1 WHERE id = (SELECT min(id) FROM chunk)")
    leave_wal(database)
    database.close()
    store = open_store(tmp_path)
    assert wrong_samples(store, expected) == (0, SERIES * ROWS - ROWS // 2)
    assert store.stats().damaged == 1
    store.close()


def test_summaries_of_special_values_pass_their_check(tmp_path: Path) -> None:
    """Minus zero, infinities of both signs, huge and tiny numbers and NaN: SQLite keeps what the checksum saw."""
    special = [
        [-0.0],
        [-0.0, -1.0],
        [1e308, 1e308],
        [float("inf"), float("-inf")],
        [float("nan"), 1.0],
        [5e-324, 2.0**53],
    ]
    store = open_store(tmp_path)
    for number, values in enumerate(special):
        ref = store.reference(Labels.of("up", sid=str(number)))
        store.append(Batch(np.full(len(values), ref), NOW + np.arange(len(values)), np.array(values)))
    store.seal()
    found = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert [series.values.tobytes() for series in found] == [np.array(values).tobytes() for values in special]
    assert store.stats().damaged == 0
    store.close()


def test_samples_that_lost_their_labels_never_come_back_under_others(tmp_path: Path) -> None:
    """While the journal holds samples under a reference, no new series is given it, at this start or a later one."""
    store = open_store(tmp_path)
    lost = store.reference(Labels.of("account_balance"))
    store.append(Batch.at(np.array([lost]), NOW, np.array([777.0])))
    store.close()
    database = Database(tmp_path / "journal.db", JOURNAL)
    database.execute("UPDATE series SET crc = crc + 1")
    database.close()
    for _ in range(3):
        store = open_store(tmp_path)
        assert store.stats().damaged == 1
        store.append(Batch.at(np.array([store.reference(Labels.of("new"))]), NOW + 1, np.array([5.0])))
        assert wrong_samples(store, {str(Labels.of("new")): {NOW + 1: 5.0}}) == (0, 1)
        store.close()


@pytest.mark.parametrize("key", ["labels = zeroblob(3)", "ref = ref + 1000", "ref = ref + 1000000000000"])
def test_labels_under_a_foreign_reference_fail_their_check(tmp_path: Path, key: str) -> None:
    """The journal's label sets are checked with the reference they stand for."""
    expected = written(tmp_path, seal=False)
    database = Database(tmp_path / "journal.db", JOURNAL)
    database.execute(f"UPDATE series SET {key} WHERE ref = 3")
    database.close()
    store = open_store(tmp_path)
    assert wrong_samples(store, expected) == (0, (SERIES - 1) * ROWS)
    store.close()


def test_a_day_file_without_a_byte_stops_nobody(tmp_path: Path) -> None:
    """As a full disk or a power cut leaves one: it is set aside, and reads, deletions and housekeeping go on."""
    written(tmp_path, seal=True)
    first, _ = sorted((tmp_path / "days").glob("*.db"))
    first.write_bytes(b"")
    store = open_store(tmp_path)
    (series, *_) = store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert len(series.times) == ROWS // 2
    assert first.with_name(first.name + ".damaged").exists()
    assert "is empty: it was cut short" in store.stats().damage[0]
    store.delete([named("up")], NOW, NOW + 1_000)
    store.clean_tombstones()
    assert store.stats().failed_housekeeping == 0
    store.close()


def test_what_was_set_aside_is_told_at_every_start(tmp_path: Path) -> None:
    """Its samples stay missing, so the count stays until somebody takes the file away."""
    written(tmp_path, seal=True)
    first, _ = sorted((tmp_path / "days").glob("*.db"))
    first.write_bytes(b"rubbish" * 10_000)
    store = open_store(tmp_path)
    store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    store.close()
    store = open_store(tmp_path)
    assert store.damaged == 1
    assert f"days/{first.name}.damaged: it was found damaged before" in store.stats().damage[0]
    store.close()
    first.with_name(first.name + ".damaged").unlink()
    store = open_store(tmp_path)
    assert store.damaged == 0
    store.close()
