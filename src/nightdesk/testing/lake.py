"""Where collected samples end up in tests: samples in memory with an intake before them, read back in plain values."""

from nightdesk.errors import NightdeskError
from nightdesk.model.instant import MAX_INSTANT, MIN_INSTANT
from nightdesk.model.labels import Labels
from nightdesk.model.series import stale_mask
from nightdesk.testing.builders import FreeBudget, named
from nightdesk.testing.intake import InlineIntake
from nightdesk.testing.samples import MemorySamples

Told = float | str
"""A value, or the word `stale`."""


class Lake(MemorySamples):
    """Memory samples that refuse the series named in `refusals`, and count how often a reference is asked for."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.intake = InlineIntake(self)
        self.refusals: dict[str, NightdeskError] = {}
        self.asked = 0

    def reference(self, labels: Labels, *, pushed: bool = False) -> int:
        """Return the reference of a series, unless it is to be refused."""
        self.asked += 1
        if labels.name in self.refusals:
            raise self.refusals[labels.name]
        return super().reference(labels, pushed=pushed)

    def told(self, name: str) -> list[tuple[Labels, int, Told]]:
        """Return all samples of a metric as (labels, milliseconds, value), by series and time."""
        found: list[tuple[Labels, int, Told]] = []
        for series in self.select(named(name), MIN_INSTANT, MAX_INSTANT, FreeBudget()):
            stale = stale_mask(series.values).tolist()
            for time, value, ended in zip(series.times.tolist(), series.values.tolist(), stale, strict=True):
                found.append((series.labels, time, "stale" if ended else value))
        return found

    def values(self, name: str) -> list[Told]:
        """Return just the values of a metric."""
        return [value for _, _, value in self.told(name)]
