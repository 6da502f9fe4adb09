"""Points of a collection: names, labels and values, turned into readings whose labels are made once."""

from collections.abc import Sequence

import numpy as np

from nightdesk.collect.collector import Readings
from nightdesk.collect.host.files import NO_LABELS, Pairs, Point
from nightdesk.model.labels import METRIC_NAME, Labels

__all__ = ["NO_LABELS", "Pairs", "Point", "PointSeries"]


class PointSeries:
    """The series of one target's points: the same tuple of labels for as long as the points are about the same."""

    def __init__(self, target: Labels) -> None:
        """Put the target's labels on every point."""
        self._target = target.pairs
        self._keys: list[tuple[str, Pairs]] = []
        self._labels: tuple[Labels, ...] = ()

    def readings(self, points: Sequence[Point], now: int) -> Readings:
        """Return the points as readings at `now` ms."""
        values = np.fromiter((value for _, _, value in points), dtype=np.float64, count=len(points))
        return Readings(self._labelled([(name, pairs) for name, pairs, _ in points]), values, now)

    def _labelled(self, keys: list[tuple[str, Pairs]]) -> tuple[Labels, ...]:
        if keys != self._keys:
            known = dict(zip(self._keys, self._labels, strict=True))
            self._labels = tuple(
                known.get(key) or Labels([*self._target, *key[1], (METRIC_NAME, key[0])]) for key in keys
            )
            self._keys = keys
        return self._labels
