"""How much a breach matters that a program reports with one threshold alone."""

import math
from typing import Final

from nightdesk.model.alert import Severity
from nightdesk.model.direction import Direction

CRITICAL_PART: Final = 0.5
"""A breach by half of the threshold's size, or more, is critical."""


def severity_of(value: float, threshold: float, direction: Direction = Direction.ABOVE) -> Severity:
    """Return the severity of a value against its threshold; defined for every pair of numbers.

    With `past` the distance beyond the threshold on its bad side:

    - not past it, the threshold itself included: info;
    - past by less than half of |threshold|: warning;
    - past by half of |threshold| or more: critical. So -0.15 is critical below -0.1 and 0.4 below 0.8;
    - a threshold of 0 has no size: whatever is past it is critical, for what must not happen has happened;
    - an infinite value past its threshold is critical;
    - where either is not a number nothing can be compared: a warning, never silence.
    """
    if math.isnan(value) or math.isnan(threshold):
        return Severity.WARNING
    if value == threshold:  # equal infinities have no distance
        return Severity.INFO
    past = direction.past(value, threshold)
    if past <= 0:
        return Severity.INFO
    half = CRITICAL_PART * abs(threshold)
    # -0.15 - -0.1 is a hair more than -0.05: what people write as half is half.
    is_far = past >= half or math.isclose(past, half, rel_tol=1e-9)
    return Severity.CRITICAL if is_far or math.isinf(past) else Severity.WARNING
