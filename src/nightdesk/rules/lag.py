"""How late the rules are: seconds from due to done, over the latest rounds."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ROUNDS: Final = 1024
"""Rounds that are remembered."""


@dataclass(frozen=True, slots=True)
class Lag:
    """Quantiles of the lag in seconds; all 0 before the first round."""

    rounds: int
    p50: float
    p99: float
    worst: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> "Lag":
        """Work out the quantiles by nearest rank."""
        ordered = sorted(seconds)
        if not ordered:
            return cls(0, 0.0, 0.0, 0.0)
        return cls(len(ordered), _rank(ordered, 0.5), _rank(ordered, 0.99), ordered[-1])


def _rank(ordered: list[float], quantile: float) -> float:
    return ordered[max(0, math.ceil(quantile * len(ordered)) - 1)]


class LagLog:
    """The latest rounds' lags."""

    def __init__(self) -> None:
        """Start empty."""
        self._seconds: deque[float] = deque(maxlen=ROUNDS)

    def note(self, seconds: float) -> None:
        """Remember one round."""
        self._seconds.append(seconds)

    @property
    def lag(self) -> Lag:
        """The quantiles as of now; safe from another thread."""
        return Lag.of(self._seconds.copy())
