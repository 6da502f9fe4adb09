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
from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Summarised, panels_of
from nightdesk.model.series import Series
from nightdesk.query.engine import Engine
from nightdesk.seams.samples import Budget

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
        """Hold the series, by name and laid side by side."""
        names = sorted({one.labels.name for one in series})
        self._panels = {name: _laid([one for one in series if one.labels.name == name]) for name in names}

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Cut the panels of a name to [start, end]."""
        found = []
        for panel in self._panels[matchers[0].value]:
            low, high = np.searchsorted(panel.times, [start, end + 1])
            found.append(Panel(panel.labels, panel.times[low:high], panel.values[:, low:high]))
        budget.charge(sum(panel.values.size for panel in found))
        return found

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Tell everything by samples."""
        return Summarised((), self.panels(matchers, start, end, budget))


def _laid(series: Sequence[Series]) -> list[Panel]:
    return [Panel(LabelRows(panel.labels), panel.times, panel.values) for panel in panels_of(series)]


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
