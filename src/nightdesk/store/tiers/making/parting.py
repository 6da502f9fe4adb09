"""Parting what is gone from what is there, before a day's whole file of samples gives way to another.

Which series have left is seen in the whole file: it lacks them, or is gone itself. Once late samples of one of them
are in it that shows no more. So whoever makes a whole file anew lets this go before. It replaces one tier file by
another: a crash before that does it again, and after that there is nothing left to do.
"""

from collections.abc import Generator, Iterator

from nightdesk.model.buckets import FIVE_MINUTES
from nightdesk.model.labels import Labels
from nightdesk.store.samples.days.raw_days import RawDays
from nightdesk.store.tiers.files.left_behind import MadeOf, is_marked
from nightdesk.store.tiers.files.periods import day_period
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.files.tier_format import SERIES_A_GROUP
from nightdesk.store.tiers.files.tier_writer import TierWriter
from nightdesk.store.tiers.making.older import Older
from nightdesk.store.tiers.making.rolling_days import with_every_row


def part_day(day: int, raw: RawDays, folder: TierFolder) -> Generator[None, None, None]:
    """Mark what a day's file tells of series that have left; does nothing where none has. Raises CorruptData."""
    period = day_period(day)
    made_of = folder.source(period)
    if made_of is None or MadeOf.parse(made_of).there in ("", raw.whole_source(day)):
        return
    yield
    with folder.reading(period) as file:
        older = Older.beside(file, folder, raw.series_of_whole(day))
        yield
        if older is None or not older.left:
            return
        source = str(older.made_of(MadeOf.parse(made_of).there if older.staying else ""))
        writer = TierWriter(folder.unfinished(period), period.span(FIVE_MINUTES, source))
        try:
            yield from _write(older, writer)
            writer.finish()
        except BaseException:
            writer.abandon()
            raise
    folder.put(period, writer.path, source)


def _write(older: Older, writer: TierWriter) -> Iterator[None]:
    rows: list[Labels] = [*older.rows, *older.staying]
    for low in range(0, len(rows), SERIES_A_GROUP):
        group = rows[low : low + SERIES_A_GROUP]
        parts = older.read(filter(is_marked, group)) + older.copy([row for row in group if not is_marked(row)])
        writer.add(with_every_row(group, parts))
        yield
