"""Which side of a threshold is bad."""

from enum import Enum


class Direction(Enum):
    """Which side of a level is bad."""

    ABOVE = "above"
    BELOW = "below"

    def past(self, value: float, threshold: float) -> float:
        """Return how far a value lies beyond a threshold on the bad side; 0 or less: it has not passed it."""
        return value - threshold if self is Direction.ABOVE else threshold - value
