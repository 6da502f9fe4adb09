"""What whoever asks may say beside a question, and how it is answered where nothing is said."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Asking:
    """How one query is to be answered, whatever it asks."""

    lookback: int | None = None
    """How long a sample counts after its instant (ms); None means as long as the engine has it."""
    resolution: int | None = None
    """The coarsest buckets to answer from (ms), 0 for samples alone; None means what serves best."""


AS_USUAL: Final = Asking()
