"""A disk that is full at whichever write of packing, copying or placing: the old files answer, and later it is done."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from nightdesk.errors import DataFolderFull
from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch
from nightdesk.store.samples.chunks.copies import Copies
from nightdesk.store.samples.packed.pack_writer import PackWriter
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.testing.builders import FreeBudget
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.faults.small_disk import fill, small_disk

NOON: Final = 1_700_006_400_000 // DAY * DAY + 12 * HOUR
PAGE: Final = 4_096
SERIES: Final = 3_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 20 MB."""
    with small_disk(tmp_path, megabytes=20) as place:
        yield place


@pytest.fixture
def store(disk: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleStore]:
    """Open a store that packs every seal, and looks at no room beforehand: each write has to find out for itself."""
    for place in ("packed.pack_writer", "upkeep.compaction", "upkeep.housekeeping"):
        monkeypatch.setattr(f"nightdesk.store.samples.{place}.demand_disk", lambda *_: None)
    opened = SampleStore(disk, clock=ManualClock(NOON), retention_ms=YEAR, seal_when=SealWhen(many_series=1))
    yield opened
    opened.close()


def write(store: SampleStore, first: int, time: int) -> None:
    """Write three instants of series that nobody else has, and some that all have."""
    labels = [Labels.of("up", sid=str(number)) for number in (*range(100), *range(first, first + SERIES))]
    refs = np.array([store.reference(each) for each in labels], dtype=np.int64)
    chance = np.random.default_rng(first)
    for step in range(3):
        store.append(Batch.at(refs, time + step * 1_000, chance.random(len(refs))))
    store.commit()


def told(store: SampleStore) -> dict[Labels, tuple[bytes, bytes]]:
    """Return all there is."""
    found = store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    return {each.labels: (each.times.tobytes(), each.values.tobytes()) for each in found}


def seal_alone(store: SampleStore) -> None:
    """Seal what is in the head, and let no compaction follow."""
    store._freeze()
    while store._head.frozen:
        store._house.run_one()


def fails_at_every_write(store: SampleStore, disk: Path, task: str) -> None:
    """Run a task with ever more room, some pages at a time, until it has enough; before, nothing changes."""
    expected, refusals, leave = told(store), 0, 0
    while True:
        filler = fill(disk, leave)
        try:
            seal_alone(store) if task == "seal" else store.seal()
        except DataFolderFull:
            refusals += 1
        else:
            break
        finally:
            filler.unlink()
            assert told(store) == expected, f"with {leave} bytes"
        assert not list((disk / "days").glob("*.part*")), "a file that nobody finished is left"
        leave += 6 * PAGE
    assert refusals > 5
    assert told(store) == expected
    assert store.stats().damaged == 0


def test_a_seal_of_many_series_fails_whole_at_every_write(store: SampleStore, disk: Path) -> None:
    """Of the whole file of a day, and of a supplement beside it."""
    for number in range(2):
        write(store, SERIES * (number + 1), NOON + number * HOUR)
        fails_at_every_write(store, disk, "seal")
    # Where the file fits and the journal's own writing then does not, the seal is done once more beside it.
    names = sorted(file.name for file in (disk / "days").glob("*.db"))
    assert names[-1] == "2023-11-15.db"
    assert 2 <= len(names) <= 4


def test_a_compaction_that_copies_fails_whole_at_every_write(
    store: SampleStore, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks of series that one of two files alone has are carried over; the others are compressed anew."""
    copied: list[int] = []
    copy = PackWriter.copy

    def counted(writer: PackWriter, copies: Sequence[Copies]) -> None:
        copied.append(sum(len(each.ids) for each in copies))
        copy(writer, copies)

    monkeypatch.setattr(PackWriter, "copy", counted)
    for number in range(2):
        write(store, SERIES * (number + 1), NOON + number * HOUR)
        seal_alone(store)
    fails_at_every_write(store, disk, "compact")
    assert len(list((disk / "days").glob("*.db"))) == 1
    assert sum(copied) >= 2 * SERIES


def test_a_deletion_that_copies_is_carried_out_once_there_is_room(store: SampleStore, disk: Path) -> None:
    """What is deleted shows in no attempt, and what is left in all."""
    write(store, SERIES, NOON)
    seal_alone(store)
    store.delete([(Matcher("sid", MatchOp.REGEX, ".*7"),)], MIN_INSTANT, MAX_INSTANT)
    assert not [labels for labels in told(store) if labels.get("sid").endswith("7")]
    fails_at_every_write(store, disk, "carry out")
    assert store.deletions_pending == 0
