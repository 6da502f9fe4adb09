"""Quantiles of sorted values, as Prometheus interpolates them: NaN is smaller than everything."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.go_numbers import go_text
from nightdesk.model.series import Values
from nightdesk.query.language.position import Span
from nightdesk.query.notes import Notes

WIDE: Final = 1_024
"""Narrower rows are sorted as they are."""
_SAMPLE: Final = 256
"""Values of a wide row that are looked at first, evenly spread over it."""

_MOST_WARNINGS: Final = 10
"""Prometheus answers with no more of a kind."""


def quantile_of_sorted(wanted: Values, ordered: Values, counts: NDArray[np.intp], missing: NDArray[np.intp]) -> Values:
    """Interpolate quantiles along the last axis of (rows, steps, width), which is sorted with NaN at the end.

    `wanted` and `counts` have shape (steps,) or (rows, steps): the quantile, and how many values count, NaN included;
    `missing`, shape (rows, steps), how many of them are NaN. Below 0 is -Inf, above 1 +Inf, a NaN quantile NaN.
    """
    shape = ordered.shape[:2]
    if ordered.shape[2] == 0:
        return np.full(shape, np.nan)
    wanted, counts = np.broadcast_to(wanted, shape), np.broadcast_to(counts, shape)
    rank = np.clip(np.nan_to_num(wanted, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0) * np.maximum(counts - 1, 0)
    lower = np.floor(rank).astype(np.intp)
    upper = np.minimum(lower + 1, np.maximum(counts - 1, 0))
    weight = rank - lower
    low, high = _smallest_first(ordered, lower, missing), _smallest_first(ordered, upper, missing)
    result = low * (1 - weight) + high * weight
    result = np.where(wanted < 0, -np.inf, np.where(wanted > 1, np.inf, result))
    return np.where(np.isnan(wanted) | (counts == 0), np.nan, result)


def quantile_of_rows(wanted: float, values: Values) -> Values:
    """Interpolate one quantile in 0..1 of every row of (rows, width), in any order and without NaN; shape (rows,).

    A few values of each row tell between which bounds its quantile lies; only what is between them is sorted.
    """
    width = values.shape[1]
    rank = wanted * (width - 1)
    lower = int(rank)
    if width < WIDE:
        ordered = np.sort(values, axis=1)
        low, high = ordered[:, lower], ordered[:, min(lower + 1, width - 1)]
    else:
        pairs = np.array([_neighbours(row, lower) for row in values])
        low, high = pairs[:, 0], pairs[:, 1]
    weight = rank - lower
    result: Values = low * (1 - weight) + high * weight
    return result


def _neighbours(row: Values, lower: int) -> tuple[float, float]:
    """Return the values of two neighbouring ranks of a wide row, from 0; the last one twice at its end."""
    upper = min(lower + 1, len(row) - 1)
    sample = row[:: len(row) // _SAMPLE].copy()
    sample.sort()
    place = lower * len(sample) // len(row)
    margin = _SAMPLE // 16
    between, below = row, 0
    if place >= margin:
        between = row[row >= sample[place - margin]]
        below = len(row) - len(between)
    if place + margin < len(sample):
        between = between[between <= sample[place + margin]]
    if between is row or not below <= lower <= upper < below + len(between):
        between, below = row.copy(), 0
    between.partition((lower - below, upper - below))
    return float(between[lower - below]), float(between[upper - below])


def _smallest_first(ordered: Values, rank: NDArray[np.intp], missing: NDArray[np.intp]) -> Values:
    """Return the value of a rank where NaN, which sorting has put last, counts as smallest."""
    place = np.clip(rank - missing, 0, ordered.shape[2] - 1)
    found = np.take_along_axis(ordered, place[:, :, None], axis=2)[:, :, 0]
    return np.where(rank < missing, np.nan, found)


def note_bad_quantiles(wanted: Values, notes: Notes, span: Span) -> None:
    """Warn of quantiles outside 0..1, each once, of some at most."""
    bad = wanted[~((wanted >= 0) & (wanted <= 1))]
    for value in list(dict.fromkeys(go_text(value) for value in bad.tolist()))[:_MOST_WARNINGS]:
        notes.warn(f"quantile value should be between 0 and 1, got {value}", span)


def outermost(wanted: Values) -> Values:
    """Return what is told of the parameter of an aggregation: NaN where there is one, the largest, the smallest."""
    unknown = np.isnan(wanted)
    known = wanted[~unknown]
    return np.concatenate([wanted[unknown][:1], [known.max(), known.min()] if len(known) else []])
