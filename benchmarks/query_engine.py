"""Times of the query engine over 2,000 series in memory: `python benchmarks/query_engine.py [--series 2000]`.

Two kinds of data: series of one scrape, which share their timestamps, and series that each have their own.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

from nightdesk.clock import SystemClock
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.series import Series
from nightdesk.query.engine import Engine
from nightdesk.seams import Budget

STEP = 15_000
QUERIES = (
    ("instant", "m_total"),
    ("instant", "rate(m_total[5m])"),
    ("instant", "m_total > 5"),
    ("instant", "sum by (job) (rate(m_total[5m]))"),
    ("instant", "m_total / on (job, instance) m_total"),
    ("instant", "topk(10, m_total)"),
    ("instant", "sum_over_time(m_total[1h])"),
    ("range", "m_total"),
    ("range", "rate(m_total[5m])"),
    ("range", "sum(rate(m_total[5m]))"),
    ("range", "sum by (job) (rate(m_total[5m]))"),
    ("range", "m_total + m_total"),
    ("range", "avg_over_time(m_total[5m])"),
    ("range", "max_over_time(m_total[5m])"),
    ("range", "quantile_over_time(0.9, m_total[5m])"),
    ("range", "deriv(m_total[5m])"),
    ("range", "stddev_over_time(m_total[5m])"),
    ("range", "topk(10, m_total)"),
    ("range", "histogram_quantile(0.9, rate(h_bucket[5m]))"),
)


class Arrays:
    """A reader over arrays that are cut by time and never matched but by name: the engine alone is measured."""

    def __init__(self, series: Sequence[Series]) -> None:
        """Hold the series."""
        self._series = list(series)

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        """Cut the series of a name to [start, end]; shared timestamps stay shared."""
        name = matchers[0].value
        cuts: dict[int, tuple[slice, np.ndarray]] = {}
        found = []
        for one in self._series:
            if one.labels.name != name:
                continue
            if id(one.times) not in cuts:
                low, high = np.searchsorted(one.times, [start, end + 1])
                cuts[id(one.times)] = slice(low, high), one.times[low:high]
            cut, times = cuts[id(one.times)]
            found.append(Series(one.labels, times, one.values[cut]))
        budget.charge(sum(len(one.times) for one in found))
        return found


def make(count: int, samples: int, *, shared: bool) -> Arrays:
    """Make counters of 20 jobs, and histograms of 10 buckets from the same values."""
    random = np.random.default_rng(7)
    times = np.arange(samples, dtype=np.int64) * STEP
    series = []
    for number in range(count):
        own = times if shared else times + int(random.integers(0, STEP))
        values = np.cumsum(random.integers(0, 50, samples)).astype(np.float64)
        labels = Labels.of("m_total", instance=f"host-{number:05d}", job=f"job-{number % 20}", region="eu")
        bucket = Labels.of("h_bucket", instance=f"host-{number // 10:05d}", job="h", le=str(number % 10 or "+Inf"))
        series += [Series(labels, own, values), Series(bucket, own, values * (number % 10 or 10))]
    return Arrays(sorted(series, key=lambda one: one.labels.pairs))


def median_ms(run: Callable[[], object], rounds: int) -> float:
    """Return the median CPU time of some runs in milliseconds, the first left out; busy neighbours do not count."""
    run()
    took = []
    for _ in range(rounds):
        begun = time.process_time()
        run()
        took.append((time.process_time() - begun) * 1000)
    return statistics.median(took)


def main() -> None:
    """Print a table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--series", type=int, default=2000)
    options.add_argument("--steps", type=int, default=240)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    samples = given.steps + 300
    end = (samples - 1) * STEP
    engines = [Engine(make(given.series, samples, shared=shared), SystemClock()) for shared in (True, False)]
    out = sys.stdout.write
    out(f"{given.series} series, {given.steps} steps of 15 s; median of {given.rounds}, ms of CPU\n")
    out(f"{'':8}{'shared times':>14}{'own times':>12}\n")
    for kind, query in QUERIES:
        row = []
        for engine in engines:
            if kind == "instant":
                row.append(median_ms(lambda: engine.instant(query, end), given.rounds))  # noqa: B023  # run at once
            else:
                start = end - (given.steps - 1) * STEP
                row.append(median_ms(lambda: engine.range(query, start, end, STEP), given.rounds))  # noqa: B023  # run at once
        out(f"{kind:8}{row[0]:>14.1f}{row[1]:>12.1f}  {query}\n")


if __name__ == "__main__":
    main()
