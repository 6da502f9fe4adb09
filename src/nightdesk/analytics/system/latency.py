"""How long requests took, out of the buckets that counted every one of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile in seconds: the estimate, and the bucket that is certain to hold the truth."""

    value: float
    low: float
    high: float
    """Infinite where it lies beyond the last bucket; then `value` is `low`."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Requests of one kind over a window. Times in seconds; None without requests."""

    requests: float
    mean: float | None
    p50: Quantile | None
    p95: Quantile | None
    p99: Quantile | None


def latency(buckets: Mapping[float, float], seconds: float, requests: float) -> Latency:
    """Work out a latency from cumulative counts by upper bound, the sum of all durations, and their number.

    The mean is exact; a quantile is exact to its bucket: with bounds by the R10 series, within a ratio of 1.28.
    """
    if requests <= 0:
        return Latency(0.0, None, None, None, None)
    p50, p95, p99 = (quantile(buckets, rank) for rank in (0.5, 0.95, 0.99))
    return Latency(requests, seconds / requests, p50, p95, p99)


def quantile(buckets: Mapping[float, float], rank: float) -> Quantile | None:
    """Return a quantile as Prometheus' `histogram_quantile` does: linear within its bucket. None without counts."""
    bounds = sorted(buckets)
    counts = [buckets[bound] for bound in bounds]
    if not bounds or counts[-1] <= 0 or math.isfinite(bounds[-1]):
        return None
    wanted = rank * counts[-1]
    edges = [(0.0, 0.0), *zip(bounds, counts, strict=True)]
    for (low, below), (high, upto) in pairwise(edges):
        if upto >= wanted and upto > below:
            if math.isinf(high):
                return Quantile(low, low, high)
            return Quantile(low + (high - low) * (wanted - below) / (upto - below), low, high)
    return None
