"""Compaction makes one packed file of what a day has: series in order of labels, chunks joined, repeats resolved.

What one packed file alone has of a series is carried over as it is compressed. It is a generator of short steps; what
breaks off leaves the day's files as they were.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.labels import Labels
from nightdesk.model.series import Refs, Times
from nightdesk.store.disk_reserve import demand_disk
from nightdesk.store.samples.chunks.copies import Copies
from nightdesk.store.samples.chunks.day_file import DayFile, FilePanel
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.day_names import day_bounds
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.packed.pack_writer import PackWriter
from nightdesk.store.samples.reading.joining import joined
from nightdesk.store.samples.upkeep.steps import SERIES_A_STEP, steps
from nightdesk.store.sqlite import remove_database
from nightdesk.store.unbounded import UNBOUNDED

Keep = Callable[[Labels, Times], NDArray[np.bool_] | None]
"""Says which samples of a series go on into the new file: a mask of the shape of its times, or None for all."""


_LABELS_A_STEP: Final = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class _Numbered:
    """A file, its series, and the number that each has among all of the day: `numbers[i]` is that of `ids[i]`."""

    reader: DayFile
    ids: Refs
    """Rising."""
    numbers: Refs
    by_number: Refs
    """Places in the other two, by rising number."""

    @classmethod
    def of(cls, reader: DayFile, ids: Refs, numbers: Refs) -> "_Numbered":
        """Put the series of a file into the order of their numbers."""
        return cls(reader, ids, numbers, np.argsort(numbers))

    def within(self, low: int, high: int) -> Refs:
        """Return which series of the file have a number in [low, high), rising."""
        begin, end = np.searchsorted(self.numbers, (low, high), sorter=self.by_number)
        return np.sort(self.ids[self.by_number[begin:end]])

    def panels(self, ids: Refs, start: int, end: int) -> Iterator[FilePanel]:
        """Yield the samples of series, under their numbers."""
        for panel in self.reader.panels(ids, start, end, UNBOUNDED):
            yield FilePanel(self.numbers_of(panel.ids), panel.times, panel.values)

    def copies(self, ids: Refs) -> Iterator[Copies]:
        """Yield the chunks of copyable series as they are compressed, under their numbers."""
        for copies in self.reader.copies(ids, UNBOUNDED):
            yield copies.under(self.numbers_of(copies.ids))

    def numbers_of(self, ids: Refs) -> Refs:
        """Return the numbers of series of the file."""
        return self.numbers[self.ids.searchsorted(ids)]


def compact_day(
    day: int, days: Days, damage: Damage, keep: Keep | None = None, through: int | None = None
) -> Iterator[None]:
    """Make one whole file of a day's files, in steps.

    `keep` leaves samples out for good; a day of which nothing is left is removed. `through` leaves the supplements of a
    higher number as they are.
    """
    yield from days.derived.before_rewriting(day)
    demand_disk(days.folder, days.bytes_of(day, through))
    finished = days.unfinished(day)
    with days.reading(day, through) as readers:
        if not readers:
            return
        before = damage.count
        with PackWriter.building(finished) as writer:
            yield from _rewrite(readers, day, days, writer, keep)
    if writer.is_empty and damage.count == before:
        remove_database(finished)
        days.remove(day, through)
    else:
        # What fails its check is not carried over, so the file that holds it is kept for whoever wants to look.
        days.replace(day, finished, keep=damage.count > before, through=through)


def _rewrite(readers: Sequence[DayFile], day: int, days: Days, writer: PackWriter, keep: Keep | None) -> Iterator[None]:
    start, end = day_bounds(day)
    arrived: dict[Labels, int] = {}
    found: list[tuple[Refs, Refs]] = []
    for reader in readers:
        found += [(yield from _met(reader, days, arrived))]
    ordered, numbers = in_order(list(arrived))
    arrived.clear()
    yield
    files = [_Numbered.of(reader, ids, numbers[met]) for reader, (ids, met) in zip(readers, found, strict=True)]
    yield
    for step in steps(_sizes(files, len(ordered), days)):
        pieces: list[FilePanel] = []
        copies: list[Copies] = []
        for file, ids, alone in _shared_out(files, step):
            with days.watching(file.reader):
                copied = alone[:0] if keep is not None else file.reader.copyable(alone)
                copies += file.copies(copied)
                pieces += file.panels(np.setdiff1d(ids, copied), start, end)
        write_panels(writer, ordered, _spared(joined(pieces), ordered, keep), copies)
        yield


def _met(reader: DayFile, days: Days, arrived: dict[Labels, int]) -> Generator[None, None, tuple[Refs, Refs]]:
    """Read the labels of a file in steps; return its series, rising, and when each was met first in any file.

    What another file had already is not kept twice: labels are most of what compaction holds in memory.
    """
    ids: list[int] = []
    met: list[int] = []
    with days.watching(reader):
        all_series = reader.all_series()
    for low in range(0, len(all_series), _LABELS_A_STEP):
        with days.watching(reader):
            told = reader.labels(all_series[low : low + _LABELS_A_STEP])
        ids += told
        met += [arrived.setdefault(labels, len(arrived)) for labels in told.values()]
        yield
    order = np.argsort(np.array(ids, dtype=np.int64))
    return np.array(ids, dtype=np.int64)[order], np.array(met, dtype=np.int64)[order]


def in_order(labels: Sequence[Labels]) -> tuple[list[Labels], Refs]:
    """Return label sets in their order, and the place there of each."""
    # Pairs compare several times quicker than label sets, and what comes from packed files is in order by stretches.
    pairs = [each.pairs for each in labels]
    order = sorted(range(len(pairs)), key=pairs.__getitem__)
    return [labels[place] for place in order], np.argsort(np.array(order, dtype=np.int64))


def _shared_out(files: Sequence[_Numbered], numbers: slice) -> Iterator[tuple[_Numbered, Refs, Refs]]:
    """Yield each file with the series it has of these numbers, and those of them that no other file has."""
    found = [file.within(numbers.start, numbers.stop) for file in files]
    holders = np.zeros(numbers.stop - numbers.start, dtype=np.int64)
    for file, ids in zip(files, found, strict=True):
        holders[file.numbers_of(ids) - numbers.start] += 1
    for file, ids in zip(files, found, strict=True):
        yield file, ids, ids[holders[file.numbers_of(ids) - numbers.start] == 1]


def write_panels(
    writer: PackWriter, ordered: Sequence[Labels], panels: Sequence[FilePanel], copies: Sequence[Copies] = ()
) -> None:
    """Write series numbered in `ordered`: of each the one panel, or all chunks; one without samples gets no name."""
    if not panels and not copies:
        return
    left = np.unique(np.concatenate([*(panel.ids for panel in panels), *(each.ids for each in copies)]))
    ids = writer.name([ordered[number] for number in left.tolist()])
    for panel in panels:
        writer.add(ids[left.searchsorted(panel.ids)], panel.times, panel.values)
    writer.copy([each.under(ids[left.searchsorted(each.ids)]) for each in copies])


def _spared(panels: Sequence[FilePanel], ordered: Sequence[Labels], keep: Keep | None) -> Sequence[FilePanel]:
    """Leave out what `keep` does not keep; series that lose the same instants stay side by side."""
    if keep is None:
        return panels
    found: list[FilePanel] = []
    for panel in panels:
        masks: dict[bytes, list[int]] = {}
        everything = np.ones(len(panel.times), dtype=np.bool_)
        for row, number in enumerate(panel.ids.tolist()):
            mask = keep(ordered[number], panel.times)
            masks.setdefault((everything if mask is None else mask).tobytes(), []).append(row)
        for key, rows in masks.items():
            mask = np.frombuffer(key, dtype=np.bool_)
            if mask.any():
                found.append(FilePanel(panel.ids[rows], panel.times[mask], panel.values[rows][:, mask]))
    return found


def _sizes(files: Sequence[_Numbered], count: int, days: Days) -> Iterable[int]:
    """Yield how many samples each series has, asking for one step's worth of series at a time."""
    for low in range(0, count, SERIES_A_STEP):
        sizes = np.zeros(min(SERIES_A_STEP, count - low), dtype=np.int64)
        for file in files:
            asked = file.within(low, low + SERIES_A_STEP)
            with days.watching(file.reader):
                told = file.reader.sizes(asked)
            counts = np.array([told.get(series, 0) for series in asked.tolist()], dtype=np.int64)
            sizes[file.numbers_of(asked) - low] += counts
        yield from sizes.tolist()
