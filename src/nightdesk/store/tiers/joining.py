"""Where neither a file nor samples tell all: what the file tells of samples that are gone, and those that are there."""

from collections.abc import Callable, Collection, Iterable

from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, Buckets, BucketsWanted
from nightdesk.model.labels import Labels
from nightdesk.model.panel import Panel
from nightdesk.seams.samples import Budget
from nightdesk.store.samples.day_names import day_bounds
from nightdesk.store.samples.days.raw_days import RawDays
from nightdesk.store.samples.matching import match
from nightdesk.store.tiers.cells.adding import added
from nightdesk.store.tiers.cells.laying import cut, rows_of
from nightdesk.store.tiers.files.left_behind import is_marked, marked, read_rows, unmarked
from nightdesk.store.tiers.files.periods import Period, day_period
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.making.bucketing import bucketed, coarser

Piece = Callable[[Collection[Labels]], list[Buckets]]
"""Gives the buckets of one stretch for some series."""
PanelsOfDay = Callable[[int, int], list[Panel]]
"""Gives the samples that are asked for in [start, end] ms."""


def joined_day(
    day: int,
    folder: TierFolder,
    raw: RawDays,
    panels: PanelsOfDay,
    asked: BucketsWanted,
    budget: Budget,
    found: set[Labels],
) -> Piece | None:
    """Return a day's part and note its series; None where there is no file. Raises CorruptData."""
    period = day_period(day)
    with folder.reading(period) as file:
        if file is None:
            return None
        section = folder.sections.of(file, budget.check)
        rows = {section.rows[row] for row in match(section, asked.matchers, budget.check).tolist()}
    # Without a whole file all samples that the buckets were made of are gone, with one those of the series it lacks.
    present = raw.series_of_whole(day, asked.matchers, budget.check) if raw.whole_source(day) else set()
    left = {labels for labels in rows if not is_marked(labels)} - present
    found.update(map(unmarked, filter(is_marked, rows)), left)
    made = [bucketed(panel, FIVE_MINUTES) for panel in panels(*day_bounds(day))]
    found.update(labels for part in made for labels in part.labels)

    def read(rows: Collection[Labels]) -> list[Buckets]:
        chosen = set(rows)
        layers: list[list[Buckets]] = []
        with folder.reading(period) as file:
            if file is not None:
                held = folder.sections.of(file, budget.check)
                layers += [read_rows(file, held, each, budget) for each in (map(marked, chosen), chosen & left)]
        layers.append([kept for part in made if (kept := rows_of(part, chosen)) is not None])
        told = [coarser(part, asked.resolution) for part in added(layers)]
        return [cut(part, asked.start, asked.end) for part in told]

    return read


def joined_month(
    month: Period,
    late: Iterable[int],
    folder: TierFolder,
    panels: PanelsOfDay,
    asked: BucketsWanted,
    budget: Budget,
    found: set[Labels],
) -> Piece | None:
    """Return a month's part of 1-hour buckets and note its series; None where there is no file. Raises CorruptData.

    Its 1-hour buckets lack the samples of the days `late`, which came after its 5-minute buckets were removed.
    """
    with folder.reading(month) as file:
        if file is None:
            return None
        section = folder.sections.of(file, budget.check)
        found.update(section.rows[row] for row in match(section, asked.matchers, budget.check).tolist())
    days = [[bucketed(panel, ONE_HOUR) for panel in panels(*day_bounds(day))] for day in late]
    found.update(labels for made in days for part in made for labels in part.labels)

    def read(rows: Collection[Labels]) -> list[Buckets]:
        chosen = set(rows)
        with folder.reading(month) as file:
            layers = [] if file is None else [read_rows(file, folder.sections.of(file), rows, budget)]
        layers += [[kept for part in made if (kept := rows_of(part, chosen)) is not None] for made in days]
        return [cut(part, asked.start, asked.end) for part in added(layers)]

    return read
