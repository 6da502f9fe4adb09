"""What a query may cost, and the budget that holds it to that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nightdesk.clock import Clock, Deadline
from nightdesk.errors import QueryCancelled, QueryLimitExceeded, QueryTimeout

BYTES_A_CELL: Final = 9
"""Of a vector in memory: a value and whether there is one."""
LOOKBACK: Final = 300_000
"""How long a sample counts after its instant, in ms, as in Prometheus."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one query."""

    samples: int = 50_000_000
    """Samples read from the store."""
    series: int = 200_000
    """Series in any one vector."""
    steps: int = 11_000
    """Points a series in the answer."""
    cells: int = 5_000_000
    """Series x steps in any one vector, `BYTES_A_CELL` each."""
    seconds: float = 8.0
    """From the first look at the budget to the answer."""
    subquery_step_ms: int = 60_000
    """The step of a subquery that names none."""

    def demand_room(self, series: int, steps: int) -> None:
        """Raise QueryLimitExceeded for more series, or more of them at so many steps, than one vector may have."""
        if series > self.series:
            message = f"a vector of {series} series exceeds the limit of {self.series}"
            raise QueryLimitExceeded(f"{message}: the setting limits.query_series")
        if series * steps > self.cells:
            message = f"{series} series x {steps} steps exceed the limit of {self.cells} points in memory"
            raise QueryLimitExceeded(f"{message}: the setting limits.query_memory_bytes, {BYTES_A_CELL} bytes a point")


def too_many_steps(most: int) -> str:
    """Return the sentence about a range query with too many points, as clients of Prometheus know it."""
    return (
        f"exceeded maximum resolution of {most:,} points per timeseries. "
        "Try decreasing the query resolution (?step=XX), or raise the setting limits.query_steps"
    )


class QueryBudget:
    """Counts samples and watches the deadline and whoever asked; the clock is handed in."""

    def __init__(self, limits: Limits, clock: Clock, cancelled: Callable[[], bool] = lambda: False) -> None:
        """Start the deadline now."""
        self._limits, self._cancelled = limits, cancelled
        self._deadline = Deadline(clock, limits.seconds)
        self.samples = 0

    def charge(self, samples: int) -> None:
        """Count samples read; raises QueryLimitExceeded past the limit."""
        self.samples += samples
        if self.samples > self._limits.samples:
            message = "query processing would load too many samples into memory in query execution"
            raise QueryLimitExceeded(f"{message}: more than {self._limits.samples:,}, the setting limits.query_samples")
        self.check()

    def check(self) -> None:
        """Raise QueryTimeout past the deadline, QueryCancelled once whoever asked has gone."""
        if self._cancelled():
            raise QueryCancelled("query was canceled in expression evaluation")
        if self._deadline.passed:
            message = f"query timed out in expression evaluation after {self._limits.seconds:.3g} s"
            raise QueryTimeout(f"{message}: the parameter timeout, at most the setting limits.query_timeout")
