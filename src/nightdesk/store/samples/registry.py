"""Every series this process has met: label sets to references and back, with the limits on both."""

import threading
from array import array
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nightdesk.errors import BadLabels, SeriesLimitExceeded
from nightdesk.model.labels import Labels
from nightdesk.model.series import Refs
from nightdesk.store.samples.matching import union

MAX_LABELS: Final = 32
MAX_NAME_BYTES: Final = 128
MAX_VALUE_BYTES: Final = 1_024
REMEMBERED: Final = 4
"""So many times the cap of label sets are remembered, live or not, before new ones are refused until the next start."""


class Registry:
    """Label sets, references and postings of the series in memory. Safe from several threads.

    A reference stays valid while the process lives; the cap counts the series that the head holds, so that a series
    which has ended makes room for a new one once its samples are sealed. What is remembered altogether is bounded too.
    """

    def __init__(self, max_series: int) -> None:
        """Hold at most `max_series` live series."""
        self._max_series = max_series
        self._turn = threading.Lock()
        self._refs: dict[Labels, int] = {}
        self._labels: list[Labels | None] = []
        self._postings: dict[str, dict[str, array[int]]] = {}
        self._is_live: NDArray[np.bool_] = np.zeros(1_024, dtype=np.bool_)
        self.live = 0
        """How many series count against the cap."""

    def __len__(self) -> int:
        return len(self._refs)

    @property
    def end(self) -> int:
        """One past the highest reference."""
        return len(self._labels)

    def reference(self, labels: Labels) -> int:
        """Return the reference of a series, made on first sight.

        Raises:
            BadLabels: names or sizes out of bounds.
            SeriesLimitExceeded: a new series over the cap.
        """
        known = self._refs.get(labels)
        if known is not None:
            return known
        _check(labels)
        if self.live >= self._max_series:
            raise SeriesLimitExceeded(f"{self._max_series} series are live, the most that [limits] series allows")
        if len(self._refs) >= REMEMBERED * self._max_series:
            raise SeriesLimitExceeded(
                f"{len(self._refs)} series came and went since the start, the most that are remembered:"
                " find what makes new ones all the time, then start the desk again"
            )
        with self._turn:
            ref = len(self._labels)
            self._labels.append(labels)
            self._enter(ref, labels)
            return ref

    def restore(self, ref: int, labels: Labels) -> None:
        """Give a series the reference that the journal knows it by; references come in rising order."""
        with self._turn:
            self._labels.extend([None] * (ref - len(self._labels)))
            self._labels.append(labels)
            self._enter(ref, labels)

    def reserve(self, end: int) -> None:
        """Give no reference below `end` to a new series: the journal may still hold samples under it."""
        with self._turn:
            self._labels.extend([None] * (end - len(self._labels)))
            self._cover(end)

    def labels(self, ref: int) -> Labels:
        """Return the label set behind a reference."""
        labels = self._labels[ref]
        if labels is None:
            raise KeyError(ref)
        return labels

    def awaken(self, refs: Refs) -> Refs:
        """Count series that get samples, also those that had slept; return those that slept and are over the cap."""
        asleep = refs[~self._is_live[refs]]
        if not len(asleep):
            return asleep
        woken, over = np.split(np.unique(asleep), [max(0, self._max_series - self.live)])
        self._is_live[woken] = True
        self.live += len(woken)
        return over

    def let_sleep(self, awake: Refs) -> None:
        """Count just these series from now on: the others have ended, as far as the head knows."""
        self._is_live[:] = False
        self._is_live[awake] = True
        self.live = len(awake)

    def everyone(self) -> Refs:
        """Return all references, sorted."""
        with self._turn:
            return np.array(sorted(self._refs.values()), dtype=np.int64)

    def names(self) -> list[str]:
        """Return all label names."""
        with self._turn:
            return list(self._postings)

    def values(self, name: str) -> list[str]:
        """Return the values that a label has."""
        with self._turn:
            return list(self._postings.get(name, ()))

    def with_values(self, name: str, values: Iterable[str]) -> Refs:
        """Return the series whose label has one of the values, sorted."""
        with self._turn:
            postings = self._postings.get(name, {})
            return union([np.array(postings[value], dtype=np.int64) for value in values if value in postings])

    def _enter(self, ref: int, labels: Labels) -> None:
        self._refs[labels] = ref
        self._cover(ref)
        self._is_live[ref] = True
        self.live += 1
        for name, value in labels:
            self._postings.setdefault(name, {}).setdefault(value, array("q")).append(ref)

    def _cover(self, ref: int) -> None:
        if ref >= len(self._is_live):
            self._is_live = np.append(self._is_live, np.zeros(ref + 1, dtype=np.bool_))


def _check(labels: Labels) -> None:
    """Refuse what would make every later step pay: too many labels, endless names and values."""
    if not labels:
        raise BadLabels("a series needs at least one label, e.g. a metric name")
    if len(labels) > MAX_LABELS:
        raise BadLabels(f"{len(labels)} labels on {labels.name or 'a series'}; at most {MAX_LABELS} are taken")
    for name, value in labels:
        if not name:
            raise BadLabels(f"an empty label name on {labels.name or 'a series'}")
        if _size(name) > MAX_NAME_BYTES:
            raise BadLabels(f"label name {name[:40]!r}... is over {MAX_NAME_BYTES} bytes")
        if _size(value) > MAX_VALUE_BYTES:
            raise BadLabels(f"the value of label {name!r} is over {MAX_VALUE_BYTES} bytes: {value[:40]!r}...")


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogateescape"))
