"""How the samples of a bucket lie in its classes, told class by class from the lowest value's to the highest value's.

Of the samples the lowest, highest, first and last are known, and with them their classes. Only how the others lie is
told, and not the last count, which is what is left of them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import Sketches
from nightdesk.model.series import Values
from nightdesk.store.tiers.files.arrays import Array
from nightdesk.store.tiers.files.settled_codes import settled_codes

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]
MOST_CLASSES: Final = 128
"""A bucket with more of them is told by the classes in use."""
_DIGITS: Final = 8
"""As binary digits."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of buckets before their sketches are read, flat; `cells` rises, the others tell of each."""

    cells: Numbers
    valued: Numbers
    """How many samples are no NaN."""
    low: Values
    high: Values
    first: Values
    last: Values

    def chosen(self, places: NDArray[np.intp]) -> "Known":
        """Return some of them."""
        columns = (self.cells, self.valued, self.low, self.high, self.first, self.last)
        return Known(*(column[places] for column in columns))  # type: ignore[arg-type]

    def codes(self) -> Numbers:
        """Return the settled codes of low, high, first and last, shape (4, cells)."""
        return settled_codes(np.stack([self.low, self.high, self.first, self.last]))

    def varied(self) -> Mask:
        """Tell which lie in several classes; hardly ever wrong."""
        return np.asarray((self.valued > 1) & (settled_codes(self.low) != settled_codes(self.high)))


class Classes:
    """The classes of buckets that have a sketch, numbered through: those of a bucket lie together."""

    def __init__(self, known: Known, codes: Numbers) -> None:
        """Take the codes of low, high, first and last, shape (4, cells)."""
        self.lowest, self.width = codes[0], codes[1] - codes[0]
        inner = [(each != known.low) & (each != known.high) & ~np.isnan(each) for each in (known.first, known.last)]
        self._edges = [(mask, code - self.lowest) for mask, code in zip(inner, codes[2:], strict=True)]
        self._others = known.valued - 2 - np.sum(inner, axis=0)
        """Samples that are neither lowest, highest, first nor last: several samples lie in several classes."""
        self.few: Mask = (self.width >= 0) & (self.width < MOST_CLASSES)

    def counts(self, sketches: Sketches, own: NDArray[np.intp]) -> tuple[list[Array], Mask]:
        """Return arrays that tell of sketches, entry by entry of the buckets `own`, and which buckets they tell of."""
        counts, begins, of = self._empty(self.few)
        listed = self.few[own]
        counts[(begins[own] + sketches.codes - self.lowest[own])[listed]] = sketches.weights[listed]
        counts -= self._known(begins, self.few, len(counts))
        told = self.few & (np.bincount(of, counts, len(self.few)) == self._others)
        told[of[counts < 0]] = False
        kept = told[of]
        kept[(begins + self.width)[self.few]] = False
        return self._by_width(counts[kept], of[kept]), told

    def sketches(self, arrays: list[Array], told: Mask) -> tuple[NDArray[np.intp], Numbers, Numbers]:
        """Undo `counts`: the bucket, code and weight of each entry. Raises ValueError where the arrays do not fit."""
        counts, begins, of = self._empty(told)
        ends = (begins + self.width)[told]
        inner = np.ones(len(counts), dtype=np.bool_)
        inner[ends] = False
        rows = of[inner]
        body = np.zeros(len(rows), dtype=np.int64)
        own, order = self._in_order(rows)
        if np.count_nonzero(np.diff(own, prepend=0)) != len(arrays):
            raise ValueError("classes are missing")
        if arrays:
            body[order] = np.concatenate(arrays)
        counts[inner] = body
        counts[ends] = (self._others - np.bincount(of, counts, len(told)).astype(np.int64))[told]
        counts += self._known(begins, told, len(counts))
        used = np.flatnonzero(counts)
        return of[used], used - begins[of[used]] + self.lowest[of[used]], counts[used]

    def _empty(self, some: Mask) -> tuple[Numbers, Numbers, NDArray[np.intp]]:
        """Return a count for each class of some buckets, where each bucket begins, and the bucket of each class."""
        sizes = np.where(some, self.width + 1, 0)
        return (
            np.zeros(int(sizes.sum()), dtype=np.int64),
            np.cumsum(sizes) - sizes,
            np.repeat(np.arange(len(sizes)), sizes),
        )

    def _known(self, begins: Numbers, some: Mask, classes: int) -> Numbers:
        """Return how many known samples of some buckets lie in each class."""
        edges = [(begins + offset)[mask & some] for mask, offset in self._edges]
        return np.bincount(np.concatenate([begins[some], (begins + self.width)[some], *edges]), minlength=classes)

    def _by_width(self, body: Numbers, of: NDArray[np.intp]) -> list[Array]:
        own, order = self._in_order(of)
        return np.split(body[order].astype(np.int32), np.flatnonzero(np.diff(own, prepend=0)))[1:]

    def _in_order(self, of: NDArray[np.intp]) -> tuple[NDArray[np.int8], NDArray[np.intp]]:
        """Return the binary digits of each class's width, rising: the narrower a bucket, the fuller its classes."""
        digits = np.searchsorted(1 << np.arange(_DIGITS), self.width, side="right").astype(np.int8)[of]
        order = np.argsort(digits, kind="stable")
        return digits[order], order
