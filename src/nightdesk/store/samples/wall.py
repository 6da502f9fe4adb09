"""Which wall time to go by: after a step both readings count for a day, so that no wrong clock deletes or refuses."""

import logging
from collections.abc import Sequence
from typing import Final

from nightdesk.clock import Clock
from nightdesk.model.instant import DAY, HOUR, day_of

_STEP_MS: Final = HOUR
"""The wall clock was set if it moved this much more or less than the boot clock did."""
_DOUBT_SECONDS: Final = 86_400.0
"""A reading that stood for so long on the boot clock is believed."""
_GAP_DAYS: Final = 3
"""A start this many days after the newest days held may also be a clock that is wrong."""
_log = logging.getLogger(__name__)

_Reading = tuple[int, float]
"""Wall milliseconds and boot seconds of one look."""


class Wall:
    """The wall clock with its doubts: one thread at a time asks, any may read `told`."""

    def __init__(self, clock: Clock, held: Sequence[int], retention_ms: int) -> None:
        """Compare the clock with the days that have samples (`held`, rising), and doubt it where they disagree."""
        self._clock = clock
        now, boot = clock.now(), clock.boot()
        expected = _expected(now, held, retention_ms)
        self._believed: _Reading = (now if expected is None else expected, boot)
        self._doubted: _Reading | None = None
        self.told = ""
        """A sentence while the clock is in doubt, else empty."""
        self.between()

    def between(self) -> tuple[int, int]:
        """Return the earliest and the latest instant that it may be now; the same twice without a doubt."""
        now, boot = self._clock.now(), self._clock.boot()
        going_on = _at(self._believed, boot)
        if abs(now - going_on) <= _STEP_MS:
            self._believe((now, boot))
            return now, now
        if self._doubted is None or abs(now - _at(self._doubted, boot)) > _STEP_MS:
            self._doubt((now, boot), now - going_on)
        elif boot - self._doubted[1] >= _DOUBT_SECONDS:
            self._believe((now, boot))
            return now, now
        return min(now, going_on), max(now, going_on)

    def _believe(self, reading: _Reading) -> None:
        self._believed = reading
        if self._doubted is not None:
            self._doubted, self.told = None, ""
            _log.warning("the wall clock is believed again; samples are kept and taken by it alone")

    def _doubt(self, reading: _Reading, step_ms: int) -> None:
        self._doubted = reading
        self.told = (
            f"the wall clock is {step_ms / DAY:+.2f} days from where it should be: for 24 h no day is removed on its"
            " word alone, and samples are taken by either time"
        )
        _log.warning("%s", self.told)


def _at(reading: _Reading, boot: float) -> int:
    """Return what a reading has become by now."""
    return reading[0] + round((boot - reading[1]) * 1000)


def _expected(now: int, held: Sequence[int], retention_ms: int) -> int | None:
    """Return the instant that the days held speak for, None where they agree with the clock or say nothing."""
    if not held:
        return None
    today = day_of(now)
    if held[-1] > today + 1:
        return (held[-1] + 1) * DAY - 1
    # Days of now prove nothing: a desk that ran with the wrong clock before this start has written them.
    older = [day for day in held if day < today - 1]
    is_at_stake = held[0] < day_of(now - retention_ms)
    return older[-1] * DAY if is_at_stake and older and older[-1] < today - _GAP_DAYS else None
