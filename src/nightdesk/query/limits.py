"""What a query may cost, and the budget that holds it to that."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from nightdesk.clock import Clock, Deadline
from nightdesk.errors import QueryCancelled, QueryLimitExceeded, QueryTimeout
from nightdesk.seams.samples import Budget

_Item = TypeVar("_Item")

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
    memory: int = 128_000_000
    """Bytes a query may hold at once: what it read, vectors that wait and the one in the making (`query.memory`)."""
    seconds: float = 8.0
    """From the first look at the budget to the answer."""
    subquery_step_ms: int = 60_000
    """The step of a subquery that names none."""

    def demand_series(self, series: int) -> None:
        """Raise QueryLimitExceeded for more series than one vector may have."""
        if series > self.series:
            message = f"a vector of {series} series exceeds the limit of {self.series}"
            raise QueryLimitExceeded(f"{message}: the setting limits.query_series")


def too_many_steps(most: int) -> str:
    """Return the sentence about a range query with too many points, as clients of Prometheus know it."""
    return (
        f"exceeded maximum resolution of {most:,} points per timeseries. "
        "Try decreasing the query resolution (?step=XX), or raise the setting limits.query_steps"
    )


class QueryBudget:
    """Counts samples and watches the deadline and whoever asked; the clock is handed in."""

    def __init__(
        self,
        limits: Limits,
        clock: Clock,
        cancelled: Callable[[], bool] = lambda: False,
        deadline: Deadline | None = None,
    ) -> None:
        """Start the deadline of the limits now, unless the query has its own, which began before."""
        self._limits, self._cancelled = limits, cancelled
        self.deadline: Final = deadline or Deadline(clock, limits.seconds)
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
        if self.deadline.passed:
            message = f"query timed out in expression evaluation after {self.deadline.seconds:.3g} s"
            raise QueryTimeout(f"{message}: the parameter timeout, at most the setting limits.query_timeout")


def watched(items: Iterable[_Item], budget: Budget) -> Iterator[_Item]:
    """Yield things that cost some microseconds each, with a look at the budget every few hundred."""
    for number, item in enumerate(items):
        if number % 256 == 0:
            budget.check()
        yield item
