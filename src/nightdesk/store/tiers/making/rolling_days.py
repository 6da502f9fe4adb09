"""A day of samples to buckets of 5 m, in short steps.

What breaks off leaves an unfinished file, which the next start clears; a second run makes the same file again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nightdesk.model.buckets import EVERY_COLUMN, FIVE_MINUTES, Buckets, Column
from nightdesk.model.labels import Labels
from nightdesk.model.panel import Panel
from nightdesk.model.series import Refs
from nightdesk.store.samples.chunks.day_file import DayFile, FilePanel
from nightdesk.store.samples.day_names import day_bounds
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.reading.joining import joined
from nightdesk.store.samples.upkeep.steps import cut
from nightdesk.store.tiers.cells.laying import laid_out
from nightdesk.store.tiers.files.periods import day_period
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.files.tier_format import SERIES_A_GROUP
from nightdesk.store.tiers.files.tier_writer import TierWriter
from nightdesk.store.tiers.making.bucketing import bucketed
from nightdesk.store.tiers.making.older import Older
from nightdesk.store.unbounded import UNBOUNDED

_SAMPLES_A_STEP: Final = 200_000
"""About 20 ms of work."""
_NAMES_A_STEP: Final = 4_096
"""As much: a block of labels of a packed file."""
_Group = Sequence[tuple[Labels, Sequence[tuple[int, int]]]]
"""Rows, each with where its series lies: in which of the files, under which id; nowhere, if the row is marked."""


@dataclass(frozen=True, slots=True, eq=False)
class _Day:
    """What a day's buckets are made of: its files, and what was told before of samples that are gone."""

    day: int
    readers: Sequence[DayFile]
    days: Days
    series: dict[Labels, list[tuple[int, int]]]
    """Those of the files, each with where it lies."""
    older: Older | None


def roll_day(day: int, source: str, days: Days, folder: TierFolder) -> Iterator[None]:
    """Make the file of a day's buckets of 5 m, in the place of an older one.

    What the older one tells of samples that are gone stays, under marks: by the quota or by age they went with their
    day, and those of some classes sooner.
    """
    period = day_period(day)
    with days.reading(day) as readers, folder.reading(period) as file:
        series: dict[Labels, list[tuple[int, int]]] = {}
        yield from _name(series, readers, days)
        older = Older.beside(file, folder, series)
        made_of = source if older is None else str(older.made_of(source))
        writer = TierWriter(folder.unfinished(period), period.span(FIVE_MINUTES, made_of))
        try:
            yield from _write(_Day(day, readers, days, series, older), writer)
            writer.finish()
        except BaseException:
            writer.abandon()
            raise
    folder.put(period, writer.path, made_of)


def _write(day: _Day, writer: TierWriter) -> Iterator[None]:
    gone: _Group = [] if day.older is None else [(row, ()) for row in day.older.rows]
    rows = [*gone, *sorted(day.series.items(), key=lambda item: item[0].pairs)]
    yield
    for low in range(0, len(rows), SERIES_A_GROUP):
        group = rows[low : low + SERIES_A_GROUP]
        parts = [] if day.older is None else day.older.read(row for row, places in group if not places)
        for step in cut(_sizes(day, group), _is_enough):
            parts += _of_samples(day, group[step])
            yield
        writer.add(with_every_row([labels for labels, _ in group], parts))
        yield


def _name(series: dict[Labels, list[tuple[int, int]]], readers: Sequence[DayFile], days: Days) -> Iterator[None]:
    """Note the series of a day's files, each with where it lies."""
    for number, reader in enumerate(readers):
        with days.watching(reader):
            all_series = reader.all_series()
        for low in range(0, len(all_series), _NAMES_A_STEP):
            with days.watching(reader):
                for place, labels in reader.labels(all_series[low : low + _NAMES_A_STEP]).items():
                    series.setdefault(labels, []).append((number, place))
            yield


def _sizes(day: _Day, group: _Group) -> list[int]:
    """Return how many samples each series of a group has."""
    sizes = [0] * len(group)
    for number, reader in enumerate(day.readers):
        ids, rows = _ids_in(number, group)
        with day.days.watching(reader):
            told = reader.sizes(ids)
        for series, row in zip(ids.tolist(), rows.tolist(), strict=True):
            sizes[row] += told.get(series, 0)
    return sizes


def _ids_in(number: int, group: _Group) -> tuple[Refs, Refs]:
    """Return the ids that series of a group have in one file, rising, and their places in the group."""
    pairs = sorted((series, row) for row, (_, places) in enumerate(group) for file, series in places if file == number)
    told = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return told[:, 0], told[:, 1]


def _of_samples(day: _Day, group: _Group) -> list[Buckets]:
    start, end = day_bounds(day.day)
    pieces: list[FilePanel] = []
    for number, reader in enumerate(day.readers):
        ids, rows = _ids_in(number, group)
        if not len(ids):
            continue
        with day.days.watching(reader):
            pieces += [
                FilePanel(rows[ids.searchsorted(piece.ids)], piece.times, piece.values)
                for piece in reader.panels(ids, start, end, UNBOUNDED)
            ]
    return [
        bucketed(Panel([group[row][0] for row in panel.ids.tolist()], panel.times, panel.values), FIVE_MINUTES)
        for panel in joined(pieces)
    ]


def with_every_row(rows: Sequence[Labels], parts: Sequence[Buckets]) -> Buckets:
    """Lay out a group, series of which nothing could be read included: a group is full but for the last."""
    read = {labels for part in parts for labels in part.labels}
    unread = [labels for labels in rows if labels not in read]
    if unread:
        nothing = np.empty((len(unread), 0))
        parts = [*parts, Buckets(unread, np.empty(0, dtype=np.int64), dict.fromkeys(Column, nothing))]
    return laid_out([parts], EVERY_COLUMN, sketches=True)


def _is_enough(_series: int, samples: int, next_size: int) -> bool:
    """Tell whether a step has enough work without one more series."""
    return samples + next_size > _SAMPLES_A_STEP
