"""From what a selector is answered: from samples, or from buckets of 5 m or 1 h. Pure; see docs/tiers.md."""

from dataclasses import dataclass
from typing import Final

from nightdesk.model.buckets import RESOLUTIONS, Kept
from nightdesk.model.instant import DAY

LONG: Final = 7 * DAY
"""A selector that looks at more time than this may be answered from buckets though its samples are there."""
SEVERAL: Final = 6
"""A window, or the step between two looks of a selector, is at least so many buckets long."""
SAMPLES: Final = 0
"""The resolution that asks for samples alone."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a selector looks at: instants in (first, last] ms, in windows, or every `window` ms at the last sample."""

    first: int
    last: int
    window: int
    plain: bool = False
    """A selector without a range: its last sample is as good from a bucket, whatever the step."""
    folds: bool = False
    """Samples answer cheaply however long the window, since chunks tell of themselves."""


def choose(look: Look, kept: Kept, asked: int | None = None) -> int | None:
    """Return the resolution to answer from in milliseconds, None for samples.

    `asked` is the coarsest that a person will have: 0 for samples alone; None leaves it to what there is. Samples are
    taken wherever they are and the interval is not long; a tier only where its windows are several buckets, save where
    it was asked for, or where it is all that is left and a window is at least one bucket.
    """
    if asked == SAMPLES:
        return None
    tiers = [each for each in kept.tiers_since if asked is None or each <= asked]
    if asked is not None:
        return max((each for each in tiers if each <= look.window or look.plain), default=None)
    several = [each for each in tiers if each * SEVERAL <= look.window]
    if not is_partly_gone(look, kept):
        is_long = look.last - look.first > LONG and not look.folds
        return max(several, default=None) if is_long else None
    wide_enough = [each for each in tiers if each <= look.window or look.plain]
    return max(wide_enough, key=lambda each: _worth(each, look, kept.tiers_since[each]), default=None)


def _worth(tier: int, look: Look, since: int) -> tuple[int, bool, int]:
    """Put first what reaches furthest back. Of several buckets the coarsest cost least, of few the finest tell most."""
    is_several = tier * SEVERAL <= look.window
    return -max(since, look.first), is_several, tier if is_several else -tier


def is_partly_gone(look: Look, kept: Kept) -> bool:
    """Tell whether samples of the interval are gone of which a tier is left."""
    since = min(kept.tiers_since.values(), default=None)
    if since is None or look.first >= look.last:
        return False
    begins = max(since, look.first)
    return begins < look.last and (kept.samples_since is None or begins < kept.samples_since)


def resolution_of(millis: int) -> int:
    """Return the coarsest tier of at most so many milliseconds, `SAMPLES` below the finest."""
    return max((each for each in RESOLUTIONS if each <= millis), default=SAMPLES)
