"""Sealing writes a frozen generation to day files; compaction makes one whole file of what a day has.

Both are generators: each step does a few milliseconds of work, so that the ingest thread can answer between two steps.
What breaks off leaves the day files as they were, and a second run writes the same samples again, which is harmless.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Labels
from nightdesk.model.series import Times
from nightdesk.seams import Budget
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.day_file import DayFile
from nightdesk.store.samples.day_format import day_bounds
from nightdesk.store.samples.day_writer import DayWriter
from nightdesk.store.samples.days import Days
from nightdesk.store.samples.head import Generation
from nightdesk.store.samples.parts import Part, TimesPool, join
from nightdesk.store.samples.registry import Registry
from nightdesk.store.samples.room import demand_room
from nightdesk.store.sqlite import remove_database

_SERIES_A_STEP: Final = 64
_SAMPLES_A_STEP: Final = 250_000
"""Reached by 32 series at 10 Hz in a quarter of an hour; a step of so many takes about 50 ms."""


Keep = Callable[[Labels, Times], NDArray[np.bool_] | None]
"""Says which samples of a series go on into the new file: a mask of the shape of its times, or None for all."""

_Places = list[tuple[DayFile, int]]
"""Where a series lies: in which files, under which ids."""


class _Unbounded:
    """Housekeeping reads as much as there is."""

    def charge(self, samples: int) -> None:
        """Count nothing."""

    def check(self) -> None:
        """Refuse nothing."""


_UNBOUNDED: Final[Budget] = _Unbounded()


def seal_generation(generation: Generation, registry: Registry, days: Days) -> Iterator[None]:
    """Write a frozen generation to the supplements of its days, one transaction a day."""
    for day in generation.days():
        try:
            yield from _seal_day(generation, day, registry, days)
        except CorruptData:
            # The supplement it should have gone to has been set aside; a fresh one is sound.
            yield from _seal_day(generation, day, registry, days)
        yield


def _seal_day(generation: Generation, day: int, registry: Registry, days: Days) -> Iterator[None]:
    with days.taking(day) as file:
        writer = DayWriter.supplement(file)
        try:
            yield from _write_day(generation, day, registry, writer)
            writer.finish()
        except BaseException:
            writer.abandon()
            raise


def _write_day(generation: Generation, day: int, registry: Registry, writer: DayWriter) -> Iterator[None]:
    start, end = day_bounds(day)
    refs = generation.references(start, end)
    for places in _steps(generation.sizes(refs)):
        group = refs[places]
        pool = TimesPool()
        for ref, parts in _gathered(generation.read(group, start, end, pool)).items():
            joined = join(parts, pool)
            writer.add(registry.labels(ref), joined.times, joined.values)
        yield


def compact_day(
    day: int, days: Days, damage: Damage, keep: Keep | None = None, through: int | None = None
) -> Iterator[None]:
    """Make one whole file of a day's files: series in order of labels, small chunks joined, repeats resolved.

    `keep` leaves samples out for good; a day of which nothing is left is removed. `through` leaves the supplements of a
    higher number as they are.
    """
    demand_room(days.folder, days.bytes_of(day, through))
    finished = days.unfinished(day)
    with days.reading(day, through) as readers:
        if not readers:
            return
        before = damage.count
        writer = DayWriter.whole(finished)
        try:
            yield from _rewrite(readers, day, days, writer, keep)
            is_empty = writer.is_empty
            writer.finish()
        except BaseException:
            writer.abandon()
            finished.unlink(missing_ok=True)
            raise
    if is_empty and damage.count == before:
        remove_database(finished)
        days.remove(day, through)
    else:
        # What fails its check is not carried over, so the file that holds it is kept for whoever wants to look.
        days.replace(day, finished, keep=damage.count > before, through=through)


def _rewrite(readers: list[DayFile], day: int, days: Days, writer: DayWriter, keep: Keep | None) -> Iterator[None]:
    start, end = day_bounds(day)
    places: dict[Labels, _Places] = {}
    for reader in readers:
        with days.watching(reader):
            for series, labels in reader.labels(reader.everyone()).items():
                places.setdefault(labels, []).append((reader, series))
        yield
    ordered = sorted(places.items(), key=lambda item: item[0].pairs)
    for step in _steps(_sizes(ordered, days)):
        group = ordered[step]
        pool = TimesPool()
        gathered: dict[Labels, list[Part]] = {labels: [] for labels, _ in group}
        for reader in readers:
            mine = {series: labels for labels, found in group for other, series in found if other is reader}
            ids = np.array(sorted(mine), dtype=np.int64)
            with days.watching(reader):
                for panel in reader.panels(ids, start, end, _UNBOUNDED):
                    for series, values in zip(panel.ids.tolist(), panel.values, strict=True):
                        gathered[mine[series]].append(Part(panel.times, values))
        for labels, parts in gathered.items():
            kept = _kept(labels, join(parts, pool), keep) if parts else None
            if kept is not None:
                writer.add(labels, kept.times, kept.values)
        yield


def _kept(labels: Labels, part: Part, keep: Keep | None) -> Part | None:
    """Return what is left of a series, None for nothing."""
    mask = None if keep is None else keep(labels, part.times)
    if mask is None or mask.all():
        return part
    return Part(part.times[mask], part.values[mask]) if mask.any() else None


def _sizes(ordered: "list[tuple[Labels, _Places]]", days: Days) -> Iterable[int]:
    """Return how many samples each series has, asking for one step's worth of series at a time."""
    for low in range(0, len(ordered), _SERIES_A_STEP):
        group = ordered[low : low + _SERIES_A_STEP]
        asked: dict[DayFile, list[int]] = {}
        for _, found in group:
            for reader, series in found:
                asked.setdefault(reader, []).append(series)
        told: dict[tuple[DayFile, int], int] = {}
        for reader, ids in asked.items():
            with days.watching(reader):
                sizes = reader.sizes(np.array(sorted(ids), dtype=np.int64))
            told.update(((reader, series), size) for series, size in sizes.items())
        yield from (sum(told.get(place, 0) for place in found) for _, found in group)


def _steps(sizes: Iterable[int]) -> Iterator[slice]:
    """Cut series of these sizes into slices of bounded work; at least one series each."""
    low = high = samples = 0
    for size in sizes:
        if high > low and (high - low >= _SERIES_A_STEP or samples + size > _SAMPLES_A_STEP):
            yield slice(low, high)
            low, samples = high, 0
        high, samples = high + 1, samples + size
    if high > low:
        yield slice(low, high)


def _gathered(found: Iterable[tuple[int, Part]]) -> dict[int, list[Part]]:
    parts: dict[int, list[Part]] = {}
    for ref, part in found:
        parts.setdefault(ref, []).append(part)
    return parts
