"""A reader under the tree of a shape: what stands for many selectors is read once, with a row for who selects it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nightdesk.model.label_rows import LabelRows
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import ChunkSummaries, Panel, Summarised
from nightdesk.model.series import Times, Values
from nightdesk.query.together.shape import slot_of
from nightdesk.query.together.shared_selector import MemberRows, SharedSelector, with_member
from nightdesk.seams.samples import Budget, PanelReader


class Numbers:
    """The literal operands at one place of a shape: a vector of one row a member, at any instant."""

    def __init__(self, values: Sequence[float]) -> None:
        """Take the number of each member."""
        self._labels = LabelRows([with_member(Labels(), str(member)) for member in range(len(values))])
        self._values: Values = np.array(values, dtype=np.float64)[:, None]

    def panel(self, at: int) -> Panel:
        """Return them as samples of an instant in ms."""
        times: Times = np.array([at], dtype=np.int64)
        return Panel(self._labels, times, self._values)


class SharedReader:
    """Reads for the tree of a shape, whose every selector is a slot."""

    def __init__(self, reader: PanelReader, selectors: Sequence[SharedSelector], numbers: Sequence[Numbers]) -> None:
        """Read from a reader for the selectors; `numbers` need no reading."""
        self._reader, self._selectors, self._numbers = reader, selectors, numbers

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return a slot's rows in panels, named by member."""
        slot = self._slot(matchers)
        if isinstance(slot, Numbers):
            return [slot.panel(end)]
        panels = self._reader.panels(slot.matchers, start, end, budget)
        return [_panel(panel, slot.rows_of_members(panel.labels)) for panel in panels]

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Return a slot's rows with whole chunks told by their summaries, named by member."""
        slot = self._slot(matchers)
        if isinstance(slot, Numbers):
            return Summarised((), (slot.panel(end),))
        read = self._reader.summarised(slot.matchers, start, end, budget)
        return Summarised(
            [_chunks(each, slot.rows_of_members(each.labels)) for each in read.chunks],
            [_panel(each, slot.rows_of_members(each.labels)) for each in read.panels],
        )

    def _slot(self, matchers: Sequence[Matcher]) -> SharedSelector | Numbers:
        kind, place = slot_of(matchers)
        return self._selectors[place] if kind == "s" else self._numbers[place]


def _panel(panel: Panel, members: MemberRows) -> Panel:
    return replace(panel, labels=members.labels, values=panel.values[members.rows])


def _chunks(chunks: ChunkSummaries, members: MemberRows) -> ChunkSummaries:
    rows = members.rows
    return replace(
        chunks,
        labels=members.labels,
        sums=chunks.sums[rows],
        losses=chunks.losses[rows],
        lows=chunks.lows[rows],
        highs=chunks.highs[rows],
        firsts=chunks.firsts[rows],
        lasts=chunks.lasts[rows],
    )
