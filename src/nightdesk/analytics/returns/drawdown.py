"""Falls from the highest wealth so far: how deep, how long, and each one by itself. Depths are negative."""

from dataclasses import dataclass

import numpy as np

from nightdesk.analytics.figure import Answer, Reason
from nightdesk.analytics.returns.record import Floats, Record
from nightdesk.model.curve import Instants

NANOS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Episode:
    """One fall: from the last point at the peak to the first point that is back there. Instants in ns."""

    peak_at: int | None
    """None where the record fell from its start and does not say when that was."""
    valley_at: int
    recovered_at: int | None
    """None while it lasts."""
    depth: float
    """Below zero: -0.28 is 28 % below the peak."""
    seconds: float
    """Calendar time from the peak to the recovery, or to the last point while it lasts."""


def max_drawdown(record: Record) -> Answer:
    """min(W / cummax(W) - 1), the starting 1 included; 0 where wealth never fell.

    Of realised equity it is the one after each closed trade, which the ends of days may hide.
    """
    if not len(record):
        return Reason.NO_RETURNS
    return float(record.drawdowns.min()) if record.deepest is None else record.deepest


def average_drawdown(record: Record) -> Answer:
    """Mean of the depths of all falls, each counted once."""
    found = episodes(record)
    return float(np.mean([each.depth for each in found])) if found else _none(record)


def average_drawdown_duration(record: Record) -> Answer:
    """Mean calendar time of all falls from peak to recovery, an open one up to the last point."""
    found = episodes(record)
    return float(np.mean([each.seconds for each in found])) if found else _none(record)


def max_drawdown_duration(record: Record) -> Answer:
    """Longest calendar time from a peak to its recovery, an open one up to the last point."""
    found = episodes(record)
    return max(each.seconds for each in found) if found else _none(record)


def current_drawdown(record: Record) -> Answer:
    """The last point's distance from the peak so far; 0 at a peak."""
    return float(record.drawdowns[-1]) if len(record) else Reason.NO_RETURNS


def ulcer_index(record: Record) -> Answer:
    """sqrt(mean(drawdown^2)) over the n periods, as a fraction."""
    return float(np.sqrt(np.mean(record.drawdowns[1:] ** 2))) if len(record) else Reason.NO_RETURNS


def time_under_water(record: Record) -> Answer:
    """Share of the periods that end below the peak so far."""
    return float(np.mean(record.drawdowns[1:] < 0)) if len(record) else Reason.NO_RETURNS


def _none(record: Record) -> Reason:
    return Reason.NO_DRAWDOWN if len(record) else Reason.NO_RETURNS


def episodes(record: Record) -> tuple[Episode, ...]:
    """Return every fall in the order of time."""
    return episodes_of(record.drawdowns, record.times, record.started_at)


def episodes_of(drawdowns: Floats, times: Instants, started_at: int | None) -> tuple[Episode, ...]:
    """Return every fall of a series of drawdowns, shape (n + 1,), whose first point stands before `times[0]`."""
    under = drawdowns < 0
    if not under.any():
        return ()
    edges = np.flatnonzero(np.diff(under.astype(np.int8)))
    # The first point is a peak by definition, so edges alternate: the last point at a peak, the last one under water.
    peaks = edges[0::2]
    lasts = edges[1::2] if len(edges) % 2 == 0 else np.append(edges[1::2], len(drawdowns) - 1)
    valleys = [
        int(peak) + 1 + int(np.argmin(drawdowns[peak + 1 : last + 1])) for peak, last in zip(peaks, lasts, strict=True)
    ]
    return tuple(
        _episode(drawdowns, times, started_at, int(peak), valley, int(last))
        for peak, valley, last in zip(peaks, valleys, lasts, strict=True)
    )


def _episode(
    drawdowns: Floats,
    times: Instants,
    started_at: int | None,
    peak: int,
    valley: int,
    last: int,
) -> Episode:
    """Build one fall from positions in the drawdowns; position i ends at `times[i - 1]`, position 0 is the start."""
    peak_at = int(times[peak - 1]) if peak else started_at
    recovered_at = int(times[last]) if last < len(times) else None
    since = int(times[0]) if peak_at is None else peak_at
    until = int(times[-1]) if recovered_at is None else recovered_at
    return Episode(peak_at, int(times[valley - 1]), recovered_at, float(drawdowns[valley]), (until - since) / NANOS)
