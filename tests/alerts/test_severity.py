"""Severity of a breach that a program reports: every pair of numbers has one."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightdesk.alerts.severity import severity_of
from nightdesk.model.alert import Severity
from nightdesk.model.direction import Direction

ABOVE, BELOW = Direction.ABOVE, Direction.BELOW
INFO, WARNING, CRITICAL = Severity.INFO, Severity.WARNING, Severity.CRITICAL


@pytest.mark.parametrize(
    ("value", "threshold", "direction", "severity"),
    [
        (85, 85, ABOVE, INFO),  # the threshold itself is not passed
        (84, 85, ABOVE, INFO),
        (90, 85, ABOVE, WARNING),
        (127.5, 85, ABOVE, CRITICAL),
        (1.4, 1, ABOVE, WARNING),
        (3.2, 1, ABOVE, CRITICAL),
        (0, 0, ABOVE, INFO),
        (-1, 0, ABOVE, INFO),
        (1e-9, 0, ABOVE, CRITICAL),
        (-0.01, 0, BELOW, CRITICAL),
        (-5, -10, ABOVE, CRITICAL),
        (-8, -10, ABOVE, WARNING),
        (-0.12, -0.1, BELOW, WARNING),
        (-0.15, -0.1, BELOW, CRITICAL),
        (-0.05, -0.1, BELOW, INFO),
        (0.9, 0.8, BELOW, INFO),
        (0.7, 0.8, BELOW, WARNING),
        (0.4, 0.8, BELOW, CRITICAL),
        (math.inf, 1, ABOVE, CRITICAL),
        (-math.inf, 1, BELOW, CRITICAL),
        (math.inf, math.inf, ABOVE, INFO),
        (math.nan, 1, ABOVE, WARNING),
        (1, math.nan, BELOW, WARNING),
    ],
)
def test_documented_severities(value: float, threshold: float, direction: Direction, severity: Severity) -> None:
    """Thresholds of zero, below zero and where low is bad have the severity that the documentation gives."""
    assert severity_of(value, threshold, direction) is severity


@given(st.floats(allow_nan=False), st.floats(allow_nan=False, allow_infinity=False))
def test_the_mirror_has_the_same_severity(value: float, threshold: float) -> None:
    """Low-is-bad is high-is-bad upside down."""
    assert severity_of(value, threshold, ABOVE) is severity_of(-value, -threshold, BELOW)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False), st.floats(allow_nan=False, allow_infinity=False))
def test_further_is_never_milder(one: float, other: float, threshold: float) -> None:
    """A value further on the bad side is at least as severe."""
    low, high = sorted((one, other))
    assert severity_of(low, threshold).rank <= severity_of(high, threshold).rank
