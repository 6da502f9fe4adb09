"""The sample store: a journal and a head for what is new, day files for what is sealed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from nightdesk.clock import Clock
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Summarised
from nightdesk.model.series import Appended, Batch, Series
from nightdesk.seams import Budget
from nightdesk.store.fair_lock import FairLock
from nightdesk.store.samples.appender import Appender
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.day_format import FIRST_DAY, LAST_DAY
from nightdesk.store.samples.days import Days
from nightdesk.store.samples.head import Head
from nightdesk.store.samples.keeping.housekeeping import Housekeeping, SealWhen
from nightdesk.store.samples.keeping.wall import Wall
from nightdesk.store.samples.reader import Reader
from nightdesk.store.samples.recovery import recover
from nightdesk.store.samples.registry import Registry
from nightdesk.store.samples.stats import StoreStats
from nightdesk.store.sqlite import in_our_words

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
    ) -> None:
        """Open the folder, making it where it is missing, and replay the journal.

        Raises:
            NewerFormat: a file was written by a newer release.
            DataFolderFull: no space is left for the first file.
        """
        with in_our_words(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path, self._clock = path, clock
        self._writing = FairLock()
        self._damage = Damage()
        self._registry, self._head = Registry(max_series), Head(clock.boot())
        self._days = Days(path / "days", self._damage)
        self._journal = recover(path / "journal.db", self._registry, self._head, self._days, self._damage)
        held = sorted({*self._days.between(FIRST_DAY - 1, LAST_DAY + 1), *self._head.current.days()})
        self._wall = Wall(clock, held, retention_ms)
        self._appender = Appender(path, self._journal, self._registry, self._head, clock, self._wall, retention_ms)
        self._house = Housekeeping(
            self._journal,
            self._registry,
            self._head,
            self._days,
            self._damage,
            clock,
            self._wall,
            seal_when or SealWhen(),
        )
        self._reader = Reader(self._registry, self._head, self._days)
        self._appender.know(self._head.current.references())

    def reference(self, labels: Labels) -> int:
        """Return the reference of a series, made on first sight. Raises BadLabels, SeriesLimitExceeded."""
        return self._registry.reference(labels)

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
        with self._writing:
            return self._house.step(self._appender.retention_ms)

    def seal(self) -> None:
        """Make all samples so far durable in day files, one whole file a day; ingest goes on between the steps."""
        with self._writing:
            self._appender.flush()
            self._house.freeze()
        more = True
        while more:
            with self._writing:
                more = self._house.run_one()
        with self._writing:
            self._journal.shrink()

    def enforce_retention(self, now_ms: int) -> int:
        """Remove the days that lie before the retention as a whole; return how many."""
        with self._writing:
            return self._house.enforce_retention(now_ms, self._appender.retention_ms)

    def counts(self) -> tuple[int, int]:
        """Return the live series and the samples taken since the start; asks no disk and waits for nobody."""
        return self._registry.live, self._appender.samples

    @property
    def clock_in_doubt(self) -> str:
        """A sentence while the wall clock is not believed, else empty; asks no disk and waits for nobody."""
        return self._wall.told

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
                self._days.close()
                self._journal.close()
