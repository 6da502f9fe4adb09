"""Cutting work into steps of a few milliseconds, so that the ingest thread can answer between two of them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Final

SERIES_A_STEP: Final = 512
SAMPLES_A_STEP: Final = 250_000
"""Reached by 32 series at 10 Hz in a quarter of an hour."""
_FEW_SERIES: Final = 64
_MANY_SAMPLES: Final = 16_384
"""Few series are a step where they have this many samples: an hour of 64 at 15 s. Shorter ones go by hundreds."""


def steps(sizes: Iterable[int]) -> Iterator[slice]:
    """Cut series with so many samples each into slices of bounded work; at least one series each."""
    return cut(sizes, _is_enough)


def cut(sizes: Iterable[int], is_enough: Callable[[int, int, int], bool]) -> Iterator[slice]:
    """Cut series with so many samples each into slices, at least one series each.

    `is_enough` tells of a slice's series and samples, and of the next series' samples, whether the slice ends here.
    """
    low = high = samples = 0
    for size in sizes:
        if high > low and is_enough(high - low, samples, size):
            yield slice(low, high)
            low, samples = high, 0
        high, samples = high + 1, samples + size
    if high > low:
        yield slice(low, high)


def run_to_end(task: Iterator[None]) -> None:
    """Run all steps of a task where nobody waits for a turn between two of them, as at the start."""
    deque(task, maxlen=0)


def _is_enough(series: int, samples: int, next_size: int) -> bool:
    """Tell whether a step has enough work without one more series."""
    most = SAMPLES_A_STEP if series < _FEW_SERIES else _MANY_SAMPLES
    return series >= SERIES_A_STEP or samples + next_size > most
