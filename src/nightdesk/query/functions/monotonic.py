"""Cumulative counts that fall from a bucket to a larger one: mended, and told of in Prometheus' words.

Formula: Prometheus 3, promql/quantile.go, `ensureMonotonicAndIgnoreSmallDeltas`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from nightdesk.model.go_numbers import go_text
from nightdesk.model.instant import SECOND
from nightdesk.model.labels import quote
from nightdesk.model.series import Times, Values
from nightdesk.query.grid import Mask
from nightdesk.query.language.position import Span
from nightdesk.query.notes import Notes

_SMALL: Final = 1e-12
"""Bucket counts this close, relatively, are equal: scrapes and sums of floats differ by that much."""
_TEXT: Final = (
    "input to histogram_quantile needed to be fixed for monotonicity "
    "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
)


@dataclass(frozen=True, slots=True)
class _Repair:
    """What was mended of the histograms of one name."""

    name: str
    samples: int
    first: int
    last: int
    lowest: float
    highest: float
    most: float

    def joined(self, other: "_Repair") -> "_Repair":
        """Return what both mended."""
        return _Repair(
            self.name,
            self.samples + other.samples,
            min(self.first, other.first),
            max(self.last, other.last),
            min(self.lowest, other.lowest),
            max(self.highest, other.highest),
            max(self.most, other.most),
        )

    def text(self) -> str:
        """Tell it as Prometheus does."""
        of_metric = f" for metric name {quote(self.name)}" if self.name else ""
        buckets = f"from buckets {go_text(self.lowest)} to {go_text(self.highest)}"
        samples = f"over {self.samples} samples from {_text(self.first)} to {_text(self.last)}"
        return f"{_TEXT}{of_metric}, {buckets}, with a max diff of {self.most:.2g}, {samples}"


@dataclass(frozen=True, slots=True)
class Repairs:
    """Mends the counts of histograms, and notes what it had to change by more than rounding."""

    notes: Notes
    span: Span

    def mend(self, name: str, bounds: Values, counts: Values, instants: Times, told: Mask) -> Values:
        """Raise counts, (buckets, steps), that fall below a smaller bucket's to that one's; note it at steps `told`."""
        result = counts.copy()
        for row in range(1, len(result)):
            before, here = result[row - 1], result[row]
            close = np.abs(here - before) <= _SMALL * np.minimum(np.abs(here) + np.abs(before), np.finfo(float).max)
            result[row] = np.where(close | (here < before), before, here)
        lost = result - counts
        forced = lost > _SMALL * np.minimum(np.abs(result) + np.abs(counts), np.finfo(float).max)
        forced &= told
        if forced.any():
            self._note(name, bounds[forced.any(axis=1)], float(lost[forced].max()), instants[forced.any(axis=0)])
        return result

    def _note(self, name: str, bounds: Values, most: float, instants: Times) -> None:
        lowest, highest = float(bounds.min()), float(bounds.max())
        first, last = int(instants.min()), int(instants.max())
        self.notes.find(name, _Repair(name, len(instants), first, last, lowest, highest, most), self.span)


def _text(millis: int) -> str:
    return datetime.fromtimestamp(millis // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
