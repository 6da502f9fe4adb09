"""Functions of one value at a time: rounding, powers, trigonometry, clamping."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.series import Values
from nightdesk.query.functions.signature import SCALAR, VECTOR, Function, Invocation
from nightdesk.query.grid import Grid, Scalar

_Numeric = Callable[[Values], NDArray[np.float64]]


def _of_each(name: str, says: str, function: _Numeric) -> Function:
    """Make a row of a numeric function; out of its domain a value becomes NaN or infinite."""

    def compute(call: Invocation) -> Grid:
        grid = call.grid(0)
        with np.errstate(all="ignore"):
            return grid.with_values(function(grid.values))

    return Function(name, (VECTOR,), VECTOR, says, compute, row_by_row=True)


def _round(call: Invocation) -> Grid:
    grid = call.grid(0)
    nearest = call.scalar(1) if len(call) > 1 else np.ones(len(call.steps))
    with np.errstate(all="ignore"):
        # Dividing by the inverse keeps round(x, 0.1) free of the rounding of 0.1 itself.
        inverse = 1.0 / nearest
        return grid.with_values(np.floor(grid.values * inverse + 0.5) / inverse)


def _clamp(call: Invocation) -> Grid:
    low, high = call.scalar(1), call.scalar(2)
    grid = call.grid(0)
    held = grid.with_values(_larger(_smaller(grid.values, high), low))
    return replace(held, present=held.present & ~(low > high))


def _clamp_min(call: Invocation) -> Grid:
    grid = call.grid(0)
    return grid.with_values(_larger(grid.values, call.scalar(1)))


def _clamp_max(call: Invocation) -> Grid:
    grid = call.grid(0)
    return grid.with_values(_smaller(grid.values, call.scalar(1)))


def _larger(one: Values, other: Values) -> Values:
    """Take the larger as Go does: infinity is the larger even of NaN."""
    return np.where((one == np.inf) | (other == np.inf), np.inf, np.maximum(one, other))


def _smaller(one: Values, other: Values) -> Values:
    return np.where((one == -np.inf) | (other == -np.inf), -np.inf, np.minimum(one, other))


# fmt: off
ROWS: Final = (
    # rounding, powers, bounds
    _of_each("abs", "Absolute value.", np.abs),
    _of_each("ceil", "The next whole number up.", np.ceil),
    Function(
        "clamp", (VECTOR, SCALAR, SCALAR), VECTOR,
        "Values held between two bounds; nothing where the lower is above the upper, NaN where a bound is.",
        _clamp, row_by_row=True,
    ),
    Function("clamp_max", (VECTOR, SCALAR), VECTOR, "Values held at or below a bound.", _clamp_max, row_by_row=True),
    Function("clamp_min", (VECTOR, SCALAR), VECTOR, "Values held at or above a bound.", _clamp_min, row_by_row=True),
    _of_each("exp", "e to the power of a value.", np.exp),
    _of_each("floor", "The next whole number down.", np.floor),
    _of_each("ln", "Natural logarithm; -Inf of 0, NaN below.", np.log),
    _of_each("log10", "Decimal logarithm.", np.log10),
    _of_each("log2", "Binary logarithm.", np.log2),
    Function(
        "round", (VECTOR, SCALAR), VECTOR, "The nearest multiple of a number, by default 1; halves up.",
        _round, optional=1, row_by_row=True,
    ),
    _of_each("sgn", "-1, 0 or 1 as a value is negative, zero or positive; NaN of NaN.", np.sign),
    _of_each("sqrt", "Square root.", np.sqrt),
    # trigonometry, in radians
    _of_each("acos", "Arc cosine.", np.arccos),
    _of_each("acosh", "Inverse hyperbolic cosine.", np.arccosh),
    _of_each("asin", "Arc sine.", np.arcsin),
    _of_each("asinh", "Inverse hyperbolic sine.", np.arcsinh),
    _of_each("atan", "Arc tangent.", np.arctan),
    _of_each("atanh", "Inverse hyperbolic tangent.", np.arctanh),
    _of_each("cos", "Cosine.", np.cos),
    _of_each("cosh", "Hyperbolic cosine.", np.cosh),
    _of_each("deg", "Radians as degrees.", np.degrees),
    _of_each("rad", "Degrees as radians.", np.radians),
    _of_each("sin", "Sine.", np.sin),
    _of_each("sinh", "Hyperbolic sine.", np.sinh),
    _of_each("tan", "Tangent.", np.tan),
    _of_each("tanh", "Hyperbolic tangent.", np.tanh),
    # scalars
    Function("pi", (), SCALAR, "The number pi.", lambda call: Scalar(np.full(len(call.steps), np.pi))),
    Function(
        "max_of", (SCALAR, SCALAR), SCALAR, "The larger of two scalars; NaN where either is and neither is +Inf.",
        lambda call: Scalar(_larger(call.scalar(0), call.scalar(1))), experimental=True,
    ),
    Function(
        "min_of", (SCALAR, SCALAR), SCALAR, "The smaller of two scalars; NaN where either is and neither is -Inf.",
        lambda call: Scalar(_smaller(call.scalar(0), call.scalar(1))), experimental=True,
    ),
)
# fmt: on
