"""The tiers of a store: buckets of any stretch, from tier files and from samples where those are not rolled up yet."""

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from nightdesk.clock import Clock
from nightdesk.model.buckets import FIVE_MINUTES, ONE_HOUR, Buckets, BucketsWanted, Kept
from nightdesk.model.instant import DAY, day_of
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel
from nightdesk.seams.samples import Budget, LabelReader
from nightdesk.store.durable import make_folder
from nightdesk.store.fair_lock import FairLock
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.days.raw_days import RawDays
from nightdesk.store.samples.deletion.deletion import Selector
from nightdesk.store.samples.reading.matching import match
from nightdesk.store.tiers.deletion.hiding import Hiding, touches
from nightdesk.store.tiers.files.left_behind import read_series, there_of, unmarked
from nightdesk.store.tiers.files.periods import Period, day_period, month_period
from nightdesk.store.tiers.files.tier_folder import LabelSections, TierFolder
from nightdesk.store.tiers.joining import Piece, joined_day
from nightdesk.store.tiers.making.bucketing import bucketed, coarser, folding_needs
from nightdesk.store.tiers.making.laying import cut, laid_out, rows_of
from nightdesk.store.tiers.making.parting import part_day
from nightdesk.store.tiers.making.rolling_months import days_of_source, source_of_month
from nightdesk.store.tiers.making.schedule import KeepTiers, TierKeeping
from nightdesk.store.tiers.names import EveryName

_DONE: Final = object()
_CELLS_AT_ONCE: Final = 1 << 20
"""Series x buckets in one part of an answer: 8 MB a column."""


class Samples(LabelReader, Protocol):
    """What tiers are made of: a store of samples."""

    raw: RawDays

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return the series that match with their samples in [start, end] ms."""
        ...

    def earliest_now(self) -> int:
        """Return the earliest instant that it may be now."""
        ...


@dataclass(frozen=True, slots=True)
class TierStats:
    """What one tier holds now."""

    resolution: int
    files: int
    days: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A question under way."""

    asked: BucketsWanted
    budget: Budget
    exact_day: int
    """The first day of those that are made of samples from there on: their buckets end as the interval does."""

    def phase(self, day: int) -> int:
        """Return where buckets made of a day's samples end, counted from the multiples of the resolution."""
        return self.asked.end % self.asked.resolution if day >= self.exact_day else 0

    def begin(self, day: int) -> int:
        """Return the instant after which a day's samples count: buckets that end at the multiples are whole."""
        start = self.asked.start
        return start if day >= self.exact_day else start - start % self.asked.resolution


class Tiers:
    """A BucketReader over a folder and the store of samples beside it. Safe from several threads to read."""

    def __init__(self, path: Path, samples: Samples, clock: Clock, keep: KeepTiers) -> None:
        """Look through the folder, making it where it is missing."""
        self._samples, self._damage = samples, Damage()
        make_folder(path)
        self._hiding = Hiding(path / "deletions.db", self._damage)
        sections = LabelSections()
        self._fine, self._coarse = (
            TierFolder(path, each, self._damage, self._hiding, sections) for each in (FIVE_MINUTES, ONE_HOUR)
        )
        self.names = EveryName(samples, self._fine, self._coarse)
        """The LabelReader of samples and buckets together."""
        self._changing = FairLock()
        self._deletions = 0
        self._stillness = threading.Lock()
        """Held by whoever changes files, and by whoever wants none changed."""
        self.keeping = TierKeeping(
            samples.raw, self._fine, self._coarse, clock, keep, samples.earliest_now, self._hiding
        )
        samples.raw.days.keeper = self

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
            Overloaded: too many deletions wait to be carried out.
            DataFolderFull: no room to note it.
        """
        with self._changing:
            self._deletions += 1
            self.keeping.look_soon()
            if any(touches(period, start, end) for folder in (self._fine, self._coarse) for period in folder.periods()):
                self._hiding.add(selectors, start, end)

    def carry_out_deletions(self) -> None:
        """Take what was deleted out of every file; other deletions are taken between the steps."""
        with self._stillness:
            more = bool(self._hiding.pending)
            while more:
                with self._changing:
                    more = self.keeping.delete_next()

    @property
    def deletions_pending(self) -> int:
        """Deletions whose buckets still lie in files, where no read sees them; waits for nobody."""
        return len(self._hiding.pending)

    def wants(self, day: int) -> bool:
        """Tell whether a day's samples have to stay because its buckets are not made yet."""
        return self.keeping.wants(day)

    def is_behind(self, day: int) -> bool:
        """Tell whether a day's buckets are made and lack samples that came later."""
        return self.keeping.is_behind(day)

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
        """Return since when there are samples and buckets."""
        fine, coarse = self._fine.periods()[:1], self._coarse.periods()[:1]
        # Hours are made of five minutes where no month of them is there, so both may begin with either.
        hours = [period.start for period in (*coarse, *fine)]
        since = {FIVE_MINUTES: fine[0].start} if fine else {}
        return Kept(self._samples.raw.first(), {**since, ONE_HOUR: min(hours)} if hours else since)

    def buckets(self, wanted: BucketsWanted, budget: Budget) -> Iterator[Buckets]:
        """Yield the series that match, sorted, some at a time.

        Where samples are not rolled up, or have changed since, the buckets are made of them here.

        Raises:
            CorruptData: a file turned out damaged; it is set aside, and the same question has an answer.
        """
        exact = self.exact_since(wanted.end)
        found: set[Labels] = set()
        pieces = list(self._pieces(_Wanted(wanted, budget, exact // DAY), found))
        ordered = sorted(found, key=lambda labels: labels.pairs)
        across = (wanted.end - wanted.start) // wanted.resolution + 1
        some = max(1, _CELLS_AT_ONCE // across)
        for low in range(0, len(ordered), some):
            rows = ordered[low : low + some]
            budget.charge(len(rows) * across)
            told = laid_out([piece(rows) for piece in pieces], wanted.columns, sketches=wanted.sketches)
            yield replace(told, exact_since=exact)

    def exact_since(self, end: int) -> int:
        """Return the first instant of the days up to `end` that are all told by their samples."""
        day = day_of(end)
        while self._fine.source(day_period(day)) is None and self._samples.raw.may_hold(day):
            day -= 1
        return (day + 1) * DAY

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
        """Damaged files met and set aside since the start."""
        return self._damage.count

    def close(self) -> None:
        """Break off what is being built, and close what is open."""
        with self._changing:
            self.keeping.stop()
            self._hiding.close()

    # ------------------------------------------------------------- the pieces

    def _pieces(self, wanted: _Wanted, found: set[Labels]) -> Iterator[Piece]:
        """Yield the places to read in order of time, and note the series that are found in them."""
        # The sample at `end` itself may be the first of the following day.
        day, last = day_of(wanted.asked.start + 1), day_of(wanted.asked.end)
        raw = set(self._samples.raw.numbers())
        first = self.kept()
        known = [each for each in (first.samples_since, *first.tiers_since.values()) if each is not None]
        day = max(day, day_of(min(known))) if known else last + 1
        while day <= last:
            wanted.budget.check()
            month = month_period(day)
            if wanted.asked.resolution == ONE_HOUR and self._is_true_of_month(month, raw):
                piece = self._stored(self._coarse, month, wanted, found)
                if piece is not None:
                    yield piece
                    day = month.last + 1
                    continue
            is_true = self._is_true_of_day(day)
            piece = (
                self._stored(self._fine, day_period(day), wanted, found)
                if is_true
                else self._joined(day, wanted, found)
            )
            yield piece or self._made(day, wanted, found)
            day += 1

    def _is_true_of_day(self, day: int) -> bool:
        """Tell whether a day's file tells of all samples that there are; without samples it is all there is."""
        made_of, raw = self._fine.source(day_period(day)), self._samples.raw
        return made_of is not None and (there_of(made_of) == raw.settled(day) or not raw.may_hold(day))

    def _is_true_of_month(self, month: Period, raw: Collection[int]) -> bool:
        made_of = self._coarse.source(month)
        if made_of is None:
            return False
        days = [period for period in self._fine.periods() if month.first <= period.first <= month.last]
        parts = set(made_of.split())
        there = {day_period(day).name for day in raw if month.first <= day <= month.last}
        return (
            parts.issuperset(source_of_month(days, self._fine).split())
            and there <= days_of_source(made_of)
            and all(self._is_true_of_day(period.first) for period in days if self._samples.raw.may_hold(period.first))
        )

    def _stored(self, folder: TierFolder, period: Period, wanted: _Wanted, found: set[Labels]) -> Piece | None:
        """Return a tier file's part, None where it is not there after all."""
        with folder.reading(period) as file:
            if file is None:
                return None
            section = folder.sections.of(file, wanted.budget.check)
            ids = match(section, wanted.asked.matchers, wanted.budget.check)
        found.update(unmarked(section.rows[row]) for row in ids.tolist())
        columns = wanted.asked.columns
        if folder.resolution != wanted.asked.resolution:
            columns = folding_needs(columns, sketches=wanted.asked.sketches)

        def read(rows: Collection[Labels]) -> list[Buckets]:
            with folder.reading(period) as file:
                if file is None:
                    return []
                held = folder.sections.of(file, wanted.budget.check)
                told = read_series(file, held, rows, columns, wanted.budget, sketches=wanted.asked.sketches)
                parts = [
                    part if folder.resolution == wanted.asked.resolution else coarser(part, wanted.asked.resolution)
                    for part in told
                ]
                return [cut(part, wanted.asked.start, wanted.asked.end) for part in parts]

        return read

    def _joined(self, day: int, wanted: _Wanted, found: set[Labels]) -> Piece | None:
        """Return the part of a day that has changed since its file was made, None without a file."""

        def panels(start: int, end: int) -> list[Panel]:
            return self._samples.panels(wanted.asked.matchers, start, end, wanted.budget)

        return joined_day(day, self._fine, self._samples.raw, panels, wanted.asked, wanted.budget, found)

    def _made(self, day: int, wanted: _Wanted, found: set[Labels]) -> Piece:
        """Make the buckets of a day of its samples."""
        start = max(day * DAY, wanted.begin(day) + 1)
        end = min((day + 1) * DAY - 1, wanted.asked.end)
        phase = wanted.phase(day)
        parts = [
            bucketed(panel, wanted.asked.resolution, wanted.asked.columns, sketches=wanted.asked.sketches, phase=phase)
            for panel in self._samples.panels(wanted.asked.matchers, start, end, wanted.budget)
        ]
        found.update(labels for part in parts for labels in part.labels)

        def read(rows: Collection[Labels]) -> list[Buckets]:
            chosen = set(rows)
            return [kept for part in parts if (kept := rows_of(part, chosen)) is not None]

        return read
