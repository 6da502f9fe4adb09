"""What the desk holds of samples: bytes by kind, the bound, the first and last day; looked at now and then."""

import asyncio
from dataclasses import dataclass
from typing import Final, Protocol

from nightdesk.clock import Clock
from nightdesk.errors import StoreError
from nightdesk.store.samples.day_names import day_name
from nightdesk.store.samples.stats import StoreStats
from nightdesk.workers import Workers

FRESH_SECONDS: Final = 10.0
"""A look asks each file for its size."""
_PATIENCE_SECONDS: Final = 0.2
"""How the desk stands is to be told while a disk hangs, too."""
_NOTHING: Final = "no samples are kept yet"
_NONE_CAME: Final = "none came since the start"
_NO_ANSWER: Final = "the disk has not answered yet"


@dataclass(frozen=True, slots=True)
class Holdings:
    """Bytes on the disk, UTC days and an instant in ms; what is None has its reason in `reason`."""

    samples_bytes: int | None = None
    """Day files."""
    journal_bytes: int | None = None
    tiers_bytes: int | None = None
    quota_bytes: int | None = None
    """The most that all of it may take; None for no bound, which needs no reason."""
    oldest_day: str | None = None
    newest_day: str | None = None
    newest_at: int | None = None
    """The newest sample, of those that came since the start or were not sealed then; sealing them changes nothing."""
    reason: str = ""

    @classmethod
    def of(cls, stats: StoreStats) -> "Holdings":
        """Take from the figures of a store what people ask for."""
        taken, days = stats.occupied, stats.days_held
        oldest, newest = (None, None) if days is None else map(day_name, days)
        reason = _NOTHING if days is None else _NONE_CAME if stats.newest is None else ""
        return cls(taken.days, taken.journal, taken.derived, stats.quota_bytes, oldest, newest, stats.newest, reason)


async def without_samples() -> Holdings:
    """Hold nothing: for a desk that is put together without a store."""
    return Holdings(reason=_NOTHING)


class Measured(Protocol):
    """What has figures: a store of samples."""

    def stats(self) -> StoreStats:
        """Return what it holds; looks at each file."""
        ...


class LatelyHeld:
    """Looks at a store every ten seconds at most, away from the event loop; used on the loop alone."""

    def __init__(self, store: Measured, clock: Clock, chores: Workers) -> None:
        """Know nothing yet."""
        self._store, self._clock, self._chores = store, clock, chores
        self._known, self._looked_at = Holdings(reason=_NO_ANSWER), -FRESH_SECONDS
        self._look: asyncio.Future[Holdings] | None = None

    async def now(self) -> Holdings:
        """Return what is held; where the disk does not answer at once, what was known before."""
        if self._look is None and self._clock.boot() - self._looked_at >= FRESH_SECONDS:
            self._looked_at = self._clock.boot()
            self._look = asyncio.wrap_future(self._chores.submit(self._measure))
        look = self._look
        if look is not None:
            await asyncio.wait({look}, timeout=_PATIENCE_SECONDS)
            if look.done():
                self._known, self._look = look.result(), None
        return self._known

    def _measure(self) -> Holdings:
        try:
            return Holdings.of(self._store.stats())
        except (StoreError, OSError) as error:
            return Holdings(reason=f"the files cannot be looked at: {error}")
