"""Sealing writes a frozen generation to day files; compaction makes one whole file of what a day has.

Both are generators: each step does a few milliseconds of work, so that the ingest thread can answer between two steps.
What breaks off leaves the day files as they were, and a second run writes the same samples again, which is harmless.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.labels import Labels
from nightdesk.seams import Budget
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.day_format import day_bounds
from nightdesk.store.samples.day_reader import DayReader
from nightdesk.store.samples.day_writer import DayWriter
from nightdesk.store.samples.days import Days
from nightdesk.store.samples.head import Generation
from nightdesk.store.samples.parts import Part, TimesPool, join
from nightdesk.store.samples.registry import Registry

_SERIES_A_STEP: Final = 64


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
        writer = _writer(day, days)
        try:
            yield from _write_day(generation, day, registry, writer)
            writer.finish()
        except BaseException:
            writer.abandon()
            raise
        days.announce(day, writer.path)
        yield


def _writer(day: int, days: Days) -> DayWriter:
    """Open the supplement of a day, or a fresh one where that is damaged."""
    file = days.supplement(day)
    try:
        return DayWriter.supplement(file)
    except CorruptData as error:
        days.set_aside(file, error)
        return DayWriter.supplement(days.supplement(day))


def _write_day(generation: Generation, day: int, registry: Registry, writer: DayWriter) -> Iterator[None]:
    start, end = day_bounds(day)
    refs = generation.references(start, end)
    for group in np.split(refs, range(_SERIES_A_STEP, len(refs), _SERIES_A_STEP)):
        pool = TimesPool()
        for ref, parts in _gathered(generation.read(group, start, end, pool)).items():
            joined = join(parts, pool)
            writer.add(registry.labels(ref), joined.times, joined.values)
        yield


def compact_day(day: int, days: Days, damage: Damage) -> Iterator[None]:
    """Make one whole file of a day's files: series in order of labels, small chunks joined, repeats resolved."""
    finished = days.unfinished(day)
    before = damage.count
    with days.reading(day) as readers:
        writer = DayWriter.whole(finished)
        try:
            yield from _rewrite(readers, day, days, writer)
            writer.finish()
        except BaseException:
            writer.abandon()
            finished.unlink(missing_ok=True)
            raise
    # What fails its check is not carried over, so the file that holds it is kept for whoever wants to look.
    days.replace(day, finished, keep=damage.count > before)


def _rewrite(readers: list[DayReader], day: int, days: Days, writer: DayWriter) -> Iterator[None]:
    start, end = day_bounds(day)
    places: dict[Labels, list[tuple[DayReader, int]]] = {}
    for reader in readers:
        with days.watching(reader):
            for series, labels in reader.labels(reader.everyone()).items():
                places.setdefault(labels, []).append((reader, series))
        yield
    ordered = iter(sorted(places.items(), key=lambda item: item[0].pairs))
    while group := list(itertools.islice(ordered, _SERIES_A_STEP)):
        pool = TimesPool()
        gathered: dict[Labels, list[Part]] = {labels: [] for labels, _ in group}
        for reader in readers:
            mine = {series: labels for labels, found in group for other, series in found if other is reader}
            ids = np.array(sorted(mine), dtype=np.int64)
            with days.watching(reader):
                for series, part in reader.parts(ids, start, end, _UNBOUNDED):
                    gathered[mine[series]].append(part)
        for labels, parts in gathered.items():
            if parts:
                joined = join(parts, pool)
                writer.add(labels, joined.times, joined.values)
        yield


def _gathered(found: Iterable[tuple[int, Part]]) -> dict[int, list[Part]]:
    parts: dict[int, list[Part]] = {}
    for ref, part in found:
        parts.setdefault(ref, []).append(part)
    return parts
