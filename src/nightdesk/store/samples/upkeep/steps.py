"""Cutting work into steps of a few milliseconds, so that the ingest thread can answer between two of them."""

from collections.abc import Iterable, Iterator
from typing import Final

SERIES_A_STEP: Final = 64
SAMPLES_A_STEP: Final = 250_000
"""Reached by 32 series at 10 Hz in a quarter of an hour."""


def steps(sizes: Iterable[int]) -> Iterator[slice]:
    """Cut series with so many samples each into slices of bounded work; at least one series each."""
    low = high = samples = 0
    for size in sizes:
        if high > low and (high - low >= SERIES_A_STEP or samples + size > SAMPLES_A_STEP):
            yield slice(low, high)
            low, samples = high, 0
        high, samples = high + 1, samples + size
    if high > low:
        yield slice(low, high)
