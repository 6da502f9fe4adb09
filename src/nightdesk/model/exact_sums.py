"""Sums of rows in two parts: the sum as a float has it, and what that rounding lost.

The parts together have twice a float's digits, so sums of pieces, added with their losses, are the sum of the whole: it
is the same whoever cut the samples, and wherever. Each pass takes off the leading digits of all values, which add up
without rounding (Rump, Ogita, Oishi: Accurate floating-point summation, part I, 2008); most rows have no digit left
after two. What three passes leave, as of 1e300 beside 1e-300, is summed by `math.fsum`.
"""

import math
from typing import Final, NamedTuple

import numpy as np

from nightdesk.model.series import Values

MOST: Final = 2.0**1000
"""Rows whose magnitudes may sum to this or more are not summed: their sum could overflow on the way."""
_PASSES: Final = 3
_CELLS: Final = 1 << 15
"""Cells at a time: they and their companions stay in the second-level cache."""


class ExactSums(NamedTuple):
    """Sums of rows, arrays of one length. Where `totals` is infinite or NaN there is no loss."""

    totals: Values
    losses: Values


@np.errstate(all="ignore")
def exact_sums(values: Values) -> ExactSums:
    """Sum each row; shape (rows, samples) to (rows,).

    A NaN, or infinities of both signs, make NaN. Infinite are the sum of rows with an infinity and that of rows of
    finite values from `MOST` on.
    """
    sums = ExactSums(np.zeros(len(values)), np.zeros(len(values)))
    height = max(1, _CELLS // max(1, values.shape[1]))
    for start in range(0, len(values), height):
        rows = slice(start, start + height)
        sums.totals[rows], sums.losses[rows] = _sums(values[rows])
    return sums


def _sums(values: Values) -> ExactSums:
    count = values.shape[1]
    bounds = np.maximum(values.max(axis=1, initial=0.0), -values.min(axis=1, initial=0.0)) * count
    summable = bounds < MOST
    if not summable.all():
        totals, losses = np.where(np.isfinite(values).all(axis=1), np.inf, values.sum(axis=1)), np.zeros(len(values))
        if summable.any():
            totals[summable], losses[summable] = _sums(values[summable])
        return ExactSums(totals, losses)
    parts, rest = [], values
    for _ in range(_PASSES):
        # More than twice the bound: neither a value nor any sum of them reaches the power, so no leading digit is lost.
        powers = np.ldexp(1.0, np.frexp(bounds)[1] + 1)
        leading = rest + powers[:, None]
        leading -= powers[:, None]
        rest = rest - leading
        parts.append(leading.sum(axis=1))
        if not rest.any():
            return _in_two(parts)
        bounds = powers * (2.0**-52 * count)
    sums = _in_two(parts)
    for row in np.flatnonzero(rest.any(axis=1)).tolist():
        sums.totals[row], sums.losses[row] = _one_by_one(values[row])
    return sums


def _in_two(parts: list[Values]) -> ExactSums:
    """Add parts of falling magnitude (but that leading ones may have cancelled out) as `math.fsum` would."""
    for _ in range(len(parts)):
        for place in range(len(parts) - 1, 0, -1):
            parts[place - 1], parts[place] = _added(parts[place - 1], parts[place])
    if len(parts) == _PASSES:
        return _nearest(*parts)
    return ExactSums(parts[0], parts[1] if len(parts) > 1 else np.zeros(len(parts[0])))


def _nearest(total: Values, loss: Values, rest: Values) -> ExactSums:
    """Bring three parts into two: where the loss is just half a step of the total, the rest tells to which side."""
    beyond = total + 2 * loss
    past = (beyond - total == 2 * loss) & (rest != 0) & (np.sign(rest) == np.sign(loss))
    return ExactSums(np.where(past, beyond, total), np.where(past, -loss, loss) + rest)


def _added(one: Values, other: Values) -> ExactSums:
    """Return a sum and what it lost (Knuth's TwoSum)."""
    total = one + other
    bent = total - one
    return ExactSums(total, (one - (total - bent)) + (other - bent))


def _one_by_one(row: Values) -> tuple[float, float]:
    numbers = row.tolist()
    total = math.fsum(numbers)
    return total, math.fsum((*numbers, -total))
