"""Deletion from tier files: a file is written anew without what is to be gone, bucket by bucket as a whole."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from nightdesk.model.buckets import Buckets, Column, Sketches
from nightdesk.model.labels import Matcher
from nightdesk.model.series import Refs
from nightdesk.store.samples.reading.matching import match, union
from nightdesk.store.tiers.files.periods import Period
from nightdesk.store.tiers.files.tier_file import TierFile, Unbounded
from nightdesk.store.tiers.files.tier_folder import TierFolder
from nightdesk.store.tiers.files.tier_format import SERIES_A_GROUP
from nightdesk.store.tiers.files.tier_writer import TierWriter
from nightdesk.store.tiers.making.laying import laid_out, rows_of
from nightdesk.store.tiers.making.sketching import no_sketches

_EVERY_COLUMN: Final = tuple(Column)


def delete_from(
    folder: TierFolder, period: Period, selectors: Sequence[Sequence[Matcher]], start: int, end: int
) -> bool:
    """Take series that any selector matches out of a period's buckets that have any instant in [start, end] ms.

    Returns whether anything was there. The new file takes the place of the old one once it is durable.
    """
    with folder.reading(period) as file:
        if file is None or not file.span.first - file.span.resolution < end or file.span.last < start:
            return False
        section = folder.sections.of(file)
        chosen = union([match(section, selector) for selector in selectors])
        if not len(chosen):
            return False
        source = file.span.source
        writer = TierWriter(folder.unfinished(period), file.span)
        try:
            _write(writer, _left(file, folder, chosen, start, end))
            writer.finish()
        except BaseException:
            writer.abandon()
            raise
    folder.put(period, writer.path, source)
    return True


def _left(file: TierFile, folder: TierFolder, chosen: Refs, start: int, end: int) -> Iterator[Buckets]:
    """Yield what stays, group by group; series without a bucket left are left out."""
    section = folder.sections.of(file)
    everyone = section.everyone()
    for low in range(0, len(everyone), SERIES_A_GROUP):
        ids = everyone[low : low + SERIES_A_GROUP]
        for buckets in file.read(section, ids, _EVERY_COLUMN, Unbounded(), sketches=True):
            told = blanked(buckets, np.flatnonzero(np.isin(ids, chosen)), start, end)
            some = ((np.asarray(told[Column.COUNT]) > 0) | (np.asarray(told[Column.ENDED]) > 0)).any(axis=1)
            kept = rows_of(told, {told.labels[row] for row in np.flatnonzero(some).tolist()})
            if kept is not None:
                yield kept


def _write(writer: TierWriter, left: Iterator[Buckets]) -> None:
    """Write series in full groups, however few each part holds."""
    waiting: list[Buckets] = []
    held = 0
    for part in left:
        waiting.append(part)
        held += len(part)
        if held >= SERIES_A_GROUP:
            together = laid_out([waiting], _EVERY_COLUMN, sketches=True)
            full = rows_of(together, set(together.labels[:SERIES_A_GROUP]))
            rest = rows_of(together, set(together.labels[SERIES_A_GROUP:]))
            assert full is not None
            writer.add(full)
            waiting, held = ([], 0) if rest is None else ([rest], len(rest))
    if waiting:
        writer.add(laid_out([waiting], _EVERY_COLUMN, sketches=True))


def blanked(buckets: Buckets, rows: Refs, start: int, end: int) -> Buckets:
    """Return buckets without those of some rows that have any instant in [start, end] ms."""
    resolution = int(buckets.ends[1] - buckets.ends[0]) if len(buckets.ends) > 1 else 1
    gone = np.zeros((len(buckets), len(buckets.ends)), dtype=np.bool_)
    gone[rows] = (buckets.ends >= start) & (buckets.ends - resolution < end)
    columns = {column: np.where(gone, np.zeros(1, told.dtype), told) for column, told in buckets.columns.items()}
    old = buckets.sketches or no_sketches()
    kept = ~gone.ravel()[old.cells]
    sketches = Sketches(old.cells[kept], old.codes[kept], old.weights[kept])
    return Buckets(buckets.labels, buckets.ends, columns, sketches)
