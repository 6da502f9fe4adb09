"""Uptime of a target out of samples of 1 (up) and 0 (down): what nobody looked at is neither."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.analytics.system.spans import Span, Spans, holes, length, merged, overlap
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import Labels
from nightdesk.model.series import Series, Times, stale_mask

LATE: Final = 2.5
"""A sample speaks until the next one, if that comes within so many usual intervals; else for one interval alone."""
USUAL: Final = 15 * SECOND
"""The longest interval that is believed of a series of one or two samples."""
LEAST_HOLD: Final = 10 * SECOND
"""A series of every second may be late by this much, as a busy machine is."""


@dataclass(frozen=True, slots=True)
class Uptime:
    """One target over a window: up, down and unmonitored milliseconds sum to the window."""

    target: Labels
    up: int
    down: int
    unmonitored: int
    desk_stopped: int = 0
    """What of `unmonitored` was because the desk itself did not run."""

    @property
    def ratio(self) -> float | None:
        """Up time over monitored time, 0 to 1; None where it was never monitored. Unmonitored time is never up."""
        seen = self.up + self.down
        return self.up / seen if seen else None


def uptime(series: Series, start: int, end: int, stops: Spans = ()) -> Uptime:
    """Work out the uptime of a target in [start, end) ms; `stops` are the spans in which the desk did not run.

    The series may begin before the window: its last sample there speaks for the window's beginning.
    """
    until = _reach(series.times)
    is_stale = stale_mask(series.values)
    is_up = series.values > 0
    window: Spans = ((start, end),)
    up = overlap(_spans(series.times, until, is_up & ~is_stale), window)
    down = overlap(_spans(series.times, until, ~is_up & ~is_stale & ~np.isnan(series.values)), window)
    unseen = holes(merged([*up, *down]), start, end)
    return Uptime(series.labels, length(up), length(down), length(unseen), length(overlap(unseen, stops)))


def seen(series: Series, start: int, end: int) -> Spans:
    """Return the spans of [start, end) in which a series had samples at all."""
    until = _reach(series.times)
    return overlap(_spans(series.times, until, ~stale_mask(series.values)), ((start, end),))


def _reach(times: Times) -> Times:
    """Return until when each sample speaks."""
    if len(times) < 2:
        return times + USUAL
    steps = np.diff(times)
    usual = _usual(steps)
    hold = max(LATE * usual, LEAST_HOLD)
    reach = np.append(np.where(steps <= hold, steps, usual), usual)
    return times + reach.astype(np.int64)


def _usual(steps: Times) -> int:
    """Return the usual interval: the lower median, so that one long gap among few samples is none."""
    usual = int(np.sort(steps)[(len(steps) - 1) // 2])
    return usual if len(steps) > 1 else min(usual, USUAL)


def _spans(times: Times, until: Times, chosen: NDArray[np.bool_]) -> Spans:
    """Return the joined spans of the chosen samples."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], chosen.astype(np.int8), [0]))))
    runs: list[Span] = []
    for first, beyond in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        cut = np.flatnonzero(until[first : beyond - 1] < times[first + 1 : beyond])
        begins = [first, *(first + 1 + cut).tolist()]
        lasts = [*(first + cut).tolist(), beyond - 1]
        runs += [(int(times[begin]), int(until[last])) for begin, last in zip(begins, lasts, strict=True)]
    return merged(runs)
