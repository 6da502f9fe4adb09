"""Cleaning tombstones: one file a task is written anew without what is masked of it, in short steps.

A file that replaces another settles every deletion so far. After a crash before that is noted, it is done again.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from nightdesk.model.buckets import EVERY_COLUMN, Buckets, Column
from nightdesk.store.tiers.cells.laying import laid_out, rows_of
from nightdesk.store.tiers.files.label_section import LabelSection
from nightdesk.store.tiers.files.periods import Period
from nightdesk.store.tiers.files.tier_file import TierFile
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.files.tier_format import SERIES_A_GROUP
from nightdesk.store.tiers.files.tier_tombstones import TierTombstones, masks
from nightdesk.store.tiers.files.tier_writer import TierWriter
from nightdesk.store.unbounded import UNBOUNDED


def cleaning_task(tombstones: TierTombstones, folders: Sequence[TierFolder]) -> Iterator[None] | None:
    """Return what is to be done next, oldest tombstone first; None while nothing is.

    A tombstone that masks something of a newer release's file stays, for that release.
    """
    for tombstone in tombstones.pending:
        for folder in folders:
            for period in folder.periods():
                if masks(tombstone, folder.resolution, period):
                    return _without_masked(folder, period, tombstones)
        if not any(masks(tombstone, folder.resolution, period) for folder in folders for period in folder.newer()):
            return _forget(tombstones, tombstone.deletion.number)
    return None


def _forget(tombstones: TierTombstones, number: int) -> Iterator[None]:
    tombstones.drop(number)
    yield


def _without_masked(folder: TierFolder, period: Period, tombstones: TierTombstones) -> Iterator[None]:
    with folder.reading(period) as file:
        if file is None:
            return
        section = folder.sections.of(file)
        yield
        hidden = file.hidden(section)
        if not any(len(chosen) for _, chosen in hidden):
            tombstones.settle(folder.resolution, period)
            return
        source = file.span.source
        # What goes as a whole needs no room: a full disk is helped by deleting.
        is_whole = any(
            len(chosen) == len(section)
            and deletion.start <= period.start
            and deletion.end > period.end - folder.resolution
            for deletion, chosen in hidden
        )
        if not is_whole:
            writer = TierWriter(folder.unfinished(period), file.span)
            try:
                yield from _write(writer, _left(file, section))
                writer.finish()
            except BaseException:
                writer.abandon()
                raise
    if is_whole:
        folder.remove(period)
    else:
        folder.put(period, writer.path, source)


def _left(file: TierFile, section: LabelSection) -> Iterator[Buckets | None]:
    """Yield what stays, group by group, None for a group of which nothing does."""
    all_series = section.all_series()
    for low in range(0, len(all_series), SERIES_A_GROUP):
        for told in file.read(section, all_series[low : low + SERIES_A_GROUP], EVERY_COLUMN, UNBOUNDED, sketches=True):
            some = ((np.asarray(told[Column.COUNT]) > 0) | (np.asarray(told[Column.ENDED]) > 0)).any(axis=1)
            yield rows_of(told, {told.labels[row] for row in np.flatnonzero(some).tolist()})


def _write(writer: TierWriter, left: Iterator[Buckets | None]) -> Iterator[None]:
    """Write series in full groups, however few each part holds."""
    waiting: list[Buckets] = []
    for part in left:
        waiting += [part] if part is not None else []
        if sum(map(len, waiting)) >= SERIES_A_GROUP:
            together = laid_out([waiting], EVERY_COLUMN, sketches=True)
            full = rows_of(together, set(together.labels[:SERIES_A_GROUP]))
            rest = rows_of(together, set(together.labels[SERIES_A_GROUP:]))
            assert full is not None
            writer.add(full)
            waiting = [] if rest is None else [rest]
        yield
    if waiting:
        writer.add(laid_out([waiting], EVERY_COLUMN, sketches=True))
