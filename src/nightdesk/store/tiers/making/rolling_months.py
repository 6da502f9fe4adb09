"""A month of buckets of 5 m to buckets of 1 h, in short steps; broken off it leaves nothing that counts."""

from collections.abc import Iterable, Iterator
from typing import Final

from nightdesk.errors import CorruptData
from nightdesk.model.buckets import EVERY_COLUMN, ONE_HOUR, Buckets
from nightdesk.model.labels import Labels
from nightdesk.store.tiers.cells.laying import laid_out
from nightdesk.store.tiers.files.left_behind import MadeOf, read_series, unmarked
from nightdesk.store.tiers.files.periods import Period
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.files.tier_format import SERIES_A_GROUP
from nightdesk.store.tiers.files.tier_writer import TierWriter
from nightdesk.store.tiers.making.bucketing import coarser
from nightdesk.store.tiers.making.rolling_days import with_every_row
from nightdesk.store.unbounded import UNBOUNDED

_DAYS_A_STEP: Final = 4


def roll_month(month: Period, fine: TierFolder, coarse: TierFolder) -> Iterator[None]:
    """Make the file of a month's buckets of 1 h. Raises CorruptData where one of its days turns out damaged."""
    days = [period for period in fine.periods() if month.first <= period.first <= month.last]
    source = source_of_month(days, fine)
    writer = TierWriter(coarse.unfinished(month), month.span(ONE_HOUR, source))
    try:
        rows: set[Labels] = set()
        for day in days:
            with fine.reading(day) as file:
                if file is not None:
                    rows.update(map(unmarked, fine.sections.of(file).rows))
            yield
        ordered = sorted(rows, key=lambda labels: labels.pairs)
        for low in range(0, len(ordered), SERIES_A_GROUP):
            yield from _write_group(ordered[low : low + SERIES_A_GROUP], days, fine, writer)
        if source_of_month(days, fine) != source:
            raise CorruptData(f"a day of {month.name} changed while its month was made of it")  # noqa: TRY301
        writer.finish()
    except BaseException:
        writer.abandon()
        raise
    coarse.put(month, writer.path, source)


def source_of_month(days: Iterable[Period], fine: TierFolder) -> str:
    """Return what a month's file says it was made of: each day with what that was made of, be it there or gone."""
    return " ".join(f"{day.name}={MadeOf.parse(fine.source(day) or '').identity()}" for day in days)


def _write_group(rows: list[Labels], days: list[Period], fine: TierFolder, writer: TierWriter) -> Iterator[None]:
    blocks: list[list[Buckets]] = []
    for number, day in enumerate(days):
        with fine.reading(day) as file:
            if file is not None:
                section = fine.sections.of(file)
                found = read_series(file, section, rows, EVERY_COLUMN, UNBOUNDED, sketches=True)
                blocks.append([coarser(part, ONE_HOUR) for part in found])
        if number % _DAYS_A_STEP == _DAYS_A_STEP - 1:
            yield
    # The first millisecond of a day belongs to the last hour of the one before: those two are merged here.
    told = coarser(laid_out(blocks, EVERY_COLUMN, sketches=True), ONE_HOUR)
    writer.add(with_every_row(rows, [told]))
    yield
