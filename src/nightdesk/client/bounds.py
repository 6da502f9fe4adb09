"""Upper bounds of the buckets of every histogram: preferred numbers, ten to a decade (ISO 3, series R10).

Each bound is about a quarter above the one before: a quantile read from the buckets is some 12 % off at most, anywhere
from 100 microseconds to 100 seconds.
"""

from bisect import bisect_left

_PREFERRED = ("1", "1.25", "1.6", "2", "2.5", "3.15", "4", "5", "6.3", "8")
BOUNDS: tuple[float, ...] = (*(float(f"{step}e{power}") for power in range(-4, 2) for step in _PREFERRED), 100.0)
"""61 bounds in seconds, ascending; what is longer falls into one more bucket without a bound."""


def bucket_of(seconds: float) -> int:
    """Return the number of the bucket, from 0, that counts a duration; a bound belongs to the bucket below it."""
    return bisect_left(BOUNDS, seconds)
