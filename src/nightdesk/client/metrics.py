"""Counters, gauges and histograms as the bot holds them: totals in memory, read by the flusher without a lock.

A lock stands between threads of the bot alone, for a few bytecodes. It is re-entrant, so that a signal handler which
counts while its own thread counts does not hang.
"""

from __future__ import annotations

from math import inf, isfinite
from threading import RLock

from nightdesk.client.bounds import BOUNDS, bucket_of
from nightdesk.client.losses import Loss, Losses
from nightdesk.client.names import Pairs


class Metric:
    """What every metric has: a name, labels, when it was born (monotonic seconds), what the desk last acknowledged."""

    __slots__ = ("_lock", "_losses", "acknowledged", "born", "is_refused", "labels", "name")

    def __init__(self, name: str, labels: Pairs, losses: Losses, born: float) -> None:
        """Start at nothing."""
        self.name, self.labels, self.born = name, labels, born
        self.acknowledged: float | None = None
        """The value (of a histogram the count) that the desk has; None before the first."""
        self.is_refused = False
        """True where the desk will never take it as it is: it is told no more."""
        self._losses, self._lock = losses, RLock()

    def start_anew(self, born: float) -> None:
        """Start at nothing again, in a forked child: what was counted before is the parent's to tell."""
        self._lock = RLock()
        self.born, self.acknowledged = born, None


class Counter(Metric):
    """A total that only rises."""

    __slots__ = ("value",)

    def __init__(self, name: str, labels: Pairs, losses: Losses, born: float) -> None:
        """Start at 0."""
        super().__init__(name, labels, losses, born)
        self.value: float = 0

    def add(self, n: float = 1) -> None:
        """Count `n` more; anything but a finite number of at least 0 is counted as lost instead."""
        try:
            if 0 <= n < inf:
                with self._lock:
                    self.value += n
            else:
                self._losses.note(Loss.BAD_VALUE, self.name)
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            self._losses.note(Loss.BAD_VALUE, self.name)

    def start_anew(self, born: float) -> None:
        """Start at 0 again."""
        super().start_anew(born)
        self.value = 0


class Gauge(Metric):
    """A value that rises and falls; nothing is told before the first `set`."""

    __slots__ = ("value",)

    def __init__(self, name: str, labels: Pairs, losses: Losses, born: float) -> None:
        """Start without a value."""
        super().__init__(name, labels, losses, born)
        self.value: float | None = None

    def set(self, value: float) -> None:
        """Be this from now on; anything but a finite number is counted as lost instead."""
        try:
            number = float(value)
            if isfinite(number):
                self.value = number
            else:
                self._losses.note(Loss.BAD_VALUE, self.name)
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            self._losses.note(Loss.BAD_VALUE, self.name)

    def add(self, n: float = 1) -> None:
        """Rise by `n`, or fall by a negative one; from 0 where nothing was set."""
        try:
            if -inf < n < inf:
                with self._lock:
                    self.value = (self.value or 0.0) + n
            else:
                self._losses.note(Loss.BAD_VALUE, self.name)
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            self._losses.note(Loss.BAD_VALUE, self.name)

    def start_anew(self, born: float) -> None:
        """Have no value again."""
        super().start_anew(born)
        self.value = None


class Histogram(Metric):
    """How long something took: counts by bucket of `bounds.BOUNDS`, and their sum in seconds."""

    __slots__ = ("counts", "sum")

    def __init__(self, name: str, labels: Pairs, losses: Losses, born: float) -> None:
        """Start with empty buckets."""
        super().__init__(name, labels, losses, born)
        self.counts = [0] * (len(BOUNDS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count one duration; anything but a finite number of at least 0 is counted as lost instead."""
        try:
            if 0 <= seconds < inf:
                bucket = bucket_of(seconds)
                with self._lock:
                    # The sum first: what cannot be added to it is not counted either.
                    self.sum += seconds
                    self.counts[bucket] += 1
            else:
                self._losses.note(Loss.BAD_VALUE, self.name)
        except Exception:  # noqa: BLE001 - never raise into the bot; it is counted
            self._losses.note(Loss.BAD_VALUE, self.name)

    def start_anew(self, born: float) -> None:
        """Have empty buckets again."""
        super().start_anew(born)
        self.counts, self.sum = [0] * (len(BOUNDS) + 1), 0.0
