"""Stretches of a request that come again byte for byte, but for values and instants: recognised whole, not read.

A sender repeats its series in the same order each time. What lies between their values and instants was read once; from
then on a stretch of series is compared as one block of memory, under a mask that leaves the values out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.series import Refs

STRETCH: Final = 256
"""Series a stretch has: where one changes its form all are read, and each stretch costs one comparison."""
MOST_BYTES: Final = 32 * 2**20
"""Of patterns and masks remembered; about a quarter KB a series."""
FULL, ZERO = 18, 9
"""Bytes of a Sample field with a value, and of one whose value is 0 and left out."""
_TIME_BYTES: Final = 6
_VALUE_AT: Final = 3

Bytes = NDArray[np.uint8]
Found = tuple[Sequence[int], Sequence[int]]
"""References, and where the Sample field of each begins."""


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """Consecutive series with one sample each: of either form the references and where the Sample fields begin."""

    pattern: Bytes
    mask: Bytes
    full: tuple[Refs, NDArray[np.int64]]
    zero: tuple[Refs, NDArray[np.int64]]

    def __len__(self) -> int:
        return len(self.pattern)

    def begins(self, data: Bytes) -> bool:
        """Return whether the data begin with this stretch, whatever its values and instants."""
        return len(data) >= len(self) and bool(np.array_equal(data[: len(self)] & self.mask, self.pattern))


class Stretches:
    """Stretches by the labels of their first series. Bounded: the oldest give way."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        """Remember patterns and masks of up to `most_bytes`."""
        self._most, self._bytes = most_bytes, 0
        self._known: dict[bytes, Stretch] = {}
        self.get = self._known.get

    def learn(self, first: bytes, data: Bytes, full: Found, zero: Found) -> None:
        """Remember the series of `data`: `first` is the label block of the first; starts count from its first byte."""
        mask = np.full(len(data), 0xFF, dtype=np.uint8)
        arrays = []
        for (refs, starts), size in ((full, FULL), (zero, ZERO)):
            begins = np.array(starts, dtype=np.int64)
            if size == FULL:
                mask[(begins[:, None] + np.arange(_VALUE_AT, _VALUE_AT + 8)).ravel()] = 0
            # The bits that say `more follows` stay: so the instant keeps its six bytes.
            mask[(begins[:, None] + np.arange(size - _TIME_BYTES, size)).ravel()] = 0x80
            arrays.append((np.array(refs, dtype=np.int64), begins))
        self._put(first, Stretch(data & mask, mask, arrays[0], arrays[1]))

    def forget(self) -> None:
        """Begin anew: the references are worth nothing any more."""
        self._known.clear()
        self._bytes = 0

    def _put(self, first: bytes, stretch: Stretch) -> None:
        gone = self._known.pop(first, None)
        self._bytes += 2 * (len(stretch) - (len(gone) if gone is not None else 0))
        self._known[first] = stretch
        while self._bytes > self._most and self._known:
            self._bytes -= 2 * len(self._known.pop(next(iter(self._known))))

    def __len__(self) -> int:
        return len(self._known)
