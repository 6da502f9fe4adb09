"""History that is brought in afterwards: days that are over and have no file get their whole file at once."""

from pathlib import Path

import numpy as np

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOW = 1_700_006_400_000 // DAY * DAY
DAYS = 20


def open_store(folder: Path) -> SampleStore:
    """Open a store that keeps all of it."""
    return SampleStore(folder, clock=ManualClock(NOW + HOUR), retention_ms=90 * DAY)


def bring(store: SampleStore, name: str, count: int) -> None:
    """Write a sample a day of some series; each day lacks another series."""
    refs = np.array([store.reference(Labels.of(name, sid=str(sid))) for sid in range(count)], dtype=np.int64)
    for day in range(DAYS):
        there = np.delete(refs, day % count)
        store.append(Batch.at(there, NOW - day * DAY, there.astype(np.float64)))
    store.commit()


def seal_alone(store: SampleStore) -> None:
    """Seal what is in the head, and let no compaction follow."""
    store._freeze()
    seals = store._house.seals
    while store._house.seals == seals:
        store._house.run_one()


def samples(store: SampleStore, name: str) -> dict[str, list[int]]:
    """Return the instants of each series."""
    found = store.select(named(name), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    return {each.labels.get("sid"): each.times.tolist() for each in found}


def test_days_of_history_are_packed_as_they_are_sealed(tmp_path: Path) -> None:
    """All but the newest, which more is expected of; they answer as before, also after a start."""
    store = open_store(tmp_path)
    bring(store, "old", 70)
    expected = samples(store, "old")
    seal_alone(store)
    files = sorted(path.name.count(".") for path in (tmp_path / "days").glob("*.db"))
    assert files == [1] * (DAYS - 1) + [2]
    assert store.stats().day_bytes < DAYS * 32 * 1024
    assert samples(store, "old") == expected
    store.close()
    store = open_store(tmp_path)
    assert samples(store, "old") == expected
    assert (len(expected), sum(map(len, expected.values()))) == (70, DAYS * 69)
    store.close()


def test_a_deletion_that_waits_hides_nothing_that_came_after_it(tmp_path: Path) -> None:
    """It goes by the files there were: a whole file would count as one of them."""
    store = open_store(tmp_path)
    bring(store, "old", 5)
    store.delete([named("old")], MIN_INSTANT, MAX_INSTANT)
    bring(store, "old", 5)
    expected = samples(store, "old")
    seal_alone(store)
    assert samples(store, "old") == expected
    store.clean_tombstones()
    store.seal()
    assert samples(store, "old") == expected
    assert sum(map(len, expected.values())) == DAYS * 4
    store.close()
