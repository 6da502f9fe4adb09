"""Seals that fail, again and again, and files that others touch: nothing is left behind and nothing leaks."""

from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from nightdesk.errors import DataFolderFull
from nightdesk.model.instant import DAY, MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import Labels
from nightdesk.model.series import Batch
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.days import folder as days_module
from nightdesk.store.samples.days.files import number_of
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.deletion.tombstones import Tombstones
from nightdesk.store.samples.rows.format import DAY_FILE
from nightdesk.store.samples.rows.writer import DayWriter
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.store.samples.upkeep.steps import steps
from nightdesk.store.sqlite import Database
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000


def open_store(folder: Path, clock: ManualClock | None = None) -> SampleStore:
    """Open a store that seals after every commit."""
    when = SealWhen(samples=1)
    return SampleStore(folder, clock=clock or ManualClock(NOW), retention_ms=30 * DAY, seal_when=when)


def put(store: SampleStore, time: int) -> None:
    """Write one sample."""
    store.append(Batch.at(np.array([store.reference(Labels.of("up"))]), time, np.ones(1)))
    store.commit()


def keep_house(store: SampleStore) -> None:
    """Let housekeeping do all there is to do."""
    while store.maintain():
        pass


def times(store: SampleStore) -> list[int]:
    """Return the instants that answer."""
    found = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    return found[0].times.tolist() if found else []


def fail_full(_: object) -> NoReturn:
    """Fail as a full disk does."""
    raise DataFolderFull("full")


def test_seals_that_fail_leave_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty tries on a full disk, and then one that finds room."""
    clock = ManualClock(NOW)
    store = open_store(tmp_path, clock)
    put(store, NOW)
    with monkeypatch.context() as patch:
        patch.setattr(DayWriter, "_flush", fail_full)
        for _ in range(40):
            clock.jump(20)
            with pytest.raises(DataFolderFull):
                keep_house(store)
    assert list((tmp_path / "days").glob("*.db*")) == []
    clock.jump(20)
    keep_house(store)
    assert (times(store), store.stats().day_files) == ([NOW], 1)
    store.close()


def test_an_unforeseen_failure_of_housekeeping_is_counted_and_pauses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug must not run hot between any two commits."""
    store = open_store(tmp_path)
    put(store, NOW)

    def fail(_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(DayWriter, "_flush", fail)
    with pytest.raises(RuntimeError):
        keep_house(store)
    assert store.stats().failed_housekeeping == 1
    assert not store.maintain()
    store.close()


def test_a_start_removes_supplements_without_chunks(tmp_path: Path) -> None:
    """What killed seals left behind does not pile up."""
    SampleStore(tmp_path, clock=ManualClock(NOW), retention_ms=30 * DAY).close()
    for number in range(1, 30):
        Database(tmp_path / "days" / f"2023-11-14.{number}.db", DAY_FILE).close()
    store = open_store(tmp_path)
    assert list((tmp_path / "days").glob("*.db*")) == []
    store.close()


def test_a_day_that_cannot_be_read_lends_nothing_for_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where one of a day's files does not open, those that did are given back."""
    store = open_store(tmp_path)
    put(store, NOW)
    store.seal()
    put(store, NOW + 1)
    keep_house(store)
    store.close()
    days = Days(tmp_path / "days", Damage(), Tombstones(tmp_path / "deletions.db", Damage()))
    opened = days_module.Days._opened

    def fail_for_supplements(self: Days, file: Path) -> object:
        return opened(self, file) if file.name == "2023-11-14.db" else fail_full(file)

    monkeypatch.setattr(days_module.Days, "_opened", fail_for_supplements)
    for _ in range(3):
        with pytest.raises(DataFolderFull), days.reading(NOW // DAY):
            pass
    assert [lent.users for lent in days._open.values()] == [0]
    days.close()


def test_a_supplement_that_somebody_removed_is_told_and_not_made_again(tmp_path: Path) -> None:
    """Its day answers with the rest, is compacted, and takes new samples."""
    clock = ManualClock(NOW)
    store = open_store(tmp_path, clock)
    put(store, NOW)
    store.seal()
    put(store, NOW + 1)
    keep_house(store)
    store.close()
    store = open_store(tmp_path, clock)
    (supplement,) = (tmp_path / "days").glob("*.*.db")
    supplement.unlink()
    assert times(store) == [NOW]
    assert "it is gone" in store.stats().damage[0]
    assert not supplement.exists()
    put(store, NOW + 2)
    store.seal()
    assert times(store) == [NOW, NOW + 2]
    store.close()


def test_what_is_sealed_later_never_goes_to_an_earlier_supplement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One program held the first supplement up for a while, and then the second: the last value still wins."""
    held: set[int] = set()
    monkeypatch.setattr(days_module, "is_held_up", lambda file: number_of(file) in held)
    store = open_store(tmp_path)
    ref = store.reference(Labels.of("up"))
    for value, names in enumerate((set(), {1}, {2}, set())):
        held.clear()
        held.update(names)
        store.append(Batch.at(np.array([ref]), NOW, np.array([float(value)])))
        store.commit()
        keep_house(store)
        (found,) = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
        assert found.values.tolist() == [value]
    assert len(list((tmp_path / "days").glob("*.*.db"))) == 3
    store.close()


def _short(sizes: list[int]) -> str:
    return f"{len(sizes)} series of {max(sizes, default=0)}"


@pytest.mark.parametrize(
    "sizes", [[], [5] * 1_200, [240] * 200, [300_000] * 3, [100_000] * 7, [1, 900_000, 1, 1]], ids=_short
)
def test_a_step_of_housekeeping_is_bounded_in_series_and_samples(sizes: list[int]) -> None:
    """At most 64 series with 250,000 samples, or 512 that have 16,384, or one that has more; none is left out."""
    cut = list(steps(sizes))
    assert [place for step in cut for place in range(step.start, step.stop)] == list(range(len(sizes)))
    for step in cut:
        series, samples = step.stop - step.start, sum(sizes[step])
        assert series == 1 or samples <= (250_000 if series <= 64 else 16_384)
        assert series <= 512


def test_the_sizes_of_a_generation_count_lanes_and_runs(tmp_path: Path) -> None:
    """Whichever way samples came, a step knows how many there are."""
    store = SampleStore(tmp_path, clock=ManualClock(NOW), retention_ms=30 * DAY)
    refs = np.array([store.reference(Labels.of("up", sid=str(number))) for number in range(4)])
    for step in range(10):
        store.append(Batch.at(refs, NOW + step * 1_000, np.ones(4)))
    store.append(Batch(np.array([refs[2], refs[2]]), np.array([NOW - 5, NOW - 9]), np.ones(2)))
    assert store._head.current.sizes(refs[1:]).tolist() == [10, 12, 10]
    store.close()
