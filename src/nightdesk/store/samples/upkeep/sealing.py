"""Sealing writes a frozen generation to day files, as a supplement to what a day has.

It is a generator: each step does a few milliseconds of work, so that the ingest thread can answer between two steps.
What breaks off leaves the day files as they were, and a second run writes the same samples again, which is harmless.
"""

from collections.abc import Iterator

from nightdesk.errors import CorruptData, NewerFormat
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.days.names import day_bounds
from nightdesk.store.samples.head.head import Generation
from nightdesk.store.samples.head.registry import Registry
from nightdesk.store.samples.reading.joining import joined
from nightdesk.store.samples.rows.writer import DayWriter
from nightdesk.store.samples.upkeep.steps import steps


def seal_generation(generation: Generation, registry: Registry, days: Days) -> Iterator[None]:
    """Write a frozen generation to the supplements of its days, one transaction a day."""
    for day in generation.days():
        try:
            yield from _seal_day(generation, day, registry, days)
        except (CorruptData, NewerFormat):
            # The supplement it should have gone to has been set aside or is left alone; a fresh one is sound.
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
    for places in steps(generation.sizes(refs)):
        group = refs[places]
        for panel in joined(list(generation.panels(group, start, end))):
            writer.add([registry.labels(ref) for ref in panel.ids.tolist()], panel.times, panel.values)
        yield
