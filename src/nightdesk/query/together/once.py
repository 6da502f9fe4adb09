"""A reader that reads the same thing once: rules that are judged at one instant ask much the same again and again."""

from collections.abc import Sequence
from typing import Final

from nightdesk.model.labels import Matcher
from nightdesk.model.panel import Panel, Summarised
from nightdesk.seams.samples import Budget, PanelReader

MOST_CELLS: Final = 1 << 20
"""Samples remembered: 8 MB of values. What would go beyond it is read each time."""

_Asked = tuple[tuple[Matcher, ...], int, int]


class ReadOnce:
    """Reads through another reader and remembers. Of one stage of one round; used by one thread.

    A budget is charged by the one who reads first.
    """

    def __init__(self, reader: PanelReader) -> None:
        """Start with nothing read."""
        self._reader = reader
        self._panels: dict[_Asked, list[Panel]] = {}
        self._summarised: dict[_Asked, Summarised] = {}
        self._cells_left = MOST_CELLS

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return what the reader does."""
        asked = (tuple(matchers), start, end)
        panels = self._panels.get(asked)
        if panels is None:
            panels = self._reader.panels(matchers, start, end, budget)
            if self._takes(panels):
                self._panels[asked] = panels
        return panels

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Return what the reader does."""
        asked = (tuple(matchers), start, end)
        found = self._summarised.get(asked)
        if found is None:
            found = self._reader.summarised(matchers, start, end, budget)
            if self._takes(found.panels, 6 * sum(each.sums.size for each in found.chunks)):
                self._summarised[asked] = found
        return found

    def _takes(self, panels: Sequence[Panel], more: int = 0) -> bool:
        # An empty answer counts as well, so that there is a bound on their number.
        cost = 64 + more + sum(panel.values.size + len(panel.times) for panel in panels)
        fits = cost <= self._cells_left
        if fits:
            self._cells_left -= cost
        return fits
