"""The first hundred bytes of every file of samples: a wrong one costs that file at most, and is told."""

import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import NewerFormat
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT, SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.journal.journal import JOURNAL
from nightdesk.store.samples.packed.pack_format import PACKED
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.sqlite import Database
from nightdesk.store.verify import verify
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.sealing import leave_wal

NOW = 1_700_006_400_000 // DAY * DAY
KEPT, GONE, WAITING = "kept", "gone", "waiting"
DAY_FILE, SUPPLEMENT = "samples/days/2023-11-13.db", "samples/days/2023-11-14.2.db"
JOURNAL_FILE, DELETIONS_FILE = "samples/journal.db", "samples/deletions.db"


def open_store(data: Path) -> SampleStore:
    """Open the samples of a data folder."""
    return SampleStore(data / "samples", clock=ManualClock(NOW), retention_ms=90 * DAY)


def put(store: SampleStore, name: str, time: int) -> None:
    """Write a sample."""
    store.append(Batch.at(np.array([store.reference(Labels.of(name))]), time, np.ones(1)))
    store.commit()


def answer(store: SampleStore) -> dict[str, int]:
    """Return how many samples each series has."""
    found = store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    return {each.labels.name: len(each.times) for each in found}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a whole day, a supplement, a journal and a deletion that waits."""
    data = tmp_path_factory.mktemp("data")
    store = open_store(data)
    put(store, KEPT, NOW - 2 * DAY)
    put(store, GONE, NOW - 2 * DAY)
    store.seal()
    put(store, KEPT, NOW - DAY)
    store._freeze()
    while store._house.seals < 2:
        store._house.run_one()
    store.delete([named(GONE)], MIN_INSTANT, MAX_INSTANT)
    put(store, WAITING, NOW)
    store.close()
    assert all((data / name).exists() for name in (DAY_FILE, SUPPLEMENT, JOURNAL_FILE, DELETIONS_FILE))
    return data


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return shutil.copytree(whole, tmp_path / "data")


def flip(path: Path, byte: int, bit: int) -> None:
    """Turn one bit round."""
    content = bytearray(path.read_bytes())
    content[byte] ^= 1 << bit
    path.write_bytes(content)


def told(data: Path) -> list[str]:
    """Return what verifying says."""
    return [sentence for found in verify(data) for sentence in found.damage]


EVERYTHING = {KEPT: 2, WAITING: 1}


@pytest.mark.parametrize(("byte", "bit"), [(60, 7), (62, 0), (63, 0), (63, 1), (63, 4)])
@pytest.mark.parametrize("name", [DAY_FILE, SUPPLEMENT, JOURNAL_FILE, DELETIONS_FILE])
def test_a_format_number_that_the_tables_deny_is_damage(data: Path, name: str, byte: int, bit: int) -> None:
    """It is no newer release: a day costs itself, the journal and the deletions nothing at all."""
    flip(data / name, byte, bit)
    assert told(data)
    store = open_store(data)
    found = answer(store)
    assert found == answer(store)
    assert GONE not in found
    assert (found == EVERYTHING) == (name in (JOURNAL_FILE, DELETIONS_FILE))
    assert store.damaged == 1
    put(store, KEPT, NOW + SECOND)
    store.seal()
    store.clean_tombstones()
    assert answer(store) == {**found, KEPT: found[KEPT] + 1}
    store.close()


@pytest.mark.parametrize("byte", [18, 19])
def test_a_journal_that_would_be_read_only_is_mended(data: Path, byte: int) -> None:
    """SQLite would open it, and refuse each commit for ever."""
    flip(data / JOURNAL_FILE, byte, 0)
    assert told(data)
    store = open_store(data)
    assert answer(store) == EVERYTHING
    put(store, WAITING, NOW + SECOND)
    assert store.damaged == 1
    store.close()
    store = open_store(data)
    assert (answer(store)[WAITING], store.damaged) == (2, 0)
    store.close()


@pytest.mark.parametrize("name", [DAY_FILE, SUPPLEMENT, JOURNAL_FILE, DELETIONS_FILE])
def test_a_file_cut_to_nothing_is_told_at_the_start(data: Path, name: str) -> None:
    """An empty file held something once: what we make has tables before it has a name."""
    (data / name).write_bytes(b"")
    for suffix in ("-wal", "-shm"):
        (data / (name + suffix)).unlink(missing_ok=True)
    store = open_store(data)
    assert store.damaged == 1
    assert list((data / name).parent.glob(f"{Path(name).name}.damaged*"))
    store.close()


@pytest.mark.parametrize("name", [DAY_FILE, SUPPLEMENT, JOURNAL_FILE, DELETIONS_FILE])
def test_any_bit_of_a_header_costs_one_file_at_most(whole: Path, tmp_path: Path, name: str) -> None:
    """Some bits of each file: no start and no query fails, nothing false is told, and what is missing is told."""
    chance = random.Random(3)
    for place in range(16):
        data = shutil.copytree(whole, tmp_path / str(place))
        byte, bit = chance.randrange(16, 100), chance.randrange(8)
        flip(data / name, byte, bit)
        store = open_store(data)
        found = answer(store)
        put(store, KEPT, NOW + SECOND)
        store.seal()
        assert answer(store) == {**found, KEPT: found.get(KEPT, 0) + 1}, (byte, bit)
        assert found == EVERYTHING or store.damaged, (byte, bit)
        store.close()
        shutil.rmtree(data)


@pytest.mark.parametrize("byte", [0, 9])
def test_a_damaged_mark_is_found(data: Path, byte: int) -> None:
    """Without it a journal that lost its end would not be told."""
    flip(data / "samples/journal.mark", byte, 2)
    assert any("journal.mark beside it fails" in each for each in told(data))


def test_an_end_that_is_missing_is_found(whole: Path, data: Path) -> None:
    """The mark goes on from the newer of two copies of a journal; verifying changes neither."""
    store = open_store(data)
    put(store, WAITING, NOW + SECOND)
    store.close()
    shutil.copy(whole / JOURNAL_FILE, data / JOURNAL_FILE)
    assert any("its last 1 entries are missing" in each for each in told(data))


def newer(path: Path) -> bytes:
    """Make a file what a newer release would: another table, and the number after this one."""
    database = Database(path, JOURNAL) if path.name == "journal.db" else Database(path, PACKED)
    database.execute("CREATE TABLE more (id INTEGER PRIMARY KEY)")
    ((number,),) = database.execute("PRAGMA user_version")
    database.execute(f"PRAGMA user_version = {number + 1}")
    leave_wal(database)
    database.close()
    return path.read_bytes()


def test_a_day_of_a_newer_release_costs_itself_and_stays(data: Path) -> None:
    """It is said aloud; the other days answer, new samples of the day find a place, and the file is as it was."""
    before = newer(data / DAY_FILE)
    store = open_store(data)
    assert answer(store) == {KEPT: 1, WAITING: 1}
    assert "upgrade Nightdesk" in store.stats().damage[0]
    put(store, KEPT, NOW - 2 * DAY + SECOND)
    store._freeze()
    while store._house.seals < 1:
        store._house.run_one()
    assert answer(store) == {KEPT: 2, WAITING: 1}
    store.close()
    assert (data / DAY_FILE).read_bytes() == before


def test_a_journal_of_a_newer_release_is_refused(data: Path) -> None:
    """With its sentence, and untouched."""
    before = newer(data / JOURNAL_FILE)
    with pytest.raises(NewerFormat, match="upgrade Nightdesk"):
        open_store(data)
    assert (data / JOURNAL_FILE).read_bytes() == before
