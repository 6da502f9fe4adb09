"""Functions of one value at a time: rounding, powers, trigonometry, clamping."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.series import Values
from nightdesk.query.functions.signature import Invocation
from nightdesk.query.grid import Grid, Scalar

_Numeric = Callable[[Values], NDArray[np.float64]]


def applied(function: _Numeric) -> Callable[[Invocation], Grid]:
    """Make a PromQL function of a numeric one; out of its domain a value becomes NaN or infinite."""

    def compute(call: Invocation) -> Grid:
        grid = call.grid(0)
        with np.errstate(all="ignore"):
            return grid.with_values(function(grid.values)).without_name()

    return compute


def sign(values: Values) -> Values:
    """-1, 0, 1, or NaN."""
    return np.sign(values)


def round_to(call: Invocation) -> Grid:
    """Round to the nearest multiple, halves up."""
    grid = call.grid(0)
    nearest = call.scalar(1) if len(call) > 1 else np.ones(len(call.steps))
    with np.errstate(all="ignore"):
        # Dividing by the inverse keeps round(x, 0.1) free of the rounding of 0.1 itself.
        inverse = 1.0 / nearest
        return grid.with_values(np.floor(grid.values * inverse + 0.5) / inverse).without_name()


def clamp(call: Invocation) -> Grid:
    """Hold values between two bounds; nothing where the lower is above the upper, NaN where a bound is."""
    low, high = call.scalar(1), call.scalar(2)
    grid = call.grid(0)
    held = grid.with_values(np.maximum(np.minimum(grid.values, high), low))
    return replace(held, present=held.present & ~(low > high)).without_name()


def clamp_min(call: Invocation) -> Grid:
    """Hold values at or above a bound."""
    grid = call.grid(0)
    return grid.with_values(np.maximum(grid.values, call.scalar(1))).without_name()


def clamp_max(call: Invocation) -> Grid:
    """Hold values at or below a bound."""
    grid = call.grid(0)
    return grid.with_values(np.minimum(grid.values, call.scalar(1))).without_name()


def constant(value: float) -> Callable[[Invocation], Scalar]:
    """Make a function without arguments that is the same at every step."""
    return lambda call: Scalar(np.full(len(call.steps), value))


def smallest_of(call: Invocation) -> Scalar:
    """The smaller of two scalars; NaN where either is."""
    return Scalar(np.minimum(call.scalar(0), call.scalar(1)))


def largest_of(call: Invocation) -> Scalar:
    """The larger of two scalars; NaN where either is."""
    return Scalar(np.maximum(call.scalar(0), call.scalar(1)))
