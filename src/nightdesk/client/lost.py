"""What stands in for a metric that could not be made: each use of it is counted as lost, by the reason why."""

from __future__ import annotations

from nightdesk.client.losses import Loss, Losses
from nightdesk.client.metrics import Counter, Gauge, Histogram, Metric
from nightdesk.client.names import MOST_NAME, text_of


class Lost(Metric):
    """Counts the uses of what is not there."""

    def __init__(self, name: object, losses: Losses, reason: Loss) -> None:
        """Count each use as lost for this reason."""
        super().__init__(text_of(name)[:MOST_NAME], (), losses, 0.0)
        self._reason = reason

    def add(self, n: float = 1) -> None:  # noqa: ARG002 - a counter's or a gauge's
        """Count the loss."""
        self._losses.note(self._reason, self.name)

    def set(self, value: float) -> None:  # noqa: ARG002 - a gauge's
        """Count the loss."""
        self._losses.note(self._reason, self.name)

    def observe(self, seconds: float) -> None:  # noqa: ARG002 - a histogram's
        """Count the loss."""
        self._losses.note(self._reason, self.name)


class LostCounter(Lost, Counter):
    """In the place of a counter."""


class LostGauge(Lost, Gauge):
    """In the place of a gauge."""


class LostHistogram(Lost, Histogram):
    """In the place of a histogram."""
