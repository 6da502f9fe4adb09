"""Reading a packed day file: directories say where each chunk lies, and only the pages asked for are decoded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import Labels
from nightdesk.model.lru_cache import LruCache
from nightdesk.model.series import EMPTY_REFS, Refs, Times, Values
from nightdesk.seams.samples import Budget
from nightdesk.store.flaws import FLAWS
from nightdesk.store.samples.chunks.copies import Copies
from nightdesk.store.samples.chunks.day_file import FileChunks, FilePanel
from nightdesk.store.samples.chunks.decoded import Decoded
from nightdesk.store.samples.chunks.stamps import read_stamps
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.packed.bodies import header
from nightdesk.store.samples.packed.chunk_groups import ChunkGroup, groups_of, split_by_summary
from nightdesk.store.samples.packed.copying import copies_of
from nightdesk.store.samples.packed.directory import Directory, decode_directory
from nightdesk.store.samples.packed.label_block import LabelBlock
from nightdesk.store.samples.packed.pack_format import PACKED, pack_checksum
from nightdesk.store.samples.packed.packed_labels import PackedLabels
from nightdesk.store.samples.packed.pages import PageRange, bodies_of, read_pages
from nightdesk.store.sqlite import Database, Row

_PACKS: Final = "SELECT id, low, high, first, last, crc FROM pack ORDER BY id"
_PACK: Final = "SELECT id, low, high, first, last, crc, chunks FROM pack WHERE id = ?"
_PACK_WITHOUT_LOSSES: Final = "SELECT id, low, high, first, last, crc, directory FROM pack WHERE id = ?"

_NO_VALUES: Final[Values] = np.empty((0, 0))


class PackMemory:
    """What readers of packed files keep between two questions, all files together; each part is bounded in bytes."""

    def __init__(self, decoded: Decoded) -> None:
        """Keep decoded values where all files keep theirs."""
        self.decoded = decoded
        self.directories = LruCache[Directory](32 * 2**20)
        self.labels = LruCache[LabelBlock](64 * 2**20)
        self.times = LruCache[Times](4 * 2**20)
        self.groups = LruCache[Sequence[ChunkGroup]](8 * 2**20)


@dataclass(frozen=True, slots=True)
class _Place:
    """A pack as its row tells it: series and instants that its chunks lie between."""

    pack: int
    low: int
    high: int
    first: int
    last: int
    crc: int

    def is_plausible(self) -> bool:
        """Tell whether these are bounds at all: by any others the pack would be passed over without a word."""
        numbers = (self.pack, self.low, self.high, self.first, self.last, self.crc)
        return all(isinstance(each, int) for each in numbers) and self.low <= self.high and self.first <= self.last


class PackReader:
    """One packed day file, open for reading. Safe from several threads; its series are numbered in order of labels."""

    sealed = True

    def __init__(self, path: Path, damage: Damage, memory: PackMemory) -> None:
        """Open a file, which never changes.

        Raises:
            CorruptData: the file is malformed; `NewerFormat` as everywhere.
        """
        self.path = path
        self._damage, self._memory = damage, memory
        self._database = Database.read_only(path, PACKED, immutable=True)
        ((number,),) = self._database.execute("PRAGMA user_version")
        self._has_losses = number == PACKED.number
        self._file = memory.decoded.new_file()
        self._labels: PackedLabels | None = None
        self._places: list[_Place] | None = None

    def all_series(self) -> Refs:
        """Return the ids of all series, sorted, which is in order of labels too."""
        return np.arange(self._named().count, dtype=np.int64)

    def names(self) -> list[str]:
        """Return all label names, sorted."""
        return self._named().names()

    def values(self, name: str) -> list[str]:
        """Return the values that a label has."""
        return self._named().values(name)

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the ids of the series whose label has one of the values, sorted."""
        return self._named().with_values(name, values)

    def labels(self, ids: Refs) -> dict[int, Labels]:
        """Return the label sets of series."""
        return self._named().labels(ids)

    def panels(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[FilePanel]:
        """Yield samples in [start, end], in the order of time within each series; none is empty."""
        for place, group in self._touching(ids, start, end, budget):
            yield from self._samples(place, group, start, end, budget)

    def summarised(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[FileChunks | FilePanel]:
        """Yield the same samples, chunks that lie inside [start, end] as a whole by their summary where they can be."""
        for place, group in self._touching(ids, start, end, budget):
            rest: ChunkGroup | None = group
            if group.lies_within(start, end) and (directory := self._directory(place)) is not None:
                chunks, rest = split_by_summary(directory, group)
                if chunks is not None:
                    budget.charge(len(chunks.ids))
                    yield chunks
            if rest is not None:
                yield from self._samples(place, rest, start, end, budget)

    def sizes(self, ids: Refs) -> dict[int, int]:
        """Return how many samples series have; those of damaged packs are not counted."""
        found: dict[int, int] = {}
        for place, _ in self._touched(ids, MIN_INSTANT, MAX_INSTANT):
            directory = self._directory(place)
            if directory is None:
                continue
            chunks = np.flatnonzero(np.isin(directory.series, ids))
            for series, count in zip(directory.series[chunks].tolist(), directory.counts[chunks].tolist(), strict=True):
                found[series] = found.get(series, 0) + count
        return found

    def copyable(self, ids: Refs) -> Refs:
        """Return which of some series `copies` gives whole: those whose packs are sound and written as today."""
        for place, wanted in self._touched(ids, MIN_INSTANT, MAX_INSTANT):
            directory = self._directory(place)
            if directory is None or directory.header != header() or directory.losses is None:
                ids = np.setdiff1d(ids, wanted)
        return ids

    def copies(self, ids: Refs, budget: Budget) -> Iterator[Copies]:
        """Yield the chunks of series as they are compressed, in the order of time within each series.

        Damaged chunks are noted and passed over.
        """
        for place, group in self._touching(ids, MIN_INSTANT, MAX_INSTANT, budget):
            budget.check()
            directory, times = self._directory(place), self._times_of(group)
            if directory is None or times is None:
                continue
            bodies = bodies_of(self._database, place.pack, directory, group.chunks)
            copies, flawed = copies_of(directory, group.chunks, bodies, times)
            for number, flaw in flawed.items():
                self._damage.note(f"{self.path.name} pack {place.pack} series {group.ids[number]}", flaw)
            if copies.chunks:
                yield copies

    def prove(self) -> None:
        """Read every directory, which says what no question may come to: whatever is damaged is noted."""
        for place in self._all_places():
            self._directory(place)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _touching(self, ids: Refs, start: int, end: int, budget: Budget) -> Iterator[tuple[_Place, ChunkGroup]]:
        """Yield the chunks of `ids` that may hold samples in [start, end]; damaged packs are passed over."""
        for place, wanted in self._touched(ids, start, end):
            budget.check()
            for group in self._groups(place, wanted):
                if group.touches(start, end):
                    yield place, group

    def _touched(self, ids: Refs, start: int, end: int) -> Iterator[tuple[_Place, Refs]]:
        """Yield packs that may hold samples in [start, end], and those of `ids` that may be in them."""
        if not len(ids):
            return
        low, high = int(ids[0]), int(ids[-1])
        for place in self._all_places():
            # Numbers first: a search in an array for each of thousands of packs would cost more than what it finds.
            if place.low <= high and place.high >= low and place.first <= end and place.last >= start:
                wanted = ids[ids.searchsorted(place.low) : ids.searchsorted(place.high, "right")]
                if len(wanted):
                    yield place, wanted

    def _groups(self, place: _Place, ids: Refs) -> Sequence[ChunkGroup]:
        """Return the chunks that a pack has of series."""
        key = (self._file, place.pack, ids.tobytes())
        groups = self._memory.groups.get(key)
        if groups is None:
            directory = self._directory(place)
            if directory is None:
                return ()
            groups = tuple(groups_of(directory, ids))
            self._memory.groups.put(key, groups, ids.nbytes + sum(group.nbytes for group in groups))
        return groups

    def _samples(self, place: _Place, group: ChunkGroup, start: int, end: int, budget: Budget) -> Iterator[FilePanel]:
        """Yield the samples of a group in [start, end], if there are any."""
        budget.check()
        times = self._times_of(group)
        if times is None:
            return
        low, high = int(times.searchsorted(start, "left")), int(times.searchsorted(end, "right"))
        if low >= high:
            return
        pages = PageRange.between(group, low, high)
        sound, values = self._values(place, group, pages)
        if len(sound):
            begin = pages.first_sample
            budget.charge(len(sound) * (high - low))
            yield FilePanel(sound, times[low:high], values[:, low - begin : high - begin])

    def _values(self, place: _Place, group: ChunkGroup, pages: PageRange) -> tuple[Refs, Values]:
        """Return the series of which the pages are sound, and the values in them."""
        key = (place.pack, pages.first_page, pages.end_page, group.key)
        values = self._memory.decoded.get(self._file, key)
        if values is not None:
            return group.ids, values
        directory = self._directory(place)
        if directory is None:
            return EMPTY_REFS, _NO_VALUES
        values, flawed = read_pages(self._database, place.pack, directory, group.chunks, pages)
        if not flawed:
            self._memory.decoded.put(self._file, key, values)
            return group.ids, values
        for number, flaw in flawed.items():
            self._damage.note(f"{self.path.name} pack {place.pack} series {group.ids[number]}", flaw)
        sound = np.setdiff1d(np.arange(len(group.ids)), list(flawed))
        return group.ids[sound], values[sound]

    def _named(self) -> PackedLabels:
        if self._labels is None:
            self._labels = PackedLabels(self.path, self._database, self._memory.labels, self._file)
        return self._labels

    def _all_places(self) -> list[_Place]:
        if self._places is None:
            places = []
            for row in self._database.execute(_PACKS):
                place = _Place(*row)
                if place.is_plausible():
                    places.append(place)
                else:
                    self._damage.note(f"{self.path.name} pack {row[0]!r}", "its row does not say what it holds")
            self._places = places
        return self._places

    def _directory(self, place: _Place) -> Directory | None:
        """Return the directory of a pack, None where it is damaged."""
        key = (self._file, place.pack)
        directory = self._memory.directories.get(key)
        if directory is None:
            try:
                rows = self._database.execute(_PACK if self._has_losses else _PACK_WITHOUT_LOSSES, (place.pack,))
                directory = _checked(rows, with_losses=self._has_losses)
            except FLAWS as error:
                self._damage.note(f"{self.path.name} pack {place.pack}", str(error))
                return None
            self._memory.directories.put(key, directory, directory.nbytes)
        return directory

    def _times_of(self, group: ChunkGroup) -> Times | None:
        """Return the instants of a group, None where they are damaged."""
        try:
            times = self._times(group.stamps)
            if len(times) != group.count:
                raise CorruptData("chunks have more or fewer values than times")
        except FLAWS as error:
            self._damage.note(f"{self.path.name} stamps {group.stamps}", str(error))
            return None
        return times

    def _times(self, stamps: int) -> Times:
        """Return instants. Raises one of `FLAWS` where they are damaged."""
        key = (self._file, stamps)
        times = self._memory.times.get(key)
        if times is None:
            times = read_stamps(self._database, stamps)
            self._memory.times.put(key, times, times.nbytes)
        return times


def _checked(rows: list[Row], *, with_losses: bool) -> Directory:
    if not rows:
        raise CorruptData("the pack is missing")
    ((pack, low, high, first, last, crc, data),) = rows
    if pack_checksum(pack, low, high, first, last, data) != crc:
        raise CorruptData("the directory of the pack fails its check")
    return decode_directory(data, with_losses=with_losses)
