"""The writing side: batches go to the head at once, and to the journal together at `commit`."""

import contextlib
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.clock import Clock
from nightdesk.errors import DataFolderFull, NightdeskError, StoreError
from nightdesk.model.instant import DAY, day_of
from nightdesk.model.series import EMPTY_REFS, Appended, AppendRefusal, Batch, OutOfTime
from nightdesk.store.disk_reserve import demand_disk
from nightdesk.store.samples.head.head import Head
from nightdesk.store.samples.head.registry import Registry
from nightdesk.store.samples.journal.journal import Journal
from nightdesk.store.samples.wall import Wall

MAX_AHEAD_MS: Final = DAY
"""An instant further ahead is wrong, and each day ahead would cost a file; a zone that is mistaken for UTC passes."""
MAX_HELD_SAMPLES: Final = 8_000_000
"""With more than this in memory sealing has failed for long: nothing more is acknowledged."""
_VOLATILE_SAMPLES: Final = 250_000
_NONE_OVER: Final[frozenset[int]] = frozenset()


class Appender:
    """Appends and commits.

    On a full disk nothing is acknowledged, but the newest 250,000 to 500,000 samples stay readable in memory, so that
    rules go on judging what is new.
    """

    def __init__(
        self,
        folder: Path,
        journal: Journal,
        registry: Registry,
        head: Head,
        clock: Clock,
        wall: Wall,
        retention_ms: int,
    ) -> None:
        """Write to `journal` and `head` what is no older than the retention."""
        self.retention_ms = retention_ms
        self._folder, self._journal, self._registry, self._head, self._clock = folder, journal, registry, head, clock
        self._wall = wall
        self._pending: list[Batch] = []
        self._unheard: NightdeskError | None = None
        """A flush of samples that failed; whoever appended them has not heard of it yet."""
        self._journaled: NDArray[np.bool_] = np.zeros(1_024, dtype=np.bool_)
        self.samples = 0
        """Samples taken since the start."""
        self.failed_commits = 0

    def know(self, refs: NDArray[np.int64]) -> None:
        """Take note that the journal holds the labels of these series."""
        self._cover()
        self._journaled[refs] = True

    def let_go(self) -> None:
        """Take the labels out of the journal where no sample waits; the next commit brings those it needs again."""
        if not self._pending and self._journal.first_number() is None:
            self._journal.forget_all_series()
            self._journaled[:] = False

    def append(self, batch: Batch) -> Appended:
        """Take what lies in bounds; visible to readers when this returns, durable after `commit`."""
        batch, refused, out_of_time = self._in_bounds(batch)
        over = _NONE_OVER
        if len(batch):
            in_time = len(batch)
            batch, over = self._within_cap(batch)
            if over:
                refused = refused | {AppendRefusal.SERIES_LIMIT: in_time - len(batch)}
        if len(batch):
            self._head.append(batch)
            self._pending.append(batch)
            self.samples += len(batch)
        return Appended(len(batch), refused, out_of_time, over)

    def commit(self) -> None:
        """Make every batch so far durable; for the appending side alone, which answers for them.

        Raises:
            DataFolderFull, StoreError: not all of them are, be it that a `flush` since the last commit failed; they
                stay readable for a while and may become durable by sealing.
        """
        unheard, self._unheard = self._unheard, None
        self._write_pending()
        self._retire()
        if unheard is not None:
            raise unheard

    def flush(self) -> None:
        """Make every batch so far durable, for anyone; a failure is raised here and by the next `commit` as well."""
        try:
            self._write_pending()
        except NightdeskError as error:
            self._unheard = error
            raise

    def _write_pending(self) -> None:
        pending, self._pending = self._pending, []
        if not pending:
            return
        try:
            self._demand_space()
            unknown = self._unknown(pending)
            number = self._journal.write([(ref, self._registry.labels(ref)) for ref in unknown.tolist()], pending)
        except StoreError:
            self.failed_commits += 1
            self._bound_volatile()
            raise
        self._journaled[unknown] = True
        self._head.current.journal_end = number

    def _retire(self) -> None:
        """Let go of series that ended: here no batch is under way, so that nobody holds a reference just resolved."""
        gone = self._registry.retire(self._clock.boot())
        if len(gone):
            with contextlib.suppress(StoreError):  # a start forgets what no entry names: the tidying can wait
                self._journal.forget_series(gone.tolist())

    def _in_bounds(self, batch: Batch) -> tuple[Batch, dict[AppendRefusal, int], OutOfTime | None]:
        if not len(batch):
            return batch, {}, None
        low, high = self._wall.between()
        earliest, latest = day_of(low - self.retention_ms) * DAY, high + MAX_AHEAD_MS
        if earliest <= int(batch.times.min()) and int(batch.times.max()) <= latest:
            return batch, {}, None
        old, ahead = batch.times < earliest, batch.times > latest
        counts = {AppendRefusal.TOO_OLD: int(old.sum()), AppendRefusal.TOO_FAR_AHEAD: int(ahead.sum())}
        kept = ~(old | ahead)
        taken = Batch(batch.refs[kept], batch.times[kept], batch.values[kept])
        first = OutOfTime(int(batch.times[~kept][0]), earliest, latest)
        return taken, {reason: count for reason, count in counts.items() if count}, first

    def _within_cap(self, batch: Batch) -> tuple[Batch, frozenset[int]]:
        """Leave out samples of series that had ended and come back over the cap; return which series those are."""
        over = self._registry.mark_live(batch.refs)
        if not len(over):
            return batch, _NONE_OVER
        kept = ~np.isin(batch.refs, over)
        return Batch(batch.refs[kept], batch.times[kept], batch.values[kept]), frozenset(over.tolist())

    def _demand_space(self) -> None:
        demand_disk(self._folder)
        if self._head.samples > MAX_HELD_SAMPLES:
            raise DataFolderFull(
                f"{MAX_HELD_SAMPLES} samples wait to be sealed in {self._folder}: sealing keeps failing"
            )

    def _unknown(self, pending: list[Batch]) -> NDArray[np.int64]:
        """Return the series whose labels the journal does not hold yet."""
        self._cover()
        missing = [refs for batch in pending if len(refs := batch.refs[~self._journaled[batch.refs]])]
        return np.unique(np.concatenate(missing)) if missing else EMPTY_REFS

    def _cover(self) -> None:
        if self._registry.end > len(self._journaled):
            grown = np.zeros(2 * self._registry.end, dtype=np.bool_)
            grown[: len(self._journaled)] = self._journaled
            self._journaled = grown

    def _bound_volatile(self) -> None:
        """Keep what no journal holds in generations of its own, and of those only the newest one and the current."""
        head = self._head
        if head.current.journal_end or head.current.samples >= _VOLATILE_SAMPLES:
            head.freeze(self._clock.boot())
        for stale in [generation for generation in head.frozen if not generation.journal_end][:-1]:
            head.drop(stale)
