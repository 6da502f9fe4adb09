"""Runs of one sign: what is neither above nor below zero ends a run of either."""

import numpy as np
from numpy.typing import NDArray


def longest_run(hits: NDArray[np.bool_]) -> int:
    """Return the length of the longest unbroken run of True."""
    if not hits.any():
        return 0
    edges = np.diff(np.concatenate(([0], hits.astype(np.int8), [0])))
    return int((np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)).max())


def longest_gain(values: NDArray[np.float64]) -> int:
    """Return the most values above zero in a row."""
    return longest_run(values > 0)


def longest_loss(values: NDArray[np.float64]) -> int:
    """Return the most values below zero in a row."""
    return longest_run(values < 0)
