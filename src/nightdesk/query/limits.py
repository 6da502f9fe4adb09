"""What a query may cost, and the budget that holds it to that."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nightdesk.clock import Clock, Deadline
from nightdesk.errors import QueryCancelled, QueryLimitExceeded, QueryTimeout

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
    cells: int = 50_000_000
    """Series x steps in any one vector: 450 MB of values and mask at the default."""
    seconds: float = 30.0
    """From the first look at the budget to the answer."""
    subquery_step_ms: int = 60_000
    """The step of a subquery that names none."""


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
            raise QueryLimitExceeded("query processing would load too many samples into memory in query execution")
        self.check()

    def check(self) -> None:
        """Raise QueryTimeout past the deadline, QueryCancelled once whoever asked has gone."""
        if self._cancelled():
            raise QueryCancelled("query was canceled in expression evaluation")
        if self._deadline.passed:
            raise QueryTimeout("query timed out in expression evaluation")
