"""Cumulative counts that fall from a bucket to a larger one: mended, and told of in Prometheus' words.

Formula: Prometheus 3, promql/quantile.go, `ensureMonotonicAndIgnoreSmallDeltas`.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np

from nightdesk.model.instant import SECOND
from nightdesk.model.labels import quote
from nightdesk.model.series import Times, Values
from nightdesk.query.language.position import Span
from nightdesk.query.language.printer import number_text
from nightdesk.query.notes import Notes

_SMALL: Final = 1e-12
"""Bucket counts this close, relatively, are equal: scrapes and sums of floats differ by that much."""
_TEXT: Final = (
    "input to histogram_quantile needed to be fixed for monotonicity "
    "(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)"
)


@dataclass(slots=True)
class _Repair:
    """What was mended of the histograms of one name."""

    samples: int
    first: int
    last: int
    lowest: float
    highest: float
    most: float


@dataclass(slots=True)
class Repairs:
    """Mends the counts of histograms, and remembers what it had to change by more than rounding."""

    _found: dict[str, _Repair] = field(default_factory=dict)

    def mend(self, name: str, bounds: Values, counts: Values, instants: Times) -> Values:
        """Raise counts, of shape (buckets, steps), that fall below a smaller bucket's to that one's."""
        result = counts.copy()
        for row in range(1, len(result)):
            before, here = result[row - 1], result[row]
            close = np.abs(here - before) <= _SMALL * np.minimum(np.abs(here) + np.abs(before), np.finfo(float).max)
            result[row] = np.where(close | (here < before), before, here)
        lost = result - counts
        forced = lost > _SMALL * np.minimum(np.abs(result) + np.abs(counts), np.finfo(float).max)
        if forced.any():
            self._note(name, bounds[forced.any(axis=1)], float(lost[forced].max()), instants[forced.any(axis=0)])
        return result

    def _note(self, name: str, bounds: Values, most: float, instants: Times) -> None:
        new = _Repair(
            len(instants), int(instants.min()), int(instants.max()), float(bounds.min()), float(bounds.max()), most
        )
        old = self._found.setdefault(name, new)
        if old is not new:
            old.samples += new.samples
            old.first, old.last = min(old.first, new.first), max(old.last, new.last)
            old.lowest, old.highest = min(old.lowest, new.lowest), max(old.highest, new.highest)
            old.most = max(old.most, new.most)

    def tell(self, notes: Notes, span: Span) -> None:
        """Add an info for each name of which something was mended."""
        for name, repair in self._found.items():
            of_metric = f" for metric name {quote(name)}" if name else ""
            buckets = f"from buckets {number_text(repair.lowest)} to {number_text(repair.highest)}"
            samples = f"over {repair.samples} samples from {_text(repair.first)} to {_text(repair.last)}"
            notes.inform(f"{_TEXT}{of_metric}, {buckets}, with a max diff of {repair.most:.2g}, {samples}", span)


def _text(millis: int) -> str:
    return datetime.fromtimestamp(millis // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
