"""Sealing writes a frozen generation to day files: rows of a supplement that takes more, or a packed file at once.

It is a generator: each step does a few milliseconds of work, so that the ingest thread can answer between two steps.
What breaks off leaves the day files as they were, and a second run writes the same samples again, which is harmless.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from nightdesk.errors import CorruptData, NewerFormat
from nightdesk.store.samples.chunks.day_file import FilePanel
from nightdesk.store.samples.day_names import day_bounds
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.head.head import Generation
from nightdesk.store.samples.head.registry import Registry
from nightdesk.store.samples.packed.pack_writer import PackWriter
from nightdesk.store.samples.reading.joining import joined
from nightdesk.store.samples.rows.writer import DayWriter
from nightdesk.store.samples.upkeep.compaction import in_order, write_panels
from nightdesk.store.samples.upkeep.steps import steps

MANY_SERIES: Final = 4_096
_FEW_SAMPLES: Final = 64
"""A series with fewer is short: a body and a row of its own cost more than its samples."""


def seal_generation(
    generation: Generation, registry: Registry, days: Days, many_series: int = MANY_SERIES
) -> Iterator[None]:
    """Write a frozen generation to its days, one transaction a day.

    Days before its newest of which there is nothing, as history brings them, are packed at once: nothing more is
    expected. So are short series, `many_series` or more, as pods and sessions leave them: rows cost by the series, and
    their bodies by the chunk.
    """
    days_of_it = generation.days()
    for day in days_of_it:
        if (day != days_of_it[-1] and days.is_free(day)) or _is_wide(generation, day, many_series):
            yield from _pack_day(generation, day, registry, days)
            continue
        try:
            yield from _seal_day(generation, day, registry, days)
        except (CorruptData, NewerFormat):
            # The supplement it should have gone to has been set aside or is left alone; a fresh one is sound.
            yield from _seal_day(generation, day, registry, days)
        yield


def _is_wide(generation: Generation, day: int, many_series: int) -> bool:
    """Tell whether a day holds many series with few samples each."""
    refs = generation.references(*day_bounds(day))
    return len(refs) >= many_series and int(generation.sizes(refs).sum()) < _FEW_SAMPLES * len(refs)


def _seal_day(generation: Generation, day: int, registry: Registry, days: Days) -> Iterator[None]:
    with days.taking(day) as file:
        writer = DayWriter.supplement(file)
        try:
            yield from _write_day(generation, day, registry, writer)
            writer.finish()
        except BaseException:
            writer.abandon()
            raise


def _pack_day(generation: Generation, day: int, registry: Registry, days: Days) -> Iterator[None]:
    finished = days.unfinished(day)
    with PackWriter.building(finished) as writer:
        yield from _write_pack(generation, day, registry, writer)
    days.add(day, finished)


def _write_pack(generation: Generation, day: int, registry: Registry, writer: PackWriter) -> Iterator[None]:
    start, end = day_bounds(day)
    refs = generation.references(start, end)
    ordered, numbers = in_order([registry.labels(ref) for ref in refs.tolist()])
    order = np.argsort(numbers)
    for places in steps(generation.sizes(refs)[order].tolist()):
        panels = joined(list(generation.panels(np.sort(refs[order[places]]), start, end)))
        told = [FilePanel(numbers[refs.searchsorted(each.ids)], each.times, each.values) for each in panels]
        write_panels(writer, ordered, told)
        yield


def _write_day(generation: Generation, day: int, registry: Registry, writer: DayWriter) -> Iterator[None]:
    start, end = day_bounds(day)
    refs = generation.references(start, end)
    for places in steps(generation.sizes(refs)):
        group = refs[places]
        for panel in joined(list(generation.panels(group, start, end))):
            writer.add([registry.labels(ref) for ref in panel.ids.tolist()], panel.times, panel.values)
        yield
