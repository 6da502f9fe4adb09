"""The sample store: a journal and a head for what is new, day files for what is sealed."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from nightdesk.clock import Clock
from nightdesk.errors import StoreError
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Summarised
from nightdesk.model.series import Appended, Batch, Series
from nightdesk.seams.samples import Budget
from nightdesk.store.durable import make_folder
from nightdesk.store.fair_lock import FairLock
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.day_names import FIRST_DAY, LAST_DAY
from nightdesk.store.samples.days.derived_data import DerivedData
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.days.raw_days import RawDays
from nightdesk.store.samples.deletion.deletion import Selector
from nightdesk.store.samples.deletion.tombstones import Tombstones
from nightdesk.store.samples.head.head import Head
from nightdesk.store.samples.head.registry import Registry
from nightdesk.store.samples.journal.appender import Appender
from nightdesk.store.samples.reading.reader import Reader
from nightdesk.store.samples.recovery import recover
from nightdesk.store.samples.series_deleter import SeriesDeleter
from nightdesk.store.samples.stats import StoreStats
from nightdesk.store.samples.upkeep.classes import Classes
from nightdesk.store.samples.upkeep.housekeeping import Housekeeping, RemovalPolicies, SealWhen, StoreParts
from nightdesk.store.samples.upkeep.quota import Quota
from nightdesk.store.samples.upkeep.retention import Retention
from nightdesk.store.samples.upkeep.tombstone_cleaning import TombstoneCleaning
from nightdesk.store.samples.wall import Wall

MAX_SERIES: Final = 200_000


class SampleStore:
    """A SeriesReader, PanelReader, LabelReader and SampleWriter over one folder.

    One thread appends and commits; `seal`, `maintain` and reads may come from any. Batches belong to the store once
    given: their arrays must not change afterwards.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        retention_ms: int,
        max_series: int = MAX_SERIES,
        seal_when: SealWhen | None = None,
        retention: Retention | None = None,
    ) -> None:
        """Open the folder, making it where it is missing, and replay the journal.

        `retention` bounds more than `retention_ms` does.

        Raises:
            NewerFormat: a file was written by a newer release.
            DataFolderFull: no space is left for the first file.
        """
        make_folder(path)
        self.path, self._clock = path, clock
        self._writing = FairLock()
        self._stillness = threading.Lock()
        """Held by whoever keeps house, and by whoever wants no house kept."""
        self._damage = Damage()
        self._damage.recall(path)
        self._registry, self._head = Registry(max_series), Head(clock.boot())
        self._tombstones = Tombstones(path / "deletions.db", self._damage)
        self._days = Days(path / "days", self._damage, self._tombstones)
        self._journal = recover(
            path / "journal.db", self._registry, self._head, self._days, self._damage, self._tombstones
        )
        held = sorted({*self._days.between(FIRST_DAY - 1, LAST_DAY + 1), *self._head.current.days()})
        self._wall = Wall(clock, held, retention_ms)
        self._appender = Appender(path, self._journal, self._registry, self._head, clock, self._wall, retention_ms)
        retention = retention or Retention()
        self._quota = Quota(self._days, self._journal, retention.bytes)
        self._tombstone_cleaning = TombstoneCleaning(self._tombstones, self._days, self._journal, self._damage)
        self._classes = Classes(retention, self._days, self._damage)
        policies = RemovalPolicies(self._quota, self._classes, self._tombstone_cleaning)
        parts = StoreParts(self._journal, self._registry, self._head, self._days, self._damage)
        self._house = Housekeeping(parts, policies, clock, self._wall, seal_when or SealWhen())
        self._deleter = SeriesDeleter(parts, self._tombstones, clock)
        self._reader = Reader(self._registry, self._head, self._days)
        self._appender.know(self._head.current.references())
        self.raw = RawDays(self._days, self._head, self._tombstones)
        self.era = self._registry.era

    def reference(self, labels: Labels, *, pushed: bool = False) -> int:
        """Return the reference of a series, made on first sight. Raises BadLabels, SeriesLimitExceeded."""
        return self._registry.reference(labels, pushed=pushed)

    def append(self, batch: Batch) -> Appended:
        """Take a batch; readers see it when this returns, it is durable after `commit`."""
        with self._writing:
            return self._appender.append(batch)

    def commit(self) -> None:
        """Make every batch so far durable; called by whoever appends. Raises StoreError: none is acknowledged then.

        It is raised too where `seal` or `close`, called meanwhile by another, failed to write these batches.
        """
        with self._writing:
            self._appender.commit()
            self.era = self._registry.era

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        """Return the series that match with their samples in [start, end] ms, sorted by labels."""
        return self._reader.select(matchers, start, end, budget)

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return the series that match with their samples in [start, end] ms side by side, each in one panel."""
        return self._reader.panels(matchers, start, end, budget)

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Return the same samples with whole chunks told by their summaries."""
        return self._reader.summarised(matchers, start, end, budget)

    def series(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Labels]:
        """Return the label sets that match, sorted."""
        return self._reader.series(matchers, start, end, budget)

    def label_names(self, start: int, end: int, budget: Budget) -> list[str]:
        """Return all label names in use, sorted."""
        return self._reader.label_names(start, end, budget)

    def label_values(self, name: str, start: int, end: int, budget: Budget) -> list[str]:
        """Return all values of one label, sorted."""
        return self._reader.label_values(name, start, end, budget)

    def maintain(self) -> bool:
        """Do one short step of housekeeping (about 20 ms); True while there is more to do at once."""
        if not self._stillness.acquire(blocking=False):
            return False
        try:
            with self._writing:
                return self._house.step(self._appender.retention_ms)
        finally:
            self._stillness.release()

    @contextmanager
    def still(self) -> Iterator[None]:
        """Leave all day files and the journal's entries where they are inside; writes go on into the journal."""
        with self._stillness:
            yield

    def seal(self) -> None:
        """Make all samples so far durable in day files, one whole file a day; ingest goes on between the steps."""
        with self._stillness:
            self._freeze()
            more = True
            while more:
                with self._writing:
                    more = self._house.run_one()
            with self._writing:
                self._appender.let_go()
                self._journal.shrink()

    def _freeze(self) -> None:
        with self._writing:
            self._appender.flush()
            self._house.freeze()

    def enforce_retention(self, now_ms: int) -> int:
        """Remove the days that lie before the retention as a whole; return how many."""
        with self._stillness, self._writing:
            return self._house.enforce_retention(now_ms, self._appender.retention_ms)

    def delete(self, selectors: Sequence[Selector], start: int, end: int) -> None:
        """Delete the samples of any selector in [start, end] ms that the store has now; what comes afterwards stays.

        When this returns no read shows them, whatever happens; their room is given back by and by.

        Raises:
            QueryError: a regular expression that RE2 does not accept.
            QueryTimeout: finding out which series match took too long; others appended meanwhile.
            Overloaded: too many tombstones wait to be cleaned.
            DataFolderFull: not even a few KiB are left, and no day went as a whole.
        """
        chosen = self._deleter.choose(selectors)
        with self._writing:
            # Samples that find no room in the journal lie in memory alone, and are cut out there.
            with suppress(StoreError):
                self._appender.flush()
            self._house.freeze()
            self._house.stop()
            self._deleter.delete(chosen, start, end)

    def clean_tombstones(self) -> None:
        """Take what was deleted out of every file; ingest goes on between the steps."""
        with self._stillness:
            self._freeze()
            more = True
            while more and self._tombstones.pending:
                with self._writing:
                    more = self._house.run_one()

    def attach(self, derived: DerivedData) -> None:
        """Let what is made of days hold on to them, and count against the quota; see `DerivedData`."""
        self._days.derived = derived

    def retain(self, retention_ms: int, retention: Retention) -> None:
        """Keep samples so long, and within these bounds, from the next look at what is to go."""
        with self._writing:
            self._house.stop()  # what it is at may go by the classes of before
            self._appender.retention_ms, self._quota.bytes = retention_ms, retention.bytes
            self._classes.use(retention)

    def earliest_now(self) -> int:
        """Return the earliest instant that it may be now, which is what removals go by."""
        with self._writing:
            return self._wall.between()[0]

    def counts(self) -> tuple[int, int]:
        """Return the live series and the samples taken since the start; asks no disk and waits for nobody."""
        return self._registry.live, self._appender.samples

    @property
    def refused_series(self) -> int:
        """How often a new series was refused, as too many are live; asks no disk and waits for nobody."""
        return self._registry.refused

    @property
    def clock_in_doubt(self) -> str:
        """A sentence while the wall clock is not believed, else empty; asks no disk and waits for nobody."""
        return self._wall.told

    @property
    def deletions_pending(self) -> int:
        """Deletions whose samples still lie in files, where no read sees them; waits for nobody."""
        return len(self._tombstones.pending)

    def flaws(self, start: int, end: int) -> Sequence[str]:
        """Return a sentence on each day of [start, end] ms of which samples may be missing, as they were damaged."""
        return self._damage.between(start, end)

    @property
    def damaged(self) -> int:
        """Damaged places met and set aside since the start; asks no disk and waits for nobody."""
        return self._damage.count

    def stats(self) -> StoreStats:
        """Return what the store holds and has done; looks at each day file, so never on the event loop."""
        return StoreStats(
            series=self._registry.live,
            head_samples=self._head.samples,
            samples=self._appender.samples,
            journal_bytes=self._journal.bytes,
            day_files=len(self._days),
            day_bytes=self._days.bytes(),
            seals=self._house.seals,
            compactions=self._house.compactions,
            last_seal_seconds=self._house.last_seal_seconds,
            failed_commits=self._appender.failed_commits,
            failed_housekeeping=self._house.failures,
            clock_in_doubt=self.clock_in_doubt,
            occupied=self._quota.occupied(),
            quota_bytes=self._quota.bytes,
            days_removed=self._quota.counted(
                deletion=self._tombstone_cleaning.days_removed, **{"class": self._classes.days_removed}
            ),
            deletions_pending=self.deletions_pending,
            days_held=self.raw.reach(),
            newest=self.raw.newest(),
            damaged=self.damaged,
            damage=self._damage.told(),
        )

    def close(self) -> None:
        """Commit what is pending and close all files; housekeeping at hand is broken off and done again later."""
        with self._writing:
            try:
                self._appender.flush()
            finally:
                self._house.stop()
                self._tombstones.close()
                self._days.close()
                self._journal.close()
