"""The tiers of a store: buckets of any stretch, from tier files and from samples where those are not rolled up yet."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nightdesk.clock import Clock
from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, Buckets, BucketsWanted, Kept
from nightdesk.model.labels import Matcher
from nightdesk.seams.samples import Budget
from nightdesk.store.durable import make_folder
from nightdesk.store.fair_lock import FairLock
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.deletion.deletion import Selector
from nightdesk.store.tiers.files.periods import day_period
from nightdesk.store.tiers.files.tier_folder import LabelSections, TierFolder
from nightdesk.store.tiers.files.tier_tombstones import TierTombstones, touches
from nightdesk.store.tiers.making.parting import part_day
from nightdesk.store.tiers.making.schedule import KeepTiers, TierKeeping
from nightdesk.store.tiers.names import EveryName
from nightdesk.store.tiers.reading import Samples, TierReading

_DONE: Final = object()


@dataclass(frozen=True, slots=True)
class TierStats:
    """What one tier holds now."""

    resolution: int
    files: int
    days: int
    bytes: int


class Tiers:
    """A BucketReader over a folder and the store of samples beside it; the DerivedData to attach to that store.

    Safe from several threads to read.
    """

    def __init__(self, path: Path, samples: Samples, clock: Clock, keep: KeepTiers) -> None:
        """Look through the folder, making it where it is missing."""
        self._samples, self._damage = samples, Damage()
        make_folder(path)
        self._tombstones = TierTombstones(path / "deletions.db", self._damage)
        sections = LabelSections()
        self._fine, self._coarse = (
            TierFolder(path, each, self._damage, self._tombstones, sections) for each in (FIVE_MINUTES, ONE_HOUR)
        )
        self._reading = TierReading(samples, self._fine, self._coarse)
        self.names = EveryName(samples, self._fine, self._coarse)
        """The LabelReader of samples and buckets together."""
        self._changing = FairLock()
        self._deletions = 0
        self._stillness = threading.Lock()
        """Held by whoever changes files, and by whoever wants none changed."""
        self.keeping = TierKeeping(
            samples.raw, self._fine, self._coarse, clock, keep, samples.earliest_now, self._tombstones
        )

    def maintain(self) -> bool:
        """Do one short step of building or removing (about 20 ms); True while there is more to do at once.

        It waits for nobody, for the thread that takes samples calls it.
        """
        if not self._stillness.acquire(blocking=False):
            return False
        try:
            with self._changing.if_free() as is_free:
                return is_free and self.keeping.step()
        finally:
            self._stillness.release()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Leave all files where they are inside; what is deleted meanwhile is noted and hidden."""
        with self._stillness:
            yield

    def retain(self, keep: KeepTiers) -> None:
        """Keep tiers so long from the next look on at what is to be made and to go."""
        with self._changing:
            self.keeping.retain(keep)

    def build(self) -> None:
        """Build everything that is due, without waiting for days to have been quiet for long."""
        with self._stillness, self._changing:
            self.keeping.run(at_once=True)

    def delete(self, selectors: Sequence[Selector], start: int, end: int) -> None:
        """Take series that any selector matches out of all buckets that have any instant in [start, end] ms.

        When this returns no read shows them, whatever happens; they leave the files by and by. A task at hand is broken
        off, for it may have read what is to be gone; it is done again later of what is left of the samples.

        Raises:
            Overloaded: too many tombstones wait to be cleaned.
            DataFolderFull: no room to note it.
        """
        with self._changing:
            self._deletions += 1
            self.keeping.look_soon()
            folders = (self._fine, self._coarse)
            files = [period for folder in folders for period in (*folder.periods(), *folder.newer())]
            if any(touches(period, start, end) for period in files):
                self._tombstones.add(selectors, start, end)

    def clean_tombstones(self) -> None:
        """Take what was deleted out of every file; other deletions are taken between the steps."""
        with self._stillness:
            more = bool(self._tombstones.pending)
            while more:
                with self._changing:
                    more = self.keeping.clean_next()

    @property
    def deletions_pending(self) -> int:
        """Deletions whose buckets still lie in files, where no read sees them; waits for nobody."""
        return len(self._tombstones.pending)

    def wants(self, day: int) -> bool:
        """Tell whether a day's samples have to stay because its buckets are not made yet."""
        return self.keeping.wants(day)

    def tells_of(self, day: int) -> bool:
        """Tell whether there are buckets of 5 m of a day, be they of a newer release."""
        period = day_period(day)
        return self._fine.source(period) is not None or period in self._fine.newer()

    def thin(self) -> int:
        """Remove the oldest 5-minute month that has 1-hour buckets and no samples; return its bytes, 0 without one.

        It waits for nobody, and removes nothing while somebody wants the files to stay.
        """
        if not self._stillness.acquire(blocking=False):
            return 0
        try:
            with self._changing.if_free() as is_free:
                return self.keeping.thin() if is_free else 0
        finally:
            self._stillness.release()

    def before_rewriting(self, day: int) -> Iterator[None]:
        """Keep apart what has left a day's whole file, in short steps, before there is another in its place."""
        while not self._stillness.acquire(blocking=False):
            yield
        try:
            yield from self._parting(day)
        finally:
            self._stillness.release()

    def _parting(self, day: int) -> Iterator[None]:
        """Drive `part_day`, each step in a turn of its own; begin again where a deletion came between."""
        while True:
            with self._changing:
                self.keeping.stop()
                task, deletions = part_day(day, self._samples.raw, self._fine), self._deletions
            with closing(task):
                while deletions == self._deletions:
                    with self._changing:
                        if deletions == self._deletions and next(task, _DONE) is _DONE:
                            return
                    yield

    def kept(self) -> Kept:
        """Return since when there are samples, none of them gone, and buckets."""
        return self._reading.kept()

    def samples_since(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> int:
        """Return since when in (start, end] ms the samples of the series that match are all there."""
        return self._reading.samples_since(matchers, start, end, budget)

    def buckets(self, wanted: BucketsWanted, budget: Budget) -> Iterator[Buckets]:
        """Yield the series that match, sorted, some at a time. Raises CorruptData as `TierReading` does."""
        return self._reading.buckets(wanted, budget)

    def flaws(self, start: int, end: int) -> Sequence[str]:
        """Return a sentence on each day of [start, end] ms of which samples or buckets may be missing."""
        return [*self._samples.flaws(start, end), *self._damage.between(start, end)]

    def exact_since(self, end: int, resolution: int) -> int:
        """Return the first instant of the days up to `end` that are all told by samples: see `TierReading`."""
        return self._reading.exact_since(end, resolution)

    def bytes(self) -> int:
        """Return the size of all tier files."""
        return self._fine.bytes() + self._coarse.bytes()

    def stats(self) -> list[TierStats]:
        """Return what each tier holds; looks at each file."""
        return [
            TierStats(
                folder.resolution,
                len(folder),
                sum(period.last - period.first + 1 for period in folder.periods()),
                folder.bytes(),
            )
            for folder in (self._fine, self._coarse)
        ]

    @property
    def damaged(self) -> int:
        """Damaged files met and set aside since the start, and those set aside before that were not made again."""
        return self._damage.count

    def close(self) -> None:
        """Break off what is being built, and close what is open."""
        with self._changing:
            self.keeping.stop()
            self._tombstones.close()
