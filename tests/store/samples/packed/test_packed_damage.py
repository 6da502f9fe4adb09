"""Damaged packed files: a chunk costs itself, a directory its pack, labels their file; nothing wrong is served."""

import random
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import CorruptData
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch, Values
from nightdesk.store.samples.chunks.decoded import Decoded
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.packed.pack_format import PACKED
from nightdesk.store.samples.packed.pack_reader import PackMemory, PackReader
from nightdesk.store.samples.packed.pack_writer import PackWriter
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.sqlite import Database
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.sealing import leave_wal

NOW = 1_700_000_000_000
SERIES = 300
TIMES = NOW + 15_000 * np.arange(200, dtype=np.int64)


@pytest.fixture
def truth() -> Values:
    """Return integers, decimals, constants and noise in turn."""
    chance = np.random.default_rng(5)
    rows = [
        chance.integers(0, 99, len(TIMES)).cumsum().astype(np.float64),
        np.round(chance.normal(size=len(TIMES)), 2),
        np.full(len(TIMES), 7.0),
        chance.normal(size=len(TIMES)),
    ]
    return np.array([rows[number % len(rows)] + number for number in range(SERIES)])


@pytest.fixture
def path(tmp_path: Path, truth: Values) -> Path:
    """Write a file of two packs."""
    writer = PackWriter(tmp_path / "2023-11-14.db")
    labels = [Labels.of("up", sid=f"s{number:06}") for number in range(SERIES)]
    writer.add(writer.name(labels), TIMES, truth)
    writer.finish()
    return tmp_path / "2023-11-14.db"


def changed(path: Path, sql: str) -> PackReader:
    """Change rows as a flipped bit would, and open the file."""
    database = Database(path, PACKED)
    database.execute(sql)
    leave_wal(database)
    database.close()
    return PackReader(path, Damage(), PackMemory(Decoded()))


def checked(file: PackReader, truth: Values) -> int:
    """Return how many series answer as a whole; fail where one answers wrongly."""
    found = 0
    for panel in file.panels(np.arange(SERIES), MIN_INSTANT, MAX_INSTANT, FreeBudget()):
        assert panel.times.tobytes() == TIMES.tobytes()
        for series, row in zip(panel.ids.tolist(), panel.values, strict=True):
            assert row.tobytes() == truth[series].tobytes()
            found += 1
    return found


def test_a_chunk_whose_body_is_damaged_costs_itself(path: Path, truth: Values) -> None:
    """The other series of the pack answer, and the place is told."""
    file = changed(
        path,
        "UPDATE pack SET bodies = CAST(substr(bodies, 1, 20) || x'00ff00ff' || substr(bodies, 25) AS BLOB)"
        " WHERE id = 0",
    )
    assert checked(file, truth) == SERIES - 1
    assert file._damage.told() == ("2023-11-14.db pack 0 series 0: the chunk fails its check",)
    file.close()


def test_bodies_cut_short_cost_what_they_lack(path: Path, truth: Values) -> None:
    """The chunks before the end answer."""
    file = changed(path, "UPDATE pack SET bodies = substr(bodies, 1, length(bodies) / 2) WHERE id = 0")
    assert 0 < checked(file, truth) < SERIES
    for series in (0, 255, 299):
        list(file.panels(np.array([series]), MIN_INSTANT, MAX_INSTANT, FreeBudget()))
    file.close()


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ("crc = crc + 1", 44),
        ("chunks = CAST(substr(chunks, 1, 30) || x'0000' || substr(chunks, 33) AS BLOB)", 44),
        ("chunks = 'text'", 44),
        ("low = low + 1", 44),
        ("high = high - 1", 44),
        ("first = first + 1", 44),
        ("last = 'x'", 44),
        ("id = 99", 44),
        ("bodies = (SELECT bodies FROM pack WHERE id = 1)", 44),
    ],
)
def test_a_damaged_directory_costs_its_pack(path: Path, truth: Values, change: str, left: int) -> None:
    """The other pack answers; what lies in a foreign place fails as what was changed does."""
    file = changed(path, f"UPDATE pack SET {change} WHERE id = 0")
    constants = sum(number % 4 == 2 for number in range(256))
    # Constants lie in the directory, so foreign bodies cost them nothing.
    assert checked(file, truth) in (left, left + constants)
    assert file._damage.count > 0
    file.close()


@pytest.mark.parametrize("change", ["first = first + 1", "last = last - 1", "count = 5", "version = 9", "body = x'00'"])
def test_damaged_times_cost_the_chunks_that_have_them(path: Path, truth: Values, change: str) -> None:
    """No sample is served at another instant."""
    file = changed(path, f"UPDATE stamps SET {change}")
    assert checked(file, truth) == 0
    assert file._damage.count > 0
    file.close()


@pytest.mark.parametrize(
    "change", ["first = 1", "count = count - 1", "crc = 0", "body = zeroblob(50)", "body = 'text'"]
)
def test_damaged_labels_are_found_before_anything_answers(path: Path, change: str) -> None:
    """The file is set aside by whoever reads it: samples under foreign names would be wrong ones."""
    file = changed(path, f"UPDATE labels SET {change}")
    with pytest.raises(CorruptData):
        file.all_series()
    with pytest.raises(CorruptData):
        file.with_values("sid", ["s000001"])
    file.close()


@pytest.mark.parametrize("seed", range(30))
def test_flipped_bits_never_become_samples(path: Path, truth: Values, seed: int) -> None:
    """Anywhere in the file: each sample served is one that was written."""
    chance = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(6):
        # Past SQLite's header, in which a flip makes a file of another kind or release.
        data[chance.randrange(100, len(data))] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    try:
        file = PackReader(path, Damage(), PackMemory(Decoded()))
        names = file.labels(file.all_series())
        assert all(labels.get("sid") == f"s{series:06}" for series, labels in names.items())
        checked(file, truth)
        for told in file.summarised(np.arange(SERIES), MIN_INSTANT, MAX_INSTANT, FreeBudget()):
            if not hasattr(told, "values"):
                assert told.highs.tolist() == truth[told.ids].max(axis=1).tolist()
    except CorruptData:
        return


def test_a_store_sets_a_file_with_damaged_labels_aside_and_goes_on(tmp_path: Path) -> None:
    """The day takes new samples, and the file stays for whoever wants to look."""
    clock = ManualClock(NOW + DAY)
    store = SampleStore(tmp_path, clock=clock, retention_ms=100 * YEAR)
    store.append(Batch.at(np.array([store.reference(Labels.of("up"))]), NOW, np.ones(1)))
    store.seal()
    store.close()
    (file,) = (tmp_path / "days").glob("*.db")
    changed(file, "UPDATE labels SET crc = crc + 1").close()
    store = SampleStore(tmp_path, clock=clock, retention_ms=100 * YEAR)
    assert store.select(named("up"), NOW, NOW, FreeBudget()) == []
    assert file.with_name(file.name + ".damaged").exists()
    store.append(Batch.at(np.array([store.reference(Labels.of("up"))]), NOW + 1, np.ones(1)))
    store.seal()
    assert len(store.select(named("up"), NOW, NOW + 1, FreeBudget())) == 1
    store.close()
