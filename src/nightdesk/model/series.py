"""Series and batches: arrays of instants and values, and the bit pattern that marks a series as ended."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.labels import Labels

Times = NDArray[np.int64]
"""Instants in milliseconds since the epoch, shape (samples,)."""
Values = NDArray[np.float64]
"""Values, shape (samples,). NaN is a value; the stale marker is one particular NaN."""
Refs = NDArray[np.int64]
"""References of series as the store handed them out, shape (samples,)."""
EMPTY_REFS: Final[Refs] = np.empty(0, dtype=np.int64)
"""No series at all."""

STALE_BITS: Final = 0x7FF0000000000002
"""Prometheus' stale marker: the series ended here. A NaN like any other to arithmetic, so compare bits."""
_FEW: Final = 512
"""Of fewer values each is looked at: to change numpy's error state costs more than that."""
STALE: Final = float(np.array([STALE_BITS], dtype=np.uint64).view(np.float64)[0])


def stale_mask(values: Values) -> NDArray[np.bool_]:
    """Return where values hold the stale marker, same shape."""
    bits: NDArray[np.uint64] = np.ascontiguousarray(values).view(np.uint64)
    return np.equal(bits, np.uint64(STALE_BITS))


def has_nan(values: Values) -> bool:
    """Return whether any value is NaN, as a stale marker is: the quick question before the slower `stale_mask`."""
    if values.size < _FEW:
        return bool(np.isnan(values).any())
    with np.errstate(invalid="ignore"):
        return bool(np.isnan(np.maximum.reduce(values, axis=None)))


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One series as read: times strictly ascending. Series of one scrape share the *same* `times` object."""

    labels: Labels
    times: Times
    values: Values


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Samples on their way in: three arrays of one length; row i is (refs[i], times[i], values[i])."""

    refs: Refs
    times: Times
    values: Values

    def __post_init__(self) -> None:
        """Refuse arrays of different lengths: a shifted row would be a wrong sample."""
        if not len(self.refs) == len(self.times) == len(self.values):
            raise ValueError("refs, times and values must have one length")

    @classmethod
    def at(cls, refs: Refs, instant: int, values: Values) -> "Batch":
        """Build a batch whose samples share one instant in milliseconds."""
        return cls(refs, np.full(len(refs), instant, dtype=np.int64), values)

    def __len__(self) -> int:
        return len(self.refs)


class AppendRefusal(Enum):
    """Why the store did not take a sample; counted in `nightdesk_samples_refused_total{reason}`."""

    TOO_OLD = "too_old"
    TOO_FAR_AHEAD = "too_far_ahead"
    SERIES_LIMIT = "series_limit"
    TARGET_LIMIT = "target_limit"
    BAD_LABELS = "bad_labels"


@dataclass(frozen=True, slots=True)
class OutOfTime:
    """The first sample of a batch that the store did not take for its instant, and between what it takes them; ms."""

    instant: int
    earliest: int
    latest: int


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a batch: samples taken, and samples refused by reason."""

    accepted: int
    refused: dict[AppendRefusal, int] = field(default_factory=dict)
    out_of_time: OutOfTime | None = None
    over: frozenset[int] = frozenset()
    """References of series that had slept and found no place when they came back."""
