"""Housekeeping: when to seal, compact and remove, done in short steps between two commits."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from nightdesk.clock import Clock, Deadline
from nightdesk.errors import DataFolderFull
from nightdesk.model.instant import DAY, MINUTE
from nightdesk.store.disk_reserve import demand_disk, spare_disk
from nightdesk.store.samples.damage import Damage
from nightdesk.store.samples.day_names import day_bounds
from nightdesk.store.samples.days.folder import Days
from nightdesk.store.samples.head.head import Generation, Head
from nightdesk.store.samples.head.registry import Registry
from nightdesk.store.samples.journal.journal import Journal
from nightdesk.store.samples.matching import union
from nightdesk.store.samples.upkeep.classes import Classes
from nightdesk.store.samples.upkeep.compaction import compact_day
from nightdesk.store.samples.upkeep.quota import Quota
from nightdesk.store.samples.upkeep.sealing import MANY_SERIES, seal_generation
from nightdesk.store.samples.upkeep.tombstone_cleaning import TombstoneCleaning
from nightdesk.store.samples.wall import Wall

STEP_SECONDS: Final = 0.02
_RETRY_SECONDS: Final = 15.0
"""After a failure (a full disk, mostly) nothing is tried again before this."""
_RETENTION_SECONDS: Final = 60.0
_FILE_BYTES: Final = 32 * 1024
"""The least that a file of a day takes: tables, and labels of a few hundred series."""
_BEHIND: Final = 2
"""Generations' worth of samples in memory from which on a step takes up to `_BEHIND_SECONDS`."""
_BEHIND_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class SealWhen:
    """When a generation is sealed, which is past any of the first three, and when what is sealed is packed."""

    samples: int = 2_000_000
    seconds: float = 3_600.0
    journal_bytes: int = 48 * 1024 * 1024
    supplements: int = 24
    """A day is compacted after this many seals, or once it is over."""
    many_series: int = MANY_SERIES
    """So many series of a day, each of few samples, are packed as they are sealed."""


@dataclass(frozen=True, slots=True)
class StoreParts:
    """The parts of a store that housekeeping and deletions work on."""

    journal: Journal
    registry: Registry
    head: Head
    days: Days
    damage: Damage


@dataclass(frozen=True, slots=True)
class RemovalPolicies:
    """Why samples are removed: over the quota, past the retention of their class, deleted."""

    quota: Quota
    classes: Classes
    tombstone_cleaning: TombstoneCleaning


class Housekeeping:
    """One task at a time; driven by `step` from the ingest thread, or run to its end by `seal`."""

    def __init__(self, parts: StoreParts, policies: RemovalPolicies, clock: Clock, wall: Wall, when: SealWhen) -> None:
        """Keep house over the parts of a store."""
        self._journal, self._registry, self._head = parts.journal, parts.registry, parts.head
        self._days, self._damage = parts.days, parts.damage
        self._quota, self._classes = policies.quota, policies.classes
        self._tombstone_cleaning = policies.tombstone_cleaning
        self._clock, self._wall, self._when = clock, wall, when
        self._task: Iterator[None] | None = None
        self._not_before = 0.0
        self._next_removal = 0.0
        self._seals_of: dict[int, int] = {}
        self._seal_needs = 0
        """Bytes without which a seal is not begun again: what was there was too little for the last one."""
        self.seals = 0
        self.compactions = 0
        self.failures = 0
        self.last_seal_seconds = 0.0

    def step(self, retention_ms: int) -> bool:
        """Work for about 20 ms; True while there is more to do at once."""
        now = self._clock.boot()
        if now < self._not_before:
            return False
        with self._watched():
            with suppress(DataFolderFull):  # the old file goes on, and sealing must not wait for room of another kind
                self._journal.relieve()
            if now >= self._next_removal:
                self._next_removal = now + _RETENTION_SECONDS
                self.enforce_retention(self._earliest, retention_ms)
                self._quota.enforce_bytes(self._earliest)
            if self._task is None:
                self._task = self._next_task()
        # Who writes faster than this can seal has to wait: memory is bounded, patience is asked for by the queue.
        is_behind = self._head.samples > _BEHIND * self._when.samples
        patience = _BEHIND_SECONDS if is_behind else STEP_SECONDS
        return self._task is not None and self._advance(Deadline(self._clock, patience))

    def freeze(self) -> None:
        """Let everything in the head wait to be sealed."""
        self._head.freeze(self._clock.boot())

    def run_one(self) -> bool:
        """Finish the task at hand, or else the next sealing or compaction of any day; False with nothing left."""
        if self._task is None:
            self._task = self._pressing() or self._compaction(self._days.supplemented())
        return self._task is not None and self._advance(Deadline(self._clock, STEP_SECONDS))

    def enforce_retention(self, now: int, retention_ms: int) -> int:
        """Remove the days that lie before the retention as a whole; return how many."""
        return self._quota.enforce_time(now, retention_ms)

    def stop(self) -> None:
        """Break off the task at hand; what it wrote is taken back."""
        if self._task is not None:
            task, self._task = self._task, None
            close = getattr(task, "close", None)
            if close is not None:
                close()

    def _advance(self, deadline: Deadline) -> bool:
        assert self._task is not None
        with self._watched():
            try:
                while not deadline.passed:
                    next(self._task)
            except StopIteration:
                self._task = None
        return True

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Give the task up, count and pause where the body fails, be it in a way that nobody foresaw."""
        try:
            yield
        except Exception:
            self._task = None
            self.failures += 1
            self._not_before = self._clock.boot() + _RETRY_SECONDS
            raise

    def _next_task(self) -> Iterator[None] | None:
        current = self._head.current
        if self._is_due(current):
            self.freeze()
        return (
            self._pressing()
            or self._compaction([day for day in self._days.supplemented() if self._is_ripe(day)])
            or self._classes.task(self._earliest, self._make_room)
        )

    @property
    def _earliest(self) -> int:
        """What goes is gone for good, so of two times that it may be now the earlier one counts."""
        return self._wall.between()[0]

    def _pressing(self) -> Iterator[None] | None:
        """Return what comes before any compaction: that must not mix what a deletion goes by with what came later."""
        return self._sealing() or self._tombstone_cleaning.task(self._make_room)

    def _is_due(self, current: Generation) -> bool:
        when = self._when
        if not current.samples and not current.journal_end:
            current.born = self._clock.boot()
            return False
        return (
            current.samples >= when.samples
            or self._clock.boot() - current.born >= when.seconds
            or self._journal.bytes >= when.journal_bytes
        )

    def _is_ripe(self, day: int) -> bool:
        """Tell whether a day should become one file: it is over and quiet, or has collected many small chunks.

        A day of the past that is being filled is not quiet: after each seal it would be rewritten from its beginning.
        """
        is_over = (day + 1) * DAY + 10 * MINUTE < self._clock.now()
        is_quiet = not self._head.current.may_hold(*day_bounds(day))
        seals = max(self._seals_of.get(day, 0), len(self._days.files_of(day)) - 1)
        return (is_over and is_quiet) or seals >= self._when.supplements

    def _sealing(self) -> Iterator[None] | None:
        frozen = self._head.frozen
        return self._seal(frozen[0]) if frozen else None

    def _seal(self, generation: Generation) -> Iterator[None]:
        began = self._clock.boot()
        # A sample a day of years is little in the journal, and a file each on the disk.
        files = len(generation.days()) * _FILE_BYTES
        self._make_room(self._journal.bytes + files)
        demand_disk(self._days.folder, self._seal_needs + files)
        spare = spare_disk(self._days.folder)
        try:
            yield from seal_generation(generation, self._registry, self._days, self._when.many_series)
        except DataFolderFull:
            # Some values take a fiftieth of their room in the journal, some nearly all of it, and a log as much again.
            self._seal_needs = min(spare + self._journal.bytes // 8, 2 * self._journal.bytes)
            raise
        self._seal_needs = 0
        if generation.journal_end:
            self._journal.drop_through(generation.journal_end)
        self._head.drop(generation)
        self._registry.keep_live(union([held.references() for held in self._head.generations()]))
        for day in generation.days():
            self._seals_of[day] = self._seals_of.get(day, 0) + 1
        self.seals += 1
        self.last_seal_seconds = self._clock.boot() - began

    def _compaction(self, days: list[int]) -> Iterator[None] | None:
        return self._compact(days[0]) if days else None

    def _compact(self, day: int) -> Iterator[None]:
        self._make_room(self._days.bytes_of(day))
        yield from compact_day(day, self._days, self._damage)
        self._seals_of.pop(day, None)
        self.compactions += 1

    def _make_room(self, size: int) -> None:
        """Let the oldest days go that have to for `size` bytes more, before they are written."""
        self._quota.enforce_bytes(self._earliest, size)
