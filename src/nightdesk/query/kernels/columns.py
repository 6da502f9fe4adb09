"""Picking columns of a matrix: those of steps at even distances are a slice, which is quicker than a list."""

import numpy as np

from nightdesk.model.series import Values
from nightdesk.query.grid import Indices


def columns(matrix: Values, indices: Indices) -> Values:
    """Return a new matrix of some columns, by number, in the order asked; shapes (rows, n) to (rows, len(indices))."""
    if len(indices) < 8:
        return matrix.take(indices, axis=1)
    strides = np.diff(indices)
    stride = int(strides[-1])
    odd = np.flatnonzero(strides != stride)
    begin = int(odd[-1]) + 1 if len(odd) else 0
    if stride < 1 or 2 * begin > len(indices):
        return matrix.take(indices, axis=1)
    found = np.empty((len(matrix), len(indices)))
    found[:, :begin] = matrix.take(indices[:begin], axis=1)
    found[:, begin:] = matrix[:, indices[begin] : indices[-1] + 1 : stride]
    return found
