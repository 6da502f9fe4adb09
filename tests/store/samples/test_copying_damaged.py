"""A flaw in what is copied compressed, of the bytes or of the disk: nothing wrong is carried over or lost unseen."""

from pathlib import Path
from typing import Final

import numpy as np
import pytest

from nightdesk.errors import StoreError
from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.packed.pack_format import PACKED
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.store.sqlite import Database
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.sealing import leave_wal

NOON: Final = 1_700_006_400_000 // DAY * DAY + 12 * HOUR
SERIES: Final = 100


def open_store(folder: Path) -> SampleStore:
    """Open a store that packs every seal."""
    return SampleStore(folder, clock=ManualClock(NOON), retention_ms=YEAR, seal_when=SealWhen(many_series=1))


def packed_twice(folder: Path) -> SampleStore:
    """Return a store with two packed files of one day, of which neither has a series of the other."""
    store, chance = open_store(folder), np.random.default_rng(3)
    for life in "ab":
        names = [Labels.of("pod", life=life, sid=f"{number:03}") for number in range(SERIES)]
        refs = np.array([store.reference(labels) for labels in names], dtype=np.int64)
        for step in range(20):
            store.append(Batch.at(refs, NOON + step * 1_000, chance.random(SERIES)))
        store.commit()
        store._freeze()
        while store._head.frozen:
            store._house.run_one()
    return store


def told(store: SampleStore) -> dict[Labels, tuple[bytes, bytes]]:
    """Return all there is."""
    found = store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    return {each.labels: (each.times.tobytes(), each.values.tobytes()) for each in found}


def flip(file: Path) -> None:
    """Flip a bit in the body of the first chunk, at rest."""
    database = Database(file, PACKED)
    (body,) = database.execute("SELECT bodies FROM pack WHERE id = 0")[0]
    database.execute("UPDATE pack SET bodies = ? WHERE id = 0", (body[:3] + bytes([body[3] ^ 16]) + body[4:],))
    leave_wal(database)
    database.close()


@pytest.mark.parametrize("task", ["compaction", "deletion"])
def test_a_flipped_bit_costs_its_chunk_is_told_and_the_file_is_kept(tmp_path: Path, task: str) -> None:
    """The new file has all other series in every bit, and the damaged one lies aside for whoever wants to look."""
    store = packed_twice(tmp_path)
    expected = told(store)
    store.close()
    flip(tmp_path / "days" / "2023-11-15.db")
    store = open_store(tmp_path)
    if task == "deletion":
        store.delete([(Matcher("sid", MatchOp.EQUAL, "050"),)], MIN_INSTANT, MAX_INSTANT)
        expected = {labels: samples for labels, samples in expected.items() if labels.get("sid") != "050"}
        store.clean_tombstones()
    else:
        store.seal()
    del expected[Labels.of("pod", life="a", sid="000")]
    assert told(store) == expected
    assert store.stats().damaged == 1
    assert "the chunk fails its check" in store.stats().damage[0]
    assert [file.name for file in (tmp_path / "days").glob("2023-11-15.db.damaged*")] == ["2023-11-15.db.damaged"]
    assert [file.name for file in (tmp_path / "days").glob("*.db")] == ["2023-11-15.db"]
    store.close()


def test_a_disk_that_cannot_be_read_breaks_the_copying_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An input/output error is no damage: both files stay as they are, answer once it is gone, and are compacted."""
    store = packed_twice(tmp_path)
    expected = told(store)
    files = sorted(file.name for file in (tmp_path / "days").iterdir())

    def fail(*_: object) -> object:
        raise StoreError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "slices", fail)
        with pytest.raises(StoreError, match="I/O"):
            store.seal()
    assert sorted(file.name for file in (tmp_path / "days").iterdir()) == files
    assert told(store) == expected
    store.seal()
    assert told(store) == expected
    assert (store.stats().damaged, store.stats().day_files, store.stats().failed_housekeeping) == (0, 1, 1)
    store.close()
