"""The sample store beyond its sockets: sealing beside readers, retention, bounds, start and files."""

import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nightdesk.clock import SystemClock
from nightdesk.errors import SeriesLimitExceeded
from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT, YEAR
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import AppendRefusal, Batch
from nightdesk.store.samples.chunks import chunk
from nightdesk.store.samples.days.folder import MAX_OPEN
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.samples.upkeep.housekeeping import SealWhen
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock

NOW = 1_700_000_000_000


@pytest.fixture
def clock() -> ManualClock:
    """A clock under the test's hand."""
    return ManualClock(NOW)


@pytest.fixture
def store(tmp_path: Path, clock: ManualClock) -> Iterator[SampleStore]:
    """A store that keeps 30 days."""
    opened = SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY, max_series=300)
    yield opened
    opened.close()


def refs_of(store: SampleStore, count: int, name: str = "up") -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return the references of `count` series."""
    return np.array([store.reference(Labels.of(name, sid=f"{number:04}")) for number in range(count)])


def day_files(folder: Path) -> list[str]:
    """Return the names of the day files."""
    return sorted(file.name for file in (folder / "days").glob("*.db"))


def test_a_seal_leaves_one_sound_file_a_day_and_an_empty_journal(store: SampleStore, tmp_path: Path) -> None:
    """Files are private, small chunks are joined, and the room of the journal is given back."""
    refs = refs_of(store, 50)
    for step in range(40):
        store.append(Batch.at(refs, NOW + (step - 20) * HOUR, np.arange(50.0)))
        store.commit()
        if step % 10 == 0:
            store.seal()
    store.seal()
    assert day_files(tmp_path) == ["2023-11-14.db", "2023-11-15.db"]
    told = store.stats()
    assert (told.head_samples, told.journal_bytes, told.damaged) == (0, 0, 0)
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.rglob("*") if file.is_file()} == {0o600}
    assert (tmp_path / "journal.db").stat().st_size < 100_000


def test_a_sealed_journal_holds_no_labels_and_takes_them_again(tmp_path: Path, clock: ManualClock) -> None:
    """After a seal it is as small as it can be; what comes later is known by its labels after the next start."""
    store = SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY)
    refs = refs_of(store, 2_000)
    store.append(Batch.at(refs, NOW, np.ones(2_000)))
    store.seal()
    assert (tmp_path / "journal.db").stat().st_size < 20_000
    store.append(Batch.at(refs[::2], NOW + 1, np.zeros(1_000)))
    store.commit()
    store.close()
    store = SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY)
    found = store.select(named("up"), NOW + 1, NOW + 1, FreeBudget())
    assert [series.labels.get("sid") for series in found] == [f"{number:04}" for number in range(0, 2_000, 2)]
    store.close()


def test_long_series_are_cut_into_chunks_and_come_back_whole(store: SampleStore) -> None:
    """A day at 1 s is 86,400 samples; a window of it is exact at both ends."""
    (ref,) = refs_of(store, 1)
    midnight = NOW // DAY * DAY
    times = midnight + np.arange(86_400) * 1_000
    store.append(Batch(np.full(86_400, ref), times, np.sqrt(np.arange(86_400))))
    store.seal()
    low, high = 3 * chunk.MAX_CHUNK_SAMPLES - 5, 5 * chunk.MAX_CHUNK_SAMPLES + 7
    (series,) = store.select(named("up"), int(times[low]), int(times[high]), FreeBudget())
    assert series.times.tolist() == times[low : high + 1].tolist()
    assert series.values.tolist() == np.sqrt(np.arange(low, high + 1)).tolist()


def test_times_stay_shared_through_sealing_and_compaction(store: SampleStore) -> None:
    """Series of one scrape have one array of times, across head, supplement and whole file."""
    refs = refs_of(store, 200)
    for step in range(90):
        store.append(Batch.at(refs, NOW + step * 1_000, np.arange(200.0)))
        if step in (30, 60):
            store.seal()
    found = store.select(named("up"), NOW, NOW + HOUR, FreeBudget())
    assert {len(series.times) for series in found} == {90}
    assert len({id(series.times) for series in found}) == 1


def test_readers_see_every_sample_while_seals_and_compactions_run(tmp_path: Path) -> None:
    """No moment shows a gap: what leaves the head is in a day file already."""
    store = SampleStore(
        tmp_path, clock=SystemClock(), retention_ms=100 * YEAR, seal_when=SealWhen(samples=2_000, supplements=2)
    )
    refs = refs_of(store, 20)
    written, stop = [0], threading.Event()
    faults: list[str] = []

    def read() -> None:
        while not stop.is_set():
            expected = written[0]
            found = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
            if expected and {len(series.times) >= expected for series in found} != {True}:
                faults.append(f"{[len(series.times) for series in found]} where {expected} were written")

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for step in range(600):
        store.append(Batch.at(refs, step * HOUR, np.full(20, float(step))))
        store.commit()
        written[0] = step + 1
        store.maintain()
    stop.set()
    for reader in readers:
        reader.join(10)
    told = store.stats()
    store.close()
    assert faults == []
    assert told.seals >= 3
    assert told.compactions >= 3


def test_a_seal_from_another_thread_lets_writes_through(tmp_path: Path) -> None:
    """`POST /-/seal` does not stop ingest for its whole time."""
    store = SampleStore(tmp_path, clock=SystemClock(), retention_ms=100 * YEAR)
    refs = refs_of(store, 2_000)
    for step in range(100):  # enough that sealing takes many times as long as one write
        store.append(Batch.at(refs, NOW + step * 1_000, np.random.default_rng(step).normal(size=2_000)))
    sealing = threading.Thread(target=store.seal)
    sealing.start()
    writes = 0
    while sealing.is_alive():
        store.append(Batch.at(refs, NOW + (200 + writes) * 1_000, np.ones(2_000)))
        store.commit()
        writes += 1
    sealing.join()
    found = store.select(named("up"), NOW, NOW + DAY, FreeBudget())
    store.close()
    assert writes > 1
    assert {len(series.times) for series in found} == {100 + writes}


def test_old_and_far_samples_are_refused_with_their_reason(store: SampleStore) -> None:
    """The rest of the batch is taken."""
    (ref,) = refs_of(store, 1)
    times = np.array([NOW - 32 * DAY, NOW - 29 * DAY, NOW, NOW + DAY, NOW + DAY + 1])
    appended = store.append(Batch(np.full(5, ref), times, np.ones(5)))
    assert appended.accepted == 3
    assert appended.refused == {AppendRefusal.TOO_OLD: 1, AppendRefusal.TOO_FAR_AHEAD: 1}
    assert appended.out_of_time is not None
    assert not appended.out_of_time.earliest <= appended.out_of_time.instant <= appended.out_of_time.latest


def test_retention_unlinks_whole_days_and_their_side_files(store: SampleStore, tmp_path: Path) -> None:
    """Readers that are in use go on; the trash is empty afterwards; younger days stay."""
    (ref,) = refs_of(store, 1)
    for age in (29, 20, 0):
        store.append(Batch.at(np.array([ref]), NOW - age * DAY, np.ones(1)))
    store.seal()
    store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert store.enforce_retention(NOW + 15 * DAY) == 2
    assert day_files(tmp_path) == ["2023-11-14.db"]
    assert list((tmp_path / "days" / ".trash").iterdir()) == []
    (series,) = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert series.times.tolist() == [NOW]


def test_housekeeping_seals_by_age_compacts_what_is_over_and_removes_what_is_old(
    store: SampleStore, tmp_path: Path, clock: ManualClock
) -> None:
    """Nobody has to ask: an hour seals, a finished day becomes one file, a month later it goes."""

    def keep_house() -> None:
        while store.maintain():
            pass

    store.append(Batch.at(refs_of(store, 5), NOW, np.ones(5)))
    store.commit()
    keep_house()
    assert day_files(tmp_path) == []
    clock.jump(3_601)
    keep_house()
    assert day_files(tmp_path) == ["2023-11-14.1.db"]
    clock.jump(86_400)
    keep_house()
    assert day_files(tmp_path) == ["2023-11-14.db"]
    clock.jump(31 * 86_400)
    keep_house()
    assert day_files(tmp_path) == []


def test_few_files_are_open_however_many_days_are_asked_for(store: SampleStore, tmp_path: Path) -> None:
    """A question over 25 days answers, and leaves at most the bound open."""
    (ref,) = refs_of(store, 1)
    for age in range(25):
        store.append(Batch.at(np.array([ref]), NOW - age * DAY, np.ones(1)))
    store.seal()
    (series,) = store.select(named("up"), MIN_INSTANT, MAX_INSTANT, FreeBudget())
    assert len(series.times) == 25
    days = str(tmp_path / "days")
    held = [link for link in Path("/proc/self/fd").iterdir() if link.exists() and str(link.resolve()).startswith(days)]
    assert 0 < len(held) <= MAX_OPEN


def test_series_that_ended_make_room_under_the_cap(store: SampleStore) -> None:
    """Churn does not use the cap up: once sealed, a series that no longer comes does not count."""
    store.append(Batch.at(refs_of(store, 300, "old"), NOW, np.ones(300)))
    with pytest.raises(SeriesLimitExceeded):
        store.reference(Labels.of("new"))
    store.seal()
    refs = refs_of(store, 300, "new")
    store.append(Batch.at(refs, NOW, np.ones(300)))
    assert len(store.series((), NOW, NOW, FreeBudget())) == 600
    store.seal()
    assert store.stats().series == 0
    for _ in range(2):
        store.append(Batch.at(refs, NOW + 1, np.ones(300)))
        assert store.stats().series == 300, "a series that comes again counts again"


def test_churn_does_not_get_around_the_cap(store: SampleStore) -> None:
    """Series that slept and come back count like new ones: over the cap their samples are refused, with the reason."""
    old = refs_of(store, 200, "old")
    store.append(Batch.at(old, NOW, np.ones(200)))
    store.seal()
    new = refs_of(store, 200, "new")
    store.append(Batch.at(new, NOW, np.ones(200)))
    store.seal()
    store.append(Batch.at(new, NOW + 1, np.ones(200)))
    appended = store.append(Batch.at(old, NOW + 1, np.ones(200)))
    assert (appended.accepted, appended.refused) == (100, {AppendRefusal.SERIES_LIMIT: 100})
    assert appended.over == frozenset(old[100:].tolist())
    assert store.stats().series == 300
    assert store.append(Batch.at(new, NOW + 2, np.ones(200))).accepted == 200, "live series go on"
    store.seal()
    assert store.append(Batch.at(old, NOW + 2, np.ones(200))).accepted == 200


def test_label_sets_are_remembered_up_to_a_bound(store: SampleStore) -> None:
    """However many series come and go, memory is bounded, and those that are known go on."""
    for turn in range(2):
        store.append(Batch.at(refs_of(store, 300, f"turn_{turn}"), NOW, np.ones(300)))
        store.seal()
    with pytest.raises(SeriesLimitExceeded, match="came and went"):
        store.reference(Labels.of("one_more"))
    assert store.append(Batch.at(refs_of(store, 300, "turn_0"), NOW + 1, np.ones(300))).accepted == 300


def test_a_reopened_journal_forgets_series_without_samples(tmp_path: Path, clock: ManualClock) -> None:
    """The index in memory does not grow from one start to the next."""
    for start in range(3):
        store = SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY)
        assert store.stats().series == 0
        store.append(Batch.at(refs_of(store, 50, f"start_{start}"), NOW, np.ones(50)))
        store.seal()
        store.close()
    store = SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY)
    assert len(store.select([Matcher("sid", MatchOp.EQUAL, "0007")], NOW, NOW, FreeBudget())) == 3
    store.close()


def test_a_supplement_without_a_byte_is_no_reason_to_stop(tmp_path: Path, clock: ManualClock) -> None:
    """As a release before this one could leave it: the day reads as empty and takes samples."""
    SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY).close()
    (tmp_path / "days" / "2023-11-14.3.db").write_bytes(b"")
    store = SampleStore(tmp_path, clock=clock, retention_ms=30 * DAY)
    assert store.select((), MIN_INSTANT, MAX_INSTANT, FreeBudget()) == []
    store.append(Batch.at(refs_of(store, 5), NOW, np.ones(5)))
    store.seal()
    assert len(store.select(named("up"), NOW, NOW, FreeBudget())) == 5
    store.close()


def test_a_million_samples_are_ready_soon_after_a_crash(tmp_path: Path) -> None:
    """Replay of the journal: budget 1 s; tried here at 3 s of CPU, which a busy machine does not stretch."""
    store = SampleStore(tmp_path, clock=SystemClock(), retention_ms=100 * YEAR)
    refs = refs_of(store, 2_000)
    for step in range(500):
        store.append(Batch.at(refs, NOW + step * 1_000, np.random.default_rng(step).normal(size=2_000)))
        store.commit()
    began = time.process_time()
    again = SampleStore(tmp_path, clock=SystemClock(), retention_ms=100 * YEAR)
    seconds = time.process_time() - began
    assert again.stats().head_samples == 1_000_000
    assert seconds < 3.0
    again.close()
    store.close()
