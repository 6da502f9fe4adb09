"""Numbers in JSON: digit for digit what Prometheus writes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.api.prometheus.numbers import instant_text, value_text, value_texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, b"0"),
        (-0.0, b"-0"),
        (1.0, b"1"),
        (0.1, b"0.1"),
        (1e16, b"10000000000000000"),
        (123456789012345683968.0, b"123456789012345680000"),
        (1e21, b"1e+21"),
        (-1.5e300, b"-1.5e+300"),
        (1e-5, b"0.00001"),
        (-1.2345e-5, b"-0.000012345"),
        (1e-6, b"0.000001"),
        (9.9e-7, b"9.9e-07"),
        (5e-324, b"5e-324"),
        (math.nan, b"NaN"),
        (math.inf, b"+Inf"),
        (-math.inf, b"-Inf"),
    ],
)
def test_a_value_is_written_as_go_writes_it(value: float, text: bytes) -> None:
    """Shortest digits, exponents below 1e-6 and from 1e21 on only."""
    assert value_text(value) == text


@given(st.lists(st.floats(), max_size=50))
def test_many_values_are_written_like_one(values: list[float]) -> None:
    """The quick way for a whole series gives what the slow way for one value does, and it reads back exactly."""
    texts = list(value_texts(np.array(values, dtype=np.float64)))
    assert texts == [value_text(value) for value in values]
    back = [float(text) for text in texts]
    assert np.array_equal(np.array(back), np.array(values), equal_nan=True)


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (0, b"0"),
        (1_700_000_000_000, b"1700000000"),
        (1_700_000_000_050, b"1700000000.050"),
        (-1, b"-0.001"),
        (-1500, b"-1.500"),
    ],
)
def test_an_instant_is_written_in_seconds(millis: int, text: bytes) -> None:
    """Seconds, with all three digits of the milliseconds or none."""
    assert instant_text(millis) == text
