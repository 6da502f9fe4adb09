"""Packed day files: whatever goes in comes out in every bit, from whichever side it is asked for."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nightdesk.errors import QueryError
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import Labels
from nightdesk.model.lru_cache import LruCache
from nightdesk.model.series import STALE, Times, Values
from nightdesk.store.samples.chunks.day_file import DayFile, FileChunks, FilePanel
from nightdesk.store.samples.chunks.decoded import Decoded
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.packed.bodies import MOST_PAGE_SAMPLES
from nightdesk.store.samples.packed.pack_reader import PackMemory, PackReader
from nightdesk.store.samples.packed.pack_writer import PACK_CHUNKS, PackWriter
from nightdesk.testing.builders import FreeBudget

NOW = 1_700_000_000_000
SPECIAL = [0.0, -0.0, float("inf"), float("-inf"), float("nan"), STALE, 5e-324, 2.0**53, 2.0**53 + 2, -1e300, 0.1, 1e22]


def named(number: int) -> Labels:
    """Return the labels of series `number`, rising in order of number."""
    return Labels.of("up", job=f"job{number % 3}", sid=f"s{number:06}")


def in_order(count: int) -> list[Labels]:
    """Return label sets in their order."""
    return sorted((named(number) for number in range(count)), key=lambda labels: labels.pairs)


def written(path: Path, groups: list[tuple[int, Times, Values]]) -> PackReader:
    """Write groups of (series, instants, values) and open the file."""
    writer = PackWriter(path)
    labels = in_order(sum(count for count, _, _ in groups))
    for count, times, values in groups:
        writer.add(writer.name(labels[:count]), times, values)
        del labels[:count]
    writer.finish()
    return PackReader(path, Damage(), PackMemory(Decoded()))


def told(file: DayFile, ids: NDArray[np.int64], start: int, end: int) -> dict[int, list[tuple[int, bytes]]]:
    """Return the samples of each series as (instant, bits)."""
    found: dict[int, list[tuple[int, bytes]]] = {}
    for panel in file.panels(ids, start, end, FreeBudget()):
        for series, row in zip(panel.ids.tolist(), panel.values, strict=True):
            samples = [(time, value.tobytes()) for time, value in zip(panel.times.tolist(), row, strict=True)]
            found.setdefault(series, []).extend(samples)
    return found


@st.composite
def rows(draw: st.DrawFn) -> tuple[int, Times, Values]:
    """Series that share instants, of every kind that is encoded in its own way, and of any bits."""
    count, length = draw(st.integers(1, 4)), draw(st.integers(1, 40))
    times = np.cumsum(draw(st.lists(st.integers(1, 90_000), min_size=length, max_size=length)), dtype=np.int64) + NOW
    kinds = {
        "any": st.integers(0, 2**64 - 1).map(lambda bits: float(np.uint64(bits).view(np.float64))),
        "special": st.sampled_from(SPECIAL),
        "whole": st.integers(-(2**53), 2**53).map(float),
        "decimal": st.integers(-(10**6), 10**6).map(lambda number: number / 1_000),
        "constant": st.just(draw(st.sampled_from(SPECIAL))),
    }
    columns = [
        draw(st.lists(kinds[draw(st.sampled_from(sorted(kinds)))], min_size=length, max_size=length))
        for _ in range(count)
    ]
    return count, times, np.array(columns, dtype=np.float64)


@settings(max_examples=60, deadline=None)
@given(groups=st.lists(rows(), min_size=1, max_size=4), low=st.integers(0, 40), span=st.integers(0, 40))
def test_every_bit_comes_back(
    tmp_path_factory: pytest.TempPathFactory, groups: list[tuple[int, Times, Values]], low: int, span: int
) -> None:
    """Whole or through any window; times of their own, NaN payloads, signs of zero."""
    file = written(tmp_path_factory.mktemp("packed") / "day.db", groups)
    instants = sorted({int(time) for _, times, _ in groups for time in times})
    start, end = instants[min(low, len(instants) - 1)], instants[min(low + span, len(instants) - 1)]
    expected: dict[int, list[tuple[int, bytes]]] = {}
    series = 0
    for count, times, values in groups:
        for row in values[:count]:
            samples = [(int(time), value.tobytes()) for time, value in zip(times, row, strict=True)]
            expected[series] = [sample for sample in samples if start <= sample[0] <= end]
            series += 1
    ids = file.all_series()
    assert list(file.labels(ids).values()) == in_order(series)
    assert told(file, ids, start, end) == {series: samples for series, samples in expected.items() if samples}
    file.close()


def counters(series: int, length: int) -> Values:
    """Return rising integers, shape (series, length)."""
    return np.random.default_rng(3).integers(0, 50, (series, length)).cumsum(axis=1).astype(np.float64)


def test_more_chunks_than_a_pack_and_more_samples_than_a_chunk(tmp_path: Path) -> None:
    """Packs are cut by chunks, chunks by samples, pages within them; a window decodes to the same as the whole."""
    length, series = 20_000, 150
    times, values = NOW + 1_000 * np.arange(length, dtype=np.int64), counters(series, length)
    file = written(tmp_path / "day.db", [(series, times, values)])
    assert len(file._all_places()) > 1
    for low, high in (
        (0, length),
        (0, 1),
        (8_190, 8_194),
        (MOST_PAGE_SAMPLES - 1, MOST_PAGE_SAMPLES + 1),
        (19_999, 20_000),
    ):
        panels = list(file.panels(file.all_series(), int(times[low]), int(times[high - 1]), FreeBudget()))
        found = np.empty((series, high - low))
        for panel in panels:
            columns = times[low:high].searchsorted(panel.times)
            found[panel.ids[:, np.newaxis], columns] = panel.values
        assert np.array_equal(found, values[:, low:high])
        assert sum(panel.values.size for panel in panels) == found.size
    file.close()


def test_packs_of_one_series_are_in_order_of_time(tmp_path: Path) -> None:
    """Second chunks fill a pack before the first chunks do, for some series have but one."""
    long, short = NOW + 1_000 * np.arange(8_200, dtype=np.int64), np.array([NOW])
    groups = [(4, long, counters(4, len(long))), (2, short, counters(2, 1))] * 70
    file = written(tmp_path / "day.db", groups)
    last: dict[int, int] = {}
    for panel in file.panels(file.all_series(), MIN_INSTANT, MAX_INSTANT, FreeBudget()):
        for series in panel.ids.tolist():
            assert last.get(series, MIN_INSTANT) < panel.times[0]
            last[series] = int(panel.times[-1])
    assert sorted(set(last.values())) == [NOW, int(long[-1])]
    file.close()


def test_some_series_are_read_without_the_others(tmp_path: Path) -> None:
    """Sparse and dense choices, and series that are not there."""
    times, values = NOW + 15_000 * np.arange(3_000, dtype=np.int64), counters(300, 3_000)
    file = written(tmp_path / "day.db", [(300, times, values)])
    for ids in ([7], [0, 299], list(range(250, 262)), list(range(0, 300, 7)), [5, 10_000]):
        chosen = np.array(ids, dtype=np.int64)
        found = told(file, chosen, MIN_INSTANT, MAX_INSTANT)
        assert sorted(found) == [series for series in ids if series < 300]
        for series, samples in found.items():
            assert [bits for _, bits in samples] == [value.tobytes() for value in values[series]]
    assert not list(file.panels(np.array([400]), MIN_INSTANT, MAX_INSTANT, FreeBudget()))
    assert not list(file.panels(file.all_series(), NOW + 1, NOW + 2, FreeBudget()))
    file.close()


def test_whole_chunks_are_told_by_their_summaries_and_the_rest_as_samples(tmp_path: Path) -> None:
    """A chunk with a NaN, and one that reaches out of the interval, comes as samples; no sample is told twice."""
    times, values = NOW + 15_000 * np.arange(10_000, dtype=np.int64), counters(3, 10_000)
    values[1, 77] = STALE
    values[2, :8_192] = -0.0
    file = written(tmp_path / "day.db", [(3, times, values)])
    told = list(file.summarised(file.all_series(), NOW, int(times[9_000]), FreeBudget()))
    (chunks,) = [found for found in told if isinstance(found, FileChunks)]
    assert chunks.ids.tolist() == [0, 2]
    assert (chunks.first_time, chunks.last_time, chunks.count) == (NOW, times[8_191], 8_192)
    first = values[[0, 2], :8_192]
    for found, expected in (
        (chunks.sums, first.sum(axis=1)), (chunks.lows, first.min(axis=1)), (chunks.highs, first.max(axis=1)),
        (chunks.firsts, first[:, 0]), (chunks.lasts, first[:, -1]),
    ):  # fmt: skip
        assert found.tobytes() == expected.tobytes()
    panels = [found for found in told if isinstance(found, FilePanel)]
    assert sorted((panel.ids.tolist(), panel.values.shape) for panel in panels) == [
        ([0, 1, 2], (3, 9_001 - 8_192)),
        ([1], (1, 8_192)),
    ]
    file.close()


def test_labels_are_found_by_name_and_value_over_several_blocks(tmp_path: Path) -> None:
    """9,000 series are three blocks; series of other shapes, empty answers, and undecodable bytes."""
    labels = sorted(
        [*in_order(9_000), Labels.of("other", odd="\udcff"), Labels.of("zero")], key=lambda each: each.pairs
    )
    writer = PackWriter(tmp_path / "day.db")
    ids = writer.name(labels)
    writer.add(ids, np.array([NOW]), np.zeros((len(ids), 1)))
    writer.finish()
    file = PackReader(tmp_path / "day.db", Damage(), PackMemory(Decoded()))
    assert file.names() == ["__name__", "job", "odd", "sid"]
    assert sorted(file.values("job")) == ["job0", "job1", "job2"]
    assert file.values("odd") == ["\udcff"]
    assert file.values("nothing") == []
    for value in ("job1", "job7"):
        expected = [number for number, each in enumerate(labels) if each.get("job") == value]
        assert file.with_values("job", [value]).tolist() == expected
    assert len(file.with_values("job", ["job0", "job2"])) == 6_000
    some = np.array([0, 1, 4_095, 4_096, 8_191, 9_001])
    assert file.labels(some) == {series: labels[series] for series in some.tolist()}
    file.close()


def test_what_is_kept_is_bounded_and_answers_do_not_depend_on_it(tmp_path: Path) -> None:
    """With room for one block of labels, one directory and one array of times, everything is read again and again."""
    groups = [(1, NOW + number + 1_000 * np.arange(3, dtype=np.int64), counters(1, 3)) for number in range(5_000)]
    file = written(tmp_path / "day.db", groups)
    roomy = told(file, file.all_series(), MIN_INSTANT, MAX_INSTANT), file.with_values("job", ["job1"]).tolist()
    memory = PackMemory(Decoded(0))
    memory.labels, memory.directories, memory.times = LruCache(1), LruCache(1), LruCache(1)
    memory.groups = LruCache(1)
    tight = PackReader(file.path, Damage(), memory)
    assert (
        told(tight, tight.all_series(), MIN_INSTANT, MAX_INSTANT),
        tight.with_values("job", ["job1"]).tolist(),
    ) == roomy
    for kept in (file._memory.labels, file._memory.directories, file._memory.times):
        assert kept.weight > 0
    one_block = memory.labels.weight
    tight.values("sid")
    assert memory.labels.weight <= 2 * one_block
    file.close()
    tight.close()


def test_values_by_key_give_way_in_the_order_of_use() -> None:
    """The sum of the sizes stays within the bound; what was asked for lately stays."""
    kept = LruCache[str](100)
    kept.put("a", "A", 40)
    kept.put("b", "B", 40)
    assert kept.get("a") == "A"
    kept.put("c", "C", 40)
    assert (kept.get("a"), kept.get("b"), kept.get("c"), kept.weight) == ("A", None, "C", 80)
    kept.put("huge", "HUGE", 1_000)
    assert (kept.get("huge"), kept.weight) == ("HUGE", 1_000)


def test_equal_bodies_are_stored_once(tmp_path: Path) -> None:
    """As the count of a histogram and its last bucket are; each is read on its own."""
    times, noise = NOW + 15_000 * np.arange(2_000, dtype=np.int64), np.random.default_rng(1).normal(size=2_000)
    alone = written(tmp_path / "alone.db", [(1, times, noise[np.newaxis])])
    twins = written(tmp_path / "twins.db", [(50, times, np.tile(noise, (50, 1)))])
    assert twins.path.stat().st_size < 1.5 * alone.path.stat().st_size
    for series in (0, 49):
        (panel,) = twins.panels(np.array([series]), MIN_INSTANT, MAX_INSTANT, FreeBudget())
        assert panel.values.tobytes() == noise.tobytes()
    alone.close()
    twins.close()


def test_series_with_instants_of_their_own_fill_packs_all_the_same(tmp_path: Path) -> None:
    """A pack does not end where instants change, so that pushed samples do not cost a row each."""
    groups = [(1, NOW + number + 1_000 * np.arange(5, dtype=np.int64), counters(1, 5)) for number in range(700)]
    file = written(tmp_path / "day.db", groups)
    assert len(file._all_places()) == -(-700 // PACK_CHUNKS)
    found = told(file, file.all_series(), MIN_INSTANT, MAX_INSTANT)
    assert [samples[0][0] for samples in found.values()] == [NOW + number for number in range(700)]
    file.close()


def test_a_refused_budget_stops_the_reading(tmp_path: Path) -> None:
    """What a question may cost is asked before each group of chunks."""
    file = written(tmp_path / "day.db", [(1, np.array([NOW]), np.ones((1, 1)))])

    class Spent(FreeBudget):
        def charge(self, samples: int) -> None:
            raise QueryError(f"too many samples: {samples}")

    with pytest.raises(QueryError):
        list(file.panels(file.all_series(), MIN_INSTANT, MAX_INSTANT, Spent()))
    file.close()
