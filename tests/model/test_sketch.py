"""Sketch codes keep the order of values and tell each within the stated error."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.model.sketch import MOST_CODE, RELATIVE_ERROR, codes_of, values_of

NUMBERS = st.floats(allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-300)


@given(st.lists(NUMBERS, min_size=1, max_size=50))
def test_a_class_tells_every_value_within_the_error(values: list[float]) -> None:
    """The middle of a value's class is within 1 % of it; zero and infinities are told as they are."""
    told = values_of(codes_of(np.array(values)))
    for value, middle in zip(values, told.tolist(), strict=True):
        if math.isfinite(value) and abs(value) < 1e308:
            assert abs(middle - value) <= abs(value) * RELATIVE_ERROR * (1 + 1e-9)
        elif math.isinf(value):
            assert middle == value


@given(NUMBERS, NUMBERS)
def test_codes_rise_with_values(one: float, other: float) -> None:
    """A smaller value never has the larger code, so that ranks can be looked up among codes."""
    low, high = codes_of(np.array([min(one, other), max(one, other)])).tolist()
    assert -MOST_CODE <= low <= high <= MOST_CODE
