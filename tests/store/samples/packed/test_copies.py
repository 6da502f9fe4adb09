"""Chunks that are carried over as they are compressed: every bit and every summary, and nothing that is damaged."""

from pathlib import Path

import numpy as np
import pytest

from nightdesk.model.instant import DAY, HOUR, MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import Labels, Matcher, MatchOp
from nightdesk.model.series import Batch, Refs
from nightdesk.store.samples.chunks.day_file import DayFile, FileChunks
from nightdesk.store.samples.chunks.decoded import Decoded
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.packed import pack_reader, pack_writer
from nightdesk.store.samples.packed.bodies import encode_rows
from nightdesk.store.samples.packed.pack_format import PACKED
from nightdesk.store.samples.packed.pack_reader import PackMemory, PackReader
from nightdesk.store.samples.packed.pack_writer import PackWriter
from nightdesk.store.samples.store import SampleStore
from nightdesk.store.sqlite import Database
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.clock import ManualClock
from nightdesk.testing.sealing import leave_wal

NOW = 1_700_006_400_000 // DAY * DAY
SERIES = 600


def label(number: int) -> Labels:
    """Return the labels of a series, in order of its number."""
    return Labels.of("up", sid=f"s{number:06}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Write series of one chunk and of three, of every encoding, some with NaN; pairs share their instants."""
    chance = np.random.default_rng(7)
    writer = PackWriter(tmp_path / "2023-11-15.db")
    for first in range(0, SERIES, 2):
        length = 20_000 if first % 50 == 0 else 40
        times = NOW + (first % 3) + 4_000 * np.arange(length, dtype=np.int64)
        gauge, counter = chance.normal(size=length), chance.integers(0, 9, length).cumsum().astype(np.float64)
        gauge[:: 7 if first % 20 == 0 else length + 1] = np.nan
        rows = np.array([gauge, np.ones(length) if first % 6 == 0 else counter])
        writer.add(writer.name([label(first), label(first + 1)]), times, rows)
    writer.finish()
    return tmp_path / "2023-11-15.db"


def opened(path: Path) -> PackReader:
    """Open a file, with a memory of its own."""
    return PackReader(path, Damage(), PackMemory(Decoded()))


def copied(file: PackReader, ids: Refs, target: Path) -> PackReader:
    """Carry series over, a few at a time, under ids that begin at 0."""
    writer = PackWriter(target)
    for group in np.array_split(ids, 9):
        names = writer.name([label(number) for number in group.tolist()])
        copies = file.copies(file.copyable(group), FreeBudget())
        writer.copy([each.under(names[group.searchsorted(each.ids)]) for each in copies])
    writer.finish()
    return opened(target)


def told(file: DayFile, ids: Refs) -> dict[int, bytes]:
    """Return for each series, under its place among `ids`, its samples in the order in which they are read."""
    found: dict[int, bytes] = {}
    for panel in file.panels(ids, MIN_INSTANT, MAX_INSTANT, FreeBudget()):
        for series, row in zip(ids.searchsorted(panel.ids).tolist(), panel.values, strict=True):
            found[series] = found.get(series, b"") + panel.times.tobytes() + row.tobytes()
    return found


def summaries(file: DayFile, ids: Refs) -> set[tuple[int, int, bytes]]:
    """Return what is told of whole chunks: series, first instant, and the five figures."""
    found: set[tuple[int, int, bytes]] = set()
    for told in file.summarised(ids, MIN_INSTANT, MAX_INSTANT, FreeBudget()):
        if isinstance(told, FileChunks):
            figures = np.array([told.sums, told.lows, told.highs, told.firsts, told.lasts]).T
            places = ids.searchsorted(told.ids).tolist()
            found.update((place, told.first_time, row.tobytes()) for place, row in zip(places, figures, strict=True))
    return found


def test_what_is_carried_over_is_the_same_in_every_bit(path: Path, tmp_path: Path) -> None:
    """Samples, their order, and summaries, of all series and of two in three."""
    file = opened(path)
    for ids in (file.all_series(), np.flatnonzero(np.arange(SERIES) % 3)):
        other = copied(file, ids, tmp_path / "other.db")
        assert other.labels(other.all_series()) == {at: label(number) for at, number in enumerate(ids.tolist())}
        assert told(other, other.all_series()) == told(file, ids)
        assert summaries(other, other.all_series()) == summaries(file, ids)
        assert summaries(file, ids)
        other.close()
    assert path.stat().st_size >= (tmp_path / "other.db").stat().st_size
    file.close()


def test_a_damaged_chunk_is_not_carried_over_and_is_told(path: Path, tmp_path: Path) -> None:
    """A flipped bit in a body costs its chunk, as it does when it is read."""
    database = Database(path, PACKED)
    (body,) = database.execute("SELECT bodies FROM pack WHERE id = 0")[0]
    database.execute("UPDATE pack SET bodies = ? WHERE id = 0", (bytes([body[0], body[1] ^ 4]) + body[2:],))
    leave_wal(database)
    database.close()
    file = opened(path)
    other = copied(file, file.all_series(), tmp_path / "other.db")
    expected = told(opened(path), file.all_series())
    assert told(other, other.all_series()) == expected
    assert file._damage.count == 1
    assert other._damage.count == 0
    other.close()
    file.close()


def test_what_another_compressor_wrote_is_compressed_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file tells once in which format all of its bodies are, so none of another is taken in."""
    file = opened(path)
    monkeypatch.setattr(pack_reader, "header", lambda: b"another")
    assert not len(file.copyable(file.all_series()))
    file.close()


def test_a_deletion_compresses_only_what_it_cuts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a hundred series one is gone and one loses an hour: the rows compressed are those of the latter."""
    store = SampleStore(tmp_path, clock=ManualClock(NOW + 2 * DAY), retention_ms=90 * DAY)
    refs = np.array([store.reference(label(number)) for number in range(100)], dtype=np.int64)
    for time in range(NOW, NOW + 6 * HOUR, 600_000):
        store.append(Batch.at(refs, time, (refs + 0.5 * (time - NOW) / HOUR).astype(np.float64)))
    store.commit()
    store.seal()
    rows: list[int] = []

    def counted(values: np.ndarray) -> object:
        rows.append(len(values))
        return encode_rows(values)

    monkeypatch.setattr("nightdesk.store.samples.packed.bodies.encode_rows", counted)
    before = {each.labels: each.values.tolist() for each in store.select(named("up"), 0, MAX_INSTANT, FreeBudget())}
    store.delete([(Matcher("sid", MatchOp.EQUAL, "s000007"),)], MIN_INSTANT, MAX_INSTANT)
    store.delete([(Matcher("sid", MatchOp.EQUAL, "s000009"),)], NOW, NOW + HOUR - 1)
    store.clean_tombstones()
    after = {each.labels: each.values.tolist() for each in store.select(named("up"), 0, MAX_INSTANT, FreeBudget())}
    del before[label(7)]
    before[label(9)] = before[label(9)][6:]
    assert after == before
    assert sum(rows) == 1
    store.close()


def test_more_than_may_wait_is_copied_whole(tmp_path: Path) -> None:
    """Series of two chunks whose bodies are more than may wait at a time: each comes over, none is left behind."""
    times = NOW + 1_000 * np.arange(12_000, dtype=np.int64)
    noise = np.random.default_rng(8).normal(size=(130, len(times)))
    writer = PackWriter(tmp_path / "2023-11-15.db")
    ids = writer.name([label(number) for number in range(len(noise))])
    writer.add(ids, times, noise)
    writer.finish()
    file = opened(tmp_path / "2023-11-15.db")
    assert (tmp_path / "2023-11-15.db").stat().st_size > pack_writer.MOST_WAITING_BYTES
    copy = copied(file, ids, tmp_path / "copied.db")
    assert told(copy, ids) == told(file, ids)
    assert summaries(copy, ids) == summaries(file, ids)
