"""Deleting on a full disk, which is what people do there: whole days go, and what waits is carried out once it can."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.errors import DataFolderFull
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.folder import DataFolder
from nightdesk.store.samples.store import SampleStore
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.faults.small_disk import fill, small_disk

NOW = 1_700_000_000_000 // DAY * DAY
ALL = (Matcher("__name__", MatchOp.EQUAL, "up"),)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 30 MB; `fill` takes the room that is left."""
    with small_disk(tmp_path, megabytes=30) as disk:
        yield disk


def filled(folder: Path, clock: ManualClock) -> SampleStore:
    """Return a store with five whole days of two jobs."""
    store = SampleStore(folder, clock=clock, retention_ms=YEAR)
    names = [Labels.of("up", job=job, sid=str(sid)) for job in ("sim", "live") for sid in range(50)]
    refs = np.array([store.reference(labels) for labels in names])
    chance = np.random.default_rng(1)
    for day in range(1, 6):
        for step in range(100):
            store.append(Batch.at(refs, NOW - day * DAY + step * 60_000, chance.random(len(refs))))
        store.commit()
    store.seal()
    return store


def held(store: SampleStore) -> dict[str, set[int]]:
    """Return how many days ago each job has samples."""
    days: dict[str, set[int]] = {}
    for series in store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget()):
        days.setdefault(series.labels.get("job"), set()).update(((NOW - 1 - series.times) // DAY + 1).tolist())
    return days


def test_whole_days_go_on_a_disk_without_a_byte(full_disk: Path) -> None:
    """The first deletion ever, with no room for its note: days of which everything goes make it."""
    store = filled(full_disk, ManualClock(NOW))
    fill(full_disk)
    store.delete([ALL], NOW - 5 * DAY, NOW - 3 * DAY - 1)
    assert held(store) == {"sim": {1, 2, 3}, "live": {1, 2, 3}}
    assert DataFolder(full_disk, -1).free_bytes() > 0
    store.close()


def test_a_part_of_days_is_refused_or_done_but_never_half(full_disk: Path) -> None:
    """Without room for the note nothing is deleted, and the refusal says what would help; with room it is done."""
    clock = ManualClock(NOW)
    store = filled(full_disk, clock)
    before = held(store)
    filler = fill(full_disk)
    sim = (Matcher("job", MatchOp.EQUAL, "sim"),)
    with pytest.raises(DataFolderFull, match="free some"):
        store.delete([sim], MIN_INSTANT, MAX_INSTANT)
    assert held(store) == before
    filler.unlink()
    store.delete([sim], MIN_INSTANT, MAX_INSTANT)
    assert set(held(store)) == {"live"}
    fill(full_disk)
    with contextlib.suppress(DataFolderFull):  # rewriting needs room, and hiding does not
        store.maintain()
    assert set(held(store)) == {"live"}
    (full_disk / "filler").unlink()
    store.clean_tombstones()
    assert (set(held(store)), store.deletions_pending) == ({"live"}, 0)
    store.close()
