"""Sketches as arrays: of most buckets class by class beside what is known of them, of others the classes in use."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nightdesk.model.buckets import Sketches
from nightdesk.store.tiers.files.arrays import Array
from nightdesk.store.tiers.files.class_counts import Classes, Known, Numbers

_OF_SPARSE = 4
_BEFORE_COUNTS = 4


def sketch_arrays(sketches: Sketches, known: Known) -> list[Array]:
    """Return what sketches tell beyond what is known of their buckets; every class and weight comes back."""
    begins = np.flatnonzero(np.diff(sketches.cells, prepend=-1))
    sizes = np.diff(begins, append=len(sketches.cells))
    chosen = known.cells.searchsorted(sketches.cells[begins])
    sketched = np.zeros(len(known.cells), dtype=np.bool_)
    sketched[chosen] = True
    some = known.chosen(chosen)
    codes = _codes(sketches, begins, sizes, some)
    counts, told = Classes(some, codes).counts(sketches, np.repeat(np.arange(len(sizes)), sizes))
    changes = (codes - some.codes()).ravel()
    return [
        steps(np.flatnonzero(sketched != known.varied())),
        steps(np.flatnonzero(changes)),
        changes[changes != 0].astype(np.int32),
        steps(np.flatnonzero(~told)),
        *_sparse(sketches, sizes, ~told),
        *counts,
    ]


def sketches_from(arrays: Sequence[Array], known: Known) -> Sketches:
    """Undo `sketch_arrays`. Raises ValueError, IndexError where the arrays do not fit together."""
    turned, changed, changes, untold = arrays[:_BEFORE_COUNTS]
    sketched = known.varied()
    sketched[np.cumsum(turned)] ^= True
    some = known.chosen(np.flatnonzero(sketched))
    codes = some.codes()
    codes.reshape(-1)[np.cumsum(changed)] += changes
    sparse = np.cumsum(untold)
    told = np.ones(len(some.cells), dtype=np.bool_)
    told[sparse] = False
    parts = (
        Classes(some, codes).sketches(list(arrays[_BEFORE_COUNTS + _OF_SPARSE :]), told),
        _from_sparse(arrays[_BEFORE_COUNTS : _BEFORE_COUNTS + _OF_SPARSE], sparse),
    )
    owners, classes, weights = (np.concatenate(pair) for pair in zip(*parts, strict=True))
    order = np.argsort(owners, kind="stable")
    return Sketches(some.cells[owners[order]], classes[order].astype(np.int32), weights[order])


def steps(places: NDArray[np.intp]) -> Array:
    """Return how far each place is from the one before it."""
    return np.diff(places, prepend=0).astype(np.int64)


def _codes(sketches: Sketches, begins: NDArray[np.intp], sizes: Numbers, known: Known) -> Numbers:
    """Return the codes under which low, high, first and last were counted, shape (4, cells)."""
    codes = known.codes()
    if len(begins):
        codes[0], codes[1] = sketches.codes[begins], sketches.codes[begins + sizes - 1]
        codes[2:] = np.clip(codes[2:], codes[0], codes[1])
    return codes


def _sparse(sketches: Sketches, sizes: Numbers, some: NDArray[np.bool_]) -> list[Array]:
    """Return of some buckets how many classes are in use, the first, the rises to the others, the weights less 1."""
    kept = np.repeat(some, sizes)
    codes, weights, own = sketches.codes[kept], sketches.weights[kept], sizes[some]
    firsts = np.cumsum(own) - own
    inner = np.ones(len(codes), dtype=np.bool_)
    inner[firsts] = False
    arrays = (own, codes[firsts], np.diff(codes, prepend=0)[inner], weights - 1)
    return [array.astype(np.int32) for array in arrays]


def _from_sparse(arrays: Sequence[Array], owners: Numbers) -> tuple[NDArray[np.intp], Numbers, Numbers]:
    """Undo `_sparse`: the bucket, code and weight of each entry."""
    sizes, firsts, rises, weights = arrays
    begins = np.cumsum(sizes) - sizes
    jumps = np.zeros(len(weights), dtype=np.int64)
    inner = np.ones(len(weights), dtype=np.bool_)
    inner[begins] = False
    jumps[inner] = rises
    climbed = np.cumsum(jumps)
    codes = climbed - np.repeat(climbed[begins] - firsts, sizes) if len(begins) else climbed
    return np.repeat(owners, sizes).astype(np.intp), codes, weights.astype(np.int64) + 1
