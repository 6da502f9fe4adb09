"""The reading side: one answer out of the head and the day files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Final, TypeVar

import numpy as np

from nightdesk.errors import CorruptData
from nightdesk.model.instant import day_of
from nightdesk.model.labels import Labels, Matcher
from nightdesk.model.panel import Panel, Stretches, Summarised
from nightdesk.model.series import Refs, Series
from nightdesk.seams import Budget
from nightdesk.store.samples.day_file import DayFile, FileChunks, FilePanel
from nightdesk.store.samples.day_format import day_bounds
from nightdesk.store.samples.days import Days
from nightdesk.store.samples.head import Generation, Head
from nightdesk.store.samples.matching import match, union
from nightdesk.store.samples.registry import Registry
from nightdesk.store.samples.selections import Selection, Selections
from nightdesk.store.samples.sources import Source, panels_of_sources

_Told = TypeVar("_Told")
_GROUP: Final = 256
"""Series whose labels are read between two looks at the budget."""


class Reader:
    """Reads samples and labels. Safe from several threads.

    Every answer takes the head's generations before it looks at the days: a seal that ends meanwhile then shows its
    samples twice, which joins to the same, instead of not at all.
    """

    def __init__(self, registry: Registry, head: Head, days: Days) -> None:
        """Read from these three."""
        self._registry, self._head, self._days = registry, head, days
        self._selections = Selections()

    def select(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Series]:
        """Return the series that match with their samples in [start, end], sorted by labels; none is empty."""
        found = [series for panel in self.panels(matchers, start, end, budget) for series in panel.series()]
        return sorted(found, key=lambda series: series.labels.pairs)

    def panels(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Panel]:
        """Return the series that match with their samples in [start, end] side by side; each series is in one panel."""
        generations = self._head.generations()
        sources: list[Source] = []
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            sources += self._of_day(day, matchers, start, end, budget)
        sources += self._of_head(generations, matchers, start, end, budget)
        return panels_of_sources(sources)

    def summarised(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> Summarised:
        """Return the same samples, whole chunks by their summaries on days of which one sealed file holds all."""
        generations = self._head.generations()
        stretches: list[Stretches] = []
        edges: list[Panel] = []
        sources: list[Source] = []
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            if any(generation.may_hold(*day_bounds(day)) for generation in generations):
                sources += self._of_day(day, matchers, start, end, budget)
                continue
            told, found = self._summaries_of_day(day, matchers, start, end, budget)
            stretches += told
            edges += panels_of_sources(found)
        sources += self._of_head(generations, matchers, start, end, budget)
        return Summarised(stretches, [*edges, *panels_of_sources(sources)])

    def series(self, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Labels]:
        """Return the label sets that match and have samples on the days of [start, end], sorted."""
        refs = np.intersect1d(match(self._registry, matchers), self._present(start, end), assume_unique=True)
        found = set(self._told(refs, budget))

        def ask(reader: DayFile) -> Iterator[Labels]:
            for group in _groups(match(reader, matchers), budget):
                yield from reader.labels(group).values()

        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            found.update(self._asked(day, ask))
        return sorted(found, key=_pairs)

    def label_names(self, start: int, end: int, budget: Budget) -> list[str]:
        """Return the label names in use on the days of [start, end], sorted."""
        found = {name for labels in self._told(self._present(start, end), budget) for name, _ in labels}
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            found.update(self._asked(day, lambda reader: reader.names()))
        return sorted(found)

    def label_values(self, name: str, start: int, end: int, budget: Budget) -> list[str]:
        """Return the values of one label on the days of [start, end], sorted."""
        found = {labels.get(name) for labels in self._told(self._present(start, end), budget)}
        for day in self._days.between(day_of(start), day_of(end)):
            budget.check()
            found.update(self._asked(day, lambda reader: reader.values(name)))
        return sorted(found - {""})

    def _of_day(self, day: int, matchers: Sequence[Matcher], start: int, end: int, budget: Budget) -> list[Source]:
        """Return what the files of a day hold, in the order of writing."""
        sources: list[Source] = []
        with self._days.reading(day) as files:
            for file in files:
                pieces: list[FilePanel] = []
                with suppress(CorruptData), self._days.watching(file):
                    selection = self._chosen(file, matchers)
                    sources.append(Source(selection, pieces))
                    pieces += file.panels(selection.ids, start, end, budget)
        return sources

    def _summaries_of_day(
        self, day: int, matchers: Sequence[Matcher], start: int, end: int, budget: Budget
    ) -> tuple[list[Stretches], list[Source]]:
        """Return what a day holds, as summaries where it has one sealed file: chunks of several may overlap."""
        with self._days.reading(day) as files:
            if len(files) != 1 or not files[0].sealed:
                return [], self._of_day(day, matchers, start, end, budget)
            stretches: list[Stretches] = []
            pieces: list[FilePanel] = []
            with suppress(CorruptData), self._days.watching(files[0]):
                selection = self._chosen(files[0], matchers)
                for found in files[0].summarised(selection.ids, start, end, budget):
                    if isinstance(found, FilePanel):
                        pieces.append(found)
                    else:
                        stretches.append(_stretch(selection, found))
                return stretches, [Source(selection, pieces)]
        return stretches, []

    def _of_head(
        self,
        generations: tuple[Generation, ...],
        matchers: Sequence[Matcher],
        start: int,
        end: int,
        budget: Budget,
    ) -> list[Source]:
        """Return what the head holds, in the order of writing."""
        version = (self._registry.era, self._registry.end)
        selection = self._selections.select(self._registry, self._labels_of_head, matchers, version)
        pieces: list[FilePanel] = []
        for generation in generations:
            for piece in generation.panels(selection.ids, start, end):
                budget.charge(piece.values.size)
                pieces.append(piece)
        return [Source(selection, pieces)]

    def _chosen(self, file: DayFile, matchers: Sequence[Matcher]) -> Selection:
        return self._selections.select(file, file.labels, matchers, 0 if file.sealed else None)

    def _labels_of_head(self, refs: Refs) -> dict[int, Labels]:
        return {ref: self._registry.labels(ref) for ref in refs.tolist()}

    def _present(self, start: int, end: int) -> Refs:
        """Return the series of the head that have samples around [start, end]."""
        return union([generation.references(start, end) for generation in self._head.generations()])

    def _told(self, refs: Refs, budget: Budget) -> Iterator[Labels]:
        """Yield the labels of series of the head."""
        for group in _groups(refs, budget):
            yield from map(self._registry.labels, group.tolist())

    def _asked(self, day: int, ask: Callable[[DayFile], Iterable[_Told]]) -> set[_Told]:
        """Ask each file of a day; a malformed one is set aside and its day goes on without it."""
        told: set[_Told] = set()
        with self._days.reading(day) as readers:
            for reader in readers:
                with suppress(CorruptData), self._days.watching(reader):
                    told.update(ask(reader))
        return told


def _groups(refs: Refs, budget: Budget) -> Iterator[Refs]:
    """Cut series into groups, with a look at the budget before each."""
    for start in range(0, len(refs), _GROUP):
        budget.check()
        yield refs[start : start + _GROUP]


def _stretch(selection: Selection, chunks: FileChunks) -> Stretches:
    """Tell chunks as the one stretch that they are."""
    return Stretches(
        selection.rows_of(chunks.ids),
        np.array([chunks.first_time]),
        np.array([chunks.last_time]),
        np.array([chunks.count]),
        chunks.sums[:, None],
        chunks.lows[:, None],
        chunks.highs[:, None],
        chunks.firsts[:, None],
        chunks.lasts[:, None],
    )


def _pairs(labels: Labels) -> tuple[tuple[str, str], ...]:
    """Sort key: comparing tuples is several times quicker than comparing label sets."""
    return labels.pairs
